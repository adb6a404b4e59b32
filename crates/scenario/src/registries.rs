//! What can be chosen in a scenario.

use driftlab_fault::{FAULTS, FaultEntry};
use driftlab_model::Setting;
use driftlab_sim::store::{STORES, StoreEntry};
use driftlab_strategies::{STRATEGIES, StrategyEntry};
use driftlab_workload::{COMMON, SHAPES, ShapeEntry};

/// The registries that say what a scenario file may contain.
#[derive(Clone, Copy)]
pub struct Registries {
    /// What `[[strategy]]` may be.
    pub strategies: &'static [StrategyEntry],
    /// What `shape` in `[workload]` may be.
    pub shapes: &'static [ShapeEntry],
    /// What every workload takes.
    pub workload: &'static [Setting],
    /// What `[[sink]]` may be.
    pub stores: &'static [StoreEntry],
    /// What `[[fault]]` may be.
    pub faults: &'static [FaultEntry],
}

impl Registries {
    /// Those of this version of driftlab.
    #[must_use]
    pub const fn standard() -> Self {
        Self { strategies: STRATEGIES, shapes: SHAPES, workload: COMMON, stores: STORES, faults: FAULTS }
    }
}
