//! What a consumer makes of what it has read.

use crate::parts::grouping::Group;
use driftlab_model::port::Runtime;
use driftlab_model::{Change, Refusal};

/// What a consumer makes of the changes that it has read, before its sink has them.
///
/// It is asked about each change in the order of the log, the changes of a transaction one after another; and about the same change again where it went no further.
pub(crate) trait Rendition: Copy {
    /// What it keeps in mind of the changes that came before, since it began to read.
    type Memory: Default;

    /// Makes of a change what the sink is to have; `false` where that is nothing.
    ///
    /// # Errors
    /// Where it cannot say yet: then nothing that comes after this change may reach the sink before it can.
    fn render(
        self,
        runtime: &dyn Runtime,
        memory: &mut Self::Memory,
        change: &mut Change,
    ) -> Result<bool, Refusal>;
}

/// Changes as they were told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsTold;

impl Rendition for AsTold {
    type Memory = ();

    #[inline]
    fn render(self, _: &dyn Runtime, (): &mut (), _: &mut Change) -> Result<bool, Refusal> {
        Ok(true)
    }
}

/// Makes of groups what the sink is to have: of how many of them that can be said, and what stands in the way of the next.
pub(crate) fn render<R: Rendition>(
    rendition: R,
    runtime: &dyn Runtime,
    groups: &mut [Group],
    memory: &mut R::Memory,
) -> (usize, Option<Refusal>) {
    for (count, group) in groups.iter_mut().enumerate() {
        let mut stopped = None;
        group.events.retain(|event| {
            if stopped.is_some() {
                return true;
            }
            rendition.render(runtime, memory, &mut event.change).unwrap_or_else(|why| {
                stopped = Some(why);
                true
            })
        });
        if stopped.is_some() {
            return (count, stopped);
        }
    }
    (groups.len(), None)
}
