//! The forms in which events were written, one file each, and how one becomes the next.
//!
//! Events outlive the code that wrote them, and are never changed, so a history holds them in every form that there ever was. A form is what its row means: what it calls a
//! thing, and what its numbers count; the columns have stayed the same, which is the worst case, because nothing fails that is read wrongly. An upcaster makes an event of one form
//! out of one of the form before, and knows no other: a pure function, so that a chain of them reads whatever is there, what is stored stays as it was written, and the code that folds
//! events knows one form alone (Young, "Versioning in an Event Sourced System"; Overeem et al., "The dark side of event sourcing: managing data conversion", SANER 2017).
//!
//! A new form is one file, and one line in [`FORMS`].

mod bookings;
mod cents;
mod whole_euros;

use crate::event_sourcing::seat::Event;

/// An event as its row has it, whatever form that is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    /// What kind of event it is.
    pub(crate) kind: &'a str,
    /// The customer that it is about.
    pub(crate) customer: i64,
    /// What was paid; 0 where nothing was.
    pub(crate) amount: i64,
}

/// Makes an event of one form out of one of the form before.
pub(crate) type Upcaster = for<'a> fn(Stored<'a>) -> Stored<'a>;

/// A form in which events are written.
pub(crate) struct Form {
    /// What it calls it that a customer has a seat, as an event and as a state.
    pub(crate) reserved: &'static str,
    /// How many cents one of its amounts stands for.
    pub(crate) cents: i64,
    /// From the form before; the first has none before it.
    pub(crate) upcaster: Option<Upcaster>,
}

/// All forms, the first one first: the number in an event's row is the place here, counted from 1.
pub(crate) const FORMS: &[Form] = &[whole_euros::FORM, cents::FORM, bookings::FORM];

const CANCELLED: &str = "cancelled";
const PAID: &str = "paid";

impl Form {
    /// How an event is written in this form.
    pub(crate) const fn write(&self, event: Event) -> Stored<'static> {
        match event {
            Event::Reserved { customer } => Stored { kind: self.reserved, customer, amount: 0 },
            Event::Cancelled { customer } => Stored { kind: CANCELLED, customer, amount: 0 },
            Event::Paid { customer, cents } => Stored { kind: PAID, customer, amount: cents / self.cents },
        }
    }

    /// The event that is meant, where it is one of this form; `None` where it is of a kind that this form does not know.
    pub(crate) fn read(&self, Stored { kind, customer, amount }: Stored<'_>) -> Option<Event> {
        match kind {
            CANCELLED => Some(Event::Cancelled { customer }),
            PAID => Some(Event::Paid { customer, cents: amount.saturating_mul(self.cents) }),
            kind if kind == self.reserved => Some(Event::Reserved { customer }),
            _ => None,
        }
    }
}

/// An event of the form numbered `from` as the form numbered `to` would have written it, one step after another.
pub(crate) fn upcast(stored: Stored<'_>, from: usize, to: usize) -> Stored<'_> {
    let steps = FORMS.get(from..to).unwrap_or_default().iter().filter_map(|form| form.upcaster);
    steps.fold(stored, |stored, step| step(stored))
}

#[cfg(test)]
mod tests;
