//! The real stores: an in-process cache (moka), a search index (tantivy), a warehouse of Parquet files.
//!
//! Each is a [`Backend`]: blocking, owned by one thread, with the semantics of the virtual store of the same name. What they share: the
//! rules of [`driftlab_sink`] and the binary form of rows. The registry opens them by name.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "real stores live in files and keep time by a real clock"
)]

mod backend;
mod cache;
mod durability;
mod error;
mod registry;
mod search;
mod warehouse;

pub use backend::{Backend, Visible};
pub use durability::Durability;
pub use error::StoreError;
pub use registry::{BACKENDS, BackendEntry, Inapt, OpenBackend, Place};
pub use warehouse::export;
