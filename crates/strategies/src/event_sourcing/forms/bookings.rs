//! Form 3: a reservation is called a booking, as the business has come to say. Whoever looks for bookings alone passes over every seat that was reserved before.

use super::{Form, Stored};

pub(super) const FORM: Form = Form { reserved: "booked", cents: 1, upcaster: Some(from_reservations) };

fn from_reservations(event: Stored<'_>) -> Stored<'_> {
    match event.kind {
        "reserved" => Stored { kind: "booked", ..event },
        _ => event,
    }
}
