use super::StoreError;
use driftlab_model::port::{Reply, Request};
use driftlab_model::{Key, Outcome, Row, Shown, SinkForm, Time, WriteId};

/// A real store: blocking, owned by one thread, which takes the requests of all processes in turn.
///
/// Requests go in; replies, and what readers came to see because of them, come out. The caller gives the moment, nanoseconds since the run began by its
/// monotonic clock, and must never go backwards: refreshes, tombstones and leases are counted by it. (A cache's time to live is counted
/// by the cache itself, with a clock of its own.)
///
/// What a store tells of its visible state is read from the component after the fact, never from the request: a search index asks its searcher, a
/// warehouse reads the file that it wrote, a cache looks into itself. For a store of rows, what [`Visible::shown`] told so far, on top of the preload, is exactly what
/// [`Request::Get`] gives.
///
/// Semantics are those of [`driftlab_model::port::Store`], request by request. An `Err` is no outcome of a request but the end of the store: a full
/// disk, a damaged file. Whether the request took effect is unknown then, no further call is promised to make sense, and the run cannot be judged.
///
/// Dropping a store closes it; opening its folder again finds what it promised to keep ([`super::Place`]). Killing the process at any instant does
/// the same, except that a search index goes back to its last commit: its last refresh, or its last atomic step.
pub trait Backend: Send {
    /// What it makes of changes.
    fn form(&self) -> SinkForm {
        SinkForm::Rows
    }

    /// Fills a store that was never written to with the initial load, as if it had always been there; nothing is reported as visible, except, at the
    /// first [`Backend::tick`], keys that a cache had no room for.
    ///
    /// # Errors
    /// Where the store could not write.
    fn preload(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError>;

    /// Serves a request and adds to `visible` what readers see differently because of it.
    ///
    /// What was due by `now` is done first and reported with the request's own effects. A request that this kind of store cannot serve is refused as
    /// `Unsupported`, one that concerns a load which it does not have as `NoSuchLoad`, an atomic step that does not lead on from the bookmark
    /// held as `Outdated`.
    ///
    /// # Errors
    /// Where the component failed; see the trait.
    fn serve(
        &mut self,
        now: Time,
        request: &Request,
        visible: &mut Visible,
    ) -> Result<Outcome<Reply>, StoreError>;

    /// When it next changes by itself (a refresh, an expiry), if ever: the caller calls [`Backend::tick`] then, or soon after. Any call may change it.
    fn due(&self) -> Option<Time> {
        None
    }

    /// Whether a change that it has accepted is still to become visible: then the world is not quiescent. An expiry is none.
    fn has_work(&self) -> bool {
        false
    }

    /// Does what was due by `now`; nothing where nothing was.
    ///
    /// # Errors
    /// Where the component failed; see the trait.
    fn tick(&mut self, now: Time, visible: &mut Visible) -> Result<(), StoreError> {
        let _ = (now, visible);
        Ok(())
    }

    /// All rows that readers see, by key. Reads everything: meant for the comparison at the end of a run.
    ///
    /// # Errors
    /// Where the component could not be read.
    fn contents(&mut self) -> Result<Vec<(Key, Row)>, StoreError>;
}

/// What became visible in one instant; filled by a store, emptied by its caller, who makes events of a history of it: one `Shown` of all of
/// `shown` (where there is any), an `Applied` of each of `applied`, a `Loaded` where `loaded`.
#[derive(Clone, Debug, Default)]
pub struct Visible {
    /// The keys whose shown view changed, each once. A view that stays equal is not told, and neither is one that changed and changed
    /// back within the instant. A store that keeps versions or totals tells nothing here.
    pub shown: Vec<Shown>,
    /// Effects applied, in order, by a store that keeps versions or totals.
    pub applied: Vec<(Key, WriteId)>,
    /// Whether a complete load has become visible: one that was published, or that was declared complete and is shown in full now.
    /// May be told again.
    pub loaded: bool,
}
