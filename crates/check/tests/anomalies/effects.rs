//! Effects that are missed or come twice, broken invariants, and what clients are promised.

use crate::history::{SEARCH, at, found, search, sentence, sink, story};
use driftlab_check::{Anomaly, Checker, Level, Standing};
use driftlab_model::{Invariant, Key, Observer, Row, SinkForm, SinkKind};

#[test]
fn a_sink_that_keeps_versions_misses_one_or_applies_one_twice() {
    let mut history = sink("history", SinkKind::Warehouse);
    history.form = SinkForm::Versions;
    let mut s = story(&[(4, 5)], &[history]);
    let first = s.commit(10, 1, &[(4, Some(9))]);
    let second = s.commit(11, 2, &[(4, Some(12))]);
    let mut bad = s.clone();
    bad.apply(12, SEARCH, second, 4).apply(15, SEARCH, second, 4);
    let judged = bad.quiescent(20);
    assert_eq!(found(&judged), ["history duplicate_effect 15..", "history missed_change 10.."]);
    assert_eq!(
        sentence(&judged, Anomaly::DuplicateEffect),
        "client-2's change of product 4 (commit 2) was applied to history again by relay at 15 ms"
    );
    s.apply(12, SEARCH, first, 4).apply(15, SEARCH, second, 4);
    assert_eq!(found(&s.quiescent(20)), Vec::<String>::new());
}

/// Prices sum to 10.
struct Sum(i64);

impl Invariant for Sum {
    fn name(&self) -> &'static str {
        "prices sum to 10"
    }
    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self(0))
    }
    fn change(&mut self, _: &Key, before: Option<&Row>, after: Option<&Row>) {
        let price = |row: &Row| row.values()[1].as_integer().unwrap();
        self.0 += after.map_or(0, price) - before.map_or(0, price);
    }
    fn broken(&self) -> Option<String> {
        (self.0 != 10).then(|| format!("they sum to {}", self.0))
    }
}

#[test]
fn a_rule_that_holds_at_the_source_breaks_in_a_sink_that_shows_half_a_transfer() {
    let mut s = search(&[(1, 4), (2, 6)]);
    let t = s.commit(10, 1, &[(1, Some(3)), (2, Some(7))]);
    s.show(12, SEARCH, t, &[1]).show(15, SEARCH, t, &[2]);
    let mut checker = Checker::new(&s.history.cast).with_invariants(vec![Box::new(Sum(0))]);
    for _ in 0..2 {
        s.history.replay(&mut checker);
        checker.observe(at(16), &driftlab_model::Event::Milestone(driftlab_model::Milestone::Quiescent));
        let judged = checker.finish();
        assert_eq!(
            found(&judged),
            [
                "search broken_invariant 12..15",
                "search not_a_prefix 12..15",
                "search torn_transaction 12..15"
            ]
        );
        assert_eq!(
            sentence(&judged, Anomaly::BrokenInvariant),
            "\"prices sum to 10\" does not hold in search: they sum to 9; for 3 ms"
        );
        checker.restart();
    }
    let u = s.commit(20, 1, &[(1, Some(5))]);
    s.show(20, SEARCH, u, &[1]);
    s.history.replay(&mut checker);
    let judged = checker.finish();
    assert!(found(&judged).contains(&"source broken_invariant 20..?".to_owned()), "{:?}", found(&judged));
}

/// Of many cases only the most telling are told; the count must be of all, in the source as in a sink.
#[test]
fn a_rule_that_the_source_breaks_often_is_counted_every_time() {
    let mut s = search(&[(1, 4), (2, 6)]);
    for round in 0..30 {
        s.commit(10 * round + 1, 1, &[(1, Some(5))]);
        s.commit(10 * round + 4, 1, &[(1, Some(4))]);
    }
    let mut checker = Checker::new(&s.history.cast).with_invariants(vec![Box::new(Sum(0))]);
    for _ in 0..2 {
        s.history.replay(&mut checker);
        let judged = checker.finish();
        let tally = judged.source[Anomaly::BrokenInvariant as usize];
        assert_eq!((tally.total, tally.permanent, tally.longest.nanos()), (30, 0, 3_000_000));
        assert_eq!(judged.tally(Anomaly::BrokenInvariant), tally);
        assert!(judged.findings.iter().filter(|finding| finding.sink.is_none()).count() < 30);
        checker.restart();
    }
}

#[test]
fn a_client_that_does_not_see_its_own_write() {
    let mut s = search(&[(4, 5)]);
    let t = s.commit(10, 1, &[(4, Some(9))]);
    s.done(11, 1, t);
    let before = s.history.cast.load[0].1.clone();
    // A read that began before the answer may have missed it, and another client knows nothing of it.
    s.read(12, 10, 1, SEARCH, 4, Some(before.clone())).read(13, 12, 2, SEARCH, 4, Some(before.clone()));
    s.show(15, SEARCH, t, &[4]);
    let mut bad = s.clone();
    let judged = s.read(17, 16, 1, SEARCH, 4, Some(s.row_of(t, 4))).quiescent(20);
    assert_eq!(judged.sinks[0].ladder.strongest(), Some(Level::ReadYourWrites));
    // Both early reads were one version behind, for 2 and 3 ms.
    assert_eq!(judged.sinks[0].read_versions_behind, [2, 1]);
    let judged = bad.read(17, 14, 1, SEARCH, 4, Some(before)).quiescent(20);
    assert_eq!(
        judged.sinks[0].ladder.standings[Level::ReadYourWrites as usize],
        Standing::Broken(
            "client-1 wrote price 9 of product 4, was told so, and at 17 ms read the initial load's 5 from search".into()
        )
    );
}
