//! Events of a history as steps of a scene.

use super::chronicle::Held;
use super::compose::Draft;
use super::course::{SOURCE, sink_name};
use crate::drawing::scene::{Arrow, ArrowNo, Happening, LaneKind, LaneNo, Others};
use driftlab_model::{Event, Key, ProcessId, Shown, SinkId, Time, WriteId};

impl Draft<'_> {
    /// An arrow that takes no time, for an effect whose request nobody followed.
    fn implied(
        &mut self,
        at: Time,
        by: ProcessId,
        to: LaneNo,
        what: &str,
        colour: Option<usize>,
    ) -> Option<ArrowNo> {
        let from = self.lane_of(by);
        if from == to || self.lanes[from].kind == LaneKind::Sink {
            return None;
        }
        self.arrows.push(Arrow { from, to, what: what.to_owned(), colour });
        let arrow = self.arrows.len() - 1;
        self.push(at, Happening::Sent(arrow));
        Some(arrow)
    }

    pub(super) fn tell_event(&mut self, at: Time, event: &Event, arrow: Option<ArrowNo>) {
        match event {
            // A transaction that found nothing to change has no place in the order of commits.
            Event::Committed { commit, .. } if commit.changes.is_empty() => {
                if let Some(arrow) = arrow {
                    self.push(at, Happening::Arrived(arrow));
                }
            }
            Event::Committed { by, commit } => {
                let mut told = Vec::new();
                for change in &commit.changes {
                    let key = self.composer.keys.iter().position(|key| *key == change.key);
                    told.extend(key.and_then(|key| self.versions.place(key, change.write)));
                }
                let others = commit.changes.iter().filter(|change| !self.composer.keys.contains(&change.key));
                let colour = Some(self.versions.colour(commit.transaction));
                let position = Some(commit.index.0);
                let others =
                    others.map(|change| Others::One { text: self.names.change(change), position, colour });
                let others: Vec<Others> = others.collect();
                let source = self.lane(SOURCE);
                let arrow = arrow.or_else(|| self.implied(at, *by, source, "write", colour));
                self.push(
                    at,
                    Happening::Committed {
                        arrow,
                        position: commit.index.0,
                        versions: told,
                        others: summed(others),
                        colour,
                    },
                );
            }
            Event::Aborted { by, why, transaction } => {
                let colour = Some(self.versions.colour(*transaction));
                let source = self.lane(SOURCE);
                let arrow = arrow.or_else(|| self.implied(at, *by, source, "write", colour));
                self.push(at, Happening::RolledBack { arrow, why: why.to_string() });
            }
            Event::Shown { by, sink, keys } => self.tell_show(at, *by, *sink, keys, arrow),
            Event::Applied { by, sink, key, write } => {
                let lane = self.sink_lane(*sink);
                if !self.choice.sinks.contains(sink_name(self.names.cast, *sink)) {
                    return;
                }
                let times = self.applied.entry((lane, *write)).or_default();
                *times += 1;
                let times = *times;
                let text = self.composer.chronicle.entry(key, *write).and_then(|entry| entry.change.as_ref());
                let text = text.map_or_else(|| self.names.key(key), |change| self.names.change(change));
                let colour = (*write != WriteId::LOAD).then(|| self.versions.colour(write.transaction));
                let position = self.composer.chronicle.entry(key, *write).map(|entry| entry.position);
                let arrow = arrow.or_else(|| self.implied(at, *by, lane, "apply", colour));
                self.push(at, Happening::Applied { lane, arrow, text, position, colour, times });
            }
            Event::Lifecycle { process, stage } => {
                let lane = self.lane_of(*process);
                self.push(at, Happening::Lived { lane, stage: *stage });
            }
            Event::Fault { fault, target, active } => {
                let faults = self.composer.subject.faults;
                let name = faults.get(usize::from(*fault)).copied().unwrap_or("fault");
                // A death and a standstill are told where they happen.
                if name != "crash" && name != "pause" {
                    let lane = self.lane_of(*target);
                    self.push(at, Happening::Fault { lane, name: name.replace('_', " "), begins: *active });
                }
            }
            _ => {}
        }
    }

    fn tell_show(&mut self, at: Time, by: ProcessId, sink: SinkId, keys: &[Shown], arrow: Option<ArrowNo>) {
        if !self.choice.sinks.contains(sink_name(self.names.cast, sink)) {
            return;
        }
        let lane = self.sink_lane(sink);
        let mut holds = Vec::new();
        let mut others = Vec::new();
        for Shown { key, view } in keys {
            let held = Held::from(view);
            match self.composer.keys.iter().position(|known| known == key) {
                Some(number) => holds.push((number, self.versions.holding(number, &held, self.newest))),
                None => others.push(self.other(key, &held)),
            }
        }
        holds.sort_by_key(|(number, _)| *number);
        let colour = keys.first().and_then(|shown| Held::from(&shown.view).write());
        let colour = colour.filter(|write| *write != WriteId::LOAD);
        let colour = colour.map(|write| self.versions.colour(write.transaction));
        let arrow = arrow.or_else(|| self.implied(at, by, lane, "write", colour));
        self.push(at, Happening::Shown { lane, arrow, holds, others: summed(others), colour });
    }

    /// What a sink shows of a key that has no bar.
    fn other(&mut self, key: &Key, held: &Held) -> Others {
        let text = match held {
            Held::Row(row) => self.names.row(key, row, None),
            Held::Deleted(_) => format!("{} deleted", self.names.key(key)),
            Held::Missing => format!("no {}", self.names.key(key)),
            Held::Unclaimed => format!("holds no {}", self.names.key(key)),
        };
        let entry = held.write().and_then(|write| self.composer.chronicle.entry(key, write));
        let colour = held.write().filter(|write| *write != WriteId::LOAD);
        let colour = colour.map(|write| self.versions.colour(write.transaction));
        Others::One { text, position: entry.map(|entry| entry.position), colour }
    }
}

fn summed(mut others: Vec<Others>) -> Others {
    match (others.len(), others.pop()) {
        (1, Some(one)) => one,
        (0, _) => Others::None,
        (many, _) => Others::Many(many),
    }
}
