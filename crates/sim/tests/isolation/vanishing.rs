//! What a transaction saw of another must not vanish again.

use crate::anomaly::{Anomaly, Trial, Verdict, prevented};
use crate::phenomena::Phenomenon::{ConcurrentWriters, GSingle};
use crate::schedule::{Act, t1, t2, t3};

pub(crate) const FAMILY: &[&Anomaly] = &[&OTV];

const OTV: Anomaly = Anomaly {
    name: "OTV",
    title: "observed transaction vanishes",
    source: "Bailis et al. 2014: OTV; what monotonic atomic view forbids",
    story: "A reader sees one of a transaction's writes, and then a row as it was before that transaction.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Write(1, 11)),
            t1(Act::Write(2, 19)),
            t2(Act::Write(1, 12)),
            t1(Act::Commit),
            t3(Act::Read(1)),
            t2(Act::Write(2, 18)),
            t3(Act::Read(2)),
            t2(Act::Commit),
            t3(Act::Read(2)),
            t3(Act::Read(1)),
            t3(Act::Commit),
        ],
        shows: |played| {
            let (saw_first, saw_second) = (played.saw(4) == Some(11), played.saw(8) == Some(18));
            (saw_first && played.saw(6) == Some(20)) || (saw_second && played.saw(9) != Some(12))
        },
        expected: [prevented(&[GSingle, ConcurrentWriters]), prevented(&[])],
    },
    postgres: [Verdict::Prevented, Verdict::Prevented],
};

#[test]
fn otv_a_transaction_that_was_seen_stays_seen() {
    let [read_committed, snapshot] = OTV.try_at_both_levels();
    let seen = |played: &crate::play::Played| [4, 6, 8, 9].map(|step| played.saw(step).unwrap());
    assert_eq!(seen(&read_committed), [11, 19, 18, 12]);
    assert_eq!(
        seen(&snapshot),
        [11, 19, 19, 11],
        "the second writer is refused, and the reader's view is fixed"
    );
}
