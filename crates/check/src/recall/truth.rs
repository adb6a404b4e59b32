use driftlab_model::hash::mix;
use driftlab_model::{
    Cast, Event, Key, Moment, Observer, ProcessId, Row, Shown, SinkForm, SinkId, TableId, Time,
    TransactionId, View, WriteId,
};
use std::collections::BTreeMap;

/// How many keys of each table are asked about, of those that were written.
const KEYS: usize = 500;

/// Makes the sample another one than any that goes by the digests themselves, such as partitions.
const SALT: u64 = 0x7265_6361_6c6c;

/// What was true, as far as somebody is going to ask: every change of some keys of each table, and when anything was committed.
///
/// The keys are those with the smallest digests. So a key that is in the sample at the end has always been in it, and none of its changes was missed.
#[derive(Debug, Default)]
pub struct Truth {
    keys: BTreeMap<TableId, BTreeMap<(u64, Key), KeyTruth>>,
    moments: Vec<Moment>,
    /// The only key that is asked about; `None` for a sample.
    only: Option<Key>,
    /// The sinks that keep every version, by name, and whether they began as copies of the load.
    versions: BTreeMap<SinkId, (String, bool)>,
}

/// What became of a key.
#[derive(Debug, Default)]
pub struct KeyTruth {
    /// Its changes, in the order of their commits.
    pub changes: Vec<TrueChange>,
    /// What sinks that keep every version have taken of it, in order.
    pub(super) taken: Vec<(SinkId, Time, WriteId)>,
}

/// A change, as it was.
#[derive(Clone, Debug)]
pub struct TrueChange {
    /// When it was committed, and where.
    pub moment: Moment,
    /// The client.
    pub by: ProcessId,
    /// Its transaction.
    pub transaction: TransactionId,
    /// The row before.
    pub before: Option<Row>,
    /// The row after.
    pub after: Option<Row>,
    /// The write.
    pub write: WriteId,
}

impl Truth {
    /// For a run of this cast.
    #[must_use]
    pub fn new(cast: &Cast) -> Self {
        let all = (0..).map(SinkId).zip(&cast.sinks);
        let keeping = all.filter(|(_, sink)| sink.served && sink.form == SinkForm::Versions);
        let versions = keeping.map(|(id, sink)| (id, (sink.name.clone(), sink.preloaded))).collect();
        Self { versions, ..Self::default() }
    }

    /// For a run of this cast, of which one key matters.
    #[must_use]
    pub fn about(cast: &Cast, key: Key) -> Self {
        Self { only: Some(key), ..Self::new(cast) }
    }

    /// What became of a key; `None` where it never changed, or is not in the sample.
    #[must_use]
    pub fn key(&self, key: &Key) -> Option<&KeyTruth> {
        self.keys.get(&key.table())?.get(&place(key))
    }

    /// The moments of all commits, in order.
    #[must_use]
    pub fn commits(&self) -> &[Moment] {
        &self.moments
    }

    /// The keys of which everything is known, but those of some tables.
    pub(super) fn keys(&self, without: &[TableId]) -> impl Iterator<Item = (&Key, &KeyTruth)> {
        let tables = self.keys.iter().filter(move |(table, _)| !without.contains(table));
        tables.flat_map(|(_, keys)| keys.iter().map(|((_, key), truth)| (key, truth)))
    }

    /// At most `count` moments, evenly spread over the commits; the last is that of the last commit.
    pub(super) fn moments(&self, count: usize) -> Vec<Moment> {
        let all = self.moments.len();
        (1..=count.min(all)).map(|n| self.moments[n * all / count.min(all) - 1]).collect()
    }

    /// The sinks that keep every version: id, name, and whether they began as copies of the load.
    pub(super) fn versions(&self) -> impl Iterator<Item = (SinkId, &str, bool)> {
        self.versions.iter().map(|(id, (name, preloaded))| (*id, name.as_str(), *preloaded))
    }

    fn committed(&mut self, by: ProcessId, commit: &driftlab_model::Commit) {
        if commit.watermark.is_some() {
            return;
        }
        let moment = Moment { position: commit.lsn, at: commit.at };
        self.moments.push(moment);
        for change in &commit.changes {
            if self.only.as_ref().is_some_and(|only| *only != change.key) {
                continue;
            }
            let keys = self.keys.entry(change.key.table()).or_default();
            let place = place(&change.key);
            if keys.len() == KEYS
                && !keys.contains_key(&place)
                && keys.last_key_value().is_some_and(|(last, _)| *last < place)
            {
                continue;
            }
            keys.entry(place).or_default().changes.push(TrueChange {
                moment,
                by,
                transaction: commit.transaction,
                before: change.before.clone(),
                after: change.after.clone(),
                write: change.write,
            });
            if keys.len() > KEYS {
                keys.pop_last();
            }
        }
    }

    fn of(&mut self, key: &Key) -> Option<&mut KeyTruth> {
        self.keys.get_mut(&key.table())?.get_mut(&place(key))
    }
}

/// A key's place among those that might be in the sample.
fn place(key: &Key) -> (u64, Key) {
    (mix(SALT, key.digest()), key.clone())
}

impl KeyTruth {
    /// The row at a moment: as the last change before it left it.
    #[must_use]
    pub fn at(&self, moment: Moment) -> Option<&Row> {
        let after = self.changes.partition_point(|change| change.moment.position <= moment.position);
        match after.checked_sub(1) {
            Some(last) => self.changes[last].after.as_ref(),
            None => self.changes.first().and_then(|first| first.before.as_ref()),
        }
    }

    /// Whether it did not change after a moment.
    #[must_use]
    pub fn rests_since(&self, moment: Moment) -> bool {
        self.changes.last().is_none_or(|last| last.moment.position <= moment.position)
    }
}

impl Observer for Truth {
    fn observe(&mut self, at: Time, event: &Event) {
        match event {
            Event::Committed { by, commit } => self.committed(*by, commit),
            Event::Applied { sink, key, write, .. } if self.versions.contains_key(sink) => {
                if let Some(truth) = self.of(key) {
                    truth.taken.push((*sink, at, *write));
                }
            }
            // It was emptied: what it had kept is gone.
            Event::Shown { sink, keys, .. } if self.versions.contains_key(sink) => {
                for Shown { key, .. } in keys.iter().filter(|shown| shown.view == View::Missing) {
                    if let Some(truth) = self.of(key) {
                        truth.taken.retain(|(of, ..)| of != sink);
                    }
                }
            }
            _ => {}
        }
    }
}
