//! The sinks that joined, in the words that all reports share.

use crate::summary::{JoiningSummary, PartSummary, StrategySummary, Summary};
use crate::wording::{NOTHING, grouped, span};
use driftlab_model::Span;

/// What is said above the table.
pub(crate) const CAPTION: &str = "How far back a copy reaches that was set up in the middle of the run, empty: from there on it knows everything. What it costs: the events (of a batch: the rows) that were read into it until it had \
    its first complete load, a run; how long that took, at most; and how stale the others were meanwhile, at most, beside the p99 of their staleness before. Over all seeds.";

/// The columns of the table, behind the strategy and the copy.
pub(crate) const COLUMNS: [&str; 7] = [
    "Reaches back",
    "Of what happened before",
    "Whole histories",
    "Of what stood then",
    "Events read",
    "Took",
    "Others meanwhile",
];

/// A line of the table.
pub(crate) struct Newcomer<'a> {
    /// The place of the strategy.
    pub(crate) place: usize,
    pub(crate) strategy: &'a StrategySummary,
    pub(crate) sink: &'a str,
    joining: Option<&'a JoiningSummary>,
}

/// The lines of the table: a strategy that cannot take on what joined has one too.
pub(crate) fn lines(summary: &Summary) -> Vec<Newcomer<'_>> {
    let joined = |index: usize| {
        summary
            .strategies
            .iter()
            .any(|strategy| strategy.sinks.get(index).is_some_and(|sink| sink.joining.is_some()))
    };
    let mut lines = Vec::new();
    for (place, strategy) in summary.strategies.iter().enumerate() {
        for (_, sink) in strategy.sinks.iter().enumerate().filter(|(index, _)| joined(*index)) {
            lines.push(Newcomer { place, strategy, sink: &sink.sink, joining: sink.joining.as_ref() });
        }
    }
    lines
}

impl Newcomer<'_> {
    /// What it says in each of the columns.
    pub(crate) fn cells(&self) -> [String; COLUMNS.len()] {
        let Some(joining) = self.joining else {
            return std::array::from_fn(|column| {
                if column == 0 { "not taken on" } else { NOTHING }.to_owned()
            });
        };
        let past = joining.past.as_ref();
        let part = |of: fn(&crate::summary::PastSummary) -> PartSummary| {
            past.map_or_else(|| NOTHING.to_owned(), |past| told(of(past)))
        };
        let whole = part(|past| past.whole_subjects);
        [
            reach(joining),
            part(|past| past.before),
            past.map_or(whole.clone(), |past| format!("{whole} {}", past.subjects)),
            part(|past| past.standing),
            grouped(joining.given / joining.runs.max(1)),
            took(joining),
            meanwhile(joining),
        ]
    }

    /// The line as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let name = format!("{}, {}", self.strategy.name, self.sink);
        let Some(joining) = self.joining else { return format!("{name}: not taken on") };
        let [_, before, whole, standing, read, took, meanwhile] = self.cells();
        let reach = match &joining.past {
            Some(past) if past.to_the_beginning => "reaches back to the beginning".to_owned(),
            Some(past) => format!("reaches back {}", span(Some(past.reach_nanos))),
            None => "shows what is newest".to_owned(),
        };
        let held = joining.past.as_ref().map_or_else(String::new, |_| {
            format!(": {before} of what happened before, {whole} whole, {standing} of what stood then")
        });
        format!("{name}: {reach}{held}; {read} events read in {took}; the others at most {meanwhile} late")
    }
}

fn reach(joining: &JoiningSummary) -> String {
    match &joining.past {
        Some(past) if past.to_the_beginning => {
            format!("{}, to the beginning", span(Some(joining.joined_nanos)))
        }
        Some(past) if Span::from_nanos(past.reach_nanos).is_zero() => "not at all".to_owned(),
        Some(past) => span(Some(past.reach_nanos)),
        None => NOTHING.to_owned(),
    }
}

fn told(part: PartSummary) -> String {
    if part.held == part.of {
        format!("all {}", grouped(part.of))
    } else {
        format!("{} of {}", grouped(part.held), grouped(part.of))
    }
}

fn took(joining: &JoiningSummary) -> String {
    if joining.filled < joining.runs {
        return format!(
            "never, in {} of {} runs",
            grouped(joining.runs - joining.filled),
            grouped(joining.runs)
        );
    }
    span(joining.filled_max_nanos)
}

fn meanwhile(joining: &JoiningSummary) -> String {
    match joining.others_meanwhile_max_nanos {
        None => NOTHING.to_owned(),
        most => format!("{} (before: {})", span(most), span(joining.others_before_p99_nanos)),
    }
}
