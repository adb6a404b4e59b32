//! The worlds that a scenario can be run in, each an [`Arena`] for the same clients, strategies and checks.

mod arena;
mod embedded;
mod registry;
mod virtual_world;

pub(crate) use arena::{Arena, Ended};
pub(crate) use embedded::measure;
pub use registry::{Reproducible, WORLDS, WorldEntry};
