//! Form 2: amounts are in cents. The column is the same one, so an amount in euros that is read as one in cents is a hundredth of what was paid, and nothing fails.

use super::{Form, Stored};

pub(super) const FORM: Form = Form { reserved: "reserved", cents: 1, upcaster: Some(from_whole_euros) };

const fn from_whole_euros(event: Stored<'_>) -> Stored<'_> {
    Stored { amount: event.amount.saturating_mul(100), ..event }
}
