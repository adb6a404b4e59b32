//! Schedules: what sessions do, one step after another.

use std::fmt;

/// A step of a schedule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    /// Who: 0 for T1.
    pub(crate) session: usize,
    pub(crate) act: Act,
}

/// What a session does. Its first act begins its transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Read(i64),
    /// Reads the whole table and keeps the rows that a predicate holds for.
    Scan(Predicate),
    /// Replaces a row, or makes it.
    Write(i64, i64),
    /// Adds to what the row holds when the statement runs.
    Add(i64, i64),
    /// Refused where the row is there.
    Insert(i64, i64),
    Commit,
    Abort,
}

/// A condition on a row's value.
#[derive(Clone, Copy)]
pub(crate) struct Predicate {
    pub(crate) text: &'static str,
    pub(crate) holds: fn(i64) -> bool,
}

pub(crate) const ALL: Predicate = Predicate { text: "", holds: |_| true };

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

pub(crate) const fn t1(act: Act) -> Move {
    Move { session: 0, act }
}

pub(crate) const fn t2(act: Act) -> Move {
    Move { session: 1, act }
}

pub(crate) const fn t3(act: Act) -> Move {
    Move { session: 2, act }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}: ", self.session + 1)?;
        match self.act {
            Act::Read(key) => write!(f, "read row {key}"),
            Act::Scan(predicate) if predicate.text.is_empty() => f.write_str("read all rows"),
            Act::Scan(predicate) => write!(f, "read the rows where {}", predicate.text),
            Act::Write(key, value) => write!(f, "set row {key} to {value}"),
            Act::Add(key, amount) => write!(f, "add {amount} to row {key}"),
            Act::Insert(key, value) => write!(f, "insert row {key} with {value}"),
            Act::Commit => f.write_str("commit"),
            Act::Abort => f.write_str("roll back"),
        }
    }
}
