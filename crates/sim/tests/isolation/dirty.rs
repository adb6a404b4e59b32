//! What no level allows: writes and reads of what is not committed.

use crate::anomaly::{Anomaly, Trial, Verdict, prevented};
use crate::phenomena::Phenomenon::{ConcurrentWriters, G2Item, GSingle};
use crate::play::Told;
use crate::schedule::{Act, t1, t2};
use driftlab_model::Refusal;

pub(crate) const FAMILY: &[&Anomaly] = &[&G0, &G1A, &G1B, &G1C];

const G0: Anomaly = Anomaly {
    name: "G0",
    title: "dirty write",
    source: "Adya 1999: G0, write cycles; Berenson et al. 1995: P0",
    story: "Two transactions write the same two rows, and each row keeps another one's value.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Write(1, 11)),
            t2(Act::Write(1, 12)),
            t1(Act::Write(2, 21)),
            t1(Act::Commit),
            t2(Act::Write(2, 22)),
            t2(Act::Commit),
        ],
        shows: |played| !matches!(played.rows[..], [(1, 11), (2, 21)] | [(1, 12), (2, 22)]),
        expected: [prevented(&[ConcurrentWriters]), prevented(&[])],
    },
    postgres: [Verdict::Prevented, Verdict::Prevented],
};

const G1A: Anomaly = Anomaly {
    name: "G1a",
    title: "aborted read",
    source: "Adya 1999: G1a; Berenson et al. 1995: A1, dirty read",
    story: "A transaction reads what another wrote and then rolled back.",
    trial: Trial::Schedule {
        moves: &[t1(Act::Write(1, 101)), t2(Act::Read(1)), t1(Act::Abort), t2(Act::Read(1)), t2(Act::Commit)],
        shows: |played| [1, 3].iter().any(|&step| played.saw(step) == Some(101)),
        expected: [prevented(&[]), prevented(&[])],
    },
    postgres: [Verdict::Prevented, Verdict::Prevented],
};

const G1B: Anomaly = Anomaly {
    name: "G1b",
    title: "intermediate read",
    source: "Adya 1999: G1b; Berenson et al. 1995: P1, dirty read",
    story: "A transaction reads what another wrote and then overwrote itself.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Write(1, 101)),
            t2(Act::Read(1)),
            t1(Act::Write(1, 11)),
            t1(Act::Commit),
            t2(Act::Read(1)),
            t2(Act::Commit),
        ],
        shows: |played| [1, 4].iter().any(|&step| played.saw(step) == Some(101)),
        expected: [prevented(&[GSingle]), prevented(&[])],
    },
    postgres: [Verdict::Prevented, Verdict::Prevented],
};

const G1C: Anomaly = Anomaly {
    name: "G1c",
    title: "circular information flow",
    source: "Adya 1999: G1c",
    story: "Each of two transactions reads what the other wrote, so neither can have been first.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Write(1, 11)),
            t2(Act::Write(2, 22)),
            t1(Act::Read(2)),
            t2(Act::Read(1)),
            t1(Act::Commit),
            t2(Act::Commit),
        ],
        shows: |played| played.saw(2) == Some(22) && played.saw(3) == Some(11),
        // Each reads what was there before the other: that is write skew, which both levels allow.
        expected: [prevented(&[G2Item]), prevented(&[G2Item])],
    },
    postgres: [Verdict::Prevented, Verdict::Prevented],
};

#[test]
fn g0_a_second_writer_waits_for_the_first() {
    let [read_committed, snapshot] = G0.try_at_both_levels();
    assert_eq!(read_committed.told[1], Told::Waited(Some(Box::new(Told::Done))));
    assert_eq!(read_committed.rows, [(1, 12), (2, 22)]);
    let refused = Told::Refused(Refusal::SerializationFailure);
    assert_eq!(snapshot.told[1], Told::Waited(Some(Box::new(refused))));
    assert_eq!(snapshot.rows, [(1, 11), (2, 21)]);
}

#[test]
fn g1a_what_is_rolled_back_was_never_seen() {
    for played in G1A.try_at_both_levels() {
        assert_eq!((played.saw(1), played.saw(3)), (Some(10), Some(10)));
        assert_eq!(played.rows, [(1, 10), (2, 20)]);
    }
}

#[test]
fn g1b_only_the_last_write_of_a_transaction_is_seen() {
    let [read_committed, snapshot] = G1B.try_at_both_levels();
    assert_eq!((read_committed.saw(1), read_committed.saw(4)), (Some(10), Some(11)));
    assert_eq!((snapshot.saw(1), snapshot.saw(4)), (Some(10), Some(10)));
}

#[test]
fn g1c_neither_of_two_sees_the_other() {
    for played in G1C.try_at_both_levels() {
        assert_eq!((played.saw(2), played.saw(3)), (Some(20), Some(10)));
        assert_eq!(played.rows, [(1, 11), (2, 22)]);
    }
}
