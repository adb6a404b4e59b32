//! What a projection makes of events: the rows that follow from them.
//!
//! A commit of the feed has an event, and the rows that the command side made of it. A projection of the release that wrote the event would make the same of it, so it takes them; the amount of a
//! payment it takes from the event. Of an event that it passes over it makes nothing, so the rows that follow from that one are not for its sink. And one that it must not guess stops it: it is
//! asked again later, when it may have been rolled over.

use crate::event_sourcing::command::Tables;
use crate::event_sourcing::rollover::Rollover;
use crate::event_sourcing::seat::Event;
use crate::log_cdc::rendition::Rendition;
use driftlab_model::port::Runtime;
use driftlab_model::{Change, Key, Refusal, Row, Schema, TransactionId, Value};
use std::collections::BTreeMap;

/// A projection's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projection {
    /// `None` where all events are in one form: then it takes what it is told.
    reads: Option<(Tables, Rollover)>,
}

/// The last event of each seat, as it was read, and the transaction that it came with.
pub(crate) type LastEvents = BTreeMap<i64, (TransactionId, Option<Event>)>;

/// The columns of a payment.
const SEAT: usize = 1;
const AMOUNT: usize = 2;

impl Projection {
    pub(crate) fn new(schema: &Schema, rollover: Rollover) -> Self {
        Self { reads: Tables::of(schema).filter(|_| rollover.happens()).map(|tables| (tables, rollover)) }
    }
}

impl Rendition for Projection {
    type Memory = LastEvents;

    fn render(
        self,
        runtime: &dyn Runtime,
        events: &mut LastEvents,
        change: &mut Change,
    ) -> Result<bool, Refusal> {
        let Some((tables, rollover)) = self.reads else { return Ok(true) };
        if change.key.table() == tables.event {
            let (Some(row), Some(seat)) = (&change.after, stream_of(&change.key)) else { return Ok(true) };
            let event = rollover.projection(runtime).read(row.values())?;
            events.insert(seat, (change.write.transaction, event));
            return Ok(event.is_some());
        }
        let follows = seat(tables, change).and_then(|seat| events.get(&seat));
        // Whatever has come without an event, such as the first copy, follows from none.
        let Some((_, event)) = follows.filter(|(with, _)| *with == change.write.transaction) else {
            return Ok(true);
        };
        if let (Some(Event::Paid { cents, .. }), Some(row)) = (event, &change.after)
            && change.key.table() == tables.payment
        {
            change.after = Some(with_amount(row, cents / 100));
        }
        Ok(event.is_some())
    }
}

/// The seat that a row is about, where it is one that follows from events.
fn seat(tables: Tables, change: &Change) -> Option<i64> {
    match change.key.table() {
        table if table == tables.reservation || table == tables.seat => change.key.as_integer(),
        table if table == tables.payment => change.after.as_ref()?.values()[SEAT].as_integer(),
        _ => None,
    }
}

fn stream_of(key: &Key) -> Option<i64> {
    match key.values().as_slice() {
        [Value::Integer(seat), _] => Some(*seat),
        _ => None,
    }
}

/// A payment of so many whole euros, by the same write.
fn with_amount(payment: &Row, euros: i64) -> Row {
    let of = |(column, value): (usize, &Value)| if column == AMOUNT { euros.into() } else { value.clone() };
    let values = payment.values().iter().enumerate().map(of).collect();
    Row::new(payment.write(), payment.version(), payment.updated_at(), values)
}
