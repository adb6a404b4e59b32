//! What the stores promise, rule by rule, and properties over random requests.

mod cache;
mod conditions;
mod loads;
mod properties;
mod registry;
mod search;
mod telling;
mod totals;
mod versions;

use super::{STORES, StoreEntry, StoreModel, Visible};
use driftlab_model::port::{Condition, Delivery, LoadId, Reply, Request};
use driftlab_model::{
    Bookmark, Failure, Key, Kind, Outcome, Refusal, Row, Settings, Span, TableId, Time, TransactionId, Value,
    Version, View, WriteId,
};

const TABLE: TableId = TableId(0);

const OUTDATED: Outcome<Reply> = Err(Failure::Refused(Refusal::Outdated));

/// A store and what it told.
struct Sink {
    store: Box<dyn StoreModel>,
    now: Time,
    visible: Visible,
}

fn sink(kind: &str, settings: &[(&str, &str)]) -> Sink {
    Sink { store: store(kind, settings), now: Time::ZERO, visible: Visible::default() }
}

fn store(kind: &str, settings: &[(&str, &str)]) -> Box<dyn StoreModel> {
    let entry = StoreEntry::named(kind).expect("the store is registered");
    let given = settings
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    (entry.build)(&given, 7).expect("the settings do not contradict each other")
}

/// Every registered store with its defaults, and again with every other word that a setting of it offers, so that a new store or mode is
/// tested from the day it is registered.
fn registered() -> Vec<(String, Sink)> {
    let mut all = Vec::new();
    for entry in STORES {
        all.push((entry.name.to_owned(), sink(entry.name, &[])));
        for setting in entry.settings {
            let Kind::Choice(words) = setting.kind else { continue };
            for (word, _) in words.iter().filter(|(word, _)| setting.default != Some(word)) {
                let name = format!("{} with {} = {word}", entry.name, setting.name);
                all.push((name, sink(entry.name, &[(setting.name, word)])));
            }
        }
    }
    all
}

impl Sink {
    fn at(&mut self, seconds: f64) -> &mut Self {
        self.now = Time::ZERO + Span::from_secs_f64(seconds);
        self
    }
    fn call(&mut self, request: &Request) -> Outcome<Reply> {
        self.store.serve(self.now, request, 11, &mut self.visible)
    }
    fn put(&mut self, delivery: Delivery) -> Outcome<Reply> {
        self.call(&Request::Put(delivery))
    }
    /// A step on from the bookmark held.
    fn apply(&mut self, deliveries: Vec<Delivery>, bookmark: u64) -> Outcome<Reply> {
        let after = self.bookmark().unwrap_or_default();
        self.step(deliveries, after.0, bookmark)
    }
    fn step(&mut self, deliveries: Vec<Delivery>, after: u64, bookmark: u64) -> Outcome<Reply> {
        self.call(&Request::Apply { deliveries, after: Bookmark(after), bookmark: Bookmark(bookmark) })
    }
    fn get(&mut self, n: i64) -> Option<Row> {
        match self.call(&Request::Get(key(n))) {
            Ok(Reply::Row(row)) => row,
            other => panic!("a read was answered with {other:?}"),
        }
    }
    fn tick(&mut self) -> &mut Self {
        self.store.tick(self.now, &mut self.visible);
        self
    }
    /// What was shown since the last question.
    fn shown(&mut self) -> Vec<(i64, View)> {
        let shown = std::mem::take(&mut self.visible.shown);
        shown.into_iter().map(|shown| (shown.key.as_integer().unwrap(), shown.view)).collect()
    }
    /// What was applied since the last question, by key and transaction.
    fn applied(&mut self) -> Vec<(i64, u64)> {
        let applied = std::mem::take(&mut self.visible.applied);
        applied.iter().map(|(key, write)| (key.as_integer().unwrap(), write.transaction.0)).collect()
    }
    fn bookmark(&mut self) -> Option<Bookmark> {
        match self.call(&Request::Bookmark) {
            Ok(Reply::Bookmark(bookmark)) => bookmark,
            other => panic!("a bookmark was answered with {other:?}"),
        }
    }
    fn keys(&mut self, after: Option<Key>, limit: usize) -> Vec<i64> {
        match self.call(&Request::Keys { table: TABLE, after, limit }) {
            Ok(Reply::Keys(keys)) => keys.iter().map(|key| key.as_integer().unwrap()).collect(),
            other => panic!("keys were answered with {other:?}"),
        }
    }
    /// Adds rows to a load, or begins one with them.
    fn stage(&mut self, load: Option<LoadId>, rows: Vec<(Key, Row)>) -> Outcome<LoadId> {
        match self.call(&Request::Stage { load, rows })? {
            Reply::Staged(load) => Ok(load),
            other => panic!("rows of a load were answered with {other:?}"),
        }
    }
    fn publish(&mut self, load: LoadId, bookmark: u64) -> Outcome<Reply> {
        self.call(&Request::Publish { load, bookmark: Bookmark(bookmark) })
    }
    fn load(&mut self, bookmark: u64, rows: &[(Key, Row)]) -> Outcome<LoadId> {
        let load = self.stage(None, rows.to_vec())?;
        self.publish(load, bookmark)?;
        Ok(load)
    }
}

fn key(n: i64) -> Key {
    Key::integer(TABLE, n)
}

fn write(transaction: u64) -> WriteId {
    WriteId { transaction: TransactionId(transaction), index: 0 }
}

/// The row of key `n` as transaction `version` left it, ten times whose number its quantity is.
fn row(n: i64, version: u64) -> Row {
    let values = [Value::from(n), Value::from(version as i64 * 10), Value::from("text")];
    Row::new(write(version), Version(version), Time::ZERO, values.into())
}

fn rows(all: &[(i64, u64)]) -> Vec<(Key, Row)> {
    all.iter().map(|&(n, version)| (key(n), row(n, version))).collect()
}

/// Transaction `version` sets key `n`.
fn set(n: i64, version: u64, condition: Condition) -> Delivery {
    let after = Some(row(n, version));
    Delivery { key: key(n), before: None, after, write: write(version), version: Version(version), condition }
}

/// Transaction `version` deletes key `n`.
fn delete(n: i64, version: u64, condition: Condition) -> Delivery {
    Delivery { after: None, ..set(n, version, condition) }
}

fn view(n: i64, version: u64) -> View {
    View::Row(row(n, version))
}
