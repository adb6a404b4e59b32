//! What the stores should hold, by what was told of them.

use super::config::WorldConfig;
use super::error::WorldError;
use super::live::Live;
use crate::source::View;
use crate::stopwatch::Service;
use driftlab_model::port::Scan;
use driftlab_model::{Event, Key, Row, SinkForm, View as Shows};
use std::collections::BTreeMap;

/// Follows what is told, so that it can be compared with what is there. A checker believes every word of a history: whether it may is found out here.
pub(super) struct Mirror {
    source: BTreeMap<Key, Row>,
    sinks: Vec<BTreeMap<Key, Row>>,
}

impl Mirror {
    pub(super) fn new(config: &WorldConfig, load: &[(Key, Row)]) -> Self {
        let full: BTreeMap<Key, Row> = load.iter().cloned().collect();
        let sinks = config.sinks.iter().map(|sink| {
            let starts_full = sink.served && sink.is_preloaded(config.demands);
            if starts_full { full.clone() } else { BTreeMap::new() }
        });
        Self { sinks: sinks.collect(), source: full }
    }

    pub(super) fn observe(&mut self, event: &Event) {
        match event {
            Event::Committed { commit, .. } => {
                for change in &commit.changes {
                    set(&mut self.source, &change.key, change.after.as_ref());
                }
            }
            Event::Shown { sink, keys, .. } => {
                for shown in keys {
                    let row = match &shown.view {
                        Shows::Row(row) => Some(row),
                        Shows::Deleted(_) | Shows::Missing | Shows::NotHeld => None,
                    };
                    set(&mut self.sinks[usize::from(sink.0)], &shown.key, row);
                }
            }
            _ => {}
        }
    }

    /// Compares the source with what was told of it.
    pub(super) fn compare_source(&self, config: &WorldConfig, live: &Live) -> Result<(), WorldError> {
        let Ok(view) = View::open(&live.database) else { return Ok(()) };
        let mut held = BTreeMap::new();
        for (table, _) in config.schema.tables() {
            let mut scan = Scan { table, after: None, limit: 10_000, updated_after: None };
            loop {
                let Ok(page) = view.scan(&scan) else { return Ok(()) };
                held.extend(page.rows.into_iter().filter_map(|scanned| Some((scanned.key, scanned.row?))));
                scan.after = page.next;
                if scan.after.is_none() {
                    break;
                }
            }
        }
        compare("source", &self.source, &held)
    }

    /// Compares the sinks that show rows with what was told of them.
    pub(super) async fn compare_sinks(&self, config: &WorldConfig, live: &Live) -> Result<(), WorldError> {
        for ((sink, keeper), told) in config.sinks.iter().zip(&live.sinks).zip(&self.sinks) {
            if !sink.served || keeper.form != SinkForm::Rows {
                continue;
            }
            let Ok(held) = keeper.pool.submit(Service::usual(), |keeper| keeper.contents()).await else {
                continue;
            };
            compare(&sink.name, told, &held.into_iter().collect())?;
        }
        Ok(())
    }
}

fn set(rows: &mut BTreeMap<Key, Row>, key: &Key, row: Option<&Row>) {
    match row {
        Some(row) => rows.insert(key.clone(), row.clone()),
        None => rows.remove(key),
    };
}

fn compare(store: &str, told: &BTreeMap<Key, Row>, held: &BTreeMap<Key, Row>) -> Result<(), WorldError> {
    let differs = |key: &&Key| told.get(key) != held.get(key);
    match told.keys().chain(held.keys()).find(differs) {
        None => Ok(()),
        Some(key) => Err(WorldError::Unfaithful {
            store: store.to_owned(),
            key: Box::new(key.clone()),
            told: told.get(key).cloned(),
            held: held.get(key).cloned(),
        }),
    }
}
