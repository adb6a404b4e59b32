//! What a strategy's stores could still answer when the run had ended.

use driftlab_check::recall::{Answered, Answers, QUESTIONS};
use driftlab_lab::StrategyResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the stores of a strategy answered after the run of the first seed, held against what had happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnswersSummary {
    /// How many rows they were asked about, of those that were written.
    pub keys: u64,
    /// How many moments, each right after a commit.
    pub moments: u64,
    /// What came of each question.
    pub questions: Vec<AnswerSummary>,
}

/// What came of a question, asked many times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerSummary {
    /// The question: `current_state`, `state_at_a_time`, `every_change` or `who_and_why`.
    pub question: String,
    /// How often it was asked.
    pub asked: u64,
    /// How often it was answered, and rightly.
    pub right: u64,
    /// How often it was answered, and wrongly; the rest is not known.
    pub wrong: u64,
    /// The earliest moment since which every answer is right; `None` where the last one is not.
    pub back_to_nanos: Option<u64>,
    /// Whether only the newest row of each key is known: nothing that has changed since.
    pub newest_only: bool,
    /// The stores that gave the right answers: `tables`, `log`, `event streams`, `outbox`, `change table`, or a sink's name.
    pub from: Vec<String>,
}

impl AnswersSummary {
    /// Of the first run; `None` where nobody was asked.
    pub(crate) fn of(strategy: &StrategyResult) -> Option<Self> {
        let Answers { keys, moments, answered } =
            strategy.runs.iter().find_map(|run| run.answers.as_ref())?;
        let questions = QUESTIONS.iter().zip(answered);
        Some(Self {
            keys: *keys,
            moments: *moments,
            questions: questions.map(|(entry, answered)| AnswerSummary::of(entry.name, answered)).collect(),
        })
    }
}

impl AnswerSummary {
    fn of(question: &str, answered: &Answered) -> Self {
        Self {
            question: question.to_owned(),
            asked: answered.asked,
            right: answered.right,
            wrong: answered.wrong,
            back_to_nanos: answered.back_to.map(driftlab_model::Time::nanos),
            newest_only: answered.newest_only,
            from: answered.places.iter().cloned().collect(),
        }
    }

    /// Whether every answer is right.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.right == self.asked && self.asked > 0
    }

    /// Whether anything is not known.
    const fn has_gaps(&self) -> bool {
        self.right + self.wrong < self.asked
    }

    /// It in a few words: `100 %`, `41 %, newest only`, `73 %, back to 12.4 s`, `not known`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.is_complete() {
            return "100 %".to_owned();
        }
        let mut words = match self.right {
            0 => "not known".to_owned(),
            right => share(right, self.asked),
        };
        if self.newest_only {
            words.push_str(", newest only");
        } else if let (Some(nanos), true) = (self.back_to_nanos, self.right > 0 && self.has_gaps()) {
            words.push_str(&format!(", back to {}", driftlab_model::Time::from_nanos(nanos)));
        }
        if self.wrong > 0 {
            words.push_str(&format!(", {} wrong", share(self.wrong, self.asked)));
        }
        words
    }
}

/// A share in percent, rounded down: what is not all is never written as all of it.
fn share(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    match tenths {
        0 => "under 0.1 %".to_owned(),
        1..=99 | 990.. => format!("{}.{} %", tenths / 10, tenths % 10),
        _ => format!("{} %", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(right: u64, wrong: u64, newest_only: bool, back_to_nanos: Option<u64>) -> AnswerSummary {
        let question = "state_at_a_time".to_owned();
        AnswerSummary { question, asked: 2_000, right, wrong, back_to_nanos, newest_only, from: Vec::new() }
    }

    #[test]
    fn an_answer_is_said_in_a_few_words() {
        let words = |right, wrong, newest, back| answer(right, wrong, newest, back).words();
        assert_eq!(words(2_000, 0, false, Some(0)), "100 %");
        assert_eq!(words(820, 0, true, None), "41 %, newest only");
        assert_eq!(words(1_460, 0, false, Some(12_400_000_000)), "73 %, back to 12.4 s");
        assert_eq!(words(1_999, 1, false, Some(5)), "99.9 %, under 0.1 % wrong");
        assert_eq!(words(0, 0, false, None), "not known");
    }
}
