//! Puts a scene together: lanes, arrows, steps.

use super::choice::{Choice, is_of_kept_journey};
use super::chronicle::{Chronicle, Held};
use super::course::{Course, Moment, SOURCE, name, sink_name};
use super::errand::{Errand, transaction};
use super::journey::Journey;
use super::names::Names;
use super::roles::{Roles, order};
use super::versions::Versions;
use super::wrong;
use crate::drawing::prevention;
use crate::drawing::scene::{
    Arrow, ArrowNo, Happening, Holding, Lane, LaneKind, LaneNo, Scene, Step, Undrawn,
};
use crate::drawing::subject::Subject;
use driftlab_check::Until;
use driftlab_model::{Event, Key, Point, ProcessId, SinkForm, SinkId, Time, TransactionId, WriteId};
use std::collections::BTreeMap;

/// What a scene is made from.
pub(super) struct Composer<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) course: &'a Course<'a>,
    pub(super) chronicle: &'a Chronicle,
    pub(super) keys: &'a [Key],
    /// The sink that a disagreement is with.
    pub(super) other: Option<&'a str>,
}

/// A scene that is being put together.
pub(super) struct Draft<'a> {
    pub(super) composer: &'a Composer<'a>,
    pub(super) choice: &'a Choice,
    pub(super) names: Names<'a>,
    pub(super) roles: Roles<'a>,
    pub(super) versions: Versions,
    pub(super) lanes: Vec<Lane>,
    pub(super) arrows: Vec<Arrow>,
    pub(super) steps: Vec<Step>,
    /// The arrow of each journey.
    pub(super) drawn: BTreeMap<usize, ArrowNo>,
    /// The last commit until now.
    pub(super) newest: u64,
    /// How often each write was applied, by lane.
    pub(super) applied: BTreeMap<(LaneNo, WriteId), u32>,
    /// When it went wrong, and whether that has been told.
    pub(super) wrong_at: Time,
    pub(super) wrong_told: bool,
}

impl Composer<'_> {
    pub(super) fn compose(&self, choice: &Choice) -> Scene {
        let history = self.subject.history;
        let mut draft = Draft {
            composer: self,
            choice,
            names: Names { cast: &history.cast },
            roles: Roles::of(history),
            versions: Versions::of(history, self.chronicle, self.keys),
            lanes: Vec::new(),
            arrows: Vec::new(),
            steps: Vec::new(),
            drawn: BTreeMap::new(),
            newest: 0,
            applied: BTreeMap::new(),
            wrong_at: wrong::moment(self.subject, self.chronicle),
            wrong_told: false,
        };
        draft.lane(SOURCE);
        for sink in &choice.sinks {
            draft.lane(sink);
        }
        for (at, moment) in &self.course.moments {
            draft.tell_what_began_before(*at);
            if *at <= choice.horizon && is_of_kept_journey(choice, moment) {
                draft.tell(*at, moment);
            } else if let Moment::Point(journey, Point::Served(_)) = moment {
                draft.learn(*journey);
            }
        }
        draft.tell_what_began_before(Time::NEVER);
        draft.finish()
    }
}

impl Draft<'_> {
    pub(super) fn push(&mut self, at: Time, what: Happening) {
        self.steps.push(Step { at, what });
    }

    pub(super) fn lane(&mut self, process: &str) -> LaneNo {
        if let Some(place) = self.lanes.iter().position(|lane| lane.name == process) {
            return place;
        }
        let kind = self.roles.kind(process);
        let opening = self.opening(process, kind);
        self.lanes.push(Lane { name: process.to_owned(), kind, opening });
        self.lanes.len() - 1
    }

    pub(super) fn lane_of(&mut self, process: ProcessId) -> LaneNo {
        let cast = self.names.cast;
        self.lane(name(cast, process))
    }

    pub(super) fn sink_lane(&mut self, sink: SinkId) -> LaneNo {
        let cast = self.names.cast;
        self.lane(sink_name(cast, sink))
    }

    /// What a store holds of each key at the beginning.
    fn opening(&self, process: &str, kind: LaneKind) -> Vec<Holding> {
        let cast = self.names.cast;
        let sink = cast.sinks.iter().find(|sink| sink.name == process);
        let loaded = match (kind, sink) {
            (LaneKind::Source, _) => true,
            (LaneKind::Sink, Some(sink)) if sink.form == SinkForm::Rows => sink.preloaded,
            _ => return Vec::new(),
        };
        let holds = |number: usize| match self.versions.place(number, WriteId::LOAD) {
            Some(_) if loaded => {
                self.versions.place(number, WriteId::LOAD).map_or(Holding::Missing, |place| {
                    Holding::Version(place, crate::drawing::scene::Committed::Yes)
                })
            }
            _ if loaded => Holding::Missing,
            _ => Holding::NotHeld,
        };
        (0..self.composer.keys.len()).map(holds).collect()
    }

    /// The moment at which it went wrong, and that at which it was right again, once all of that moment has been told.
    fn tell_what_began_before(&mut self, now: Time) {
        let finding = self.composer.subject.finding;
        if !self.wrong_told && self.wrong_at < now {
            self.wrong_told = true;
            self.push(self.wrong_at, Happening::Wrong);
        }
        let healed = |step: &Step| step.what == Happening::Healed;
        if let Until::Healed(at) = finding.until
            && at < now
            && !self.steps.iter().any(healed)
        {
            self.push(at, Happening::Healed);
        }
    }

    /// A commit that is not drawn is the newest all the same.
    fn learn(&mut self, journey: usize) {
        let course = self.composer.course;
        for event in &course.effects[journey] {
            self.note(event);
        }
    }

    fn note(&mut self, event: &Event) {
        if let Event::Committed { commit, .. } = event {
            self.newest = self.newest.max(commit.index.0);
        }
    }

    fn tell(&mut self, at: Time, moment: &Moment<'_>) {
        match moment {
            Moment::Point(journey, point) => self.tell_point(at, *journey, point),
            Moment::Alone(event) => {
                self.note(event);
                let (subject, keys) = (self.composer.subject, self.composer.keys);
                if self.choice.tells(subject, keys, at, event) {
                    self.tell_event(at, event, None);
                }
            }
        }
    }

    fn tell_point(&mut self, at: Time, number: usize, point: &Point) {
        let course = self.composer.course;
        let journey = &course.journeys[number];
        if self.roles.kind(name(self.names.cast, journey.to)) == LaneKind::Checkpoint {
            return self.tell_memory(at, journey, point);
        }
        if *point == Point::Sent {
            let arrow = self.arrow(number, journey);
            self.drawn.insert(number, arrow);
            return self.push(at, Happening::Sent(arrow));
        }
        let Some(&arrow) = self.drawn.get(&number) else { return };
        match point {
            Point::Sent => {}
            Point::Served(outcome) => {
                let effects = &course.effects[number];
                let before = self.steps.len();
                for event in effects {
                    self.note(event);
                    self.tell_event(at, event, Some(arrow));
                }
                if self.steps.len() > before {
                    return;
                }
                let is_done = outcome == "done" || outcome == "committed";
                let why = outcome.strip_prefix("refused: ").unwrap_or(outcome).to_owned();
                self.push(
                    at,
                    if is_done { Happening::Arrived(arrow) } else { Happening::Refused(arrow, why) },
                );
            }
            Point::Returned if self.choice.last_looks.contains(&number) => {
                self.push(at, Happening::NothingNew(arrow));
            }
            Point::Returned => self.push(at, Happening::Replied(arrow)),
            Point::Lost if journey.served.is_some() => self.push(at, Happening::ReplyLost(arrow)),
            Point::Lost => self.push(at, Happening::RequestLost(arrow)),
            Point::GivenUp => self.push(at, Happening::GaveUp(arrow)),
        }
    }

    /// Durable memory has no lane: what a process remembers stands on its own.
    fn tell_memory(&mut self, at: Time, journey: &Journey, point: &Point) {
        let Some(position) = journey.what.strip_prefix("remember ") else { return };
        let text = match point {
            Point::Served(outcome) if outcome == "done" => format!("remembers position {position}"),
            Point::Served(outcome) => format!("cannot remember position {position}: {outcome}"),
            Point::GivenUp => format!("does not know whether position {position} is remembered"),
            _ => return,
        };
        let lane = self.lane_of(journey.from);
        self.push(at, Happening::Remembered { lane, text });
    }

    fn arrow(&mut self, number: usize, journey: &Journey) -> ArrowNo {
        let (from, to) = (self.lane_of(journey.from), self.lane_of(journey.to));
        let asked = transaction(&journey.what);
        let carries = match asked {
            Some((id, _)) => Some(TransactionId(id)),
            None if Errand::of(&journey.what) == Errand::Look => None,
            None => self.cause(number).or_else(|| self.versions.named_in(&journey.what)),
        };
        let what = self.in_words(asked.map_or(&*journey.what, |(_, rest)| rest), carries);
        let colour = carries.filter(|id| *id != WriteId::LOAD.transaction).map(|id| self.versions.colour(id));
        self.arrows.push(Arrow { from, to, what, colour });
        self.arrows.len() - 1
    }

    /// The transaction whose change a request brought, as its effects tell.
    fn cause(&self, number: usize) -> Option<TransactionId> {
        self.composer.course.effects[number].iter().find_map(|event| match event {
            Event::Shown { keys, .. } if keys.len() == 1 => {
                Held::from(&keys[0].view).write().map(|write| write.transaction)
            }
            Event::Applied { write, .. } => Some(write.transaction),
            _ => None,
        })
    }

    /// A request's words, with rows as a person writes them: `put key 1 = 2` where `value` is the only column.
    ///
    /// A request names a row by its first column. Where it is known whose change it carries, it is named by the column that was changed.
    fn in_words(&self, what: &str, carries: Option<TransactionId>) -> String {
        let mut words = what.to_owned();
        let chronicle = self.composer.chronicle;
        for key in carries.into_iter().flat_map(|transaction| chronicle.keys_of(transaction)) {
            let entries = chronicle.committed.get(&key).into_iter().flatten();
            for entry in entries.filter(|entry| Some(entry.write.transaction) == carries) {
                if let (Some(change), Some(row)) = (&entry.change, &entry.row) {
                    let asked = self.names.in_request(&key, row);
                    words = words.replace(&asked, &self.names.change(change));
                }
            }
        }
        for (_, table) in self.names.cast.schema.tables() {
            let mut others = table
                .columns
                .iter()
                .enumerate()
                .filter(|(at, _)| !table.is_key(driftlab_model::ColumnId(*at as u16)));
            if let (Some((_, only)), None) = (others.next(), others.next()) {
                words = words.replace(&format!(" {} = ", only.name), " = ");
                words = words.replace(&format!(" {} ", only.name), " = ");
            }
        }
        words
    }

    fn finish(mut self) -> Scene {
        let finding = self.composer.subject.finding;
        if finding.until == Until::Permanent {
            let at = self.steps.last().map_or(finding.begin, |step| step.at);
            self.push(at, Happening::Ended);
        }
        let wrong_lane = finding.sink.map(|sink| self.sink_lane(sink));
        let against = self.lane(self.composer.other.unwrap_or(SOURCE));
        let journeys: Vec<(&Journey, usize, usize)> = self
            .drawn
            .iter()
            .map(|(journey, arrow)| {
                let arrow = &self.arrows[*arrow];
                (&self.composer.course.journeys[*journey], arrow.from, arrow.to)
            })
            .collect();
        let order = order(&self.lanes, &journeys);
        let undrawn = Undrawn {
            requests: self.choice.journeys.iter().filter(|keeps| !**keeps).count(),
            sinks: self
                .names
                .cast
                .sinks
                .iter()
                .filter(|sink| sink.served && !self.choice.sinks.contains(&sink.name))
                .map(|sink| sink.name.clone())
                .collect(),
        };
        let strategy = self.composer.subject.strategy;
        let mut scene = Scene {
            anomaly: finding.anomaly,
            until: finding.until,
            prevention: prevention(finding.anomaly, strategy.kind, &strategy.settings),
            sentence: finding.sentence.clone(),
            keys: self.composer.keys.iter().map(|key| self.names.key(key)).collect(),
            versions: self.versions.all,
            lanes: self.lanes,
            arrows: self.arrows,
            steps: self.steps,
            wrong: wrong::blank(finding, wrong_lane, against),
            undrawn,
        };
        scene.arrange(&order);
        scene.wrong.witness = wrong::witness(&scene);
        scene
    }
}
