//! Facts: what a view that keeps history is made of, as a domain tells them from changes of rows.

use crate::change::Change;

/// Something that happened to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// Whose history it belongs to.
    pub subject: u64,
    /// What happened: the same for all changes of one transaction that tell of it, and another for whatever else happened to the subject in it.
    pub what: u64,
}

/// A view that keeps history, as a domain defines it: which changes of rows tell of something that happened, and to whom.
///
/// A domain may store the same fact in several tables: as an event, and as what follows from it. A view that was given any of them knows it.
pub trait Chronicle {
    /// Whose history it is, in the plural: `customers`.
    fn subjects(&self) -> &'static str;
    /// What a change tells; nothing where it is about something else.
    fn tell(&self, change: &Change) -> Option<Fact>;
}

/// The view of those who define none: every change of a row, and the history of each row.
#[derive(Clone, Copy, Debug, Default)]
pub struct EveryChange;

impl Chronicle for EveryChange {
    fn subjects(&self) -> &'static str {
        "rows"
    }

    fn tell(&self, change: &Change) -> Option<Fact> {
        Some(Fact { subject: change.key.digest(), what: change.write.digest() })
    }
}
