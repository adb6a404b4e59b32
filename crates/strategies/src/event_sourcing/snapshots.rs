//! Snapshots: the state of a stream, saved now and then, so that reading it need not begin with its first event.

use crate::event_sourcing::command::Tables;
use crate::event_sourcing::release::Release;
use crate::event_sourcing::seat::Seat;
use crate::event_sourcing::stream::Stream;
use driftlab_model::port::{Scan, Snapshot};
use driftlab_model::{Key, Kind, Outcome, Setting, Settings, Statement, Value};
use std::num::NonZeroI64;

/// When states are saved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshots {
    /// With every event whose version is a multiple of this; `None` for never.
    every: Option<NonZeroI64>,
}

impl Snapshots {
    /// The setting `snapshots`.
    pub(crate) const SETTING: Setting = Setting {
        name: "snapshots",
        summary: "After how many events the state of a stream is saved, so that reading it begins there; 0 saves none.",
        kind: Kind::Count(0, 1_000_000),
        default: Some("0"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        Self { every: NonZeroI64::new(settings.count("snapshots") as i64) }
    }

    /// The statement by which a release saves the state of a seat together with the event of this version, where one is due.
    pub(crate) fn due(
        self,
        tables: Tables,
        release: Release,
        state: Seat,
        seat: i64,
        version: i64,
    ) -> Option<Statement> {
        let every = self.every?;
        (version % every.get() == 0).then(|| Statement::Put {
            key: Key::integer(tables.snapshot, seat),
            values: release.state_row(state, seat, version).into(),
        })
    }

    /// Where reading the stream of a seat begins: at its snapshot, or before its first event.
    ///
    /// A snapshot in a form of another release is passed over: the events are all there.
    pub(crate) async fn begin(
        self,
        view: &dyn Snapshot,
        tables: Tables,
        seat: i64,
        release: Release,
    ) -> Outcome<Stream> {
        if self.every.is_none() {
            return Ok(Stream::default());
        }
        let after = Some(Key::integer(tables.snapshot, seat - 1));
        let page = view.scan(Scan { table: tables.snapshot, after, limit: 1, updated_after: None }).await?;
        let row = page.rows.first().and_then(|scanned| scanned.row.as_ref());
        let saved = row.and_then(|row| match row.values()[..] {
            [Value::Integer(of), Value::Integer(version), ..] if of == seat => {
                Some(Stream { version, state: release.state(row.values())? })
            }
            _ => None,
        });
        Ok(saved.unwrap_or_default())
    }
}
