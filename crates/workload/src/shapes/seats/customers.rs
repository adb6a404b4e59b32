//! The view that somebody asks for in the middle of a run: who reserved what, and gave it back, by customer.

use super::tables::{EVENT, EVENT_CUSTOMER, EVENT_TYPE, RESERVATION, RESERVATION_CUSTOMER, RESERVED};
use driftlab_model::{Change, Chronicle, ColumnId, Fact, Key, Row, Value};

/// The history of each customer's reservations.
///
/// The table of reservations tells it by its changes, and the events tell it by themselves; in a transaction that has both, they tell the same.
pub(super) struct ReservationsByCustomer;

impl Chronicle for ReservationsByCustomer {
    fn subjects(&self) -> &'static str {
        "customers"
    }

    fn tell(&self, change: &Change) -> Option<Fact> {
        match change.key.table() {
            RESERVATION => {
                let seat = change.key.as_integer()?;
                match (&change.before, &change.after) {
                    (_, Some(row)) => Some(reserved(seat, integer(row, RESERVATION_CUSTOMER)?)),
                    (Some(row), None) => Some(given_back(seat, integer(row, RESERVATION_CUSTOMER)?)),
                    (None, None) => None,
                }
            }
            EVENT => {
                let row = change.after.as_ref()?;
                let (seat, customer) = (seat_of(&change.key)?, integer(row, EVENT_CUSTOMER)?);
                match row.values().get(usize::from(EVENT_TYPE.0))? {
                    Value::Text(kind) if RESERVED.contains(&&**kind) => Some(reserved(seat, customer)),
                    Value::Text(kind) if &**kind == "cancelled" => Some(given_back(seat, customer)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn reserved(seat: i64, customer: i64) -> Fact {
    Fact { subject: customer as u64, what: 2 * seat as u64 }
}

fn given_back(seat: i64, customer: i64) -> Fact {
    Fact { subject: customer as u64, what: 2 * seat as u64 + 1 }
}

fn integer(row: &Row, column: ColumnId) -> Option<i64> {
    row.values().get(usize::from(column.0)).and_then(Value::as_integer)
}

fn seat_of(key: &Key) -> Option<i64> {
    match key.values().as_slice() {
        [Value::Integer(seat), _] => Some(*seat),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{Time, Version, WriteId};

    fn row(values: &[Value]) -> Row {
        Row::new(WriteId::default(), Version(1), Time::ZERO, values.into())
    }

    fn told(key: Key, before: Option<&[Value]>, after: Option<&[Value]>) -> Option<Fact> {
        let (before, after) = (before.map(row), after.map(row));
        let change = Change { key, before, after, write: WriteId::default(), version: Version(1) };
        ReservationsByCustomer.tell(&change)
    }

    fn event(kind: &str) -> Option<Fact> {
        let values = [3.into(), 1.into(), kind.into(), 1.into(), 7.into(), 0.into()];
        told(Key::new(EVENT, &values[..2]), None, Some(&values))
    }

    #[test]
    fn a_row_and_the_event_that_it_follows_from_tell_the_same() {
        let taken: &[Value] = &[3.into(), 7.into()];
        let key = || Key::integer(RESERVATION, 3);
        let (came, went) = (told(key(), None, Some(taken)), told(key(), Some(taken), None));
        assert!(came.is_some() && went.is_some() && came != went);
        assert_eq!((came, went), (event("reserved"), event("cancelled")));
        assert_eq!(event("booked"), came);
        assert_eq!(event("paid"), None);
        assert_eq!(came.map(|fact| fact.subject), Some(7));
    }

    #[test]
    fn whoever_takes_over_a_seat_has_reserved_it() {
        let rival =
            told(Key::integer(RESERVATION, 3), Some(&[3.into(), 7.into()]), Some(&[3.into(), 9.into()]));
        assert_eq!(rival, Some(reserved(3, 9)));
        assert_ne!(rival, Some(reserved(4, 9)));
    }
}
