//! How to hold the log: surely enough to miss nothing, and loosely enough that the writer does not notice.

use crate::wal::Index;
use std::time::{Duration, Instant};

/// What kind of read mark is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// None. The log can be restarted; its end is then read from what the new generation has not overwritten yet.
    Nothing,
    /// Mark 0: the log can be restarted once, the database file stays as it is.
    Database,
    /// A mark at this frame: the log grows, and checkpoints copy no frame beyond it.
    Frame(u64),
}

/// What to do now that everything committed has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Stay,
    /// Begin a new read transaction before ending the one that is open.
    Renew,
    /// End it.
    Release,
}

/// Decides when to take, renew and release read marks.
///
/// An application's automatic checkpoint runs right after a commit. It copies everything, and lets the log be restarted, only if no
/// reader holds a mark before that commit; so whoever always holds the newest mark that he can have keeps the log growing for ever,
/// and makes every checkpoint a partial one that is paid for at every commit. The way out is to hold nothing for the short time in which the
/// checkpoint is due. It is due when a checkpoint was seen to run into the mark, or when the log is nearly as long as the last generation
/// was at its end. Nothing is lost unseen in that time: see `read`.
///
/// "Nearly" is three quarters. Until the mark goes, each commit tries the checkpoint again, so running into it is dear; a writer that does
/// nothing else fills the last eighth of SQLite's usual thousand frames in two or three milliseconds, in which this thread may not get a
/// processor. With seven eighths a third of the checkpoints ran into the mark on a busy machine, with three quarters one in twenty.
pub(super) struct Policy {
    pub(super) hold: Hold,
    since: Instant,
    progressed: Instant,
    /// How long the last generation of the log was at its end, in frames.
    length: Option<u64>,
    salts: crate::wal::Salts,
    committed: u64,
}

impl Policy {
    /// With more unread frames than this it holds the log in any case.
    pub(super) const BEHIND_FRAMES_MAX: u64 = 512;

    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            hold: Hold::Nothing,
            since: now,
            progressed: now,
            length: None,
            salts: crate::wal::Salts::default(),
            committed: 0,
        }
    }

    /// A new read transaction has begun, and then `index` was seen.
    pub(super) fn renewed(&mut self, index: &Index) {
        self.hold = if index.is_backfilled() { Hold::Database } else { Hold::Frame(index.committed) };
        self.since = Instant::now();
    }

    pub(super) fn wish(&mut self, index: &Index, progress: bool) -> Wish {
        let now = Instant::now();
        if progress {
            self.progressed = now;
        }
        if index.salts != self.salts {
            if self.committed > 0 {
                self.length = Some(self.committed);
            }
            self.salts = index.salts;
        }
        self.committed = index.committed;
        let idle = now - self.progressed > Duration::from_millis(3);
        match self.hold {
            Hold::Database if index.is_backfilled() => Wish::Stay,
            // Checkpoints wait for mark 0 to go.
            Hold::Database if now - self.since >= Duration::from_millis(5) => Wish::Renew,
            Hold::Database => Wish::Stay,
            Hold::Frame(_) if index.is_backfilled() => Wish::Renew,
            Hold::Frame(mark) if self.is_due(index, mark) => Wish::Release,
            Hold::Frame(mark) if mark < index.committed && idle => Wish::Renew,
            Hold::Frame(_) => Wish::Stay,
            Hold::Nothing if index.is_backfilled() => Wish::Renew,
            Hold::Nothing if self.is_late(index) => {
                self.length = None;
                Wish::Renew
            }
            Hold::Nothing => Wish::Stay,
        }
    }

    /// Whether a checkpoint is due that the mark would stop.
    fn is_due(&self, index: &Index, mark: u64) -> bool {
        let ran_into = index.backfilled >= mark && index.committed > mark;
        let nearly_as_long =
            self.length.is_some_and(|length| length >= 64 && index.committed >= length / 4 * 3);
        ran_into || nearly_as_long
    }

    /// Whether the log grew far beyond its usual length without the checkpoint that it was let go for.
    fn is_late(&self, index: &Index) -> bool {
        self.length.is_some_and(|length| index.committed > length * 2)
    }
}
