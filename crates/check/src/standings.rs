//! How a sink stands on each level of the ladder.

use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::finding::{Finding, Until};
use crate::judgement::SinkJudgement;
use crate::level::{LEVELS, Level, Standing};
use crate::timeline::Timeline;
use driftlab_model::{SinkForm, SinkId};

/// The anomalies that break a level.
const BREAKS: &[(Level, &[Anomaly])] = &[
    (
        Level::PerKeyTimeline,
        &[Anomaly::StaleOverwrite, Anomaly::Resurrected, Anomaly::Phantom, Anomaly::EarlyVisibility],
    ),
    (Level::Prefix, &[Anomaly::NotAPrefix]),
    (Level::MonotonicPrefix, &[Anomaly::NonMonotonic]),
    (Level::Atomic, &[Anomaly::TornTransaction]),
];

/// What a sink shows at quiescence that the source does not.
const DIVERGES: &[Anomaly] = &[
    Anomaly::LostUpdate,
    Anomaly::StaleOverwrite,
    Anomaly::Resurrected,
    Anomaly::MissedDelete,
    Anomaly::Phantom,
    Anomaly::MissedChange,
    Anomaly::DuplicateEffect,
];

/// Completes the ladder of a sink, in which the checks have put what only they know.
pub(crate) fn complete(
    timeline: &Timeline,
    book: &Casebook,
    findings: &[Finding],
    place: usize,
    judged: &mut SinkJudgement,
) {
    let standings = &mut judged.ladder.standings;
    let sink = &timeline.sinks[place];
    if timeline.last_commit() == 0 {
        standings.iter_mut().for_each(|standing| *standing = Standing::Unknown("no transaction committed"));
        return;
    }
    // The usual case, and the one that has to be quick: nothing is wrong, and what only the checks know is there already.
    let is_right = timeline.quiescent && sink.loaded.is_some() && judged.divergent_at_end == 0;
    if book.is_empty() && is_right && timeline.cast.partitions <= 1 && sink.form == SinkForm::Rows {
        return;
    }
    let first = |anomalies: &[Anomaly], permanent: bool| {
        let id = SinkId(place as u8);
        let mut those = findings.iter().filter(|finding| {
            finding.sink == Some(id)
                && anomalies.contains(&finding.anomaly)
                && (!permanent || finding.until == Until::Permanent)
        });
        those.next().map_or_else(String::new, |finding| finding.sentence.clone())
    };
    let seen =
        |anomalies: &[Anomaly]| anomalies.iter().any(|anomaly| book.tally(Some(place), *anomaly).total > 0);
    let kept = |standing: &Standing| matches!(standing, Standing::Broken(_));
    for (level, anomalies) in BREAKS {
        let standing = &mut standings[*level as usize];
        if seen(anomalies) {
            *standing = Standing::Broken(first(anomalies, false));
        }
    }
    let vector = Level::PartitionVectorPrefix as usize;
    if timeline.cast.partitions <= 1 {
        standings[vector] = standings[Level::Prefix as usize].clone();
    }
    for level in [Level::PartitionVectorPrefix, Level::Prefix, Level::MonotonicPrefix, Level::Atomic] {
        let standing = &mut standings[level as usize];
        if sink.loaded.is_none() && !kept(standing) {
            *standing = Standing::Unknown("it never had its first complete load");
        }
    }
    standings[Level::Convergent as usize] = if !timeline.quiescent {
        Standing::Unknown("the run did not come to quiescence")
    } else if judged.divergent_at_end > 0
        || (sink.form != SinkForm::Rows && seen(&[Anomaly::MissedChange, Anomaly::DuplicateEffect]))
    {
        Standing::Broken(first(DIVERGES, true))
    } else if sink.loaded.is_none() && sink.form == SinkForm::Rows {
        Standing::Unknown("it never had its first complete load")
    } else {
        Standing::Held
    };
    if sink.form != SinkForm::Rows {
        for level in LEVELS.iter().filter(|level| **level != Level::Convergent) {
            let standing = &mut standings[*level as usize];
            if !kept(standing) {
                *standing = Standing::Unknown("it shows no rows to compare");
            }
        }
    }
}
