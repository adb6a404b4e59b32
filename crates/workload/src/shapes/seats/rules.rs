//! The rules of a theatre. They hold of its tables and of its events alike.

use super::tables::{
    EVENT, EVENT_CUSTOMER, EVENT_TYPE, PAYMENT, PAYMENT_AMOUNT, PAYMENT_SEAT, RESERVATION, RESERVED, SEAT,
    TAKEN,
};
use driftlab_model::{ColumnId, Invariant, Key, Row, Value};
use std::collections::{BTreeMap, BTreeSet};

fn integer(row: &Row, column: ColumnId) -> i64 {
    row.values().get(usize::from(column.0)).and_then(Value::as_integer).unwrap_or(0)
}

/// The seat and the place in its stream that the key of an event gives.
fn place_of(key: &Key) -> Option<(i64, i64)> {
    match key.values().as_slice() {
        [Value::Integer(seat), Value::Integer(version)] => Some((*seat, *version)),
        _ => None,
    }
}

/// Nobody reserves a seat that somebody has: read off the events, in the order of each stream.
///
/// In the table of reservations the key forbids it; what happened is told by events alone.
#[derive(Default)]
pub(super) struct NoneSoldTwice {
    streams: BTreeMap<i64, BTreeMap<i64, Told>>,
    sold_twice: BTreeMap<i64, (i64, i64)>,
}

/// What an event tells of who has the seat.
enum Told {
    Reserved(i64),
    Cancelled,
    Other,
}

impl Told {
    fn of(row: &Row) -> Self {
        match row.values().get(usize::from(EVENT_TYPE.0)) {
            Some(Value::Text(kind)) if RESERVED.contains(&&**kind) => {
                Self::Reserved(integer(row, EVENT_CUSTOMER))
            }
            Some(Value::Text(kind)) if &**kind == "cancelled" => Self::Cancelled,
            _ => Self::Other,
        }
    }
}

/// The first two customers of a stream who have the seat at once.
fn rivals(stream: &BTreeMap<i64, Told>) -> Option<(i64, i64)> {
    let mut holder = None;
    for told in stream.values() {
        match (told, holder) {
            (Told::Reserved(second), Some(first)) => return Some((first, *second)),
            (Told::Reserved(customer), None) => holder = Some(*customer),
            (Told::Cancelled, _) => holder = None,
            (Told::Other, _) => {}
        }
    }
    None
}

impl Invariant for NoneSoldTwice {
    fn name(&self) -> &'static str {
        "no seat is sold twice"
    }

    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self::default())
    }

    fn change(&mut self, key: &Key, _: Option<&Row>, after: Option<&Row>) {
        if key.table() != EVENT {
            return;
        }
        let Some((seat, version)) = place_of(key) else { return };
        let stream = self.streams.entry(seat).or_default();
        match after {
            Some(row) => stream.insert(version, Told::of(row)),
            None => stream.remove(&version),
        };
        match rivals(stream) {
            Some(rivals) => self.sold_twice.insert(seat, rivals),
            None => self.sold_twice.remove(&seat),
        };
    }

    fn broken(&self) -> Option<String> {
        let (seat, (first, second)) = self.sold_twice.first_key_value()?;
        Some(format!("seat {seat} is sold to customer {second} while customer {first} has it"))
    }
}

/// Whatever is reserved, paid for or told of is a seat that is offered.
#[derive(Default)]
pub(super) struct OnlyOffered {
    offered: BTreeSet<i64>,
    /// How many rows are about a seat.
    about: BTreeMap<i64, u64>,
    unheard_of: BTreeSet<i64>,
}

impl OnlyOffered {
    fn judge(&mut self, seat: i64) {
        if self.about.contains_key(&seat) && !self.offered.contains(&seat) {
            self.unheard_of.insert(seat);
        } else {
            self.unheard_of.remove(&seat);
        }
    }

    fn more(&mut self, seat: i64) {
        *self.about.entry(seat).or_default() += 1;
        self.judge(seat);
    }

    fn fewer(&mut self, seat: i64) {
        match self.about.get_mut(&seat) {
            Some(rows) if *rows > 1 => *rows -= 1,
            _ => {
                self.about.remove(&seat);
            }
        }
        self.judge(seat);
    }
}

/// The seat that a row is about.
fn seat_of(key: &Key, row: &Row) -> Option<i64> {
    match key.table() {
        RESERVATION => key.as_integer(),
        PAYMENT => Some(integer(row, PAYMENT_SEAT)),
        EVENT => place_of(key).map(|(seat, _)| seat),
        _ => None,
    }
}

impl Invariant for OnlyOffered {
    fn name(&self) -> &'static str {
        "every event is about a seat that was offered"
    }

    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self::default())
    }

    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        if key.table() == SEAT {
            let Some(seat) = key.as_integer() else { return };
            match after {
                Some(_) => self.offered.insert(seat),
                None => self.offered.remove(&seat),
            };
            self.judge(seat);
            return;
        }
        if let Some(seat) = after.and_then(|row| seat_of(key, row)) {
            self.more(seat);
        }
        if let Some(seat) = before.and_then(|row| seat_of(key, row)) {
            self.fewer(seat);
        }
    }

    fn broken(&self) -> Option<String> {
        let seat = self.unheard_of.first()?;
        Some(format!("{} rows are about seat {seat}, which is not offered", self.about[seat]))
    }
}

/// The seats have taken what was paid.
#[derive(Default)]
pub(super) struct TakenIsPaid {
    taken: i64,
    paid: i64,
}

impl Invariant for TakenIsPaid {
    fn name(&self) -> &'static str {
        "the seats have taken what was paid"
    }

    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self::default())
    }

    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        let (sum, column) = match key.table() {
            SEAT => (&mut self.taken, TAKEN),
            PAYMENT => (&mut self.paid, PAYMENT_AMOUNT),
            _ => return,
        };
        let amount = |row: Option<&Row>| row.map_or(0, |row| integer(row, column));
        *sum = sum.wrapping_add(amount(after)).wrapping_sub(amount(before));
    }

    fn broken(&self) -> Option<String> {
        (self.taken != self.paid)
            .then(|| format!("the seats have taken {}, and {} was paid", self.taken, self.paid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::seats::tables::offered;
    use driftlab_model::{Time, Version, WriteId};

    fn row(values: &[Value]) -> Row {
        Row::new(WriteId::default(), Version(1), Time::ZERO, values.into())
    }

    fn event(seat: i64, version: i64, kind: &str, customer: i64) -> (Key, Row) {
        let values = [seat.into(), version.into(), kind.into(), 1.into(), customer.into(), 0.into()];
        (Key::new(EVENT, &values[..2]), row(&values))
    }

    /// What the rule says after these events.
    fn told(events: &[(Key, Row)]) -> Option<String> {
        let mut rule = NoneSoldTwice::default().fresh();
        for (key, row) in events {
            rule.change(key, None, Some(row));
        }
        rule.broken()
    }

    /// A canary, and its mirror image: the seat that was given back in between is sold once.
    #[test]
    fn a_seat_that_two_customers_have_is_sold_twice_and_one_that_was_given_back_is_not() {
        let twice = [event(3, 1, "reserved", 7), event(3, 2, "paid", 7), event(3, 3, "reserved", 9)];
        assert_eq!(told(&twice).as_deref(), Some("seat 3 is sold to customer 9 while customer 7 has it"));
        let once = [event(3, 1, "reserved", 7), event(3, 2, "cancelled", 7), event(3, 3, "reserved", 9)];
        assert_eq!(told(&once), None);
        assert_eq!(told(&[event(3, 1, "reserved", 7), event(4, 1, "reserved", 9)]), None);
        let in_two_forms = [event(3, 1, "reserved", 7), event(3, 2, "booked", 9)];
        assert!(told(&in_two_forms).is_some());
    }

    #[test]
    fn events_count_in_the_order_of_their_stream_and_not_of_their_arrival() {
        let late = [event(3, 3, "reserved", 9), event(3, 1, "reserved", 7), event(3, 2, "cancelled", 7)];
        assert!(told(&late[..2]).is_some(), "what is shown by then lacks the cancellation");
        assert_eq!(told(&late), None);
    }

    #[test]
    fn rows_about_a_seat_that_was_never_offered_break_a_rule() {
        let mut rule = OnlyOffered::default().fresh();
        let seat = row(&offered(3));
        rule.change(&Key::integer(SEAT, 3), None, Some(&seat));
        let (key, reserved) = event(3, 1, "reserved", 7);
        rule.change(&key, None, Some(&reserved));
        assert_eq!(rule.broken(), None);
        let payment = row(&[1.into(), 4.into(), 100.into()]);
        rule.change(&Key::integer(PAYMENT, 1), None, Some(&payment));
        assert_eq!(rule.broken().as_deref(), Some("1 rows are about seat 4, which is not offered"));
        rule.change(&Key::integer(PAYMENT, 1), Some(&payment), None);
        assert_eq!(rule.broken(), None);
        rule.change(&Key::integer(SEAT, 3), Some(&seat), None);
        assert_eq!(rule.broken().as_deref(), Some("1 rows are about seat 3, which is not offered"));
    }
}
