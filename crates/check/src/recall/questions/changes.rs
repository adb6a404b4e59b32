use super::tally::{Answer, Tally};
use super::{Inquiry, QuestionEntry};
use crate::recall::answers::Answered;
use crate::recall::recollection::{Recollection, same};
use crate::recall::truth::{KeyTruth, TrueChange};
use driftlab_model::{Entry, Journal, Key};

pub(super) const ENTRY: QuestionEntry = QuestionEntry {
    name: "every_change",
    title: "every change",
    sentence: "what did this change make of the row?",
    ask,
};

fn ask(inquiry: &Inquiry<'_>) -> Answered {
    each(inquiry, |_| true)
}

/// Asks about every change what it made of the row; only those entries count as an answer that say what is wanted.
pub(super) fn each(inquiry: &Inquiry<'_>, says: impl Fn(&Entry) -> bool) -> Answered {
    let mut tally = Tally::default();
    for (key, truth) in &inquiry.keys {
        for (number, change) in (1..).zip(&truth.changes) {
            let is_newest = number == truth.changes.len();
            let mut told = about(&inquiry.recollection, key, truth, change).filter(|(_, entry)| says(entry));
            let answer = match told.next() {
                Some((journal, entry)) if same(entry.after.as_ref(), change.after.as_ref()) => {
                    Answer::Right(&journal.place)
                }
                Some(_) => Answer::Wrong,
                None => Answer::NotKnown,
            };
            tally.note(change.moment.at, is_newest, answer);
        }
    }
    tally.done()
}

/// The entries about a change. A mark says no more than that the row was deleted in the end.
fn about<'a>(
    recollection: &Recollection<'a>,
    key: &Key,
    truth: &KeyTruth,
    change: &TrueChange,
) -> impl Iterator<Item = (&'a Journal, &'a Entry)> {
    let ends_it = change.after.is_none() && truth.rests_since(change.moment);
    let transaction = change.transaction;
    recollection.entries(key).filter(move |(_, entry)| match entry.transaction {
        Some(of) => of == transaction && entry.is_whole(),
        None => ends_it,
    })
}
