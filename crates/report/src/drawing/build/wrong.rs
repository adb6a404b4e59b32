//! The moment it went wrong, in words.

use super::chronicle::{Chronicle, Held, shown_at};
use super::course::sink_name;
use crate::drawing::scene::{Happening, Holding, LaneNo, Scene, Wrong};
use crate::drawing::subject::Subject;
use driftlab_check::{Anomaly, Finding};
use driftlab_model::{Event, Key, SinkForm, SinkId, Time};

/// What a lane shows of a change that is lost to it.
const NEVER: &str = "never shows it";

/// What is wrong, still without its witness.
pub(super) fn blank(finding: &Finding, lane: Option<LaneNo>, against: LaneNo) -> Wrong {
    Wrong { lane, against, headline: headline(finding.anomaly), witness: Vec::new() }
}

/// An anomaly in a few words, as they stand at the moment itself.
const fn headline(anomaly: Anomaly) -> &'static str {
    match anomaly {
        Anomaly::LostUpdate => "this change never arrives",
        Anomaly::StaleOverwrite => "an older version is back",
        Anomaly::Resurrected => "deleted, and back again",
        Anomaly::MissedDelete => "this deletion never arrives",
        Anomaly::Phantom => "shown, and never committed",
        Anomaly::EarlyVisibility => "shown before it is committed",
        Anomaly::TornTransaction => "half a transaction",
        Anomaly::NotAPrefix => "a state that never was",
        Anomaly::NonMonotonic => "back in time",
        Anomaly::MissedChange => "this change never arrives",
        Anomaly::DuplicateEffect => "applied again",
        Anomaly::SinkDisagreement => "two copies, two answers",
        Anomaly::BrokenInvariant => "a rule is broken",
        Anomaly::UnboundedLag => "later and later",
    }
}

/// The moment it went wrong.
///
/// A copy is behind for a while in any pipeline; what is lost was lost with the commit that never arrives, and not with the first that took its time.
pub(super) fn moment(subject: &Subject<'_>, chronicle: &Chronicle) -> Time {
    let finding = subject.finding;
    let lost = || {
        let (key, sink) = (finding.key.as_ref()?, finding.sink?);
        let lost = match finding.anomaly {
            Anomaly::MissedChange => finding.transactions.first().copied(),
            _ => chronicle.committed.get(key)?.last().map(|entry| entry.write.transaction),
        }?;
        let was_shown = subject.history.events.iter().any(|(_, event)| match event {
            Event::Shown { sink: shower, keys, .. } => {
                let held = keys.iter().find(|shown| shown.key == *key).map(|shown| Held::from(&shown.view));
                *shower == sink
                    && held.and_then(|held| held.write()).is_some_and(|write| write.transaction == lost)
            }
            _ => false,
        });
        let committed = subject.history.events.iter().find_map(|(at, event)| match event {
            Event::Committed { commit, .. } if commit.transaction == lost => Some(*at),
            _ => None,
        });
        committed.filter(|_| !was_shown)
    };
    if is_loss(finding.anomaly) {
        lost().map_or(finding.begin, |at| at.max(finding.begin))
    } else {
        finding.begin
    }
}

const fn is_loss(anomaly: Anomaly) -> bool {
    matches!(anomaly, Anomaly::LostUpdate | Anomaly::MissedDelete | Anomaly::MissedChange)
}

/// The witness: what is shown against what is true; where two keys make it, why they cannot be from one state of the source.
pub(super) fn witness(scene: &Scene) -> Vec<(LaneNo, String)> {
    let place =
        scene.steps.iter().position(|step| step.what == Happening::Wrong).unwrap_or(scene.steps.len());
    let holdings = scene.holdings_before(place);
    let against = scene.wrong.against;
    let (lane, reference) = (scene.wrong.lane.unwrap_or(against), &holdings[against]);
    let mut lines = Vec::new();
    let last = scene.holdings_before(scene.steps.len());
    if is_loss(scene.anomaly) && lane != against && holdings[lane] != last[lane] {
        // It is still behind in another way at that moment; what it ends with stands at the end.
        lines.extend(reference.first().map(|wanted| (against, scene.in_words(0, *wanted))));
        lines.push((lane, NEVER.to_owned()));
        return lines;
    }
    for (number, holding) in holdings[lane].iter().enumerate() {
        lines.push((lane, scene.in_words(number, *holding)));
        let theirs = reference.get(number).copied().unwrap_or(Holding::NotHeld);
        if lane != against && theirs != *holding {
            lines.push((against, scene.in_words(number, theirs)));
        }
    }
    lines
}

/// The sink that another one disagrees with.
pub(super) fn other_sink(subject: &Subject<'_>, keys: &[Key]) -> Option<String> {
    let (finding, cast) = (subject.finding, &subject.history.cast);
    let (Anomaly::SinkDisagreement, Some(sink), Some(key)) = (finding.anomaly, finding.sink, keys.first())
    else {
        return None;
    };
    let shown = |sink: SinkId| match shown_at(subject.history, sink, Time::NEVER).remove(key) {
        Some(Held::Row(row)) => Some(row),
        _ => None,
    };
    let wrong = shown(sink);
    (0..cast.sinks.len())
        .map(|number| SinkId(number as u8))
        .filter(|other| *other != sink)
        .filter(|other| {
            let cast = &cast.sinks[usize::from(other.0)];
            cast.served && cast.form == SinkForm::Rows
        })
        .find(|other| shown(*other) != wrong)
        .map(|other| sink_name(cast, other).to_owned())
}
