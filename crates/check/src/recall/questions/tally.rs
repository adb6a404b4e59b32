use crate::recall::answers::Answered;
use driftlab_model::Time;

/// Adds up the answers to one question.
#[derive(Default)]
pub(super) struct Tally {
    answered: Answered,
    /// When each was about, and whether it is right.
    all: Vec<(Time, bool)>,
    /// Whether a right answer was about something that has changed since.
    goes_deeper: bool,
}

/// An answer, held against the truth.
#[derive(Clone, Copy)]
pub(super) enum Answer<'a> {
    /// Right, and by whom.
    Right(&'a str),
    Wrong,
    NotKnown,
}

impl Tally {
    /// Notes an answer about a moment; `is_newest` where what was true then is so still.
    pub(super) fn note(&mut self, at: Time, is_newest: bool, answer: Answer<'_>) {
        let answered = &mut self.answered;
        answered.asked += 1;
        let is_right = match answer {
            Answer::Right(place) => {
                answered.right += 1;
                if !answered.places.contains(place) {
                    answered.places.insert(place.to_owned());
                }
                self.goes_deeper |= !is_newest;
                true
            }
            Answer::Wrong => {
                answered.wrong += 1;
                false
            }
            Answer::NotKnown => false,
        };
        self.all.push((at, is_right));
    }

    pub(super) fn done(mut self) -> Answered {
        self.all.sort_unstable();
        let missed = self.all.iter().rev().find(|(_, is_right)| !is_right).map(|(at, _)| *at);
        let since = self.all.iter().find(|(at, _)| missed.is_none_or(|missed| *at > missed));
        let newest_only = !self.goes_deeper && self.answered.right > 0 && missed.is_some();
        Answered { back_to: since.map(|(at, _)| *at), newest_only, ..self.answered }
    }
}
