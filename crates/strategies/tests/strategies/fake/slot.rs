//! A slot of the source's log.

use super::Fake;
use driftlab_model::port::Slot;
use driftlab_model::{Call, Commit, Lsn, Outcome, Refusal, Span};
use std::sync::Arc;

impl Slot for Fake {
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>> {
        self.step(move |world| {
            if world.slot.is_none() {
                return Err(Refusal::SlotLost.into());
            }
            let commits: Vec<_> =
                world.commits.iter().filter(|commit| commit.lsn > after).take(limit).cloned().collect();
            if commits.is_empty() {
                world.now += wait;
            }
            Ok(commits)
        })
    }
    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>> {
        self.step(move |world| {
            let confirmed = world.slot.as_mut().ok_or(Refusal::SlotLost)?;
            *confirmed = lsn.max(*confirmed);
            Ok(())
        })
    }
    fn confirmed(&self) -> Call<'_, Outcome<Lsn>> {
        self.step(|world| world.slot.ok_or(Refusal::SlotLost.into()))
    }
}
