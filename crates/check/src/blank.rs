//! The blank judgement, in which a run is judged.

use crate::anomaly::ANOMALIES;
use crate::distribution::Distribution;
use crate::judgement::{Evidence, Judgement, OverTime, Silent, SinkJudgement, Tally, WriterMeasures};
use crate::level::{LEVELS, Ladder, Standing};
use driftlab_model::{Cast, Ledger, SinkCast, SinkId, Time};

impl Judgement {
    /// The judgement of a history in which nothing has happened.
    pub(crate) fn blank(cast: &Cast) -> Self {
        Self {
            writer: WriterMeasures::default(),
            sinks: cast
                .sinks
                .iter()
                .zip(0..)
                .map(|(sink, number)| blank_sink(SinkId(number), sink))
                .collect(),
            source: vec![Tally::default(); ANOMALIES.len()],
            findings: Vec::new(),
            ledger: Ledger::default(),
            ledger_at_load_end: Ledger::default(),
            quiescent: false,
            load_ended: Time::ZERO,
            ended: Time::ZERO,
            evidence: Evidence::default(),
        }
    }

    /// Makes it blank again but for the ledgers, and keeps its memory. What a conclusion sets in any case is left as it is.
    pub(crate) fn wipe(&mut self) {
        self.writer = WriterMeasures::default();
        // Whatever was counted was found.
        for finding in &self.findings {
            let tallies = match finding.sink {
                Some(sink) => &mut self.sinks[usize::from(sink.0)].tallies,
                None => &mut self.source,
            };
            tallies[finding.anomaly as usize] = Tally::default();
        }
        for judged in self.sinks.iter_mut().filter(|judged| judged.served) {
            judged.divergent_at_end = 0;
            judged.joining = None;
            if judged.silent.divergences > 0 {
                judged.silent = Silent::default();
            }
            for standing in &mut judged.ladder.standings {
                if !matches!(standing, Standing::Held) {
                    *standing = Standing::Held;
                }
            }
        }
        self.findings.clear();
    }
}

fn blank_sink(sink: SinkId, cast: &SinkCast) -> SinkJudgement {
    // Every level counts as held until a check says otherwise.
    let standing =
        if cast.served { Standing::Held } else { Standing::Unknown("the strategy does not serve it") };
    SinkJudgement {
        sink,
        name: cast.name.clone(),
        kind: cast.kind,
        served: cast.served,
        tallies: vec![Tally::default(); ANOMALIES.len()],
        freshness: Distribution::default(),
        never_shown: 0,
        caught_up: None,
        staleness: OverTime::default(),
        divergent: OverTime::default(),
        divergent_at_end: 0,
        read_staleness: Distribution::default(),
        read_versions_behind: Vec::new(),
        freshness_score: Distribution::default(),
        silent: Silent::default(),
        recoveries: Vec::new(),
        ladder: Ladder { standings: vec![standing; LEVELS.len()] },
        fresh_within: None,
        series: Vec::new(),
        joining: None,
    }
}
