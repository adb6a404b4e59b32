use super::{Chooser, OpenLeg};
use driftlab_model::hash::mix;

/// The random walk: any open leg may end next, each as likely as another.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    seed: u64,
    step: u64,
}

impl Walk {
    /// The walk of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed: mix(seed, 0x7761_6c6b), step: 0 }
    }
}

impl Chooser for Walk {
    fn choose(&mut self, open: &[OpenLeg]) -> Option<usize> {
        self.step += 1;
        Some(((u128::from(mix(self.seed, self.step)) * open.len() as u128) >> 64) as usize)
    }
}
