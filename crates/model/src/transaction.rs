//! What clients ask of the source.

use crate::key::Key;
use crate::row::{Row, TransactionId, Version, WriteId};
use crate::schema::ColumnId;
use crate::time::{Span, Time};
use crate::value::Value;
use smallvec::SmallVec;
use std::sync::Arc;

/// The statements of a transaction. Most have one, which then needs no memory of its own.
pub type Statements = SmallVec<[Statement; 1]>;

/// A transaction as its client means it: statements in order, then a pause, then commit or rollback.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// Its id, which a retry keeps.
    pub id: TransactionId,
    /// Its statements, run in order.
    pub statements: Statements,
    /// How long the client thinks between its last statement and the end, holding its locks.
    pub hold: Span,
    /// Whether the client commits or changes its mind.
    pub ending: Ending,
    /// Which way into the database it takes.
    pub path: WritePath,
}

/// How a client ends its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It commits.
    Commit,
    /// It rolls back.
    Rollback,
}

/// The way a transaction takes into the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WritePath {
    /// Ordinary statements: triggers fire.
    Statements,
    /// A bulk path (COPY, partition exchange, a session with triggers disabled): no trigger fires.
    Bulk,
}

/// One statement. Most touch one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// Adds a row; refused as a conflict when the key exists.
    Insert {
        /// Its key.
        key: Key,
        /// All columns, in order.
        values: Arc<[Value]>,
    },
    /// Adds the row or replaces it whole.
    Put {
        /// Its key.
        key: Key,
        /// All columns, in order.
        values: Arc<[Value]>,
    },
    /// Changes columns of a row; changes nothing when there is no such row.
    Update {
        /// Its key.
        key: Key,
        /// What happens to which column.
        assignments: Vec<(ColumnId, Assignment)>,
    },
    /// Removes a row; changes nothing when there is no such row.
    Delete {
        /// Its key.
        key: Key,
    },
    /// Gives a row another primary key; changes nothing when there is no such row, and is refused as a conflict when the other key exists.
    Rekey {
        /// The key that it has.
        key: Key,
        /// The key that it is to have.
        to: Key,
        /// All columns then, in order.
        values: Arc<[Value]>,
    },
    /// Removes all rows of a table at once, past the triggers. No other transaction writes in the table meanwhile.
    Truncate {
        /// The key that stands for them: see [`Key::all_of`].
        key: Key,
    },
}

/// What an update does to a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// `column = value`
    Set(Value),
    /// `column = column + value`, under the row's lock; a null or a value of another type stays as it is.
    Add(Value),
}

impl Statement {
    /// The key it touches; of a row that is given another, the one that it has.
    #[must_use]
    pub const fn key(&self) -> &Key {
        match self {
            Self::Insert { key, .. }
            | Self::Put { key, .. }
            | Self::Update { key, .. }
            | Self::Rekey { key, .. }
            | Self::Delete { key }
            | Self::Truncate { key } => key,
        }
    }

    /// The values that the row under [`Statement::key`] has after this statement, given those it had; `None` where there is no row then.
    ///
    /// An insert over an existing row is the caller's conflict to refuse; here it replaces.
    #[must_use]
    pub fn outcome_on(&self, before: Option<&Arc<[Value]>>) -> Option<Arc<[Value]>> {
        match self {
            Self::Insert { values, .. } | Self::Put { values, .. } => Some(Arc::clone(values)),
            Self::Delete { .. } | Self::Rekey { .. } | Self::Truncate { .. } => None,
            Self::Update { assignments, .. } => before.map(|before| {
                let mut values: Vec<Value> = before.to_vec();
                for (column, assignment) in assignments {
                    let slot = &mut values[usize::from(column.0)];
                    match assignment {
                        Assignment::Set(value) => *slot = value.clone(),
                        Assignment::Add(delta) => {
                            if let Some(sum) = slot.plus(delta) {
                                *slot = sum;
                            }
                        }
                    }
                }
                values.into()
            }),
        }
    }

    /// Whether its result can be known without reading the row.
    #[must_use]
    pub const fn is_absolute(&self) -> bool {
        !matches!(self, Self::Update { .. } | Self::Rekey { .. })
    }
}

impl Transaction {
    /// The id of the write that statement `index` makes.
    #[must_use]
    pub fn write(&self, index: usize) -> WriteId {
        WriteId { transaction: self.id, index: index as u32 }
    }

    /// The row that statement `index` will leave, as an application that writes a copy before the database
    /// must guess it: from the row it last read (`before`), with no version, stamped by its own clock.
    #[must_use]
    pub fn guess(&self, index: usize, before: Option<&Row>, clock: Time) -> Option<Row> {
        let values = self.statements[index].outcome_on(before.map(Row::values))?;
        Some(Row::new(self.write(index), Version::default(), clock, values))
    }
}
