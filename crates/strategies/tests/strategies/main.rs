//! Strategies driven by hand against a small world in memory.

mod compaction;
mod crashes;
mod fake;
mod incidents;
mod late_steps;
mod lost_loads;
mod lost_state;
mod newcomers;
mod projections;
mod registry;
mod releases;
mod theatre;
mod write_paths;
