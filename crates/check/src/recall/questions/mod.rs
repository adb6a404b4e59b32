//! The questions, one file each.

mod causes;
mod changes;
mod current;
mod past;
mod tally;

use super::answers::Answered;
use super::recollection::Recollection;
use super::truth::KeyTruth;
use driftlab_model::{Key, Moment};

/// A question that is asked of every strategy.
pub struct QuestionEntry {
    /// Its name in `summary.json`: `state_at_a_time`.
    pub name: &'static str,
    /// What it is called in tables: `state at a time`.
    pub title: &'static str,
    /// How it is asked, in a sentence.
    pub sentence: &'static str,
    /// Asks it.
    pub(super) ask: fn(&Inquiry<'_>) -> Answered,
}

/// The questions, the easiest first.
pub const QUESTIONS: &[QuestionEntry] = &[current::ENTRY, past::ENTRY, changes::ENTRY, causes::ENTRY];

/// Who is asked, and about what.
pub(super) struct Inquiry<'a> {
    pub(super) recollection: Recollection<'a>,
    pub(super) keys: Vec<(&'a Key, &'a KeyTruth)>,
    pub(super) moments: Vec<Moment>,
}
