//! Reading events that another release may have written.

use crate::event_sourcing::forms::{Stored, upcast};
use crate::event_sourcing::release::Release;
use crate::event_sourcing::seat::Event;
use driftlab_model::{Kind, Refusal, Setting, Settings, Value};

/// What a reader makes of events in the forms of releases before its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Older {
    /// Events of its own form, one upcaster after another.
    Upcast,
    /// It takes them for events of its own form.
    AsIs,
}

impl Older {
    /// The setting `old_events`.
    pub(crate) const SETTING: Setting = Setting {
        name: "old_events",
        summary: "What whoever reads events makes of those in an older form.",
        kind: Kind::Choice(&[
            ("upcast", "events of its own form, by one upcaster after another"),
            (
                "as_is",
                "it takes them for events of its own form: what it has no name for is passed over, and numbers are read in its own unit",
            ),
        ]),
        default: Some("upcast"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("old_events") {
            "as_is" => Self::AsIs,
            _ => Self::Upcast,
        }
    }
}

/// What a reader does about events in a form of a release after its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newer {
    /// It goes no further.
    Stop,
    /// It passes them over.
    Skip,
}

impl Newer {
    /// The setting `new_events`.
    pub(crate) const SETTING: Setting = Setting {
        name: "new_events",
        summary: "What whoever reads events does about those in a form that its release does not know yet.",
        kind: Kind::Choice(&[
            (
                "stop",
                "it says which event it cannot read, and goes no further: a command is refused, a projection waits for its own roll-over",
            ),
            ("skip", "it passes them over, and nobody is told"),
        ]),
        default: Some("stop"),
    };

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("new_events") {
            "skip" => Self::Skip,
            _ => Self::Stop,
        }
    }
}

/// Whoever reads events: the code of one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) release: Release,
    pub(crate) older: Older,
    pub(crate) newer: Newer,
}

impl Reader {
    /// The event that a row stores; `None` where it is of no kind that this reader has a name for, or is passed over.
    ///
    /// # Errors
    /// [`Refusal::UnknownForm`] where it is in a form that this reader does not know, and must not guess.
    pub(crate) fn read(self, row: &[Value]) -> Result<Option<Event>, Refusal> {
        let [
            Value::Integer(stream),
            Value::Integer(version),
            Value::Text(kind),
            Value::Integer(form),
            Value::Integer(customer),
            Value::Integer(amount),
        ] = row
        else {
            return Ok(None);
        };
        let known = self.release.number();
        let Some(form) = usize::try_from(*form).ok().filter(|form| (1..=known).contains(form)) else {
            return match self.newer {
                Newer::Skip => Ok(None),
                Newer::Stop => Err(Refusal::UnknownForm {
                    stream: *stream,
                    version: *version,
                    form: i32::try_from(*form).unwrap_or(i32::MAX),
                    known: known as u16,
                }),
            };
        };
        let stored = Stored { kind, customer: *customer, amount: *amount };
        let stored = match self.older {
            Older::Upcast => upcast(stored, form, known),
            Older::AsIs => stored,
        };
        Ok(self.release.form().read(stored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESERVED: Event = Event::Reserved { customer: 7 };
    const PAID: Event = Event::Paid { customer: 7, cents: 4_000 };

    fn reader(rollovers: u64, older: Older, newer: Newer) -> Reader {
        Reader { release: Release::after(rollovers), older, newer }
    }

    #[test]
    fn a_reader_who_upcasts_reads_what_every_release_before_it_wrote() {
        for now in 0..3 {
            for then in 0..=now {
                for event in [RESERVED, PAID, Event::Cancelled { customer: 7 }] {
                    let row = Release::after(then).event_row(event, 3, 1);
                    assert_eq!(reader(now, Older::Upcast, Newer::Stop).read(&row), Ok(Some(event)));
                }
            }
        }
    }

    #[test]
    fn a_reader_who_does_not_reads_a_hundredth_of_an_amount_and_passes_reservations_over() {
        let reader = reader(2, Older::AsIs, Newer::Stop);
        let read = |event| reader.read(&Release::FIRST.event_row(event, 3, 1));
        assert_eq!(read(PAID), Ok(Some(Event::Paid { customer: 7, cents: 40 })));
        assert_eq!(read(RESERVED), Ok(None));
    }

    /// Incident: during a rolling deployment an instance of the old release met events of the new one, and left them out without a word.
    #[test]
    fn an_event_of_a_newer_form_is_named_with_its_place_unless_it_is_to_be_passed_over() {
        let row = Release::after(1).event_row(PAID, 3, 12);
        let refused = reader(0, Older::Upcast, Newer::Stop).read(&row).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "event 12 of stream 3 is in form 2, and this release knows forms 1 to 1: everything before it can be read, and a newer release reads on"
        );
        assert_eq!(reader(0, Older::Upcast, Newer::Skip).read(&row), Ok(None));
    }

    #[test]
    fn an_event_of_a_form_that_never_was_is_not_guessed_and_one_of_an_unknown_kind_is_nobodys() {
        let reader = reader(2, Older::Upcast, Newer::Stop);
        let mut row = Release::NEWEST.event_row(PAID, 3, 1);
        row[2] = Value::from("praised");
        assert_eq!(reader.read(&row), Ok(None));
        for form in [0, -1, 4, i32::MAX] {
            row[3] = Value::from(i64::from(form));
            assert!(
                matches!(reader.read(&row), Err(Refusal::UnknownForm { form: named, .. }) if named == form)
            );
        }
    }
}
