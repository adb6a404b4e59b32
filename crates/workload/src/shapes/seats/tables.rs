//! The tables of a theatre: what it offers, who has reserved it, what was paid, what happened, and what followed from it.

use driftlab_model::{ColumnId, ColumnType, Schema, Table, TableId, Value};
use std::sync::Arc;

pub(super) const SEAT: TableId = TableId(0);
pub(super) const RESERVATION: TableId = TableId(1);
pub(super) const PAYMENT: TableId = TableId(2);
pub(super) const EVENT: TableId = TableId(3);

/// What was paid for a seat so far.
pub(super) const TAKEN: ColumnId = ColumnId(3);
/// Who has reserved it.
pub(super) const RESERVATION_CUSTOMER: ColumnId = ColumnId(1);
/// The seat of a payment.
pub(super) const PAYMENT_SEAT: ColumnId = ColumnId(1);
/// The amount of a payment.
pub(super) const PAYMENT_AMOUNT: ColumnId = ColumnId(2);
/// What kind of event it is.
pub(super) const EVENT_TYPE: ColumnId = ColumnId(2);
/// What the events are called that give a customer a seat, form by form. Whoever judges a history has to know every form of it.
pub(super) const RESERVED: &[&str] = &["reserved", "booked"];
/// The customer that an event is about.
pub(super) const EVENT_CUSTOMER: ColumnId = ColumnId(4);

const SEATS_PER_ROW: i64 = 6;

/// The tables; an event has the stream and the place in it for its key, so that no two can take the same place; a snapshot is the state of a stream
/// after one of its events.
pub(super) fn schema() -> Schema {
    use ColumnType::{Integer, Text};
    let event = [
        ("seat", Integer),
        ("version", Integer),
        ("type", Text),
        ("format", Integer),
        ("customer", Integer),
        ("amount", Integer),
    ];
    let snapshot = [("seat", Integer), ("version", Integer), ("state", Text), ("customer", Integer)];
    Schema::new(vec![
        Table::new(
            "seat",
            "seat",
            1,
            &[("id", Integer), ("name", Text), ("price", Integer), ("taken", Integer)],
        ),
        Table::new("reservation", "reservation of seat", 1, &[("seat", Integer), ("customer", Integer)]),
        Table::new("payment", "payment", 1, &[("id", Integer), ("seat", Integer), ("amount", Integer)]),
        Table::new("event", "event", 2, &event),
        Table::new("snapshot", "snapshot of seat", 1, &snapshot),
    ])
}

/// A seat as it is first offered: `12A`, with its price.
pub(super) fn offered(seat: i64) -> Arc<[Value]> {
    let (row, place) = ((seat - 1) / SEATS_PER_ROW + 1, (seat - 1) % SEATS_PER_ROW);
    let name = format!("{row}{}", char::from(b'A' + place as u8));
    [Value::from(seat), Value::text(&name), Value::from(price(seat)), Value::from(0)].into()
}

/// What a seat costs: less, the farther back it is.
pub(super) fn price(seat: i64) -> i64 {
    (100 - (seat - 1) / SEATS_PER_ROW).max(20)
}
