use super::{Inquiry, QuestionEntry, changes};
use crate::recall::answers::Answered;

pub(super) const ENTRY: QuestionEntry = QuestionEntry {
    name: "who_and_why",
    title: "who and why",
    sentence: "who asked for this change, and what for?",
    ask,
};

/// An answer names somebody and a reason, and following it comes to what the change made of the row.
fn ask(inquiry: &Inquiry<'_>) -> Answered {
    changes::each(inquiry, |entry| entry.cause.is_some())
}
