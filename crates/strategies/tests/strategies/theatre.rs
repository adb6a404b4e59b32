//! A theatre: its tables, and what customers ask of it.

use crate::fake::{Fake, Rows, Running, StoreState, drive, transaction};
use driftlab_model::port::Strategy;
use driftlab_model::{Column, ColumnType, Key, Row, Schema, Statement, Table, TableId, Transaction};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) const RESERVATION: TableId = TableId(1);
pub(crate) const PAYMENT: TableId = TableId(2);
pub(crate) const EVENT: TableId = TableId(3);
pub(crate) const SNAPSHOT: TableId = TableId(4);
pub(crate) const SEATS: i64 = 3;

/// The tables of a theatre, as far as event sourcing needs them.
pub(crate) fn theatre() -> Schema {
    let table = |name: &str, columns: usize, key: usize| {
        let column = |n| Column { name: format!("c{n}"), kind: ColumnType::Integer, nullable: true };
        let mut table = Table::new(name, name, key, &[]);
        table.columns = (0..columns).map(column).collect();
        table
    };
    Schema::new(vec![
        table("seat", 4, 1),
        table("reservation", 2, 1),
        table("payment", 3, 1),
        table("event", 6, 2),
        table("snapshot", 4, 1),
    ])
}

/// What a customer asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    Reserve(i64, i64),
    Cancel(i64),
    Pay(i64),
}

pub(crate) fn any_command() -> impl proptest::strategy::Strategy<Value = Asked> {
    use proptest::strategy::Strategy as _;
    let seat = 1..=SEATS;
    prop_oneof![
        4 => (seat.clone(), 1..5i64).prop_map(|(seat, customer)| Asked::Reserve(seat, customer)),
        3 => seat.clone().prop_map(Asked::Cancel),
        2 => seat.prop_map(Asked::Pay),
    ]
}

pub(crate) fn command(id: u64, asked: Asked) -> Transaction {
    let statement = match asked {
        Asked::Reserve(seat, customer) => Statement::Insert {
            key: Key::integer(RESERVATION, seat),
            values: [seat.into(), customer.into()].into(),
        },
        Asked::Cancel(seat) => Statement::Delete { key: Key::integer(RESERVATION, seat) },
        Asked::Pay(seat) => Statement::Insert {
            key: Key::integer(PAYMENT, id as i64),
            values: [(id as i64).into(), seat.into(), 40.into()].into(),
        },
    };
    transaction(id, vec![statement])
}

pub(crate) fn holders(rows: &Rows) -> BTreeMap<i64, i64> {
    let taken = rows.iter().filter(|(key, _)| key.table() == RESERVATION);
    taken.map(|(_, row)| (integer(row, 0), integer(row, 1))).collect()
}

pub(crate) fn integer(row: &Row, column: usize) -> i64 {
    row.values()[column].as_integer().expect("a number")
}

pub(crate) fn settle(fake: &Fake, processes: &mut [Running]) {
    for _ in 0..40 {
        drive(processes, 10);
        if fake.shown(0) == fake.source() {
            break;
        }
    }
}

/// A copy that is set up when everything has happened, and reads the log from its first record.
pub(crate) fn replayed(strategy: &dyn Strategy, fake: &Fake) -> Rows {
    {
        let world = &mut *fake.0.borrow_mut();
        world.stores = vec![StoreState::default()];
        world.checkpoints.retain(|name, _| name.starts_with("connector") || name.starts_with("snapshot"));
    }
    let mut processes = fake.start(strategy);
    settle(fake, &mut processes);
    fake.shown(0)
}
