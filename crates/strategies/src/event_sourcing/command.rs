//! What a transaction over tables asks for, as commands.

use crate::event_sourcing::seat::Command;
use driftlab_model::{Key, Schema, Statement, TableId, Value};

/// Where the domain has its tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    pub(crate) event: TableId,
    pub(crate) snapshot: TableId,
    pub(crate) seat: TableId,
    pub(crate) reservation: TableId,
    pub(crate) payment: TableId,
}

/// A statement, and the command that it stands for, where it does.
pub(crate) struct Asked {
    /// The seat and what is asked of it.
    pub(crate) command: Option<(i64, Command)>,
    /// What becomes of the rows where the command is allowed.
    pub(crate) statement: Statement,
}

impl Tables {
    /// The tables of the domain; `None` where the schema is of another one.
    pub(crate) fn of(schema: &Schema) -> Option<Self> {
        let named = |name: &str, columns: usize| {
            let found =
                schema.tables().find(|(_, table)| table.name == name && table.columns.len() == columns);
            found.map(|(id, _)| id)
        };
        Some(Self {
            event: named("event", 6)?,
            snapshot: named("snapshot", 4)?,
            seat: named("seat", 4)?,
            reservation: named("reservation", 2)?,
            payment: named("payment", 3)?,
        })
    }

    /// The key of an event.
    pub(crate) fn event_key(self, seat: i64, version: i64) -> Key {
        Key::new(self.event, &[Value::from(seat), Value::from(version)])
    }

    /// Reads a statement as a command.
    pub(crate) fn asked(self, statement: &Statement) -> Asked {
        let command = match statement {
            Statement::Insert { key, values } if key.table() == self.reservation => {
                integers(values, [0, 1]).map(|[seat, customer]| (seat, Command::Reserve { customer }))
            }
            Statement::Delete { key } if key.table() == self.reservation => {
                key.as_integer().map(|seat| (seat, Command::Cancel))
            }
            Statement::Insert { key, values } if key.table() == self.payment => {
                integers(values, [1, 2]).map(|[seat, euros]| (seat, Command::Pay { cents: 100 * euros }))
            }
            _ => None,
        };
        let statement = match (command, statement) {
            // Whether the seat is free is decided by its events.
            (Some((_, Command::Reserve { .. })), Statement::Insert { key, values }) => {
                Statement::Put { key: key.clone(), values: values.clone() }
            }
            _ => statement.clone(),
        };
        Asked { command, statement }
    }
}

fn integers<const N: usize>(values: &[Value], columns: [usize; N]) -> Option<[i64; N]> {
    let mut found = [0; N];
    for (found, column) in found.iter_mut().zip(columns) {
        *found = values.get(column)?.as_integer()?;
    }
    Some(found)
}
