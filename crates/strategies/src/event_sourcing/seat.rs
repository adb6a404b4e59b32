//! A seat: what can be asked of it, what can happen to it, and what is true of it then. Pure functions, as in any event-sourced domain.

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// The seat, for a customer.
    Reserve { customer: i64 },
    /// That whoever has it gives it back.
    Cancel,
    /// That whoever has it pays so many cents for it.
    Pay { cents: i64 },
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A customer has it from now on.
    Reserved { customer: i64 },
    /// The customer who had it has given it back.
    Cancelled { customer: i64 },
    /// The customer who has it has paid so many cents.
    Paid { customer: i64, cents: i64 },
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
            (Self::Reserved { customer }, Command::Pay { cents }) => Some(Event::Paid { customer, cents }),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVEN: Command = Command::Reserve { customer: 7 };
    const NINE: Command = Command::Reserve { customer: 9 };
    const PAY: Command = Command::Pay { cents: 4_000 };

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
}
