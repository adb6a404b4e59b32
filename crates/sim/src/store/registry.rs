//! The registry of stores: adding one is one file and one line here.

use super::{cache, search, warehouse};
use driftlab_model::port::{Reply, Request};
use driftlab_model::{
    Contradiction, Fingerprint, Key, Outcome, Row, Setting, Settings, Shown, SinkForm, SinkKind, Time,
    WriteId,
};
use smallvec::SmallVec;

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
    pub build: BuildStore,
}

/// Makes an empty store from its settings and a seed that is its own; refuses settings that it cannot honour.
pub type BuildStore = fn(&Settings, u64) -> Result<Box<dyn StoreModel>, Contradiction>;

/// All stores, in the order of help.
pub const STORES: &[StoreEntry] = &[cache::ENTRY, search::ENTRY, warehouse::ENTRY];

/// A store as a state machine: requests go in, replies and visible changes come out.
///
/// Time is given, never asked for, and must not go backwards from call to call. Between two calls nothing happens by itself, except
/// what [`StoreModel::due`] announces. For a store of rows, what [`Visible::shown`] told so far, on top of the preload, is exactly what
/// [`Request::Get`] gives, for every key; a key of which nothing was told has no row.
pub trait StoreModel {
    /// What it makes of changes.
    fn form(&self) -> SinkForm {
        SinkForm::Rows
    }
    /// Fills an empty store with the initial load, as if it had always been there; nothing is reported as visible.
    ///
    /// A cache with a capacity takes the first rows by key; what has a time to live begins to live at the beginning of the run.
    fn preload(&mut self, rows: &[(Key, Row)]);
    /// Serves a request at a moment. What readers come to see differently because of it is added to `visible`.
    ///
    /// What was due at or before `now` is done first and is reported with the request's own effects, so the order of a request and a tick of the
    /// same moment does not matter. `draw` decides what is left to chance in this request (which part of a bulk request fails).
    /// A request that this kind of store cannot serve is refused as `Unsupported`, one that concerns a load which it does not
    /// have as `NoSuchLoad`, an atomic step that does not lead on from the bookmark held as `Outdated`.
    fn serve(&mut self, now: Time, request: &Request, draw: u64, visible: &mut Visible) -> Outcome<Reply>;
    /// When it next changes by itself (a refresh, an expiry), if ever. Any call may change it.
    fn due(&self) -> Option<Time> {
        None
    }
    /// Whether a change that it has accepted is still to become visible: then the world is not quiescent. An expiry is none.
    fn has_work(&self) -> bool {
        false
    }
    /// How many rows it has accepted that are still to become visible.
    fn unshown(&self) -> usize {
        0
    }
    /// Does what was due at or before `now`; nothing where nothing was.
    fn tick(&mut self, now: Time, visible: &mut Visible) {
        let _ = (now, visible);
    }
    /// Takes in what it holds: all that decides how it will serve what is to come. False where it cannot tell, or not at this moment; what was taken in means nothing then.
    fn fingerprint(&self, print: &mut Fingerprint<'_>) -> bool {
        let _ = print;
        false
    }
    /// Empties it and keeps its memory, for the next run: it is then as a new one.
    fn reset(&mut self);
    /// Puts it back to the load that it was filled with, which is given once more. A store that can tell what was touched since puts back no more than that.
    fn rewind(&mut self, rows: &[(Key, Row)]) {
        self.reset();
        self.preload(rows);
    }
}

/// What became visible in one instant; filled by a store, emptied by the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visible {
    /// The keys whose shown view changed, each once, in the order of their first change. A view that stays equal is not told, and neither
    /// is one that changed and changed back within the instant. A store that keeps versions or totals tells nothing here.
    pub shown: SmallVec<[Shown; 1]>,
    /// Effects applied, in order, by a store that keeps versions or totals.
    pub applied: Vec<(Key, WriteId)>,
    /// Whether a complete load has become visible: one that was published, or that was declared complete and is shown in full now.
    /// May be told again.
    pub loaded: bool,
}

impl StoreEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        STORES.iter().find(|entry| entry.name == name)
    }
}
