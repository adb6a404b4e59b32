use super::registry::{StoreEntry, StoreModel, Visible};
use super::rows::Rows;
use super::versioned::{Absence, TOMBSTONES};
use driftlab_model::hash::mix;
use driftlab_model::port::{Delivery, Reply, Request};
use driftlab_model::{
    Fingerprint, Key, Kind, Outcome, Refusal, Row, Setting, Settings, SinkKind, Span, Time, open_unit,
};
use std::mem;

/// A search index: writes and version checks meet the newest state at once, readers only what the last refresh showed.
///
/// Replacing the index (a publication, which switches an alias) and clearing it are visible at once, and
/// take along what was still to be refreshed in the index that they put away.
#[derive(Debug)]
struct Search {
    rows: Rows,
    refresh: Span,
    /// When readers come to see what they do not see yet.
    refresh_at: Option<Time>,
    /// Whether the load was declared complete before readers could see all of it.
    completed: bool,
    bulk_failures: f64,
}

pub(super) const ENTRY: StoreEntry = StoreEntry {
    name: "search",
    summary: "A search index: writes become visible together at the next refresh, conditional writes compare external versions",
    kind: SinkKind::Search,
    settings: SETTINGS,
    build: |settings, _seed| Ok(Box::new(Search::new(settings))),
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "refresh",
        summary: "The period of the refresh that makes writes visible; \"0\" shows each write at once",
        kind: Kind::Span,
        default: Some("1s"),
    },
    TOMBSTONES,
    Setting {
        name: "bulk_failures",
        summary: "The probability with which one delivery of a bulk request fails while others succeed",
        kind: Kind::Number(0.0, 1.0),
        default: Some("0"),
    },
];

impl Search {
    fn new(settings: &Settings) -> Self {
        Self {
            rows: Rows::new(Absence::Claimed, settings.span("tombstones")),
            refresh: settings.span("refresh"),
            refresh_at: None,
            completed: false,
            bulk_failures: settings.number("bulk_failures"),
        }
    }

    fn bulk(&mut self, now: Time, deliveries: &[Delivery], draw: u64) -> Reply {
        let outcomes = deliveries.iter().zip(0..).map(|(delivery, position)| {
            if open_unit(mix(draw, position)) < self.bulk_failures {
                return Err(Refusal::Unavailable.into());
            }
            self.rows.write(now, delivery)
        });
        Reply::Each(outcomes.collect())
    }

    fn show(&mut self, visible: &mut Visible) {
        self.rows.table.show(&mut visible.shown);
        visible.loaded |= mem::take(&mut self.completed);
        self.refresh_at = None;
    }
}

impl StoreModel for Search {
    fn preload(&mut self, rows: &[(Key, Row)]) {
        self.rows.preload(rows);
    }

    fn serve(&mut self, now: Time, request: &Request, draw: u64, visible: &mut Visible) -> Outcome<Reply> {
        let replaces = matches!(request, Request::Publish { .. } | Request::Clear);
        if !replaces {
            self.tick(now, visible);
        }
        let outcome = match request {
            Request::Bulk(deliveries) => Ok(self.bulk(now, deliveries, draw)),
            Request::Complete if self.has_work() => {
                self.completed = true;
                Ok(Reply::Done)
            }
            _ => self.rows.answer(now, request, visible),
        };
        if replaces && outcome.is_err() {
            // Nothing was replaced, so what was due is still to be shown.
            self.tick(now, visible);
        }
        if (replaces && outcome.is_ok()) || self.refresh.is_zero() {
            self.show(visible);
        } else if self.refresh_at.is_none() && self.rows.table.has_unshown() {
            self.refresh_at = Some(next_multiple(self.refresh, now));
        }
        outcome
    }

    fn due(&self) -> Option<Time> {
        self.refresh_at
    }

    fn has_work(&self) -> bool {
        self.rows.table.has_unshown()
    }

    fn unshown(&self) -> usize {
        self.rows.table.unshown()
    }

    fn tick(&mut self, now: Time, visible: &mut Visible) {
        if self.refresh_at.is_some_and(|at| at <= now) {
            self.show(visible);
        }
    }

    fn fingerprint(&self, print: &mut Fingerprint<'_>) -> bool {
        print.word(self.refresh_at.map_or(0, |at| 1 + at.nanos()));
        print.word(u64::from(self.completed));
        self.rows.fingerprint(print)
    }

    fn reset(&mut self) {
        self.rows.reset();
        self.refresh_at = None;
        self.completed = false;
    }

    fn rewind(&mut self, rows: &[(Key, Row)]) {
        self.rows.rewind(rows);
        self.refresh_at = None;
        self.completed = false;
    }
}

/// The first multiple of a period after a moment.
fn next_multiple(period: Span, now: Time) -> Time {
    let periods = now.nanos() / period.nanos() + 1;
    Time::from_nanos(periods.saturating_mul(period.nanos()))
}
