//! A release of the application: it writes events and states in one form.

use crate::event_sourcing::forms::{FORMS, Form};
use crate::event_sourcing::seat::{Event, Seat};
use driftlab_model::Value;

/// A release, by the form that it writes. It knows that one and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Release(usize);

impl Release {
    /// The one that wrote the first events.
    pub(crate) const FIRST: Self = Self(1);
    /// The one that knows all forms.
    pub(crate) const NEWEST: Self = Self(FORMS.len());

    /// The release that is in use after so many roll-overs.
    pub(crate) fn after(rollovers: u64) -> Self {
        let number = usize::try_from(rollovers).unwrap_or(usize::MAX).saturating_add(1);
        Self(number.min(FORMS.len()))
    }

    /// The number of the form that it writes.
    pub(crate) const fn number(self) -> usize {
        self.0
    }

    /// The form that it writes.
    pub(crate) fn form(self) -> &'static Form {
        &FORMS[self.0 - 1]
    }

    /// The row that stores an event at a place of a stream: seat, version, type, format, customer, amount.
    pub(crate) fn event_row(self, event: Event, seat: i64, version: i64) -> [Value; 6] {
        let stored = self.form().write(event);
        let (kind, form) = (stored.kind.into(), self.0 as i64);
        [seat.into(), version.into(), kind, form.into(), stored.customer.into(), stored.amount.into()]
    }

    /// The row that stores a state as that of a stream at a version: seat, version, state, customer.
    pub(crate) fn state_row(self, state: Seat, seat: i64, version: i64) -> [Value; 4] {
        let (word, customer) = match state {
            Seat::Free => (FREE, 0),
            Seat::Reserved { customer } => (self.form().reserved, customer),
            Seat::Paid { customer } => (PAID, customer),
        };
        [seat.into(), version.into(), word.into(), customer.into()]
    }

    /// The state that a row stores; `None` where it is one of another release, or of none. A state can be thrown away, so nobody makes a new one out of an old one: the events
    /// are all there.
    pub(crate) fn state(self, row: &[Value]) -> Option<Seat> {
        let [_, _, Value::Text(word), Value::Integer(customer)] = row else { return None };
        match &**word {
            FREE => Some(Seat::Free),
            PAID => Some(Seat::Paid { customer: *customer }),
            word if word == self.form().reserved => Some(Seat::Reserved { customer: *customer }),
            _ => None,
        }
    }
}

const FREE: &str = "free";
const PAID: &str = "paid";

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [Seat; 3] = [Seat::Free, Seat::Reserved { customer: 7 }, Seat::Paid { customer: 7 }];

    #[test]
    fn a_state_is_read_as_it_was_written_and_an_unknown_one_not_at_all() {
        for release in (0..9).map(Release::after) {
            for state in STATES {
                assert_eq!(release.state(&release.state_row(state, 3, 20)), Some(state));
            }
            let mut row = release.state_row(Seat::Free, 3, 20);
            row[2] = Value::from("folded");
            assert_eq!(release.state(&row), None);
        }
    }

    /// A snapshot of another release is what it says, or it is no snapshot: whoever guesses folds the rest of the stream onto a wrong beginning.
    #[test]
    fn a_state_of_another_release_is_read_rightly_or_not_at_all() {
        for (old, new) in [(0, 1), (1, 2), (0, 2), (2, 0), (2, 1)] {
            let (old, new) = (Release::after(old), Release::after(new));
            for state in STATES {
                let read = new.state(&old.state_row(state, 3, 20));
                assert!(
                    read.is_none() || read == Some(state),
                    "{old:?} wrote {state:?}, {new:?} read {read:?}"
                );
            }
        }
        let reserved = Release::FIRST.state_row(STATES[1], 3, 20);
        assert_eq!(Release::NEWEST.state(&reserved), None);
    }

    #[test]
    fn releases_end_with_the_one_that_knows_all_forms() {
        assert_eq!((Release::after(0), Release::after(2)), (Release::FIRST, Release::NEWEST));
        assert_eq!(Release::after(u64::MAX), Release::NEWEST);
    }
}
