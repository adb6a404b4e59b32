//! Histories by hand: a few words for each event, times in milliseconds.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use driftlab_check::{ANOMALIES, Anomaly, Checker, Judgement, Until};
use driftlab_model::{
    Cast, Change, ColumnType, Commit, CommitIndex, Event, Finish, History, Key, Lsn, Milestone, Operation,
    OperationKind, ProcessId, Read, Refusal, Row, Schema, Shown, SinkCast, SinkForm, SinkId, SinkKind, Span,
    Table, TableId, Time, TransactionId, Value, Version, View, WriteId,
};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const PRODUCT: TableId = TableId(0);
pub(crate) const SEARCH: SinkId = SinkId(0);
pub(crate) const OTHER: SinkId = SinkId(1);

pub(crate) fn at(ms: u64) -> Time {
    Time::ZERO + Span::from_millis(ms)
}

pub(crate) fn product(n: i64) -> Key {
    Key::integer(PRODUCT, n)
}

/// A history under construction, which knows what was committed so that sinks can be told to show it.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) history: History,
    transactions: u64,
    /// Every write that was made, by transaction and key; `None` for a deletion.
    writes: BTreeMap<(u64, i64), (WriteId, Option<Row>)>,
    current: BTreeMap<i64, Row>,
}

pub(crate) fn sink(name: &str, kind: SinkKind) -> SinkCast {
    SinkCast { name: name.into(), kind, form: SinkForm::Rows, served: true, preloaded: true, joins: None }
}

/// Products with these prices, and these sinks that hold them.
pub(crate) fn story(load: &[(i64, i64)], sinks: &[SinkCast]) -> Story {
    let schema = Schema::new(vec![Table::new(
        "product",
        "product",
        1,
        &[("id", ColumnType::Integer), ("price", ColumnType::Integer)],
    )]);
    let load: Vec<(Key, Row)> =
        load.iter().map(|&(n, price)| (product(n), row(WriteId::LOAD, n, price))).collect();
    let current = load.iter().map(|(key, row)| (key.as_integer().unwrap(), row.clone())).collect();
    let cast = Cast {
        strategy: "by hand".into(),
        schema,
        processes: ["client-1", "client-2", "client-3", "relay"].map(str::to_owned).to_vec(),
        sinks: sinks.to_vec(),
        partitions: 1,
        load,
    };
    Story { history: History { cast, events: Vec::new() }, transactions: 0, writes: BTreeMap::new(), current }
}

pub(crate) fn row(write: WriteId, n: i64, price: i64) -> Row {
    Row::new(write, Version(0), Time::ZERO, [Value::from(n), Value::from(price)].into())
}

/// A search index with these products.
pub(crate) fn search(load: &[(i64, i64)]) -> Story {
    story(load, &[sink("search", SinkKind::Search)])
}

/// A cache with these products.
pub(crate) fn cache(load: &[(i64, i64)]) -> Story {
    story(load, &[sink("cache", SinkKind::Cache)])
}

const RELAY: ProcessId = ProcessId(3);

impl Story {
    pub(crate) fn event(&mut self, ms: u64, event: Event) -> &mut Self {
        self.history.events.push((at(ms), event));
        self
    }

    /// Begins a transaction and gives its number. Client 1 is the process 0.
    pub(crate) fn begin(&mut self, ms: u64, client: u16) -> u64 {
        let transaction = self.transactions;
        self.transactions += 1;
        self.event(ms, Event::Began { by: ProcessId(client - 1), transaction: TransactionId(transaction) });
        transaction
    }

    /// Gives the transaction its writes, without committing them.
    pub(crate) fn write(&mut self, transaction: u64, rows: &[(i64, Option<i64>)]) -> &mut Self {
        for (index, &(n, price)) in (0..).zip(rows) {
            let write = WriteId { transaction: TransactionId(transaction), index };
            self.writes.insert((transaction, n), (write, price.map(|price| row(write, n, price))));
        }
        self
    }

    /// Commits the writes of a transaction.
    pub(crate) fn commit_open(&mut self, ms: u64, client: u16, transaction: u64) -> &mut Self {
        let mut changes = Vec::new();
        let writes: Vec<_> = self
            .writes
            .range((transaction, i64::MIN)..=(transaction, i64::MAX))
            .map(|(k, v)| (k.1, v.clone()))
            .collect();
        for (n, (write, after)) in writes {
            let before = match &after {
                Some(row) => self.current.insert(n, row.clone()),
                None => self.current.remove(&n),
            };
            if before.is_some() || after.is_some() {
                changes.push(Change { key: product(n), before, after, write, version: Version(0) });
            }
        }
        let index =
            self.history.events.iter().filter(|(_, event)| matches!(event, Event::Committed { .. })).count();
        let commit = Commit {
            transaction: TransactionId(transaction),
            index: CommitIndex(index as u64 + 1),
            lsn: Lsn(index as u64 + 1),
            at: at(ms),
            changes: changes.into(),
            watermark: None,
        };
        self.event(ms, Event::Committed { by: ProcessId(client - 1), commit: Arc::new(commit) })
    }

    /// A whole transaction: `None` deletes.
    pub(crate) fn commit(&mut self, ms: u64, client: u16, rows: &[(i64, Option<i64>)]) -> u64 {
        let transaction = self.begin(ms, client);
        self.write(transaction, rows);
        self.commit_open(ms, client, transaction);
        transaction
    }

    pub(crate) fn abort(&mut self, ms: u64, client: u16, transaction: u64) -> &mut Self {
        let (by, transaction) = (ProcessId(client - 1), TransactionId(transaction));
        self.event(ms, Event::Aborted { by, transaction, why: Refusal::RolledBack })
    }

    /// What a key looks like as a transaction wrote it.
    pub(crate) fn view(&self, transaction: u64, n: i64) -> View {
        match &self.writes[&(transaction, n)] {
            (_, Some(row)) => View::Row(row.clone()),
            (write, None) => View::Deleted(*write),
        }
    }

    pub(crate) fn loaded_view(&self, n: i64) -> View {
        let load = &self.history.cast.load;
        View::Row(load.iter().find(|(key, _)| *key == product(n)).unwrap().1.clone())
    }

    pub(crate) fn show_view(&mut self, ms: u64, sink: SinkId, views: &[(i64, View)]) -> &mut Self {
        let keys: SmallVec<[Shown; 1]> =
            views.iter().map(|(n, view)| Shown { key: product(*n), view: view.clone() }).collect();
        self.event(ms, Event::Shown { by: RELAY, sink, keys })
    }

    /// A sink shows, in one step, what a transaction wrote of these keys.
    pub(crate) fn show(&mut self, ms: u64, sink: SinkId, transaction: u64, keys: &[i64]) -> &mut Self {
        let views: Vec<_> = keys.iter().map(|&n| (n, self.view(transaction, n))).collect();
        self.show_view(ms, sink, &views)
    }

    pub(crate) fn apply(&mut self, ms: u64, sink: SinkId, transaction: u64, n: i64) -> &mut Self {
        let write = self.writes[&(transaction, n)].0;
        self.event(ms, Event::Applied { by: RELAY, sink, key: product(n), write })
    }

    pub(crate) fn done(&mut self, ms: u64, client: u16, transaction: u64) -> &mut Self {
        self.event(
            ms,
            Event::Finished(Operation {
                by: ProcessId(client - 1),
                kind: OperationKind::Write,
                transaction: TransactionId(transaction),
                intended: at(ms),
                started: at(ms),
                ending: Finish::Done,
            }),
        )
    }

    pub(crate) fn read(
        &mut self,
        ms: u64,
        started: u64,
        client: u16,
        sink: SinkId,
        n: i64,
        row: Option<Row>,
    ) -> &mut Self {
        let read = Read { by: ProcessId(client - 1), sink, key: product(n), row, started: at(started) };
        self.event(ms, Event::Read(read))
    }

    pub(crate) fn row_of(&self, transaction: u64, n: i64) -> Row {
        self.writes[&(transaction, n)].1.clone().unwrap()
    }

    pub(crate) fn fault(&mut self, ms: u64, active: bool) -> &mut Self {
        self.event(ms, Event::Fault { fault: 0, target: RELAY, active })
    }

    pub(crate) fn load_ended(&mut self, ms: u64) -> &mut Self {
        self.event(ms, Event::Milestone(Milestone::LoadEnded))
    }

    pub(crate) fn quiescent(&mut self, ms: u64) -> Judgement {
        if !self.history.events.iter().any(|(_, event)| *event == Event::Milestone(Milestone::LoadEnded)) {
            self.load_ended(ms);
        }
        self.event(ms, Event::Milestone(Milestone::Quiescent));
        self.judge()
    }

    pub(crate) fn judge(&self) -> Judgement {
        let mut checker = Checker::new(&self.history.cast);
        self.history.replay(&mut checker);
        checker.finish()
    }
}

/// What was found: `search stale_overwrite 0..3`, with `..` for permanent and `..?` for unknown, in milliseconds.
pub(crate) fn found(judgement: &Judgement) -> Vec<String> {
    let name = |sink: Option<SinkId>| match sink {
        Some(sink) => judgement.sinks[usize::from(sink.0)].name.clone(),
        None => "source".to_owned(),
    };
    let ms = |time: Time| time.nanos() / 1_000_000;
    let mut all: Vec<String> = judgement
        .findings
        .iter()
        .map(|f| {
            let until = match f.until {
                Until::Healed(end) => format!("..{}", ms(end)),
                Until::Permanent => "..".to_owned(),
                Until::Unknown => "..?".to_owned(),
            };
            format!("{} {} {}{until}", name(f.sink), f.anomaly, ms(f.begin))
        })
        .collect();
    all.sort();
    // What is told and what is counted must agree.
    for (place, sink) in judgement.sinks.iter().enumerate() {
        for entry in ANOMALIES {
            let told = judgement
                .findings
                .iter()
                .filter(|f| f.anomaly == entry.anomaly && f.sink == Some(SinkId(place as u8)))
                .count() as u64;
            assert_eq!(sink.tally(entry.anomaly).total.min(20), told, "{} in {}", entry.name, sink.name);
        }
    }
    all
}

pub(crate) fn sentence(judgement: &Judgement, anomaly: Anomaly) -> &str {
    &judgement.findings.iter().find(|f| f.anomaly == anomaly).expect("it is found").sentence
}
