//! Histories as Parquet: written, read back, refused with row and column where they are malformed.
