//! How a database is set up.

use driftlab_model::Telling;

/// What a world chooses for its database before a run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// The isolation level of every transaction.
    pub isolation: Isolation,
    /// Whether triggers on every table write each row change into the event table.
    pub triggers: bool,
    /// The most bytes of the log that a replication slot may hold back before it is invalidated; `None` for no bound.
    /// PostgreSQL calls it `max_slot_wal_keep_size`.
    pub retain_bytes: Option<u64>,
    /// What the log leaves out.
    pub telling: Telling,
    /// Bytes of log that others on the same server write each second: slots hold them back too, and are never given them.
    pub neighbours_bytes_per_s: u64,
}

/// What a transaction sees of others that commit while it runs (Berenson et al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what is committed when it gets its lock, and its transaction's own writes. Lost updates by absolute
    /// writes, read skew and write skew are possible.
    #[default]
    ReadCommitted,
    /// All statements see what was committed at the first one, and of two transactions that change one row the second is refused
    /// (first updater wins). Write skew is possible.
    Snapshot,
}
