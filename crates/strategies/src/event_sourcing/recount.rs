//! What the streams tell of the past: all rows as they were after each event, and who asked for it.
//!
//! Nothing but the tables of the source is read: the events, which nobody ever changed, and what the rows have come to. A reservation follows from its events alone. What was
//! taken for a seat is what it is now less all that was paid later. A payment is a row of its own that nobody changes; the event says when it came.

use crate::event_sourcing::command::Tables;
use crate::event_sourcing::reader::Reader;
use crate::event_sourcing::seat::{Event, Seat};
use driftlab_model::{Before, Cause, Earlier, Entry, Journal, Key, Moment, Recount, Row, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The column of a seat that says what was taken for it.
const TAKEN: usize = 3;

/// What all streams tell a reader; `None` where there is no event.
///
/// A stream is told as far as it can be read. Where that is not to its end, nobody can say what has become of its seat since, so nothing is claimed to be whole, and what was taken for the
/// seat is not told at all: it follows from what was paid later.
pub(crate) fn of(tables: Tables, rows: &[(Key, Row)], reader: Reader) -> Option<Recount> {
    let mut streams: BTreeMap<i64, Vec<(i64, &Row)>> = BTreeMap::new();
    let mut payments = BTreeMap::new();
    let mut seats = BTreeMap::new();
    for (key, row) in rows {
        match *row.values().as_ref() {
            [Value::Integer(seat), Value::Integer(version), ..] if key.table() == tables.event => {
                streams.entry(seat).or_default().push((version, row));
            }
            [_, Value::Integer(seat), _] if key.table() == tables.payment => {
                payments.insert((row.write().transaction, seat), (key, row));
            }
            [Value::Integer(seat), ..] if key.table() == tables.seat => {
                seats.insert(seat, (key, row));
            }
            _ => {}
        }
    }
    let mut entries = Vec::new();
    let mut is_whole = true;
    for (seat, mut stream) in streams {
        stream.sort_by_key(|(version, _)| *version);
        let mut events: Vec<(&Row, Event)> = Vec::with_capacity(stream.len());
        let mut is_read = true;
        for (_, row) in stream {
            match reader.read(row.values()) {
                Ok(event) => events.extend(event.map(|event| (row, event))),
                Err(_) => {
                    is_read = false;
                    break;
                }
            }
        }
        is_whole &= is_read;
        let mut told = Told { entries: &mut entries, reservation: None };
        let mut owed: i64 = events.iter().map(|(_, event)| event.cents()).sum();
        for (row, event) in events {
            told.reservation(tables, seat, row, event);
            let Event::Paid { cents, .. } = event else { continue };
            if let Some(&(key, payment)) = payments.get(&(row.write().transaction, seat)) {
                told.push(key, Before::Kept(None), Some(payment.clone()), row, event);
            }
            if let Some(&(key, now)) = seats.get(&seat).filter(|_| is_read) {
                let before = taken(now, -owed);
                owed -= cents;
                told.push(key, Before::Kept(before), taken(now, -owed), row, event);
            }
        }
    }
    let journal = Journal {
        place: "event streams".to_owned(),
        // No event is ever removed.
        whole_since: is_whole.then(Moment::default),
        earlier: if is_whole { Earlier::Newest } else { Earlier::Some },
        entries,
    };
    (!journal.entries.is_empty()).then(|| Recount { journal, own: vec![tables.event, tables.snapshot] })
}

/// What is told of one stream so far.
struct Told<'a> {
    entries: &'a mut Vec<Entry>,
    reservation: Option<Row>,
}

impl Told<'_> {
    /// What an event makes of the reservation.
    fn reservation(&mut self, tables: Tables, seat: i64, row: &Row, event: Event) {
        let after = match Seat::default().after(event) {
            Seat::Reserved { customer } => Some(Row::new(
                row.write(),
                row.version(),
                row.updated_at(),
                [Value::from(seat), Value::from(customer)].into(),
            )),
            Seat::Free => None,
            Seat::Paid { .. } => return,
        };
        let before = std::mem::replace(&mut self.reservation, after.clone());
        // Two who gave back the same seat: the second has changed nothing.
        if before.is_some() || after.is_some() {
            self.push(&Key::integer(tables.reservation, seat), Before::Kept(before), after, row, event);
        }
    }

    fn push(&mut self, key: &Key, before: Before, after: Option<Row>, row: &Row, event: Event) {
        self.entries.push(Entry {
            key: key.clone(),
            before,
            after,
            transaction: Some(row.write().transaction),
            position: None,
            at: row.updated_at(),
            cause: Some(event.cause()),
        });
    }
}

/// A seat as it is now, but for what was taken for it: so many cents more.
fn taken(now: &Row, cents: i64) -> Option<Row> {
    let mut values = now.values().to_vec();
    values[TAKEN] = Value::from(values[TAKEN].as_integer()? + euros(cents));
    let values: Arc<[Value]> = values.into();
    Some(Row::new(now.write(), now.version(), now.updated_at(), values))
}

/// Tables count in whole euros.
const fn euros(cents: i64) -> i64 {
    cents / 100
}

impl Event {
    /// What was paid.
    const fn cents(self) -> i64 {
        match self {
            Self::Paid { cents, .. } => cents,
            Self::Reserved { .. } | Self::Cancelled { .. } => 0,
        }
    }

    /// Who asked for it, and what for.
    fn cause(self) -> Cause {
        let (customer, why) = match self {
            Self::Reserved { customer } => (customer, "reserved".to_owned()),
            Self::Cancelled { customer } => (customer, "cancelled".to_owned()),
            Self::Paid { customer, cents } => (customer, format!("paid {}", euros(cents))),
        };
        Cause { who: format!("customer {customer}"), why }
    }
}
