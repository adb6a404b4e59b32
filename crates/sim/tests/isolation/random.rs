//! Random schedules of a few sessions: what a level forbids never happens, and what it allows does.

use crate::history::Version;
use crate::phenomena::{self, Phenomenon};
use crate::play::{KEYS, Played, play};
use crate::schedule::{ALL, Act, Move};
use driftlab_sim::database::Isolation;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

use Phenomenon::{ConcurrentWriters, G0, G1a, G1b, G1c, G2, G2Item, GSingle, Otv};

const SESSIONS: usize = 4;
/// What no history of a level shows; what the others are, some history does.
const READ_COMMITTED_FORBIDS: [Phenomenon; 5] = [G0, G1a, G1b, G1c, Otv];
const SNAPSHOT_FORBIDS: [Phenomenon; 7] = [G0, G1a, G1b, G1c, Otv, GSingle, ConcurrentWriters];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => KEYS.prop_map(Act::Read),
        2 => Just(Act::Scan(ALL)),
        5 => (KEYS, 0..100i64).prop_map(|(key, value)| Act::Write(key, value)),
        2 => (KEYS, 0..100i64).prop_map(|(key, amount)| Act::Add(key, amount)),
        1 => (KEYS, 0..100i64).prop_map(|(key, value)| Act::Insert(key, value)),
        5 => Just(Act::Commit),
        1 => Just(Act::Abort),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0..SESSIONS, act()).prop_map(|(session, act)| Move { session, act });
    proptest::collection::vec(one, 1..60)
}

fn forbidden(isolation: Isolation) -> BTreeSet<Phenomenon> {
    match isolation {
        Isolation::ReadCommitted => READ_COMMITTED_FORBIDS.into(),
        Isolation::Snapshot => SNAPSHOT_FORBIDS.into(),
    }
}

fn both() -> impl Strategy<Value = Isolation> {
    prop_oneof![Just(Isolation::ReadCommitted), Just(Isolation::Snapshot)]
}

/// Under snapshot isolation, whether each read shows what had been committed when its transaction began (Adya's G-SI(a) and G-SI(b) are absent).
fn reads_its_beginning(played: &Played) -> bool {
    let history = &played.history;
    history.transactions.iter().all(|(tx, of)| {
        of.reads.iter().filter(|read| !matches!(read.version, Version::Written(by, _) if by == *tx)).all(
            |read| {
                let before = |by: u64| history.transactions[&by].span.1 <= of.span.0;
                let due = history.versions(read.key).iter().filter(|(by, _)| before(*by)).count();
                history.place(read.key, read.version) == Some(due)
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn no_history_shows_what_its_level_forbids(isolation in both(), moves in moves()) {
        let played = play(isolation, &moves);
        let shown: Vec<Phenomenon> = phenomena::of(&played.history).intersection(&forbidden(isolation)).copied().collect();
        prop_assert!(shown.is_empty(), "{shown:?} at {isolation:?} in {:#?}", played.history);
        if isolation == Isolation::Snapshot {
            prop_assert!(reads_its_beginning(&played), "{:#?}", played.history);
        }
    }
}

/// A level that forbade more than it says would make the races disappear that strategies must be judged by.
#[test]
fn random_histories_show_everything_that_their_level_allows() {
    for (isolation, allowed) in [
        (Isolation::ReadCommitted, BTreeSet::from([GSingle, G2Item, G2, ConcurrentWriters])),
        (Isolation::Snapshot, BTreeSet::from([G2Item, G2])),
    ] {
        let mut runner = TestRunner::deterministic();
        let mut shown = BTreeSet::new();
        for _ in 0..2_000 {
            let moves = moves().new_tree(&mut runner).expect("no filter refuses it").current();
            shown.extend(phenomena::of(&play(isolation, &moves).history));
        }
        assert_eq!(shown, allowed, "at {isolation:?}");
    }
}
