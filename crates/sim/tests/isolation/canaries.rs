//! The checker finds each phenomenon where it is, in histories that the database would never make, and none where there is none.

use crate::history::{End, History, Read, Transaction, Tx, Version};
use crate::phenomena::Phenomenon::{self, ConcurrentWriters, G0, G1a, G1b, G1c, G2, G2Item, GSingle, Otv};
use crate::phenomena::of;

const X: i64 = 1;
const Y: i64 = 2;

/// Versions of rows in the order of their installation, by transaction; each transaction wrote a row once.
fn history(installed: &[(i64, &[Tx])]) -> History {
    let installed =
        installed.iter().map(|(key, by)| (*key, by.iter().map(|tx| (*tx, 0)).collect())).collect();
    History { installed, ..History::default() }
}

impl History {
    /// Adds a committed transaction that runs after the one before it, and what it read, in order.
    fn with(mut self, tx: Tx, reads: &[(i64, Version)]) -> Self {
        let at = self.transactions.len() * 100;
        let read = |(i, &(key, version))| Read { key, version, by_predicate: false, at: at + i };
        let reads = reads.iter().enumerate().map(read).collect();
        self.transactions.insert(tx, Transaction { span: (at, at + 99), reads, end: End::Committed });
        self
    }

    fn shows(&self, expected: &[Phenomenon]) {
        let found: Vec<Phenomenon> = of(self).into_iter().collect();
        assert_eq!(found, expected, "{self:#?}");
    }
}

fn by(tx: Tx) -> Version {
    Version::Written(tx, 0)
}

#[test]
fn a_serial_history_shows_nothing() {
    let serial = history(&[(X, &[1, 2]), (Y, &[1, 3])]).with(1, &[(X, Version::Initial)]);
    serial.with(2, &[(X, by(1)), (Y, by(1))]).with(3, &[(X, by(2)), (Y, by(1))]).shows(&[]);
}

#[test]
fn writes_in_two_orders_are_g0() {
    history(&[(X, &[1, 2]), (Y, &[2, 1])]).with(1, &[]).with(2, &[]).shows(&[G0]);
}

#[test]
fn a_read_of_what_was_rolled_back_is_g1a() {
    let mut dirty = history(&[]).with(1, &[]).with(2, &[(X, by(1))]);
    dirty.transactions.get_mut(&1).unwrap().end = End::Aborted;
    dirty.shows(&[G1a]);
}

#[test]
fn a_read_of_what_its_writer_overwrote_is_g1b() {
    let mut dirty = history(&[]).with(1, &[]).with(2, &[(X, by(1))]);
    dirty.installed.insert(X, vec![(1, 1)]);
    dirty.shows(&[G1b]);
}

#[test]
fn two_that_read_each_other_are_g1c() {
    let circle = history(&[(X, &[1]), (Y, &[2])]);
    circle.with(1, &[(Y, by(2))]).with(2, &[(X, by(1))]).shows(&[G1c]);
}

#[test]
fn a_transaction_that_is_seen_and_then_not_is_otv() {
    let fractured = history(&[(X, &[1]), (Y, &[1])]).with(1, &[]);
    fractured.clone().with(2, &[(X, by(1)), (Y, Version::Initial)]).shows(&[Otv, GSingle]);
    // The other way round, the transaction appears while it is read: that is read skew alone.
    fractured.with(2, &[(Y, Version::Initial), (X, by(1))]).shows(&[GSingle]);
}

#[test]
fn a_circle_of_three_through_one_read_of_the_past_is_g_single() {
    let circle = history(&[(X, &[1]), (Y, &[2])]).with(1, &[]).with(2, &[(X, by(1))]);
    circle.with(3, &[(X, Version::Initial), (Y, by(2))]).shows(&[GSingle]);
}

#[test]
fn two_reads_of_the_past_that_close_a_circle_are_g2_item_or_g2() {
    let mut skew = history(&[(X, &[1]), (Y, &[2])]);
    skew = skew.with(1, &[(Y, Version::Initial)]).with(2, &[(X, Version::Initial)]);
    skew.shows(&[G2Item]);
    skew.transactions.get_mut(&1).unwrap().reads[0].by_predicate = true;
    skew.shows(&[G2]);
}

#[test]
fn two_writers_of_a_row_that_ran_at_once_are_concurrent_writers() {
    let mut writers = history(&[(X, &[1, 2])]).with(1, &[]).with(2, &[]);
    writers.shows(&[]);
    writers.transactions.get_mut(&2).unwrap().span.0 = 50;
    writers.shows(&[ConcurrentWriters]);
}
