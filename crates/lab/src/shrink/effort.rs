/// How much a shrinker may do. It is counted in what it does and not in seconds, so that equal cases come to equal ends on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// The most runs.
    pub runs: u64,
    /// The most steps of the world, over all runs; a step takes a microsecond or so.
    pub steps: u64,
}

impl Effort {
    /// For somebody who waits for one finding: seconds, of long scenarios minutes.
    pub const THOROUGH: Self = Self { runs: 20_000, steps: u64::MAX };
}
