use crate::call::Call;
use crate::change::Commit;
use crate::outcome::Outcome;
use crate::position::Lsn;
use crate::time::Span;
use std::sync::Arc;

/// A replication slot: a named, durable reader of the source's write-ahead log.
///
/// It gives committed transactions in commit order, whole, and nothing of aborted ones; their changes as the log tells them ([`crate::Telling`]). The source keeps the log from the
/// acknowledged position on; after a restart reading begins there again, so what was read and not acknowledged is read again.
pub trait Slot {
    /// Reads at most `limit` commits after `after`, waiting up to `wait` for the first; empty when none came.
    ///
    /// Refused as `SlotLost` when the slot was dropped or invalidated by a retention cap: what it held back may be gone, and only a new
    /// snapshot closes the gap.
    fn read(&self, after: Lsn, limit: usize, wait: Span) -> Call<'_, Outcome<Vec<Arc<Commit>>>>;
    /// Promises that nothing up to `lsn` will be asked for again, so the source may forget it. Never moves backwards.
    fn acknowledge(&self, lsn: Lsn) -> Call<'_, Outcome<()>>;
    /// The acknowledged position, from which reading begins after a restart.
    fn confirmed(&self) -> Call<'_, Outcome<Lsn>>;
}
