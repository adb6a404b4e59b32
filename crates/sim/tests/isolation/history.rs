//! Histories as Adya defines them: what each transaction read and wrote, and the order in which the versions of each row were installed.

use std::collections::BTreeMap;

/// Names a transaction of a history.
pub(crate) type Tx = u64;

/// A version of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    /// That of the initial load, or the row's absence before its first insertion.
    Initial,
    /// What a transaction wrote, by the number of the write among its writes.
    Written(Tx, u32),
}

/// What a transaction was shown of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) key: i64,
    pub(crate) version: Version,
    /// Whether the row was absent and its absence shown by a predicate's evaluation: a dependency by predicate, not by item.
    pub(crate) by_predicate: bool,
    /// The moment.
    pub(crate) at: usize,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Committed,
    Aborted,
}

#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// The moment of its first step, and that of its end.
    pub(crate) span: (usize, usize),
    pub(crate) reads: Vec<Read>,
    pub(crate) end: End,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) transactions: BTreeMap<Tx, Transaction>,
    /// The committed versions of each row in the order of their installation, without the initial one.
    pub(crate) installed: BTreeMap<i64, Vec<(Tx, u32)>>,
}

impl History {
    pub(crate) fn is_committed(&self, tx: Tx) -> bool {
        self.transactions.get(&tx).is_some_and(|transaction| transaction.end == End::Committed)
    }

    pub(crate) fn committed(&self) -> impl Iterator<Item = (Tx, &Transaction)> {
        self.transactions.iter().map(|(&tx, of)| (tx, of)).filter(|(_, of)| of.end == End::Committed)
    }

    /// The committed versions of a row, in order.
    pub(crate) fn versions(&self, key: i64) -> &[(Tx, u32)] {
        self.installed.get(&key).map_or(&[], Vec::as_slice)
    }

    /// A version's place in its row's order: 0 for the initial one; that of a transaction's last write for all its writes; `None` where it was never installed.
    pub(crate) fn place(&self, key: i64, version: Version) -> Option<usize> {
        match version {
            Version::Initial => Some(0),
            Version::Written(tx, _) => {
                self.versions(key).iter().position(|(by, _)| *by == tx).map(|place| place + 1)
            }
        }
    }
}
