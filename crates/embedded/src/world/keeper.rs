//! The thread of a sink: it serves requests, does what the store does by itself, and tells what comes to be shown.

use super::config::{SinkConfig, WorldConfig};
use super::error::WorldError;
use super::live::sink_folder;
use super::measurements::Parts;
use super::node::NodeId;
use crate::clock::Clock;
use crate::pool::{Pool, Server};
use crate::recorder::Recorder;
use crate::store::{Backend, Place, StoreError, Visible};
use driftlab_model::port::{Reply, Request};
use driftlab_model::{
    Event, Key, Lookup, Outcome, ProcessId, Refusal, Row, Shown, SinkForm, SinkId, SinkKind, Span, View,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A store, as its thread owns it.
pub(super) struct Keeper {
    sink: SinkId,
    node: ProcessId,
    config: SinkConfig,
    place: Place,
    store: Box<dyn Backend>,
    /// How often it lost what it held.
    wiped: u32,
    /// The keys whose deletion it shows: once it has lost everything it shows none.
    deleted: BTreeSet<Key>,
    clock: Clock,
    recorder: Arc<Recorder>,
    visible: Visible,
    is_loaded: bool,
    settling: Arc<AtomicBool>,
    /// While the world settles: what was last shown of each key, as digests. A loader that clears and loads the same rows for ever is at rest all the same.
    settled: Option<Lookup<Key, u64>>,
    state: Arc<State>,
}

/// What the world sees of a keeper.
pub(super) struct KeeperView {
    pub(super) pool: Pool<Keeper>,
    pub(super) form: SinkForm,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    has_work: AtomicBool,
    failure: Mutex<Option<StoreError>>,
    /// What it did by itself, and showed.
    refreshes: Mutex<Vec<Parts>>,
}

impl Keeper {
    /// Opens a sink in a folder, filled where the strategy does not fill it.
    pub(super) fn open(
        config: &WorldConfig,
        number: usize,
        folder: &Path,
        load: &[(Key, Row)],
        recorder: &Arc<Recorder>,
        settling: &Arc<AtomicBool>,
    ) -> Result<Self, WorldError> {
        let (sink, choice) = (SinkId(number as u8), &config.sinks[number]);
        let failed = |error| WorldError::Store { sink: choice.name.clone(), error };
        let place = Place {
            folder: sink_folder(folder, sink),
            schema: config.schema.clone(),
            durability: config.durability,
        };
        let mut store = (choice.entry.open)(&choice.settings, &place).map_err(failed)?;
        let is_preloaded = choice.is_preloaded(config.demands);
        if is_preloaded && choice.served {
            store.preload(load).map_err(failed)?;
        }
        Ok(Self {
            sink,
            node: NodeId::sink(number).process(),
            config: choice.clone(),
            place,
            store,
            wiped: 0,
            deleted: BTreeSet::new(),
            clock: recorder.clock().clone(),
            recorder: Arc::clone(recorder),
            visible: Visible::default(),
            is_loaded: is_preloaded,
            settling: Arc::clone(settling),
            settled: None,
            state: Arc::default(),
        })
    }

    /// What it makes of changes.
    pub(super) fn form(&self) -> SinkForm {
        self.store.form()
    }

    /// Gives it a thread.
    pub(super) fn start(self) -> KeeperView {
        let (form, state) = (self.form(), Arc::clone(&self.state));
        KeeperView { pool: Pool::new("sink", vec![self]), form, state }
    }

    /// Serves a request for a process.
    pub(super) fn serve(&mut self, by: ProcessId, request: &Request) -> Outcome<Reply> {
        let now = self.clock.now();
        let served = self.store.serve(now, request, &mut self.visible);
        self.tell(by);
        match served {
            Ok(outcome) => outcome,
            Err(error) => {
                self.fail(error);
                Err(Refusal::Unavailable.into())
            }
        }
    }

    /// The store is gone with all that it held, the position that it kept with it too, and another takes its place on an empty disk. Readers see that at once.
    pub(super) fn wipe(&mut self) {
        let rows = self.contents().into_iter().map(|(key, _)| key);
        let lost: Vec<Key> = rows.chain(std::mem::take(&mut self.deleted)).collect();
        self.wiped += 1;
        let folder = self.place.folder.with_extension(self.wiped.to_string());
        match (self.config.entry.open)(&self.config.settings, &Place { folder, ..self.place.clone() }) {
            Ok(store) => self.store = store,
            Err(error) => return self.fail(error),
        }
        if self.form() == SinkForm::Rows {
            let gone = if self.config.entry.kind == SinkKind::Cache { View::NotHeld } else { View::Missing };
            self.visible.shown = lost.into_iter().map(|key| Shown { key, view: gone.clone() }).collect();
        }
        self.recorder.effect();
        self.tell(self.node);
    }

    /// All rows that readers see.
    pub(super) fn contents(&mut self) -> Vec<(Key, Row)> {
        self.store.contents().unwrap_or_else(|error| {
            self.fail(error);
            Vec::new()
        })
    }

    /// Tells the recorder what the store shows now.
    fn tell(&mut self, by: ProcessId) {
        let sink = self.sink;
        for (key, write) in self.visible.applied.drain(..) {
            self.recorder.effect();
            self.recorder.tell(Event::Applied { by, sink, key, write });
        }
        if !self.visible.shown.is_empty() {
            let shown = std::mem::take(&mut self.visible.shown);
            self.note_deletions(&shown);
            if self.is_news(&shown) {
                self.recorder.effect();
            }
            self.recorder.tell(Event::Shown { by, sink, keys: shown.into_iter().collect() });
        }
        if std::mem::take(&mut self.visible.loaded) && !std::mem::replace(&mut self.is_loaded, true) {
            self.recorder.effect();
            self.recorder.tell(Event::Loaded { sink });
        }
        self.state.has_work.store(self.store.has_work(), Ordering::SeqCst);
    }

    fn note_deletions(&mut self, shown: &[Shown]) {
        for Shown { key, view } in shown {
            if matches!(view, View::Deleted(_)) {
                self.deleted.insert(key.clone());
            } else if !self.deleted.is_empty() {
                self.deleted.remove(key);
            }
        }
    }

    /// Whether any of this is more than what the sink showed before. During the load everything is.
    fn is_news(&mut self, shown: &[Shown]) -> bool {
        if !self.settling.load(Ordering::SeqCst) {
            return true;
        }
        let views = self.settled.get_or_insert_default();
        let mut is_news = false;
        for Shown { key, view } in shown {
            let digest = match view {
                View::Row(row) => row.digest(),
                View::Deleted(write) => write.digest(),
                View::Missing | View::NotHeld => continue,
            };
            is_news |= views.insert(key.clone(), digest) != Some(digest);
        }
        is_news
    }

    fn fail(&self, error: StoreError) {
        self.state.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

impl Server for Keeper {
    fn due(&self) -> Option<Instant> {
        self.store.due().map(|due| self.clock.instant(due))
    }

    fn tick(&mut self) {
        let (due, begun) = (self.store.due(), self.clock.now());
        let ticked = self.store.tick(begun, &mut self.visible);
        let rows = self.visible.shown.len() as u64;
        self.tell(self.node);
        if rows > 0 {
            let (out, service) = (begun - due.unwrap_or(begun), self.clock.now() - begun);
            let parts = Parts {
                rows,
                idle: Span::ZERO,
                out: Some(out),
                service,
                back: Span::ZERO,
                whole: out + service,
            };
            self.state.refreshes.lock().unwrap_or_else(PoisonError::into_inner).push(parts);
        }
        if let Err(error) = ticked {
            self.fail(error);
        }
    }
}

impl KeeperView {
    /// Whether a change that the store has accepted is still to become visible.
    pub(super) fn has_work(&self) -> bool {
        self.state.has_work.load(Ordering::SeqCst)
    }

    /// What it did by itself, and showed, and how long that took; told once.
    pub(super) fn take_refreshes(&self) -> Vec<Parts> {
        std::mem::take(&mut self.state.refreshes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take_failure(&self) -> Option<StoreError> {
        self.state.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
