//! The ladder: the strongest guarantee that held in every run, with the witness of the first that was broken.

use super::Page;
use crate::pool::Pool;
use crate::summary::SinkSummary;
use driftlab_check::{LEVELS, Standing};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn ladder(&self) -> Markup {
        html! {
            section aria-labelledby="ladder" {
                h2 #ladder { "What each copy can promise" }
                p { "Each level includes those before it. A level is broken as soon as one run breaks it." }
                ol.levels {
                    @for level in LEVELS { li { strong { (level.name()) } ": " (meaning(level.name())) } }
                }
                div.scroll tabindex="0" role="region" aria-labelledby="ladder" {
                    table.ladder {
                        caption { "The strongest level that held in every run, and what broke the next one." }
                        thead {
                            tr {
                                th scope="col" { "Strategy" }
                                @for sink in &self.summary.sinks { th scope="col" { (sink.name) } }
                            }
                        }
                        tbody {
                            @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                tr {
                                    th scope="row" { (self.tag(place)) }
                                    @for (sink, pool) in strategy.sinks.iter().zip(&self.pools[place]) { td { (rungs(sink, pool)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn meaning(level: &str) -> &'static str {
    match level {
        "convergent" => "equal to the source once all is quiet",
        "per-key timeline" => "each key's versions are shown in the source's order",
        "partition-vector prefix" => "each partition of the log is at some point of its own",
        "prefix" => "always equal to some state that the source had",
        "monotonic prefix" => "and never going back to an earlier one",
        "atomic" => "and nobody sees part of a transaction",
        _ => "and every client sees its own acknowledged writes",
    }
}

fn rungs(sink: &SinkSummary, pool: &Pool) -> Markup {
    let Some(ladder) = &pool.ladder else { return html! { span.dim { "not served" } } };
    html! {
        span.rungs aria-hidden="true" {
            @for standing in &ladder.standings {
                i class=(match standing { Standing::Held => "held", Standing::Broken(_) => "broken", Standing::Unknown(_) => "open" }) {}
            }
        }
        strong { (sink.wrong.guarantee.as_deref().unwrap_or("none")) }
        @if let Some(broken) = &sink.wrong.broken {
            span.witness {
                @if broken.unknown { (broken.level) " is unknown: " } @else { "not " (broken.level) ": " }
                (broken.witness)
            }
        }
    }
}
