//! Which requests and events say something.

use super::course::{Course, Moment, SOURCE, name, sink_name};
use super::errand::{Errand, names, transaction};
use super::journey::Journey;
use super::roles::Roles;
use crate::drawing::scene::LaneKind;
use crate::drawing::subject::Subject;
use driftlab_check::Until;
use driftlab_model::{Event, Key, ProcessId, Stage, Time};
use std::collections::BTreeSet;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    /// All that has an effect.
    Everything,
    /// Only what concerns the keys of the finding.
    Keys,
}

/// What is drawn.
pub(super) struct Choice {
    /// By journey.
    pub(super) journeys: Vec<bool>,
    /// The moment at which the drawing ends.
    pub(super) horizon: Time,
    /// The sinks that have a part in it, by name.
    pub(super) sinks: BTreeSet<String>,
    /// Looks after everything is over, of which nothing comes.
    pub(super) last_looks: BTreeSet<usize>,
    pub(super) focus: Focus,
}

/// Chooses for a subject.
pub(super) struct Chooser<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) course: &'a Course<'a>,
    pub(super) keys: &'a [Key],
    /// The same in words.
    pub(super) named: &'a [String],
    pub(super) sinks: BTreeSet<String>,
}

impl Chooser<'_> {
    pub(super) fn choose(&self, focus: Focus) -> Choice {
        let course = self.course;
        let mut kept: Vec<bool> =
            (0..course.journeys.len()).map(|journey| self.matters(journey, focus)).collect();
        let settled = self.horizon(&kept);
        for (keeps, journey) in kept.iter_mut().zip(&course.journeys) {
            *keeps &= journey.latest() <= settled;
        }
        self.add_looks(&mut kept);
        let last_looks = self.last_looks(&kept, settled);
        let ends = last_looks.iter().filter_map(|number| course.journeys[*number].returned);
        let horizon = ends.fold(settled, Time::max);
        for number in &last_looks {
            kept[*number] = true;
        }
        Choice { journeys: kept, horizon, sinks: self.sinks.clone(), last_looks, focus }
    }

    /// Whether a request says something by itself.
    fn matters(&self, number: usize, focus: Focus) -> bool {
        let journey = &self.course.journeys[number];
        if !self.is_drawn(journey) {
            return false;
        }
        let effects = &self.course.effects[number];
        match Errand::of(&journey.what) {
            Errand::Transaction => focus == Focus::Everything || self.concerns(journey, effects),
            Errand::Change if focus == Focus::Everything => {
                !effects.is_empty() || journey.failed() || carries_a_row(&journey.what)
            }
            Errand::Change => self.concerns(journey, effects),
            Errand::KeepPosition => focus == Focus::Everything,
            Errand::Acknowledge => focus == Focus::Everything && self.crashes(journey.from),
            Errand::Look | Errand::AskPosition => false,
        }
    }

    /// Whether both ends of a request have a part in it.
    fn is_drawn(&self, journey: &Journey) -> bool {
        let cast = &self.subject.history.cast;
        let to = name(cast, journey.to);
        !cast.sinks.iter().any(|sink| sink.name == to) || self.sinks.contains(to)
    }

    /// Whether a request is about the keys or the transactions of the finding.
    fn concerns(&self, journey: &Journey, effects: &[&Event]) -> bool {
        let told = transaction(&journey.what)
            .is_some_and(|(id, _)| self.subject.finding.transactions.iter().any(|known| known.0 == id));
        told || self.named.iter().any(|key| names(&journey.what, key))
            || effects.iter().any(|event| touches(event, self.keys))
    }

    fn crashes(&self, process: ProcessId) -> bool {
        self.subject.history.events.iter().any(|(_, event)| {
            matches!(event, Event::Lifecycle { process: who, stage: Stage::Crashed } if *who == process)
        })
    }

    /// When the last thing happened that concerns the finding.
    fn horizon(&self, kept: &[bool]) -> Time {
        let finding = self.subject.finding;
        let mut horizon = match finding.until {
            Until::Healed(at) => at,
            Until::Permanent | Until::Unknown => finding.begin,
        };
        let cast = &self.subject.history.cast;
        for (at, event) in &self.subject.history.events {
            let elsewhere = match event {
                Event::Shown { sink, .. } | Event::Applied { sink, .. } => {
                    !self.sinks.contains(sink_name(cast, *sink))
                }
                _ => false,
            };
            // What is wrong for a while is over when it is over.
            if !matches!(finding.until, Until::Healed(_)) && !elsewhere && touches(event, self.keys) {
                horizon = horizon.max(*at);
            }
        }
        for (journey, number) in self.course.journeys.iter().zip(0..) {
            // A write that failed is part of the story even where nothing came of it.
            if kept[number] && journey.failed() && journey.sent <= horizon {
                horizon = horizon.max(journey.latest());
            }
        }
        self.after_deaths(kept, horizon)
    }

    /// Who dies after the last step that it made cannot make the next: that belongs to the story, though nothing happens any more.
    fn after_deaths(&self, kept: &[bool], horizon: Time) -> Time {
        let mut latest = horizon;
        for (at, event) in &self.subject.history.events {
            let Event::Lifecycle { process, stage: Stage::Crashed | Stage::Paused } = event else { continue };
            let last = self
                .course
                .journeys
                .iter()
                .zip(kept)
                .rfind(|(journey, _)| journey.from == *process && journey.sent <= *at);
            let was_busy = last.is_some_and(|(journey, keeps)| *keeps && journey.sent <= horizon);
            if was_busy && *at > latest {
                latest = *at;
            }
        }
        latest
    }

    /// A look is told where its sender changed something because of it: before it looked at the same place again.
    ///
    /// A client that looks and later runs a transaction did two things that have nothing to do with each other.
    fn add_looks(&self, kept: &mut [bool]) {
        let journeys = &self.course.journeys;
        for number in 0..journeys.len() {
            let look = &journeys[number];
            if !self.is_drawn(look) || Errand::of(&look.what) != Errand::Look {
                continue;
            }
            let own = |journey: &Journey| journey.from == look.from;
            let followed = journeys
                .iter()
                .zip(kept.iter())
                .skip(number + 1)
                .filter(|(journey, _)| own(journey))
                .take_while(|(journey, _)| match Errand::of(&journey.what) {
                    Errand::Look => journey.to != look.to,
                    Errand::Transaction => false,
                    _ => true,
                })
                .any(|(_, keeps)| *keeps);
            kept[number] = followed;
        }
    }

    /// After the end, each process of the strategy looks once more where it looked before, and finds nothing: that is how a change stays lost.
    fn last_looks(&self, kept: &[bool], settled: Time) -> BTreeSet<usize> {
        if self.subject.finding.until != Until::Permanent {
            return BTreeSet::new();
        }
        let journeys = &self.course.journeys;
        let cast = &self.subject.history.cast;
        let roles = Roles::of(self.subject.history);
        let is_process = |number: usize| roles.kind(name(cast, journeys[number].from)) == LaneKind::Process;
        let looks = |number: usize| Errand::of(&journeys[number].what) == Errand::Look && is_process(number);
        let way = |number: usize| (journeys[number].from, journeys[number].to);
        let told = (0..journeys.len()).filter(|number| kept[*number] && looks(*number));
        let ways: BTreeSet<(ProcessId, ProcessId)> = told.map(way).collect();
        let after = |number: &usize| {
            !kept[*number]
                && looks(*number)
                && journeys[*number].sent >= settled
                && journeys[*number].returned.is_some()
        };
        ways.into_iter()
            .filter_map(|one| (0..journeys.len()).filter(after).find(|number| way(*number) == one))
            .collect()
    }
}

impl Choice {
    /// Whether an event is told that no request caused.
    pub(super) fn tells(&self, subject: &Subject<'_>, keys: &[Key], at: Time, event: &Event) -> bool {
        if at > self.horizon {
            return false;
        }
        let sink_part = |sink| self.sinks.contains(sink_name(&subject.history.cast, sink));
        let concerned = || self.focus == Focus::Everything || touches(event, keys);
        match event {
            Event::Committed { .. } | Event::Aborted { .. } => concerned(),
            Event::Shown { sink, .. } | Event::Applied { sink, .. } => sink_part(*sink) && concerned(),
            Event::Lifecycle { .. } | Event::Fault { .. } => true,
            _ => false,
        }
    }
}

/// Whether an event is about one of these keys.
pub(super) fn touches(event: &Event, keys: &[Key]) -> bool {
    match event {
        Event::Committed { commit, .. } => commit.changes.iter().any(|change| keys.contains(&change.key)),
        Event::Shown { keys: shown, .. } => shown.iter().any(|shown| keys.contains(&shown.key)),
        Event::Applied { key, .. } => keys.contains(key),
        _ => false,
    }
}

/// Whether a change is about rows at all: an empty batch that only moves a position is not.
fn carries_a_row(what: &str) -> bool {
    !what.contains(" 0 rows")
}

/// The sinks that have a part in a finding: its own, and for a disagreement the other one.
pub(super) fn sinks_of(subject: &Subject<'_>, other: Option<&str>) -> BTreeSet<String> {
    let cast = &subject.history.cast;
    let mut sinks: BTreeSet<String> = other.map(str::to_owned).into_iter().collect();
    if let Some(sink) = subject.finding.sink {
        sinks.insert(sink_name(cast, sink).to_owned());
    }
    sinks.remove(SOURCE);
    sinks
}

/// Moments of the points of a journey that is not drawn are not drawn either.
pub(super) fn is_of_kept_journey(choice: &Choice, moment: &Moment<'_>) -> bool {
    match moment {
        Moment::Point(journey, _) => choice.journeys[*journey],
        Moment::Alone(_) => true,
    }
}
