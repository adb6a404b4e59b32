//! The level "read-your-writes": a client that was told that its write is done sees it, or something newer, in every later read.

use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::Judgement;
use crate::level::{Level, Standing};
use crate::phrase::Phrases;
use crate::timeline::{CommitNo, Fate, KeyNo, Timeline, VersionNo};
use driftlab_model::{Finish, Lookup, Operation, OperationKind, ProcessId, Read, Row, Time};

/// Remembers each client's last acknowledged write of each key.
#[derive(Default)]
pub(crate) struct Sessions {
    /// Acknowledgements that are not in the table yet. Where nobody reads, none is ever put there.
    told: Vec<(ProcessId, CommitNo, Time)>,
    acknowledged: Lookup<(u16, KeyNo), (VersionNo, Time)>,
    /// For each sink: reads that could be judged, and the first that was wrong.
    sinks: Vec<(u64, Option<Stale>)>,
}

struct Stale {
    by: ProcessId,
    key: KeyNo,
    row: Option<Row>,
    own: VersionNo,
    own_row: Option<Row>,
    at: Time,
}

impl Check for Sessions {
    fn new(timeline: &Timeline) -> Self {
        let sinks = timeline.sinks.iter().map(|_| (0, None)).collect();
        Self { told: Vec::new(), acknowledged: Lookup::default(), sinks }
    }

    fn restart(&mut self, _: &Timeline) {
        self.told.clear();
        self.acknowledged.clear();
        self.sinks.iter_mut().for_each(|sink| *sink = (0, None));
    }

    #[inline]
    fn finished(&mut self, timeline: &Timeline, operation: &Operation) {
        if operation.kind != OperationKind::Write || operation.ending != Finish::Done {
            return;
        }
        let entry = timeline.transactions.get(operation.transaction);
        if let Some(Fate::Committed(commit)) = entry.map(|entry| entry.fate) {
            self.told.push((operation.by, commit, timeline.now));
        }
    }

    fn read(&mut self, timeline: &Timeline, read: &Read) {
        let place = usize::from(read.sink.0);
        if !timeline.sinks[place].shows_rows() {
            return;
        }
        self.remember(timeline);
        let Some(key) = timeline.find(&read.key) else { return };
        let Some(&(own, at)) = self.acknowledged.get(&(read.by.0, key)) else { return };
        if at > read.started {
            return;
        }
        let sink = &mut self.sinks[place];
        sink.0 += 1;
        let seen = match &read.row {
            Some(row) => timeline.version_of(key, row),
            // Nobody can tell one absence from another, so the newest speaks for the sink.
            None => Some(timeline.key(key).last_absence),
        };
        // A value that is not committed is not older than anything.
        if sink.1.is_none() && seen.is_some_and(|seen| seen < own) {
            let entry = timeline.key(key);
            let own_row = entry.row.clone().filter(|_| entry.current == own);
            let row = read.row.clone();
            sink.1 = Some(Stale { by: read.by, key, row, own, own_row, at: timeline.now });
        }
    }

    fn conclude(&mut self, timeline: &Timeline, _: &mut Casebook, judgement: &mut Judgement) {
        let phrases = Phrases { timeline };
        for ((pairs, stale), judged) in self.sinks.iter().zip(&mut judgement.sinks) {
            let standing = &mut judged.ladder.standings[Level::ReadYourWrites as usize];
            match stale {
                Some(stale) => *standing = Standing::Broken(stale.tell(&phrases, &judged.name)),
                None if *pairs == 0 => {
                    *standing = Standing::Unknown("no client read a key through it after having written it");
                }
                None => {}
            }
        }
    }
}

impl Sessions {
    fn remember(&mut self, timeline: &Timeline) {
        for (by, commit, at) in self.told.drain(..) {
            let entry = timeline.commits[commit as usize];
            for version in entry.first..entry.end {
                let key = timeline.version(version).key;
                let own = self.acknowledged.or_insert_with((by.0, key), || (version, at));
                if own.0 < version {
                    *own = (version, at);
                }
            }
        }
    }
}

impl Stale {
    fn tell(&self, phrases: &Phrases<'_>, sink: &str) -> String {
        let (client, key) = (phrases.process(self.by), phrases.key(self.key));
        let wrote = match &self.own_row {
            Some(row) => {
                format!("wrote {} of {key}", phrases.column_and_value(self.key, row, self.row.as_ref()))
            }
            None if phrases.version(self.own).is_absence() => format!("deleted {key}"),
            None => format!("wrote {key}"),
        };
        let read = match &self.row {
            Some(row) => phrases.value_after(self.key, row, self.own_row.as_ref()),
            None => "nothing".to_owned(),
        };
        format!("{client} {wrote}, was told so, and at {} read {read} from {sink}", self.at)
    }
}
