//! The end of a history: what was followed becomes a judgement, and where somebody wants to read it, words.

use crate::check::Check;
use crate::checker::Checker;
use crate::finding::Finding;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::standings;
use driftlab_model::SinkId;

impl Checker {
    /// The judgement of the history that was observed, in full. To be asked for once.
    pub fn finish(&mut self) -> Judgement {
        self.conclude();
        self.tell();
        std::mem::replace(&mut self.judgement, Judgement::blank(&self.timeline.cast))
    }

    /// The judgement of the history that was observed, without words and lent instead of given away: for races that are run by the million.
    /// To be asked for once.
    ///
    /// Everything that is measured and counted is there, and every finding with its anomaly, sink, key and times. Left out is what only a
    /// reader needs and what costs more than all the checking: the findings' sentences, with the transactions and processes that they
    /// name, and in the ladder the findings that broke a level. Nothing is allocated where nothing was found.
    pub fn conclude(&mut self) -> &Judgement {
        self.catch_up();
        let Self { timeline, checks, measures, book, judgement, evidence, .. } = self;
        checks.conclude(timeline, book, judgement);
        if let Some(measures) = measures {
            measures.conclude(timeline, book, judgement);
        }
        judgement.evidence = *evidence;
        judgement.quiescent = timeline.quiescent;
        judgement.ended = timeline.now;
        judgement.load_ended = timeline.load_ended.unwrap_or(timeline.now);
        judgement.findings.extend(book.finish(timeline.quiescent).iter().map(|case| Finding {
            anomaly: case.anomaly,
            sink: case.sink.map(|sink| SinkId(sink as u8)),
            key: case.key.map(|key| timeline.key(key).key.clone()),
            transactions: Vec::new(),
            processes: Vec::new(),
            begin: case.begin,
            until: case.until,
            sentence: String::new(),
        }));
        for (sink, anomaly, tally) in book.tallies() {
            let tallies = match sink {
                Some(sink) => &mut judgement.sinks[sink].tallies,
                None => &mut judgement.source,
            };
            tallies[anomaly as usize] = tally;
        }
        for (place, judged) in judgement.sinks.iter_mut().enumerate().filter(|(_, judged)| judged.served) {
            standings::complete(timeline, book, place, judged);
        }
        &self.judgement
    }

    /// Adds the words that [`Checker::conclude`] leaves out.
    fn tell(&mut self) {
        let Judgement { findings, sinks, .. } = &mut self.judgement;
        let phrases = Phrases { timeline: &self.timeline };
        for (finding, case) in findings.iter_mut().zip(self.book.kept()) {
            let told = case.story.tell(&phrases, case.until);
            finding.transactions = told.transactions;
            finding.processes = told.processes;
            finding.sentence = told.sentence;
        }
        for judged in sinks.iter_mut().filter(|judged| judged.served) {
            standings::tell(findings, judged);
        }
    }
}
