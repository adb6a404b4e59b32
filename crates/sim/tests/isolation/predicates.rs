//! Reads and writes of all rows for which something holds.
//!
//! The database has no predicates of its own: it reads many rows through snapshots, and who reads picks the rows.

use crate::anomaly::{Anomaly, Trial, Verdict, possible, prevented};
use crate::phenomena::Phenomenon::{G2, GSingle};
use crate::schedule::{Act, Predicate, t1, t2};

pub(crate) const FAMILY: &[&Anomaly] =
    &[&PMP, &PMP_WRITE, &G_SINGLE_PREDICATE, &G_SINGLE_WRITE, &G2_PREDICATE];

const IS_30: Predicate = Predicate { text: "value = 30", holds: |value| value == 30 };
const BY_3: Predicate = Predicate { text: "value % 3 = 0", holds: |value| value % 3 == 0 };
const BY_5: Predicate = Predicate { text: "value % 5 = 0", holds: |value| value % 5 == 0 };

const ONE_ROW: &str =
    "a statement names one row by its key, so there is no write whose rows a condition chooses";

const PMP: Anomaly = Anomaly {
    name: "PMP",
    title: "predicate-many-preceders",
    source: "Bailis et al. 2014: PMP; Berenson et al. 1995: P3, phantom",
    story: "A transaction reads by a condition twice, and the second time there is a row that another inserted in between.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Scan(IS_30)),
            t2(Act::Insert(3, 30)),
            t2(Act::Commit),
            t1(Act::Scan(BY_3)),
            t1(Act::Commit),
        ],
        shows: |played| played.saw_rows(0).is_empty() && played.saw_rows(3) == [(3, 30)],
        expected: [possible(&[GSingle]), prevented(&[])],
    },
    postgres: [Verdict::Possible, Verdict::Prevented],
};

const PMP_WRITE: Anomaly = Anomaly {
    name: "PMP",
    title: "predicate-many-preceders, by a write's condition",
    source: "Bailis et al. 2014: PMP",
    story: "A deletion by a condition misses a row that comes to fulfil it while the statement waits.",
    trial: Trial::Inexpressible(ONE_ROW),
    postgres: [Verdict::Possible, Verdict::Prevented],
};

const G_SINGLE_PREDICATE: Anomaly = Anomaly {
    name: "G-single",
    title: "read skew, by conditions",
    source: "Adya 1999: G-single, with predicate dependencies",
    story: "A transaction reads by one condition before another's write, and by a second condition after it.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Scan(BY_5)),
            t2(Act::Write(1, 12)),
            t2(Act::Commit),
            t1(Act::Scan(BY_3)),
            t1(Act::Commit),
        ],
        shows: |played| played.saw_rows(0) == [(1, 10), (2, 20)] && played.saw_rows(3) == [(1, 12)],
        expected: [possible(&[GSingle]), prevented(&[])],
    },
    postgres: [Verdict::Possible, Verdict::Prevented],
};

const G_SINGLE_WRITE: Anomaly = Anomaly {
    name: "G-single",
    title: "read skew, by a write's condition",
    source: "Adya 1999: G-single, with predicate dependencies",
    story: "A transaction reads one row, and then deletes by a condition on a state that another made in between.",
    trial: Trial::Inexpressible(ONE_ROW),
    postgres: [Verdict::Possible, Verdict::Prevented],
};

const G2_PREDICATE: Anomaly = Anomaly {
    name: "G2",
    title: "write skew, by conditions",
    source: "Adya 1999: G2, anti-dependency cycles",
    story: "Each of two transactions finds no row that fulfils a condition, and inserts one.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Scan(BY_3)),
            t2(Act::Scan(BY_3)),
            t1(Act::Insert(3, 30)),
            t2(Act::Insert(4, 42)),
            t1(Act::Commit),
            t2(Act::Commit),
        ],
        shows: |played| {
            played.saw_rows(0).is_empty()
                && played.saw_rows(1).is_empty()
                && played.rows[2..] == [(3, 30), (4, 42)]
        },
        expected: [possible(&[G2]), possible(&[G2])],
    },
    postgres: [Verdict::Possible, Verdict::Possible],
};

#[test]
fn pmp_a_second_scan_shows_what_was_inserted_since_under_read_committed_only() {
    PMP.try_at_both_levels();
}

#[test]
fn g_single_by_conditions_two_scans_see_two_states_under_read_committed_only() {
    let [_, snapshot] = G_SINGLE_PREDICATE.try_at_both_levels();
    assert!(snapshot.saw_rows(3).is_empty());
}

#[test]
fn g2_two_scans_miss_each_others_insertion_at_both_levels() {
    G2_PREDICATE.try_at_both_levels();
}
