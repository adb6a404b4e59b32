//! What is written comes back as it was.

mod common;

use common::{Dice, difference, trace};
use driftlab_archive::{read, write};
use driftlab_model::{History, Time};
use proptest::prelude::*;

fn there_and_back(history: &History) -> History {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.parquet");
    write(&path, history).unwrap();
    read(&path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A judgement of a file is worth nothing if the file is not the run: an integer that came back as a real would be a finding.
    #[test]
    fn every_history_comes_back_event_by_event(seed: u64, events in 0..40u64) {
        let history = Dice::new(seed).history(events);
        let back = there_and_back(&history);
        prop_assert_eq!(difference(&history, &back), None, "seed {}", seed);
        prop_assert_eq!(trace(&history), trace(&back), "seed {}", seed);
    }
}

/// Row groups and batches have seams; a commit of many rows lies across several.
#[test]
fn a_long_history_comes_back_across_all_seams() {
    let history = Dice::new(7).history(60_000);
    let back = there_and_back(&history);
    assert_eq!(difference(&history, &back), None);
    assert_eq!(trace(&history), trace(&back));
}

#[test]
fn the_comparison_sees_a_difference() {
    let history = Dice::new(3).history(30);
    let mut other = history.clone();
    other.events[12].0 = Time::from_nanos(other.events[12].0.nanos() + 1);
    assert!(difference(&history, &other).is_some());
    assert_ne!(trace(&history), trace(&other));
}
