//! What binds the sections of a scenario together: settings that are right by themselves, and not beside each other.

use crate::nearest::quoted;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::scenario::{Choice, Scenario};

impl Scenario {
    /// What cannot be together, each with its place.
    pub(crate) fn contradictions(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let is_compacted = self.log.get("compact").is_some();
        if self.log.span_if_set("compact").is_some_and(|every| every.is_zero()) {
            found.push(Refusal {
                section: "log",
                number: 0,
                key: "compact",
                message: "a log that is compacted all the time".to_owned(),
                expected: "expected a duration above zero; without `compact` it never is".to_owned(),
            });
        }
        for (number, sink) in self.sinks.iter().enumerate() {
            if let Some(message) = missing_changes(sink).filter(|_| is_compacted) {
                found.push(Refusal {
                    section: "sink",
                    number,
                    key: "mode",
                    message,
                    expected: "use `mode = \"merge\"`, or leave out `compact` under `[log]`".to_owned(),
                });
            }
            found.extend(self.joining(number, sink));
        }
        found.extend(self.unrestorable());
        found.into_iter().map(|refusal| self.problem(refusal)).collect()
    }

    /// The first strategy that cannot restore the state which a fault takes from the source.
    fn unrestorable(&self) -> Option<Refusal> {
        let number = self.faults.iter().position(|fault| fault.kind == "lose_state")?;
        let restores = |choice: &Choice| {
            choice.settings.get("restore").is_some() && choice.settings.word("restore") != "nothing"
        };
        // Who keeps no copies is what the others are compared with, and loses nothing.
        let unable = self.strategies.iter().find(|choice| choice.kind != "none" && !restores(choice))?;
        Some(Refusal {
            section: "fault",
            number,
            key: "kind",
            message: format!(
                "{} has nothing that it restores the source's state from: it would be gone for good, and every write refused",
                quoted(&unable.name)
            ),
            expected: "use `restore = \"log\"` of `log_cdc` or `event_sourcing`, or leave the fault out"
                .to_owned(),
        })
    }

    /// What is wrong about when a sink joins.
    fn joining(&self, number: usize, sink: &Choice) -> Option<Refusal> {
        let joins = sink.settings.span_if_set("joins")?;
        let refusal = |message: &str, expected: &str| Refusal {
            section: "sink",
            number,
            key: "joins",
            message: message.to_owned(),
            expected: expected.to_owned(),
        };
        if joins >= self.world.span("duration") {
            return Some(refusal(
                "it joins when clients have stopped",
                "expected a time before the end of `duration`",
            ));
        }
        if sink.kind == "cache" {
            return Some(refusal(
                "a cache is empty when it is set up, and filled by its readers",
                "leave it out: a cache is there from the beginning",
            ));
        }
        None
    }
}

/// What a log that leaves out what was written over does to a sink that needs every change.
fn missing_changes(sink: &Choice) -> Option<String> {
    sink.settings.get("mode")?;
    // What a view can still be told that joins a compacted log is a question that a scenario may ask.
    let is_asked = sink.settings.get("joins").is_some();
    let does = match sink.settings.word("mode") {
        "sum" => "adds up every change",
        "append" if !is_asked => "keeps every change",
        _ => return None,
    };
    let name = quoted(&sink.name);
    Some(format!("{name} {does}, and a compacted log leaves out those that were written over"))
}
