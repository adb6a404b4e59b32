//! cargo bench: executor, strategies, checkers and races.
