//! How the clients fared at the source.

use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::{Judgement, WriterMeasures};
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use driftlab_model::{Failure, Finish, Operation, OperationKind, Refusal};

/// Counts and times the clients' writes.
#[derive(Default)]
pub(crate) struct Writers {
    counts: WriterMeasures,
    latency: Recorder,
}

impl Check for Writers {
    fn new(_: &Timeline) -> Self {
        Self::default()
    }

    fn restart(&mut self, _: &Timeline) {
        *self = Self::default();
    }

    #[inline]
    fn finished(&mut self, timeline: &Timeline, operation: &Operation) {
        if operation.kind != OperationKind::Write {
            return;
        }
        match operation.ending {
            Finish::Done => {
                self.counts.done += 1;
                self.latency.record(timeline.now - operation.intended);
            }
            // The client wanted it so.
            Finish::Failed(Failure::Refused(Refusal::RolledBack)) => {}
            Finish::Failed(Failure::Refused(_)) => self.counts.refused += 1,
            Finish::Failed(Failure::Unknown(_)) => self.counts.unknown += 1,
        }
    }

    fn conclude(&mut self, timeline: &Timeline, _: &mut Casebook, judgement: &mut Judgement) {
        let seconds = timeline.load_ended.unwrap_or(timeline.now).seconds();
        judgement.writer = std::mem::take(&mut self.counts);
        judgement.writer.latency = self.latency.take();
        if seconds > 0.0 {
            judgement.writer.throughput = judgement.writer.done as f64 / seconds;
        }
    }
}
