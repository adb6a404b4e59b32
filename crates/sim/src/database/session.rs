//! Sessions: one for each open transaction, reused when it ends.

use super::version::RowId;
use driftlab_model::port::Capture;
use driftlab_model::{CommitIndex, Deed, Refusal, Sequence, TransactionId};

/// Names an open transaction. One that has ended is known as such, however often its place was reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    place: u32,
    generation: u32,
}

/// A session's place, which it shares with those before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl SessionId {
    pub(super) const fn place(self) -> Place {
        Place(self.place)
    }
}

/// An open transaction.
#[derive(Debug)]
pub(super) struct Session {
    /// Grows when the session ends.
    generation: u32,
    pub(super) transaction: TransactionId,
    pub(super) capture: Capture,
    /// Under snapshot isolation, what it sees, from its first statement on.
    pub(super) view: Option<CommitIndex>,
    /// Why a statement was refused: nothing but a rollback can follow.
    pub(super) failed: Option<Refusal>,
    /// The rows it has a draft of, in the order of their first write.
    pub(super) written: Vec<RowId>,
    /// What it did that the log tells in ways of its own.
    pub(super) deeds: Vec<Deed>,
    /// Its entries of the event table.
    pub(super) sequences: Vec<Sequence>,
    /// Whether it still has to write its changes into the outbox.
    pub(super) outbox: Outbox,
}

/// How far a session is with its outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outbox {
    /// The application keeps none.
    Unused,
    /// Its entries are still to be written.
    Due,
    /// They are written.
    Written,
}

/// All sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    places: Vec<Session>,
    free: Vec<u32>,
}

impl Sessions {
    /// Opens a session.
    pub(super) fn open(&mut self, transaction: TransactionId, capture: Capture) -> SessionId {
        let outbox = if capture == Capture::Outbox { Outbox::Due } else { Outbox::Unused };
        if let Some(place) = self.free.pop() {
            let session = &mut self.places[place as usize];
            session.transaction = transaction;
            session.capture = capture;
            session.outbox = outbox;
            return SessionId { place, generation: session.generation };
        }
        self.places.push(Session {
            generation: 0,
            transaction,
            capture,
            view: None,
            failed: None,
            written: Vec::new(),
            deeds: Vec::new(),
            sequences: Vec::new(),
            outbox,
        });
        SessionId { place: self.places.len() as u32 - 1, generation: 0 }
    }

    /// An open session; `None` when it has ended.
    #[inline]
    pub(super) fn get(&mut self, id: SessionId) -> Option<&mut Session> {
        self.places.get_mut(id.place as usize).filter(|session| session.generation == id.generation)
    }

    /// The open session at a place.
    pub(super) fn at(&self, place: Place) -> SessionId {
        SessionId { place: place.0, generation: self.places[place.index()].generation }
    }

    /// Ends a session.
    pub(super) fn close(&mut self, id: SessionId) {
        if let Some(session) = self.get(id) {
            session.clear();
            self.free.push(id.place);
        }
    }

    /// Ends all and keeps the memory. Generations go on, so that whoever still names an old session does no harm to a new one.
    pub(super) fn reset(&mut self) {
        for session in &mut self.places {
            session.clear();
        }
        self.free.clear();
        self.free.extend((0..self.places.len() as u32).rev());
    }
}

impl Session {
    fn clear(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.view = None;
        self.failed = None;
        self.written.clear();
        self.deeds.clear();
        self.sequences.clear();
    }
}
