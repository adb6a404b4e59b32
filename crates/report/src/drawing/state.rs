//! What every lane holds, step by step.

use super::scene::{ArrowNo, Committed, Happening, Holding, LaneNo, Scene, Step};

impl Scene {
    /// What every lane holds of each key, before a step.
    pub(super) fn holdings_before(&self, place: usize) -> Vec<Vec<Holding>> {
        let mut holdings: Vec<Vec<Holding>> = self.lanes.iter().map(|lane| lane.opening.clone()).collect();
        for step in &self.steps[..place] {
            self.apply(step, &mut holdings);
        }
        holdings
    }

    /// Applies a step to what the lanes hold, and gives the lane that holds something else now.
    pub(super) fn apply(&self, step: &Step, holdings: &mut Vec<Vec<Holding>>) -> Option<LaneNo> {
        match &step.what {
            Happening::Committed { versions, .. } => {
                let source = self.source()?;
                for version in versions {
                    if let Some(held) = holdings[source].get_mut(self.versions[*version].key) {
                        *held = Holding::Version(*version, Committed::Yes);
                    }
                }
                Some(source)
            }
            Happening::Shown { lane, holds, .. } => {
                for (key, holding) in holds {
                    if let Some(held) = holdings[*lane].get_mut(*key) {
                        *held = *holding;
                    }
                }
                Some(*lane)
            }
            Happening::LeftOut { holdings: then, .. } => {
                holdings.clone_from(then);
                None
            }
            _ => None,
        }
    }
}

impl Step {
    /// The request that it belongs to.
    pub(super) fn arrow(&self) -> Option<ArrowNo> {
        match &self.what {
            Happening::Sent(arrow)
            | Happening::Arrived(arrow)
            | Happening::Refused(arrow, _)
            | Happening::RequestLost(arrow)
            | Happening::ReplyLost(arrow)
            | Happening::Replied(arrow)
            | Happening::NothingNew(arrow)
            | Happening::GaveUp(arrow) => Some(*arrow),
            Happening::Committed { arrow, .. }
            | Happening::RolledBack { arrow, .. }
            | Happening::Shown { arrow, .. }
            | Happening::Applied { arrow, .. } => *arrow,
            _ => None,
        }
    }
}
