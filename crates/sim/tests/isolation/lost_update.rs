//! Two transactions read a row and write back what they made of it.

use crate::anomaly::{Anomaly, Trial, Verdict, possible, prevented};
use crate::phenomena::Phenomenon::{ConcurrentWriters, GSingle};
use crate::play::Told;
use crate::schedule::{Act, t1, t2};
use driftlab_model::Refusal;

pub(crate) const FAMILY: &[&Anomaly] = &[&P4];

const P4: Anomaly = Anomaly {
    name: "P4",
    title: "lost update",
    source: "Berenson et al. 1995: P4; in Adya's terms a G-single whose other edge is a write",
    story: "Two transactions read a row, and the second overwrites what the first made of it without having seen that.",
    trial: Trial::Schedule {
        moves: &[
            t1(Act::Read(1)),
            t2(Act::Read(1)),
            t1(Act::Write(1, 11)),
            t2(Act::Write(1, 12)),
            t1(Act::Commit),
            t2(Act::Commit),
        ],
        shows: |played| played.saw(1) == Some(10) && played.was_done(2) && played.was_done(3),
        expected: [possible(&[GSingle, ConcurrentWriters]), prevented(&[])],
    },
    postgres: [Verdict::Possible, Verdict::Prevented],
};

/// Two clients read 10 and both write back what they added: the classic lost update.
#[test]
fn p4_an_absolute_write_loses_an_update_under_read_committed_and_is_refused_under_snapshot() {
    let [read_committed, snapshot] = P4.try_at_both_levels();
    assert_eq!(read_committed.rows[0], (1, 12));
    assert_eq!(snapshot.rows[0], (1, 11));
    let refused = Told::Refused(Refusal::SerializationFailure);
    assert_eq!(snapshot.told[3], Told::Waited(Some(Box::new(refused))));
    assert_eq!(snapshot.told[5], Told::Over);
}
