//! The decision card: say how fresh a copy must be, what may be lost, and whether the application may be changed; these strategies remain, and why the others do not.
//!
//! It needs no script: the choices are radio buttons, and the page's style shows the reasons that the choices make. A browser that does not know `:has` shows all reasons.

use super::Page;
use crate::intrusion::intrusion;
use crate::summary::{AnomalyCount, StrategySummary};
use crate::wording;
use maud::{Markup, html};
use std::fmt::Write;

/// The limits to choose from: what 99 of 100 changes must be shown within.
const LIMITS: [(&str, u64); 5] = [
    ("100 ms", 100_000_000),
    ("1 s", 1_000_000_000),
    ("10 s", 10_000_000_000),
    ("1 min", 60_000_000_000),
    ("any time", u64::MAX),
];
const LOSSES: [&str; 3] = ["nothing", "deletes", "anything"];
const APPLICATION: [&str; 2] = ["yes", "no"];

/// Deletions that a copy has not heard of, and updates or inventions that stay.
const DELETES: [&str; 2] = ["missed_delete", "resurrected"];
const UPDATES: [&str; 4] = ["lost_update", "stale_overwrite", "phantom", "duplicate_effect"];

/// Why a strategy is ruled out, and the choices that make it so.
struct Reason {
    text: String,
    /// Ids of choices; none where it is ruled out whatever is chosen.
    choices: Vec<String>,
}

/// What a strategy offers for one copy, or for all.
struct Offer<'a> {
    served: bool,
    converges: Option<bool>,
    anomalies: &'a [AnomalyCount],
    /// The 99th percentile of freshness, where there was any change; within, `None` for never.
    p99: Option<Option<u64>>,
    place: String,
}

impl Page<'_> {
    pub(super) fn decision(&self) -> Markup {
        let copies = self.choices_of_copies();
        html! {
            section.decide aria-labelledby="decide" {
                h2 #decide { "Decide" }
                p { "Say what you need; what remains is what held in these runs, and nothing else: other loads and faults may break more." }
                div.wishes {
                    (choice("How fresh? 99 of 100 changes are shown within", "fresh", LIMITS.iter().map(|limit| limit.0), 2))
                    (choice("What may a copy lose for good?", "loss", LOSSES.into_iter(), 0))
                    (choice("May the application be changed?", "application", APPLICATION.into_iter(), 0))
                    @if copies.len() > 1 { (choice("Which copies?", "copy", copies.iter().map(String::as_str), 0)) }
                }
                div.scroll tabindex="0" role="region" aria-labelledby="decide" {
                    table {
                        caption { "What remains, and why the others do not." }
                        thead { tr { th scope="col" { "Strategy" } th scope="col" { "Verdict" } } }
                        @for (number, copy) in copies.iter().enumerate() {
                            tbody class=(format!("of-copy of-copy-{number}")) {
                                @if copies.len() > 1 { tr.unstyled { th colspan="2" scope="rowgroup" { (copy) } } }
                                @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                    @if strategy.kind != "none" { (self.option(place, &reasons(strategy, number.checked_sub(1)))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// All copies, and each alone where there are several.
    fn choices_of_copies(&self) -> Vec<String> {
        let sinks = &self.summary.sinks;
        let each = sinks.iter().map(|sink| sink.name.clone()).filter(|_| sinks.len() > 1);
        std::iter::once("all of them".to_owned()).chain(each).collect()
    }

    fn option(&self, place: usize, reasons: &[Reason]) -> Markup {
        let is_out = reasons.iter().any(|reason| reason.choices.is_empty());
        let classes: Vec<String> =
            reasons.iter().flat_map(|reason| &reason.choices).map(|choice| format!("x-{choice}")).collect();
        html! {
            tr class=(format!("option {}", classes.join(" "))) {
                th scope="row" { (self.tag(place)) }
                td {
                    @if !is_out { span.stays.mark.good { "✓ remains" } }
                    @for reason in reasons {
                        @if reason.choices.is_empty() {
                            span.out { span.mark.stayed { "✗" } " " (reason.text) }
                        } @else {
                            span class=(format!("why {}", reason.choices.iter().map(|choice| format!("y-{choice}")).collect::<Vec<_>>().join(" "))) {
                                span.mark.stayed { "✗" } " " (reason.text)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The rules that make choices count.
    pub(super) fn decision_style(&self) -> String {
        let mut style = String::from(
            "@supports selector(:has(*)){.decide .why,.decide .of-copy,.decide .unstyled{display:none}",
        );
        let groups = [("fresh", LIMITS.len()), ("loss", LOSSES.len()), ("application", APPLICATION.len())];
        for (group, count) in groups {
            for number in 0..count {
                let id = format!("{group}-{number}");
                let chosen = format!(".decide:has(#{id}:checked)");
                let _ =
                    write!(style, "{chosen} .x-{id} .stays{{display:none}}{chosen} .y-{id}{{display:block}}");
            }
        }
        let copies = self.choices_of_copies().len();
        for number in 0..copies {
            let chosen = if copies == 1 {
                ".decide".to_owned()
            } else {
                format!(".decide:has(#copy-{number}:checked)")
            };
            let _ = write!(style, "{chosen} .of-copy-{number}{{display:table-row-group}}");
        }
        style.push('}');
        style
    }
}

fn choice<'a>(question: &str, group: &str, answers: impl Iterator<Item = &'a str>, first: usize) -> Markup {
    html! {
        fieldset {
            legend { (question) }
            @for (number, answer) in answers.enumerate() {
                label { input type="radio" name=(group) id=(format!("{group}-{number}")) checked[number == first]; " " (answer) }
            }
        }
    }
}

/// Why a strategy is ruled out for a sink, or for all of them.
fn reasons(strategy: &StrategySummary, sink: Option<usize>) -> Vec<Reason> {
    let always = |text: &str| vec![Reason { text: text.to_owned(), choices: Vec::new() }];
    if strategy.runs.is_empty() {
        return always("it was not run");
    }
    let offer = Offer::of(strategy, sink);
    if !offer.served {
        return always(&format!("it does not serve {}", offer.place));
    }
    let mut all = Vec::new();
    all.extend(offer.too_late());
    all.extend(offer.losses());
    if let Some(change) = intrusion(&strategy.kind) {
        all.push(Reason { text: change.to_owned(), choices: vec!["application-1".to_owned()] });
    }
    all
}

impl<'a> Offer<'a> {
    fn of(strategy: &'a StrategySummary, sink: Option<usize>) -> Self {
        if let Some(sink) = sink.and_then(|sink| strategy.sinks.get(sink)) {
            return Self {
                served: sink.served,
                converges: sink.wrong.converges,
                anomalies: &sink.wrong.anomalies,
                p99: sink.late.of_all.map(|all| all.p99_nanos),
                place: sink.sink.clone(),
            };
        }
        let overall = &strategy.overall;
        let missing: Vec<&str> =
            strategy.sinks.iter().filter(|sink| !sink.served).map(|sink| sink.sink.as_str()).collect();
        let place = if missing.is_empty() {
            overall.p99.as_ref().map_or_else(String::new, |latest| latest.sink.clone())
        } else {
            missing.join(", ")
        };
        Self {
            served: missing.is_empty(),
            converges: overall.converges,
            anomalies: &overall.anomalies,
            p99: overall.p99.as_ref().map(|latest| latest.nanos),
            place,
        }
    }

    fn too_late(&self) -> Option<Reason> {
        let p99 = self.p99?;
        let missed = LIMITS.iter().enumerate().filter(|(_, limit)| p99.is_none_or(|nanos| nanos > limit.1));
        let choices: Vec<String> = missed.map(|(number, _)| format!("fresh-{number}")).collect();
        let text = match p99 {
            Some(nanos) => {
                format!("99 of 100 changes take up to {} ({})", wording::span(Some(nanos)), self.place)
            }
            None => format!("more than 1 of 100 changes are never shown ({})", self.place),
        };
        (!choices.is_empty()).then_some(Reason { text, choices })
    }

    /// What stayed wrong, of these anomalies.
    fn stayed(&self, names: &[&str]) -> Vec<String> {
        let stayed = self
            .anomalies
            .iter()
            .filter(|count| count.permanent > 0 && names.contains(&count.anomaly.as_str()));
        stayed.map(|count| format!("{} {}", count.anomaly, wording::grouped(count.permanent))).collect()
    }

    fn losses(&self) -> Vec<Reason> {
        let (deletes, updates) = (self.stayed(&DELETES), self.stayed(&UPDATES));
        let reason = |text: String, choices: &[&str]| Reason {
            text,
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        };
        let mut all = Vec::new();
        if !updates.is_empty() {
            all.push(reason(
                format!("updates are lost for good: {}", updates.join(", ")),
                &["loss-0", "loss-1"],
            ));
        }
        if !deletes.is_empty() {
            all.push(reason(format!("deletes are lost for good: {}", deletes.join(", ")), &["loss-0"]));
        }
        if all.is_empty() {
            match self.converges {
                Some(true) => {}
                Some(false) => all.push(reason("it does not converge".to_owned(), &["loss-0", "loss-1"])),
                None => {
                    all.push(reason("nobody knows: it never came to rest".to_owned(), &["loss-0", "loss-1"]));
                }
            }
        }
        all
    }
}
