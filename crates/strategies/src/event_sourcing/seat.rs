//! A seat: what can be asked of it, what can happen to it, and what is true of it then. Pure functions, as in any event-sourced domain.

use driftlab_model::Value;

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// The seat, for a customer.
    Reserve { customer: i64 },
    /// That whoever has it gives it back.
    Cancel,
    /// That whoever has it pays for it.
    Pay { amount: i64 },
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A customer has it from now on.
    Reserved { customer: i64 },
    /// The customer who had it has given it back.
    Cancelled { customer: i64 },
    /// The customer who has it has paid.
    Paid { customer: i64, amount: i64 },
}

/// What is true of a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Seat {
    /// Nobody has it.
    #[default]
    Free,
    /// A customer has it, and owes for it.
    Reserved { customer: i64 },
    /// A customer has it and has paid.
    Paid { customer: i64 },
}

impl Seat {
    /// What happens when this is asked of a seat in this state; `None` where it is not allowed.
    pub(crate) const fn decide(self, command: Command) -> Option<Event> {
        match (self, command) {
            (Self::Free, Command::Reserve { customer }) => Some(Event::Reserved { customer }),
            (Self::Reserved { customer } | Self::Paid { customer }, Command::Cancel) => {
                Some(Event::Cancelled { customer })
            }
            (Self::Reserved { customer }, Command::Pay { amount }) => Some(Event::Paid { customer, amount }),
            _ => None,
        }
    }

    /// What is true after an event. Events are facts: what cannot have happened is taken as it is told.
    pub(crate) const fn after(self, event: Event) -> Self {
        match event {
            Event::Reserved { customer } => Self::Reserved { customer },
            Event::Cancelled { .. } => Self::Free,
            Event::Paid { customer, .. } => Self::Paid { customer },
        }
    }

    /// The row that stores it as the state of a stream at a version: seat, version, state, customer.
    pub(crate) fn row(self, seat: i64, version: i64) -> [Value; 4] {
        let (state, customer) = match self {
            Self::Free => ("free", 0),
            Self::Reserved { customer } => ("reserved", customer),
            Self::Paid { customer } => ("paid", customer),
        };
        [seat.into(), version.into(), state.into(), customer.into()]
    }

    /// The state that a row stores; `None` where it is an unknown one.
    pub(crate) fn of(row: &[Value]) -> Option<Self> {
        let [_, _, Value::Text(state), Value::Integer(customer)] = row else { return None };
        match &**state {
            "free" => Some(Self::Free),
            "reserved" => Some(Self::Reserved { customer: *customer }),
            "paid" => Some(Self::Paid { customer: *customer }),
            _ => None,
        }
    }
}

/// The format in which events are written: kept with each of them, because events outlive the code that wrote them.
const FORMAT: i64 = 1;

impl Event {
    /// The row that stores it at a place of a stream: seat, version, type, format, customer, amount.
    pub(crate) fn row(self, seat: i64, version: i64) -> [Value; 6] {
        let (kind, customer, amount) = match self {
            Self::Reserved { customer } => ("reserved", customer, 0),
            Self::Cancelled { customer } => ("cancelled", customer, 0),
            Self::Paid { customer, amount } => ("paid", customer, amount),
        };
        [seat.into(), version.into(), kind.into(), FORMAT.into(), customer.into(), amount.into()]
    }

    /// The event that a row stores; `None` where it is of an unknown type or format.
    pub(crate) fn of(row: &[Value]) -> Option<Self> {
        let [
            _,
            _,
            Value::Text(kind),
            Value::Integer(FORMAT),
            Value::Integer(customer),
            Value::Integer(amount),
        ] = row
        else {
            return None;
        };
        let (customer, amount) = (*customer, *amount);
        match &**kind {
            "reserved" => Some(Self::Reserved { customer }),
            "cancelled" => Some(Self::Cancelled { customer }),
            "paid" => Some(Self::Paid { customer, amount }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVEN: Command = Command::Reserve { customer: 7 };
    const NINE: Command = Command::Reserve { customer: 9 };
    const PAY: Command = Command::Pay { amount: 40 };

    /// The state after commands, of which those that are not allowed change nothing, and how many were allowed.
    fn after(commands: &[Command]) -> (Seat, usize) {
        commands.iter().fold((Seat::Free, 0), |(seat, allowed), command| match seat.decide(*command) {
            Some(event) => (seat.after(event), allowed + 1),
            None => (seat, allowed),
        })
    }

    #[test]
    fn a_seat_has_one_customer_at_a_time_and_is_paid_for_once() {
        assert_eq!(after(&[SEVEN, NINE]), (Seat::Reserved { customer: 7 }, 1));
        assert_eq!(after(&[SEVEN, PAY, PAY, NINE]), (Seat::Paid { customer: 7 }, 2));
        assert_eq!(after(&[SEVEN, PAY, Command::Cancel, NINE]), (Seat::Reserved { customer: 9 }, 4));
        assert_eq!(after(&[PAY, Command::Cancel]), (Seat::Free, 0));
    }

    #[test]
    fn a_state_is_read_as_it_was_written_and_an_unknown_one_not_at_all() {
        for state in [Seat::Free, Seat::Reserved { customer: 7 }, Seat::Paid { customer: 7 }] {
            assert_eq!(Seat::of(&state.row(3, 20)), Some(state));
        }
        let mut row = Seat::Free.row(3, 20);
        row[2] = Value::from("folded");
        assert_eq!(Seat::of(&row), None);
    }

    #[test]
    fn an_event_is_read_as_it_was_written_and_an_unknown_one_not_at_all() {
        let events = [
            Event::Reserved { customer: 7 },
            Event::Paid { customer: 7, amount: 40 },
            Event::Cancelled { customer: 7 },
        ];
        for event in events {
            assert_eq!(Event::of(&event.row(3, 1)), Some(event));
        }
        let mut row = Event::Reserved { customer: 7 }.row(3, 1);
        row[3] = Value::from(2);
        assert_eq!(Event::of(&row), None);
    }
}
