//! Sinks that join in the middle of a run: how far back they reach is read off what they were given.

use crate::history::{OTHER, SEARCH, Story, at, found, sink, story};
use driftlab_check::{Checker, Held, Judgement, Past};
use driftlab_model::{Change, Chronicle, Event, Fact, Milestone, SinkCast, SinkForm, SinkId, SinkKind, Span};
use std::rc::Rc;

const JOINS: u64 = 100;

/// A warehouse that keeps every version, and joins after a while.
fn history() -> SinkCast {
    SinkCast {
        form: SinkForm::Versions,
        preloaded: false,
        joins: Some(at(JOINS)),
        ..sink("history", SinkKind::Warehouse)
    }
}

/// Product 4 has three prices before the view joins and one after, product 5 comes and goes before it joins.
fn past() -> (Story, [u64; 6]) {
    let mut s = story(&[(4, 5)], &[sink("search", SinkKind::Search), history()]);
    let all = [
        s.commit(10, 1, &[(4, Some(6))]),
        s.commit(20, 1, &[(5, Some(1))]),
        s.commit(30, 1, &[(4, Some(7))]),
        s.commit(40, 1, &[(5, None)]),
        s.commit(60, 1, &[(4, Some(8))]),
        s.commit(110, 1, &[(4, Some(9))]),
    ];
    (s, all)
}

const KEYS: [i64; 6] = [4, 5, 4, 5, 4, 4];

fn fill(given: &[usize]) -> Judgement {
    let (mut s, all) = past();
    for &one in given {
        s.apply(120, OTHER, all[one], KEYS[one]);
    }
    s.event(125, Event::Loaded { sink: OTHER });
    s.quiescent(200)
}

fn held(held: u64, of: u64) -> Held {
    Held { held, of }
}

fn past_of(judged: &Judgement) -> &Past {
    let joining = judged.sinks[1].joining.as_ref().expect("it joined");
    joining.past.as_ref().expect("it keeps history")
}

#[test]
fn a_view_that_was_given_everything_reaches_back_to_the_beginning() {
    let judged = fill(&[0, 1, 2, 3, 4, 5]);
    let joining = judged.sinks[1].joining.as_ref().unwrap();
    assert_eq!((joining.joined, joining.loaded, joining.taken), (at(100), Some(at(125)), 6));
    let past = past_of(&judged);
    assert!(past.is_whole);
    assert_eq!(past.reach, Span::from_millis(JOINS));
    assert_eq!((past.before, past.since), (held(5, 5), held(1, 1)));
    assert_eq!((past.subjects, past.standing), (held(2, 2), held(1, 1)));
    assert_eq!(found(&judged).iter().filter(|found| found.starts_with("history")).count(), 0);
}

/// A compacted log has the newest of each key: the current state, and nothing of how it came about.
#[test]
fn a_view_out_of_a_compacted_log_has_what_stands_and_reaches_back_to_what_was_written_over_last() {
    let judged = fill(&[4, 5]);
    let past = past_of(&judged);
    assert!(!past.is_whole);
    // The deletion of product 5, at 40 ms, is the last thing that it does not know.
    assert_eq!(past.reach, Span::from_millis(60));
    assert_eq!((past.before, past.since), (held(1, 5), held(1, 1)));
    assert_eq!((past.subjects, past.standing), (held(0, 2), held(1, 1)));
    assert_eq!(found(&judged).iter().filter(|found| found.starts_with("history")).count(), 0);
}

/// What happened before is a measure; what it misses afterwards is an anomaly like any other.
#[test]
fn what_a_view_misses_after_it_has_joined_is_missed() {
    let (mut s, all) = past();
    let last = s.commit(130, 1, &[(4, Some(10))]);
    s.apply(120, OTHER, all[4], 4).event(125, Event::Loaded { sink: OTHER });
    s.apply(140, OTHER, last, 4);
    s.history.events.sort_by_key(|(at, _)| *at);
    let lost = s.commit(150, 1, &[(4, Some(11))]);
    assert!(lost > last);
    let judged = s.quiescent(200);
    let missed: Vec<String> =
        found(&judged).into_iter().filter(|found| found.starts_with("history")).collect();
    assert_eq!(missed, ["history missed_change 150.."]);
    assert_eq!(past_of(&judged).since, held(1, 3));
}

/// Prices of product 4 and nothing else, whoever's row they are in.
struct Prices;

impl Chronicle for Prices {
    fn subjects(&self) -> &'static str {
        "prices"
    }
    fn tell(&self, change: &Change) -> Option<Fact> {
        let row = change.after.as_ref()?;
        (change.key.as_integer() == Some(4)).then(|| Fact { subject: 4, what: row.values()[1].digest() })
    }
}

#[test]
fn a_domain_says_what_its_history_is_made_of() {
    let (mut s, all) = past();
    for one in [0, 2, 4] {
        s.apply(120, OTHER, all[one], 4);
    }
    s.event(125, Event::Loaded { sink: OTHER });
    s.load_ended(190);
    let mut checker = Checker::new(&s.history.cast).with_chronicle(Rc::new(Prices));
    // A checker that begins anew has forgotten nothing of what it is to measure.
    for turn in 0..3 {
        s.history.replay(&mut checker);
        driftlab_model::Observer::observe(&mut checker, at(200), &Event::Milestone(Milestone::Quiescent));
        let judged = checker.finish();
        let past = past_of(&judged);
        assert_eq!(
            (past.before, past.subjects, past.is_whole),
            (held(3, 3), held(1, 1), true),
            "turn {turn}"
        );
        assert_eq!(past.subjects_name, "prices");
        if turn == 0 { checker.restart() } else { checker.reset(&s.history.cast) }
    }
}

#[test]
fn how_the_others_fare_while_it_is_filled_is_told_beside_how_they_fared_before() {
    let mut s = story(&[(4, 5)], &[sink("search", SinkKind::Search), history()]);
    for n in 0..10u64 {
        let t = s.commit(10 * n, 1, &[(4, Some(n as i64))]);
        s.show(10 * n + 2, SEARCH, t, &[4]);
    }
    let slow = s.commit(101, 1, &[(4, Some(100))]);
    s.show(131, SEARCH, slow, &[4]);
    s.apply(135, OTHER, slow, 4).event(140, Event::Loaded { sink: OTHER });
    let later = s.commit(150, 1, &[(4, Some(101))]);
    s.show(199, SEARCH, later, &[4]).apply(199, OTHER, later, 4);
    let judged = s.quiescent(200);
    let [meanwhile] = judged.sinks[1].joining.as_ref().unwrap().meanwhile[..] else { panic!("one other") };
    assert_eq!(meanwhile.sink, SinkId(0));
    assert_eq!(meanwhile.staleness_max, Span::from_millis(30), "the 49 ms came when it was filled");
    assert!(meanwhile.before <= Span::from_millis(3), "{:?}", meanwhile.before);
    // What was changed before it joined did not come late.
    assert_eq!(judged.sinks[1].freshness.max().map(|lag| lag.nanos() / 1_000_000), Some(49));
    assert_eq!(judged.sinks[1].never_shown, 0);
}
