use super::questions::{Inquiry, QUESTIONS};
use super::recollection::Recollection;
use super::testimony::with_versions;
use super::truth::Truth;
use driftlab_model::{Key, Testimony, Time};
use std::collections::BTreeSet;

/// How many moments are asked about.
const MOMENTS: usize = 50;

/// What a strategy's stores answered after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// How many keys they were asked about.
    pub keys: u64,
    /// How many moments.
    pub moments: u64,
    /// What came of each question, in the order of [`QUESTIONS`].
    pub answered: Vec<Answered>,
}

/// What came of a question that was asked many times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// How often it was asked.
    pub asked: u64,
    /// How often it was answered, and rightly.
    pub right: u64,
    /// How often it was answered, and wrongly: the rest is not known.
    pub wrong: u64,
    /// The earliest moment since which every answer is right; `None` where the last one is not.
    pub back_to: Option<Time>,
    /// Whether the right answers are about keys that have not changed since, and others are not right.
    pub newest_only: bool,
    /// Who gave the right answers.
    pub places: BTreeSet<String>,
}

impl Answers {
    /// Asks every question, and holds the answers against the truth; `None` where nothing was written.
    #[must_use]
    pub fn of(truth: &Truth, testimony: &Testimony) -> Option<Self> {
        let testimony = with_versions(testimony.clone(), truth);
        let keys: BTreeSet<&Key> = truth.keys(&testimony.own).map(|(key, _)| key).collect();
        if keys.is_empty() {
            return None;
        }
        let inquiry = Inquiry {
            recollection: Recollection::of(&testimony, &keys),
            keys: truth.keys(&testimony.own).collect(),
            moments: truth.moments(MOMENTS),
        };
        Some(Self {
            keys: inquiry.keys.len() as u64,
            moments: inquiry.moments.len() as u64,
            answered: QUESTIONS.iter().map(|question| (question.ask)(&inquiry)).collect(),
        })
    }
}
