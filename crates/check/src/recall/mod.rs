//! What can still be answered when a run has ended: by the strategy's own stores, and not by the laboratory's recording.
//!
//! A strategy that changes rows in place has overwritten what was there before. One that appends has it still, as long as nobody removes it. Which of the two a strategy is, is
//! not written down anywhere here: its stores are asked, and what they say is held against what was recorded.
//!
//! - [`Truth`] follows the run and keeps what is needed to judge answers: every change of a sample of keys, and moments to ask about.
//! - [`testimony`] is what the stores hold at the end, as journals: one file a store in `journals/`.
//! - [`Recollection`] asks them in turn: what was this key at that moment?
//! - [`QUESTIONS`] is what is asked, one file a question; [`Answers`] is what came of it.

mod answers;
mod journals;
mod questions;
mod recollection;
mod testimony;
mod truth;

pub use answers::{Answered, Answers};
pub use questions::{QUESTIONS, QuestionEntry};
pub use recollection::{Recollection, Told, same};
pub use testimony::{testimony, with_versions};
pub use truth::{KeyTruth, TrueChange, Truth};
