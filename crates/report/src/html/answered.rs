//! What can still be answered when all is over: what was overwritten, and what was kept.

use super::Page;
use crate::answers;
use crate::summary::AnswerSummary;
use driftlab_check::recall::QUESTIONS;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn answered(&self) -> Markup {
        let rows = answers::rows(self.summary);
        html! {
            @if !rows.is_empty() {
                section aria-labelledby="answers" {
                    h2 #answers { "What can still be answered" }
                    p { "A row that was changed in place has lost what it was before. Whoever asks afterwards has the strategy's own stores to ask, and nothing else." }
                    div.scroll tabindex="0" role="region" aria-labelledby="answers" {
                        table.matrix.sticks {
                            caption { (answers::how(self.summary).unwrap_or_default()) " Below each answer stand the stores that gave it." }
                            thead {
                                tr {
                                    th scope="col" { "Strategy" }
                                    @for question in QUESTIONS { th.group scope="col" { (question.title) br; span.small.dim { (question.sentence) } } }
                                }
                            }
                            tbody {
                                @for (place, _, answers) in rows {
                                    tr {
                                        th.strategy scope="row" { (self.tag(place)) }
                                        @for answer in &answers.questions { td.group { (told(answer)) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn told(answer: &AnswerSummary) -> Markup {
    let class = match (answer.is_complete(), answer.right, answer.wrong) {
        (true, ..) => "good",
        (_, 0, 0) => "dim",
        _ => "",
    };
    html! {
        span class=(class) { (answer.words()) }
        @if !answer.from.is_empty() { span.why.small.dim { (answers::from(answer)) } }
    }
}
