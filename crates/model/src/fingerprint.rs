//! Fingerprints of states: two states with one fingerprint go on alike, for whoever searches through all schedules.

use crate::hash::{Lookup, mix};
use crate::history::View;
use crate::row::{Row, TransactionId, WriteId};
use std::cell::Cell;

/// A fingerprint under way: words go in, in an order that the caller keeps to, and 128 bits come out.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint<'a> {
    low: u64,
    high: u64,
    names: &'a Names,
}

impl<'a> Fingerprint<'a> {
    /// That of nothing, in which writes go by these names.
    #[must_use]
    pub const fn new(names: &'a Names) -> Self {
        Self { low: 0, high: 0, names }
    }

    /// A part of its own, for what has no order: the values of parts are added up before they go in.
    #[must_use]
    pub const fn part(&self) -> Self {
        Self::new(self.names)
    }

    /// What writes are called in it.
    #[must_use]
    pub const fn names(&self) -> &'a Names {
        self.names
    }

    /// Takes a word in.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.low = mix(self.low, word);
        self.high = self.high.rotate_left(23).wrapping_add(self.low) ^ word;
    }

    /// Takes a sum of parts in.
    pub fn sum(&mut self, parts: u128) {
        self.word(parts as u64);
        self.word((parts >> 64) as u64);
    }

    /// Takes a write in, by its name.
    pub fn write(&mut self, write: WriteId) {
        self.word(self.names.of(write.transaction));
        self.word(u64::from(write.index));
    }

    /// Takes a row in: a value names its write, so the write stands for it where nothing is added to what was there.
    pub fn row(&mut self, row: Option<&Row>) {
        match row {
            None => self.word(0),
            Some(row) if self.names.are_given() => self.write(row.write()),
            Some(row) => self.word(row.digest()),
        }
    }

    /// Takes in what a reader sees of a key.
    pub fn view(&mut self, view: &View) {
        match view {
            View::Row(row) => self.row(Some(row)),
            View::Deleted(write) => {
                self.word(1);
                self.write(*write);
            }
            View::Missing => self.word(2),
            View::NotHeld => self.word(3),
        }
    }

    /// The fingerprint.
    #[must_use]
    pub fn value(&self) -> u128 {
        u128::from(mix(self.high, self.low)) << 64 | u128::from(mix(self.low, self.high))
    }
}

/// What clients and their transactions are called in a fingerprint.
///
/// Clients that do the same are called by the order in which something of theirs first took effect: whoever exchanges two of them, in a whole schedule, has another schedule
/// that goes the same way. All others go by the names that they have. Names are given only where every statement sets what it writes, whatever was there before, so that a write
/// stands for its value too.
#[derive(Debug, Default)]
pub struct Names {
    /// The client of a transaction, and which of its transactions it is.
    families: Lookup<TransactionId, (u32, u32)>,
    /// The group of each client that has others like it.
    groups: Vec<u32>,
    /// What each client is called, 0 as long as nothing of it has taken effect; and how many are called in each group.
    called: Vec<Cell<u32>>,
    given: Vec<Cell<u32>>,
}

impl Names {
    /// Names for clients, each with its group and its transactions.
    #[must_use]
    pub fn new(clients: &[(u32, Vec<TransactionId>)]) -> Self {
        let mut families = Lookup::default();
        for (client, (_, transactions)) in (0..).zip(clients) {
            for (place, transaction) in (0..).zip(transactions) {
                families.insert(*transaction, (client, place));
            }
        }
        let groups: Vec<u32> = clients.iter().map(|(group, _)| *group).collect();
        let count = groups.iter().max().map_or(0, |most| *most as usize + 1);
        Self { families, called: vec![Cell::new(0); groups.len()], given: vec![Cell::new(0); count], groups }
    }

    /// Whether any client is called by what it did, and not by the name that it has.
    #[must_use]
    pub fn are_given(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Something of a client takes effect.
    pub fn call(&self, client: usize) {
        let (Some(called), Some(group)) = (self.called.get(client), self.groups.get(client)) else { return };
        if called.get() == 0 {
            let given = &self.given[*group as usize];
            given.set(given.get() + 1);
            called.set(given.get());
        }
    }

    /// What a client is called.
    #[must_use]
    pub fn of_client(&self, client: usize) -> u64 {
        match (self.called.get(client), self.groups.get(client)) {
            (Some(called), Some(group)) => u64::from(*group) << 32 | u64::from(called.get()),
            _ => client as u64,
        }
    }

    /// What a transaction is called.
    #[must_use]
    pub fn of(&self, transaction: TransactionId) -> u64 {
        match self.families.get(&transaction) {
            Some(&(client, place)) => mix(self.of_client(client as usize), 1 + u64::from(place)),
            None => transaction.0,
        }
    }

    /// Nobody has done anything yet.
    pub fn reset(&self) {
        self.called.iter().chain(&self.given).for_each(|count| count.set(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of two clients that do the same goes first must not matter, and which of a client's transactions it is must.
    #[test]
    fn clients_that_do_the_same_are_called_in_the_order_of_their_effects() {
        let transactions = |from: u64| vec![TransactionId(from), TransactionId(from + 2)];
        let names = Names::new(&[(0, transactions(0)), (0, transactions(1))]);
        let called = |first: usize| {
            names.reset();
            names.call(first);
            names.call(1 - first);
            names.call(first);
            let of = |client: usize, place: u64| names.of(TransactionId(client as u64 + 2 * place));
            [of(first, 0), of(first, 1), of(1 - first, 0), of(1 - first, 1)]
        };
        assert_eq!(called(0), called(1));
        let mut all = called(0);
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
