//! How a sink stands on each level of the ladder.

use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::finding::{Finding, Until};
use crate::judgement::SinkJudgement;
use crate::level::{LEVELS, Level, Standing};
use crate::timeline::Timeline;
use driftlab_model::SinkForm;

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

/// Completes the ladder of a sink, in which the checks have put what only they know. Witnesses are left out, for [`tell`] to add.
pub(crate) fn complete(timeline: &Timeline, book: &Casebook, place: usize, judged: &mut SinkJudgement) {
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
    let seen =
        |anomalies: &[Anomaly]| anomalies.iter().any(|anomaly| book.tally(Some(place), *anomaly).total > 0);
    let kept = |standing: &Standing| matches!(standing, Standing::Broken(_));
    let broken = || Standing::Broken(String::new());
    for (level, anomalies) in BREAKS {
        if seen(anomalies) {
            standings[*level as usize] = broken();
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
        broken()
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

/// Adds the witnesses: the first finding, now told, that broke each level.
pub(crate) fn tell(findings: &[Finding], judged: &mut SinkJudgement) {
    let first = |anomalies: &[Anomaly], is_one: fn(&Finding) -> bool| {
        let mut those = findings.iter().filter(|finding| {
            finding.sink == Some(judged.sink) && anomalies.contains(&finding.anomaly) && is_one(finding)
        });
        those.next().map_or_else(String::new, |finding| finding.sentence.clone())
    };
    let by_findings = BREAKS.iter().copied().map(|(level, anomalies)| (level, first(anomalies, |_| true)));
    // With one partition its prefix is the prefix; with more, the check of partitions has left its own witness.
    let vector = (Level::PartitionVectorPrefix, first(&[Anomaly::NotAPrefix], |_| true));
    let convergent = (Level::Convergent, first(DIVERGES, |finding| finding.until == Until::Permanent));
    for (level, sentence) in by_findings.chain([vector, convergent]) {
        if let Standing::Broken(witness) = &mut judged.ladder.standings[level as usize]
            && witness.is_empty()
        {
            *witness = sentence;
        }
    }
}
