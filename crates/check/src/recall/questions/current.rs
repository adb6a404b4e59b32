use super::tally::{Answer, Tally};
use super::{Inquiry, QuestionEntry};
use crate::recall::answers::Answered;
use crate::recall::recollection::same;

pub(super) const ENTRY: QuestionEntry =
    QuestionEntry { name: "current_state", title: "current state", sentence: "what is this row now?", ask };

fn ask(inquiry: &Inquiry<'_>) -> Answered {
    let mut tally = Tally::default();
    for (key, truth) in &inquiry.keys {
        let Some(last) = truth.changes.last() else { continue };
        let told = inquiry.recollection.now(key);
        let is_right = same(told, last.after.as_ref());
        let answer = if is_right { Answer::Right("tables") } else { Answer::Wrong };
        tally.note(last.moment.at, true, answer);
    }
    tally.done()
}
