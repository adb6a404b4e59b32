use super::tally::{Answer, Tally};
use super::{Inquiry, QuestionEntry};
use crate::recall::answers::Answered;
use crate::recall::recollection::same;

pub(super) const ENTRY: QuestionEntry = QuestionEntry {
    name: "state_at_a_time",
    title: "state at a time",
    sentence: "what was this row at that moment?",
    ask,
};

fn ask(inquiry: &Inquiry<'_>) -> Answered {
    let mut tally = Tally::default();
    for (key, truth) in &inquiry.keys {
        for &moment in &inquiry.moments {
            let answer = match inquiry.recollection.at(key, moment) {
                Some(told) if same(told.row, truth.at(moment)) => Answer::Right(told.place),
                Some(_) => Answer::Wrong,
                None => Answer::NotKnown,
            };
            tally.note(moment.at, truth.rests_since(moment), answer);
        }
    }
    tally.done()
}
