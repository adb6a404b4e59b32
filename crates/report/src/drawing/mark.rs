//! Marks: what stands on a lane where something happened, in the words that all renderers share.

use super::scene::{Committed, Happening, Holding, LaneNo, Others, Scene, Step, VersionNo};
use driftlab_model::Stage;

/// What stands on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) lane: LaneNo,
    pub(super) lines: Vec<Line>,
    pub(super) tone: Tone,
}

/// A line of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The place in the order of commits of what it tells.
    pub(super) place: Option<Place>,
    pub(super) text: String,
    /// The colour of its transaction.
    pub(super) colour: Option<usize>,
}

/// A place in the order of commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// 0 is the initial load.
    Commit(u64),
    /// It is not committed.
    Nowhere,
}

/// How a mark is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// A store holds something else now.
    Value,
    /// A remark.
    Note,
    /// Something failed.
    Bad,
    /// Something is right again.
    Good,
}

impl Line {
    fn plain(text: impl Into<String>) -> Self {
        Self { place: None, text: text.into(), colour: None }
    }
}

impl Place {
    /// As it stands in a disc: `2`, `?`.
    pub(super) fn digits(self) -> String {
        match self {
            Self::Commit(position) => position.to_string(),
            Self::Nowhere => "?".to_owned(),
        }
    }

    /// As a single character, where there is one for it: `②`.
    pub(super) fn sign(self) -> String {
        match self {
            Self::Commit(0) => "⓪".to_owned(),
            Self::Commit(position @ 1..=20) => {
                char::from_u32(0x245f + position as u32).map_or_else(String::new, String::from)
            }
            Self::Commit(position) => format!("({position})"),
            Self::Nowhere => "(?)".to_owned(),
        }
    }
}

impl Mark {
    fn note(lane: LaneNo, text: impl Into<String>, tone: Tone) -> Self {
        Self { lane, lines: vec![Line::plain(text)], tone }
    }

    /// In one line, places as signs: `② key 1 = 2`.
    pub(super) fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| match line.place {
            Some(place) => format!("{} {}", place.sign(), line.text),
            None => line.text.clone(),
        });
        lines.collect::<Vec<_>>().join(", ")
    }
}

impl Scene {
    /// The mark of a step; `None` for those that are arrows, or stand for themselves.
    pub(super) fn mark(&self, step: &Step) -> Option<Mark> {
        let lane = self.lane_of(step)?;
        let mark = match &step.what {
            Happening::Committed { position, versions, others, colour, .. } => {
                let place = Some(Place::Commit(*position));
                let told = versions.iter().map(|version| Line {
                    place,
                    text: self.versions[*version].text.clone(),
                    colour: self.versions[*version].colour,
                });
                let mut lines: Vec<Line> = told.collect();
                let others = others.line("row").map(|line| Line { place, colour: *colour, ..line });
                lines.extend(others);
                lines.iter_mut().skip(1).for_each(|line| line.place = None);
                Mark { lane, lines, tone: Tone::Value }
            }
            Happening::Shown { holds, others, .. } => {
                let told = holds.iter().map(|(key, holding)| self.line(*key, *holding));
                Mark { lane, lines: told.chain(others.line("key")).collect(), tone: Tone::Value }
            }
            Happening::Applied { text, position, colour, times, .. } => {
                let again = if *times > 1 { ", again" } else { "" };
                let line = Line {
                    place: Some(position.map_or(Place::Nowhere, Place::Commit)),
                    text: format!("{text}{again}"),
                    colour: *colour,
                };
                let tone = if *times > 1 { Tone::Bad } else { Tone::Value };
                Mark { lane, lines: vec![line], tone }
            }
            Happening::RolledBack { why, .. } => {
                let why = why.strip_suffix(" by its client").unwrap_or(why);
                Mark::note(lane, format!("✗ {why}"), Tone::Bad)
            }
            Happening::Refused(_, why) => Mark::note(lane, format!("✗ refused: {why}"), Tone::Bad),
            Happening::RequestLost(_) => Mark::note(lane, "✗ lost", Tone::Bad),
            Happening::ReplyLost(_) => Mark::note(lane, "✗ reply lost", Tone::Bad),
            Happening::NothingNew(_) => Mark::note(lane, "finds nothing new", Tone::Note),
            Happening::GaveUp(_) => Mark::note(lane, "waits no longer", Tone::Note),
            Happening::Remembered { text, .. } => Mark::note(lane, text.clone(), Tone::Note),
            Happening::Lived { stage, .. } => match stage {
                Stage::Crashed => Mark::note(lane, "✗ crashes", Tone::Bad),
                Stage::Started => Mark::note(lane, "starts again", Tone::Note),
                Stage::Paused => Mark::note(lane, "stands still", Tone::Bad),
                Stage::Halted(why) => Mark::note(lane, format!("stands still: {why}"), Tone::Bad),
                Stage::Resumed => Mark::note(lane, "goes on", Tone::Note),
                Stage::Lost => Mark::note(lane, "✗ has lost its state", Tone::Bad),
                Stage::Restored => Mark::note(lane, "has its state back", Tone::Note),
            },
            Happening::Fault { name, begins: true, .. } => {
                Mark::note(lane, format!("{name} begins"), Tone::Bad)
            }
            Happening::Fault { name, begins: false, .. } => {
                Mark::note(lane, format!("{name} ends"), Tone::Note)
            }
            Happening::Healed if self.is_right_in_the_end() => Mark::note(lane, "✓ right again", Tone::Good),
            Happening::Healed => Mark::note(lane, "no longer shown", Tone::Note),
            Happening::Sent(_)
            | Happening::Arrived(_)
            | Happening::Replied(_)
            | Happening::Wrong
            | Happening::Ended
            | Happening::LeftOut { .. } => return None,
        };
        Some(mark)
    }

    /// What a store holds of a key, as a line of a mark.
    pub(super) fn line(&self, key: usize, holding: Holding) -> Line {
        match holding {
            Holding::NotHeld => Line::plain(format!("holds no {}", self.keys[key])),
            Holding::Missing => Line::plain(format!("no {}", self.keys[key])),
            Holding::Version(version, committed) => Line {
                place: Some(self.place(version, committed)),
                text: self.versions[version].text.clone(),
                colour: self.versions[version].colour,
            },
        }
    }

    fn place(&self, version: VersionNo, committed: Committed) -> Place {
        match (self.versions[version].position, committed) {
            (Some(position), Committed::Yes) => Place::Commit(position),
            _ => Place::Nowhere,
        }
    }

    /// What a store holds of a key, in words: `key 1 = 2 (commit 1)`.
    pub(super) fn in_words(&self, key: usize, holding: Holding) -> String {
        match holding {
            Holding::NotHeld => format!("{} not held", self.keys[key]),
            Holding::Missing => format!("no {}", self.keys[key]),
            Holding::Version(version, committed) => {
                let version = &self.versions[version];
                let from = match (version.position, committed) {
                    (Some(0), _) => "initial load".to_owned(),
                    (Some(position), Committed::Yes) => format!("commit {position}"),
                    (Some(_), Committed::NotYet) => "not committed yet".to_owned(),
                    (None, _) => "never committed".to_owned(),
                };
                format!("{} ({from})", version.text)
            }
        }
    }
}

impl Scene {
    /// Whether the lane that was wrong holds what the other holds, once it is over.
    pub(super) fn is_right_in_the_end(&self) -> bool {
        let healed = self.steps.iter().position(|step| step.what == Happening::Healed);
        let holdings = self.holdings_before(healed.unwrap_or(self.steps.len()));
        self.wrong.lane.is_none_or(|lane| holdings[lane] == holdings[self.wrong.against])
    }
}

impl Others {
    fn line(&self, noun: &str) -> Option<Line> {
        match self {
            Self::None => None,
            Self::One { text, position, colour } => {
                Some(Line { place: position.map(Place::Commit), text: text.clone(), colour: *colour })
            }
            Self::Many(many) => Some(Line::plain(format!("{many} other {noun}s"))),
        }
    }
}

impl Scene {
    /// The witness in words; where no key has a bar, the finding's own sentence.
    pub(super) fn wrong_words(&self) -> Vec<String> {
        if self.wrong.witness.is_empty() {
            return vec![self.sentence.clone()];
        }
        let line = |(lane, text): &(LaneNo, String)| format!("{}: {text}", self.lanes[*lane].name);
        self.wrong.witness.iter().map(line).collect()
    }
}
