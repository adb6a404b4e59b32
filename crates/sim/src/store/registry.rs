//! The registry of stores: adding one is one file and one line here.

use driftlab_model::port::{Reply, Request};
use driftlab_model::{
    Contradiction, Key, Outcome, Row, Setting, Settings, Shown, SinkForm, SinkKind, Time, WriteId,
};

/// What the registry says of a store.
#[derive(Clone, Copy)]
pub struct StoreEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// Its kind.
    pub kind: SinkKind,
    /// What a scenario can choose for it, beside what every sink takes (latency, servers).
    pub settings: &'static [Setting],
    /// Makes an empty one.
    pub build: fn(&Settings, u64) -> Result<Box<dyn StoreModel>, Contradiction>,
}

/// All stores, in the order of help.
pub const STORES: &[StoreEntry] = &[];

/// A store as a state machine: requests go in, replies and visible changes come out.
///
/// Time is given, never asked for. Between two calls nothing happens by itself, except what [`StoreModel::due`] announces.
pub trait StoreModel {
    /// What it makes of changes.
    fn form(&self) -> SinkForm {
        SinkForm::Rows
    }
    /// Fills it with the initial load, as if it had always been there; nothing is reported as visible.
    fn preload(&mut self, rows: &[(Key, Row)]);
    /// Serves a request at a moment. What readers come to see differently because of it is added to `visible`.
    ///
    /// `draw` decides what is left to chance in this request (which part of a bulk request fails, who is evicted).
    fn serve(&mut self, now: Time, request: &Request, draw: u64, visible: &mut Visible) -> Outcome<Reply>;
    /// When it next changes by itself (a refresh, an expiry), if ever.
    fn due(&self) -> Option<Time> {
        None
    }
    /// Whether a change that it has accepted is still to become visible: then the world is not quiescent. An expiry is none.
    fn has_work(&self) -> bool {
        false
    }
    /// Does what was due at or before `now`.
    fn tick(&mut self, now: Time, visible: &mut Visible) {
        let _ = (now, visible);
    }
    /// Empties it and keeps its memory, for the next run.
    fn reset(&mut self);
}

/// What became visible in one instant; filled by a store, emptied by the world.
#[derive(Clone, Debug, Default)]
pub struct Visible {
    /// The keys whose shown value changed, each once, in the order of the change.
    pub shown: Vec<Shown>,
    /// Effects applied, in order, by a store that keeps versions or totals.
    pub applied: Vec<(Key, WriteId)>,
    /// Whether the first complete load of a store that started empty has become visible.
    pub loaded: bool,
}

impl StoreEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        STORES.iter().find(|entry| entry.name == name)
    }
}
