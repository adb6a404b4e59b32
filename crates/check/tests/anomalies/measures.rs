//! Audits, recovery, growth, and too little evidence.

use crate::history::{SEARCH, at, search};
use driftlab_check::{Anomaly, Standing};

#[test]
fn an_audit_by_count_is_blind_while_a_missing_row_hides_behind_a_ghost() {
    let mut s = search(&[(1, 1), (2, 1)]);
    s.commit(10, 1, &[(1, None)]);
    let judged_early = s.clone().quiescent(20);
    assert_eq!(judged_early.sinks[0].silent.row_count.noticed.max().map(|s| s.nanos()), Some(0));
    s.commit(10, 1, &[(3, Some(1))]);
    let judged = s.clone().quiescent(20);
    assert_eq!(judged.sinks[0].silent.row_count.never, 2);
    s.commit(30, 1, &[(4, Some(1))]);
    let judged = s.quiescent(40);
    assert_eq!(judged.sinks[0].silent.row_count.never, 0);
    let ms = |span: driftlab_model::Span| span.nanos() / 1_000_000;
    assert_eq!(judged.sinks[0].silent.row_count.noticed.max().map(ms), Some(20));
}

#[test]
fn a_fault_is_recovered_from_when_the_sink_is_as_fresh_as_before() {
    let mut s = search(&[(4, 5)]);
    for n in 0..100u64 {
        let t = s.commit(10 * n, 1, &[(4, Some(n as i64))]);
        s.show(10 * n + 2, SEARCH, t, &[4]);
    }
    s.fault(1_000, true);
    let lost: Vec<u64> = (0..5u64).map(|n| s.commit(1_001 + n, 1, &[(4, Some(n as i64))])).collect();
    s.fault(1_050, false);
    s.show(1_060, SEARCH, lost[3], &[4]).show(1_070, SEARCH, lost[4], &[4]);
    let judged = s.quiescent(1_200);
    let [recovery] = judged.sinks[0].recoveries.as_slice() else { panic!("one window") };
    let ms = |span: driftlab_model::Span| span.nanos() / 1_000_000;
    assert_eq!((recovery.began, recovery.ended), (at(1_000), at(1_050)));
    assert_eq!(recovery.took.map(ms), Some(20));
    assert_eq!((ms(recovery.staleness_max), recovery.backlog_max), (65, 5));
    assert_eq!(judged.sinks[0].fresh_within.map(ms), Some(2));
    assert_eq!(judged.sinks[0].caught_up, Some(at(1_070)));
}

#[test]
fn an_overloaded_pipeline_lags_without_bound_and_one_lost_change_does_not() {
    let run = |lag: &dyn Fn(u64) -> u64, lose: bool| {
        let mut s = search(&[(4, 5), (5, 5)]);
        if lose {
            s.commit(1, 1, &[(5, Some(6))]);
        }
        let mut shows = Vec::new();
        for n in 0..1_000u64 {
            let t = s.commit(10 + 10 * n, 1, &[(4, Some(n as i64))]);
            shows.push((10 + 10 * n + lag(10 * n), t));
        }
        for &(ms, t) in &shows {
            s.show(ms, SEARCH, t, &[4]);
        }
        s.history.events.sort_by_key(|(at, _)| *at);
        s.load_ended(10_010);
        s.history.events.sort_by_key(|(at, _)| *at);
        let judged = s.quiescent(20_000);
        judged.sinks[0].tally(Anomaly::UnboundedLag).total
    };
    assert_eq!(run(&|ms| 3 + ms / 5, false), 1);
    assert_eq!(run(&|_| 3, false), 0);
    assert_eq!(run(&|_| 3, true), 0);
}

#[test]
fn without_a_commit_everything_is_unknown() {
    let judged = search(&[(4, 5)]).quiescent(20);
    assert!(
        judged.sinks[0].ladder.standings.iter().all(|s| *s == Standing::Unknown("no transaction committed"))
    );
}
