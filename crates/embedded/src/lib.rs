//! The real world without a server: SQLite, a segment file log, an in-process cache, tantivy, Parquet.
