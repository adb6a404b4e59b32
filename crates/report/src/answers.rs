//! The table of what can still be answered, for people: the same cells in every report.

use crate::summary::{AnswerSummary, AnswersSummary, Summary};
use crate::wording;
use driftlab_check::recall::QUESTIONS;

/// The strategies that were asked, with their places and answers; none where nobody was.
pub(crate) fn rows(summary: &Summary) -> Vec<(usize, &str, &AnswersSummary)> {
    let strategies = summary.strategies.iter().enumerate();
    strategies
        .filter_map(|(place, strategy)| Some((place, strategy.name.as_str(), strategy.answers.as_ref()?)))
        .collect()
}

/// What the questions are called, in order.
pub(crate) fn titles() -> impl Iterator<Item = &'static str> {
    QUESTIONS.iter().map(|question| question.title)
}

/// Who gave the right answers: `log, tables`.
pub(crate) fn from(answer: &AnswerSummary) -> String {
    answer.from.join(", ")
}

/// How the answers came about, in a sentence; `None` where nobody was asked.
pub(crate) fn how(summary: &Summary) -> Option<String> {
    let asked = rows(summary);
    let (seed, (_, _, first)) = (summary.seeds.first()?, asked.first()?);
    let most = |of: fn(&AnswersSummary) -> u64| asked.iter().map(|(_, _, answers)| of(answers)).max();
    Some(format!(
        "Asked of each strategy's own stores when the run of seed {seed} had ended: up to {} rows at {} moments, and each of their changes; held against what was recorded.",
        wording::grouped(most(|answers| answers.keys).unwrap_or_default()),
        first.moments
    ))
}
