//! What a transaction read is no longer true when another's write, or its own, takes effect.

use crate::anomaly::{Anomaly, Trial, Verdict, possible, prevented};
use crate::phenomena::Phenomenon::{G2Item, GSingle};
use crate::schedule::{ALL, Act, t1, t2, t3};

pub(crate) const FAMILY: &[&Anomaly] = &[&G_SINGLE, &G2_ITEM, &READ_ONLY];

const G_SINGLE: Anomaly = Anomaly {
    name: "G-single",
    title: "read skew",
    source: "Adya 1999: G-single, single anti-dependency cycles; Berenson et al. 1995: A5A",
    story: "A transaction reads one row before another's commit, and a second row after it.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Read(1)),
            t2(Act::Read(1)),
            t2(Act::Read(2)),
            t2(Act::Write(1, 12)),
            t2(Act::Write(2, 18)),
            t2(Act::Commit),
            t1(Act::Read(2)),
            t1(Act::Commit),
        ],
        shows: |played| played.saw(0) == Some(10) && played.saw(6) == Some(18),
        expected: [possible(&[GSingle]), prevented(&[])],
    },
    postgres: [Verdict::Possible, Verdict::Prevented],
};

const G2_ITEM: Anomaly = Anomaly {
    name: "G2-item",
    title: "write skew",
    source: "Adya 1999: G2-item, item anti-dependency cycles; Berenson et al. 1995: A5B",
    story: "Each of two transactions reads two rows, and writes the one that the other does not.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Read(1)),
            t1(Act::Read(2)),
            t2(Act::Read(1)),
            t2(Act::Read(2)),
            t1(Act::Write(1, 11)),
            t2(Act::Write(2, 21)),
            t1(Act::Commit),
            t2(Act::Commit),
        ],
        shows: |played| {
            played.saw(1) == Some(20) && played.saw(2) == Some(10) && played.rows == [(1, 11), (2, 21)]
        },
        expected: [possible(&[G2Item]), possible(&[G2Item])],
    },
    postgres: [Verdict::Possible, Verdict::Possible],
};

const READ_ONLY: Anomaly = Anomaly {
    name: "G2-item",
    title: "write skew that a reader sees",
    source: "Fekete, O'Neil, O'Neil 2004: a read-only transaction anomaly",
    story: "A transaction that only reads sees the later of two writers and not the earlier, which has not seen the later either.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Scan(ALL)),
            t2(Act::Add(2, 5)),
            t2(Act::Commit),
            t3(Act::Scan(ALL)),
            t3(Act::Commit),
            t1(Act::Write(1, 0)),
            t1(Act::Commit),
        ],
        shows: |played| played.saw_rows(3) == [(1, 10), (2, 25)] && played.rows == [(1, 0), (2, 25)],
        expected: [possible(&[G2Item]), possible(&[G2Item])],
    },
    postgres: [Verdict::Possible, Verdict::Possible],
};

#[test]
fn g_single_two_reads_see_two_states_under_read_committed_only() {
    let [_, snapshot] = G_SINGLE.try_at_both_levels();
    assert_eq!(snapshot.saw(6), Some(20));
}

#[test]
fn g2_item_two_writers_miss_each_other_at_both_levels() {
    G2_ITEM.try_at_both_levels();
}

#[test]
fn g2_item_a_reader_sees_an_order_that_the_writers_do_not_at_both_levels() {
    READ_ONLY.try_at_both_levels();
}
