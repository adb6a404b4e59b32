//! Row locks: exclusive, first come first served, and never a circle of waiting.

use super::session::Place;
use super::version::RowId;

/// What came of asking for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// The session holds it.
    Held,
    /// The session waits for it, and is named among the granted once it holds it.
    Queued,
    /// Waiting would close a circle, so the session does not.
    Deadlock,
}

/// The locks of all rows, with their queues.
///
/// A queue is a chain through the sessions in it, because a session waits for at most one lock; so waiting allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Locks {
    rows: Vec<RowLock>,
    sessions: Vec<Party>,
    granted: Vec<Place>,
}

#[derive(Clone, Copy, Debug, Default)]
struct RowLock {
    holder: Option<Place>,
    first: Option<Place>,
    last: Option<Place>,
}

#[derive(Debug, Default)]
struct Party {
    held: Vec<RowId>,
    waits_for: Option<RowId>,
    /// Who stands next in the same queue.
    next: Option<Place>,
}

impl Locks {
    /// Asks for a row's lock. Asked again by a session that waits, it says so again.
    pub(super) fn claim(&mut self, session: Place, row: RowId) -> Claim {
        if self.rows.len() <= row.place() {
            self.rows.resize(row.place() + 1, RowLock::default());
        }
        if self.sessions.len() <= session.index() {
            self.sessions.resize_with(session.index() + 1, Party::default);
        }
        if self.sessions[session.index()].waits_for.is_some() {
            return Claim::Queued;
        }
        match self.rows[row.place()].holder {
            None => {
                self.rows[row.place()].holder = Some(session);
                self.sessions[session.index()].held.push(row);
                Claim::Held
            }
            Some(holder) if holder == session => Claim::Held,
            Some(holder) if self.waits_on(holder, session) => Claim::Deadlock,
            Some(_) => {
                self.enqueue(session, row);
                Claim::Queued
            }
        }
    }

    /// Whether nobody holds a row's lock.
    pub(super) fn is_free(&self, row: RowId) -> bool {
        self.rows.get(row.place()).is_none_or(|lock| lock.holder.is_none())
    }

    /// Whether a session holds a row's lock.
    pub(super) fn holds(&self, session: Place, row: RowId) -> bool {
        self.rows.get(row.place()).is_some_and(|lock| lock.holder == Some(session))
    }

    /// Whether a session stands in a queue.
    pub(super) fn waits(&self, session: Place) -> bool {
        self.sessions.get(session.index()).is_some_and(|party| party.waits_for.is_some())
    }

    /// Gives up all that a session holds, waits for, or was granted without knowing it yet.
    pub(super) fn release(&mut self, session: Place) {
        if self.sessions.len() <= session.index() {
            return;
        }
        self.leave_queue(session);
        if !self.granted.is_empty() {
            self.granted.retain(|&granted| granted != session);
        }
        let mut held = std::mem::take(&mut self.sessions[session.index()].held);
        for row in held.drain(..) {
            self.hand_over(row);
        }
        self.sessions[session.index()].held = held;
    }

    /// Whether no session has come to hold a lock it waited for, of whom nobody was told yet.
    pub(super) const fn nobody_was_granted(&self) -> bool {
        self.granted.is_empty()
    }

    /// The sessions that came to hold the lock they waited for, in that order; each is named once.
    pub(super) fn take_granted(&mut self) -> std::vec::Drain<'_, Place> {
        self.granted.drain(..)
    }

    /// Forgets all and keeps the memory.
    pub(super) fn reset(&mut self) {
        for party in &mut self.sessions {
            // Whoever waits for a row waits for a holder, so no other row has anybody.
            for row in party.held.drain(..) {
                self.rows[row.place()] = RowLock::default();
            }
            (party.waits_for, party.next) = (None, None);
        }
        self.granted.clear();
    }

    /// Whether `session` waits for `other`, directly or through others.
    ///
    /// Looking at holders is enough: those ahead in a queue wait for the same holder, and one that is handed a lock waits for nobody at
    /// that moment, so a circle can only be closed by a session that begins to wait.
    fn waits_on(&self, mut session: Place, other: Place) -> bool {
        while let Some(row) = self.sessions[session.index()].waits_for {
            match self.rows[row.place()].holder {
                Some(holder) if holder == other => return true,
                Some(holder) => session = holder,
                None => return false,
            }
        }
        false
    }

    fn enqueue(&mut self, session: Place, row: RowId) {
        self.sessions[session.index()].waits_for = Some(row);
        let lock = &mut self.rows[row.place()];
        match lock.last.replace(session) {
            Some(last) => self.sessions[last.index()].next = Some(session),
            None => lock.first = Some(session),
        }
    }

    fn leave_queue(&mut self, session: Place) {
        let Some(row) = self.sessions[session.index()].waits_for.take() else { return };
        let next = self.sessions[session.index()].next.take();
        let lock = &mut self.rows[row.place()];
        let mut ahead = None;
        let mut at = lock.first;
        while let Some(place) = at
            && place != session
        {
            ahead = at;
            at = self.sessions[place.index()].next;
        }
        match ahead {
            Some(place) => self.sessions[place.index()].next = next,
            None => lock.first = next,
        }
        if next.is_none() {
            lock.last = ahead;
        }
    }

    fn hand_over(&mut self, row: RowId) {
        let lock = &mut self.rows[row.place()];
        lock.holder = lock.first;
        let Some(heir) = lock.first else { return };
        let party = &mut self.sessions[heir.index()];
        lock.first = party.next.take();
        if lock.first.is_none() {
            lock.last = None;
        }
        party.waits_for = None;
        party.held.push(row);
        self.granted.push(heir);
    }
}
