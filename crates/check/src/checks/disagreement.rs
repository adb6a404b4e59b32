//! `sink_disagreement`: at quiescence two sinks show different versions of a key.

use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{KeyNo, Timeline};
use driftlab_model::{Row, Time};

/// Compares the sinks with each other.
pub(crate) struct Disagreement;

impl Check for Disagreement {
    fn new(_: &Timeline) -> Self {
        Self
    }

    fn restart(&mut self, _: &Timeline) {}

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        // Sinks that all agree with the source agree with each other.
        if !timeline.quiescent || timeline.sinks.iter().all(|sink| sink.divergent == 0) {
            return;
        }
        for key in 0..timeline.keys.len() as KeyNo {
            let shows =
                |sink: &usize| timeline.sinks[*sink].shows_rows() && timeline.slot(*sink, key).state.claims();
            let row = |sink: usize| timeline.slot(sink, key).row.as_ref();
            let is_wrong = |sink: &usize| timeline.since(*sink, key) != Time::NEVER;
            let sinks = || (0..timeline.sinks.len()).filter(shows);
            // The finding is put down to one that is wrong; where none is, none differs.
            let Some(wrong) = sinks().find(is_wrong) else { continue };
            let Some(other) = sinks().find(|other| row(*other) != row(wrong)) else { continue };
            let begin = [wrong, other].map(|sink| timeline.since(sink, key));
            let begin = begin.into_iter().filter(|since| *since != Time::NEVER).max().unwrap_or_default();
            let story = Differ { key, sinks: [(wrong, row(wrong).cloned()), (other, row(other).cloned())] };
            let time = (begin, Until::Permanent);
            book.record(Anomaly::SinkDisagreement, Some(wrong), Some(key), time, Box::new(story));
        }
    }
}

struct Differ {
    key: KeyNo,
    sinks: [(usize, Option<Row>); 2],
}

impl Story for Differ {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let [(wrong, row), (other, theirs)] = &self.sinks;
        let says = |row: &Option<Row>, against: &Option<Row>| match row {
            Some(row) => phrases.value(self.key, row, against.as_ref()),
            None => "none".to_owned(),
        };
        let sentence = format!(
            "of {}, {} shows {} and {} shows {}",
            phrases.key(self.key),
            phrases.sink(*wrong),
            says(row, theirs),
            phrases.sink(*other),
            says(theirs, row),
        );
        let rows = [row, theirs].into_iter().flatten();
        let versions: Vec<_> = rows.filter_map(|row| phrases.timeline.version_of(self.key, row)).collect();
        let transactions = phrases.transactions(&versions);
        let processes = phrases.clients(&transactions);
        Told { sentence, transactions, processes }
    }
}
