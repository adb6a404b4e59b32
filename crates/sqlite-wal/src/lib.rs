//! Row changes out of a SQLite write-ahead log: log-based change data capture without triggers.
