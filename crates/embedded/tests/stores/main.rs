//! What the real stores promise: the semantics of the virtual ones, request by request, and what they keep when their process dies.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "real stores are tested in real files, by a real clock"
)]

mod agreement;
mod cache;
mod crash;
mod export;
mod search;
mod warehouse;

use driftlab_embedded::store::{Backend, BackendEntry, Durability, Place, Visible};
use driftlab_model::port::{Condition, Delivery, LoadId, Reply, Request};
use driftlab_model::{
    Bookmark, ColumnType, Datum, Key, Outcome, Refusal, Row, Schema, Settings, Span, Table, TableId, Time,
    TransactionId, Value, Version, View, WriteId,
};
use driftlab_sim::store::StoreEntry;
use std::path::Path;

const TABLE: TableId = TableId(0);
const OUTDATED: Outcome<Reply> = Err(driftlab_model::Failure::Refused(Refusal::Outdated));
const NO_SUCH_LOAD: driftlab_model::Failure = driftlab_model::Failure::Refused(Refusal::NoSuchLoad);

/// A store and what it told.
struct Sink {
    store: Box<dyn Backend>,
    now: Time,
    visible: Visible,
}

fn schema() -> Schema {
    let columns =
        [("id", ColumnType::Integer), ("quantity", ColumnType::Integer), ("name", ColumnType::Text)];
    Schema::new(vec![Table::new("product", "product", 1, &columns)])
}

fn place(folder: &Path) -> Place {
    Place { folder: folder.to_path_buf(), schema: schema(), durability: Durability::Process }
}

/// The settings of a store, those that are not given as the virtual store of its name declares them.
fn settings(kind: &str, given: &[(&'static str, Datum)]) -> Settings {
    let declared = StoreEntry::named(kind).expect("the virtual store is registered");
    let mut settings = Settings::defaults(declared.settings);
    given.iter().for_each(|(name, datum)| settings.set(name, datum.clone()));
    settings
}

fn sink(kind: &str, given: &[(&'static str, Datum)], folder: &Path) -> Sink {
    let entry = BackendEntry::named(kind).expect("the store is registered");
    let store = (entry.open)(&settings(kind, given), &place(folder)).expect("the store opens");
    Sink { store, now: Time::ZERO, visible: Visible::default() }
}

impl Sink {
    fn at(&mut self, seconds: f64) -> &mut Self {
        self.now = Time::ZERO + Span::from_secs_f64(seconds);
        self
    }
    fn call(&mut self, request: &Request) -> Outcome<Reply> {
        self.store.serve(self.now, request, &mut self.visible).expect("the store works")
    }
    fn put(&mut self, delivery: Delivery) -> Outcome<Reply> {
        self.call(&Request::Put(delivery))
    }
    fn step(&mut self, deliveries: Vec<Delivery>, after: u64, bookmark: u64) -> Outcome<Reply> {
        self.call(&Request::Apply { deliveries, after: Bookmark(after), bookmark: Bookmark(bookmark) })
    }
    /// Adds rows to a load, or begins one with them.
    fn stage(&mut self, load: Option<LoadId>, rows: &[(Key, Row)]) -> Outcome<LoadId> {
        match self.call(&Request::Stage { load, rows: rows.to_vec() })? {
            Reply::Staged(load) => Ok(load),
            other => panic!("rows of a load were answered with {other:?}"),
        }
    }
    fn publish(&mut self, load: LoadId, bookmark: u64) -> Outcome<Reply> {
        self.call(&Request::Publish { load, bookmark: Bookmark(bookmark) })
    }
    fn load(&mut self, bookmark: u64, rows: &[(Key, Row)]) -> Outcome<Reply> {
        let load = self.stage(None, rows)?;
        self.publish(load, bookmark)
    }
    fn get(&mut self, n: i64) -> Option<Row> {
        match self.call(&Request::Get(key(n))) {
            Ok(Reply::Row(row)) => row,
            other => panic!("a read was answered with {other:?}"),
        }
    }
    fn bookmark(&mut self) -> Option<u64> {
        match self.call(&Request::Bookmark) {
            Ok(Reply::Bookmark(bookmark)) => bookmark.map(|bookmark| bookmark.0),
            other => panic!("a bookmark was answered with {other:?}"),
        }
    }
    fn tick(&mut self) -> &mut Self {
        self.store.tick(self.now, &mut self.visible).expect("the store works");
        self
    }
    /// What was shown since the last question, by key.
    fn shown(&mut self) -> Vec<(i64, View)> {
        let shown = std::mem::take(&mut self.visible.shown);
        let mut shown: Vec<(i64, View)> =
            shown.into_iter().map(|shown| (shown.key.as_integer().unwrap(), shown.view)).collect();
        shown.sort_by_key(|(n, _)| *n);
        shown
    }
    fn contents(&mut self) -> Vec<(Key, Row)> {
        self.store.contents().expect("the store can be read")
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
