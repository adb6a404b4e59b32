//! Random histories, judged by the checker and by the definitions once more, slow and plain.

mod history;
mod naive;

use driftlab_check::{Anomaly, Checker, Judgement, Standing, Until};
use driftlab_model::{SinkId, SinkKind, Time, View, WriteId};
use history::{OTHER, SEARCH, Story, at, sink, story};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LOADED: [(i64, i64); 3] = [(0, 100), (1, 101), (2, 102)];

/// A step of a random history: after so many milliseconds, do something, with some choices.
type Step = (u64, u8, [u8; 4]);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0..3u64, 0..12u8, any::<[u8; 4]>()), 0..40)
}

/// Few keys, one a transaction, and many transactions that are shown while they are open.
fn early_steps() -> impl Strategy<Value = Vec<Step>> {
    let what = proptest::sample::select(vec![0, 4, 4, 4, 5, 5, 5, 6, 7, 8, 8, 8, 8, 8, 8]);
    proptest::collection::vec(
        (0..3u64, what, (0..6u8, any::<u8>(), any::<u8>()).prop_map(|(a, b, c)| [a, b, c, 0])),
        0..60,
    )
}

/// Keys of a transaction, one to three of five, each with a price or a deletion.
fn writes(choices: [u8; 4], price: i64) -> Vec<(i64, Option<i64>)> {
    let mut rows = BTreeMap::new();
    for (place, choice) in choices.into_iter().enumerate().take(1 + usize::from(choices[3] % 3)) {
        let deletes = choice.is_multiple_of(3);
        rows.insert(i64::from(choice / 3 % 5), (!deletes).then_some(price + place as i64));
    }
    rows.into_iter().collect()
}

/// A history in which a sink shows anything at any time, the worst that a pipeline can do.
fn chaos(kind: SinkKind, steps: &[Step]) -> Story {
    let mut s = story(&LOADED, &[sink("sink", kind)]);
    let mut now = 1;
    let (mut open, mut all): (Vec<u64>, Vec<(u64, Vec<i64>)>) = (Vec::new(), Vec::new());
    for &(later, what, choices) in steps {
        now += later;
        let pick = |n: usize| usize::from(choices[0]) % n;
        match what {
            0..=3 => {
                let rows = writes(choices, 200 + now as i64 * 5);
                let transaction = s.commit(now, 1 + u16::from(choices[0] % 3), &rows);
                all.push((transaction, rows.iter().map(|row| row.0).collect()));
            }
            4 if kind != SinkKind::Cache => {
                let rows = writes(choices, 200 + now as i64 * 5);
                let transaction = s.begin(now, 1);
                s.write(transaction, &rows);
                open.push(transaction);
                all.push((transaction, rows.iter().map(|row| row.0).collect()));
            }
            5 if !open.is_empty() => {
                let transaction = open.remove(pick(open.len()));
                if choices[1].is_multiple_of(3) {
                    s.abort(now, 1, transaction);
                } else {
                    s.commit_open(now, 1, transaction);
                }
            }
            6 => {
                let key = i64::from(choices[1] % 5);
                let view = match (kind, choices[2] % 3) {
                    (SinkKind::Cache, _) => View::NotHeld,
                    (_, 0) => View::Deleted(WriteId::LOAD),
                    _ => View::Missing,
                };
                s.show_view(now, SEARCH, &[(key, view)]);
            }
            7 => {
                let key = i64::from(choices[1] % 3);
                let view = s.loaded_view(key);
                s.show_view(now, SEARCH, &[(key, view)]);
            }
            _ if !all.is_empty() => {
                // Mostly the newest, so that some of it is right.
                let back = if choices[1] < 128 { 0 } else { pick(all.len()) };
                let (transaction, keys) = all[all.len() - 1 - back].clone();
                let some = if choices[2] < 128 { keys.len() } else { 1 };
                let mut views: Vec<(i64, View)> =
                    keys.iter().take(some).map(|key| (*key, s.view(transaction, *key))).collect();
                if kind == SinkKind::Cache {
                    views.iter_mut().filter(|view| matches!(view.1, View::Deleted(_))).for_each(|view| {
                        view.1 = View::NotHeld;
                    });
                }
                s.show_view(now, SEARCH, &views);
            }
            _ => {}
        }
    }
    s.load_ended(now + 1);
    s
}

fn told(judged: &Judgement) -> Vec<(Anomaly, Time, Option<Time>)> {
    let mut all: Vec<_> = judged
        .findings
        .iter()
        .map(|finding| {
            let end = match finding.until {
                Until::Healed(end) => Some(end),
                Until::Permanent => None,
                Until::Unknown => panic!("the run came to rest: {finding:?}"),
            };
            (finding.anomaly, finding.begin, end)
        })
        .collect();
    all.sort();
    all
}

fn compare(mut s: Story) -> Result<(), TestCaseError> {
    let judged = s.quiescent(1_000);
    let mut naive = naive::judge(&s.history, 0);
    naive.findings.sort();
    prop_assert!(naive.findings.len() < 1_000);
    // Where there are more of a kind than are kept, the counts must agree at least.
    for entry in driftlab_check::ANOMALIES {
        let of_kind = |all: &[(Anomaly, Time, Option<Time>)]| {
            all.iter().filter(|finding| finding.0 == entry.anomaly).copied().collect::<Vec<_>>()
        };
        let (ours, theirs) = (of_kind(&told(&judged)), of_kind(&naive.findings));
        let tally = judged.sinks[0].tally(entry.anomaly);
        prop_assert_eq!(tally.total, theirs.len() as u64, "{} {:?}", entry.name, &s.history.events);
        prop_assert_eq!(
            tally.permanent,
            theirs.iter().filter(|f| f.2.is_none()).count() as u64,
            "{} {:?} {:?} {:?}",
            entry.name,
            ours,
            theirs,
            &s.history.events
        );
        if theirs.len() <= 20 {
            prop_assert_eq!(ours, theirs, "{:?}", &s.history.events);
        }
    }
    let sink = &judged.sinks[0];
    prop_assert_eq!(sink.divergent_at_end, naive.divergent_at_end);
    prop_assert_eq!(sink.never_shown, naive.never_shown);
    prop_assert_eq!(sink.freshness.count(), naive.lags.len() as u64);
    let mean = naive.lags.iter().sum::<u64>().checked_div(naive.lags.len() as u64);
    prop_assert_eq!(sink.freshness.mean().map(|mean| mean.nanos()), mean);
    let nanos = judged.load_ended.nanos() as f64;
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    prop_assert!(
        close(sink.staleness.mean, naive.staleness.0 as f64 / 2e9 / nanos),
        "{:?} {:?} {:?}",
        sink.staleness,
        naive,
        s.history.events
    );
    prop_assert!(close(sink.staleness.max, naive.staleness.1 as f64 / 1e9));
    prop_assert!(close(sink.divergent.mean, naive.divergent.0 as f64 / nanos));
    prop_assert!(close(sink.divergent.max, naive.divergent.1 as f64));
    Ok(())
}

/// Every figure of a judgement, for comparing two.
fn digest(judged: &Judgement) -> String {
    let sinks: Vec<String> = judged
        .sinks
        .iter()
        .map(|sink| {
            let of = |d: &driftlab_check::Distribution| (d.count(), d.mean(), d.max());
            format!(
                "{:?}",
                (
                    (&sink.tallies, of(&sink.freshness), sink.never_shown, sink.staleness, sink.divergent),
                    (sink.divergent_at_end, of(&sink.read_staleness), &sink.read_versions_behind),
                    (
                        sink.silent.divergences,
                        of(&sink.silent.row_count.noticed),
                        &sink.ladder,
                        sink.fresh_within
                    ),
                    &sink.series
                )
            )
        })
        .collect();
    format!("{:?} {sinks:?} {:?} {:?}", judged.findings, judged.evidence, judged.ended)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an index shows, the checker finds what the definitions say: nothing more, nothing less, and at the same moments.
    #[test]
    fn an_index_in_chaos_is_judged_as_the_definitions_say(steps in steps()) {
        compare(chaos(SinkKind::Search, &steps))?;
    }

    /// Writers that tell the index before they commit: which of two values was the newer is known afterwards.
    #[test]
    fn an_index_that_hears_of_writes_before_they_commit_is_judged_as_the_definitions_say(steps in early_steps()) {
        compare(chaos(SinkKind::Search, &steps))?;
    }

    #[test]
    fn a_cache_in_chaos_is_judged_as_the_definitions_say(steps in steps()) {
        compare(chaos(SinkKind::Cache, &steps))?;
    }

    /// A sink that applies whole transactions in order, however late, and however many at once, has no anomaly.
    #[test]
    fn a_sink_that_follows_in_order_by_transaction_shows_no_anomaly(steps in steps()) {
        let sinks = [sink("search", SinkKind::Search), sink("warehouse", SinkKind::Warehouse)];
        let mut s = story(&LOADED, &sinks);
        let mut now = 1;
        let mut commits: Vec<(u64, u64, Vec<i64>)> = Vec::new();
        let mut applied = [0, 0];
        let mut lags = [Vec::new(), Vec::new()];
        let follow = |s: &mut Story, place: usize, until: usize, now: u64, applied: &mut [usize; 2], commits: &[(u64, u64, Vec<i64>)], lags: &mut [Vec<u64>; 2]| {
            let mut views: BTreeMap<i64, View> = BTreeMap::new();
            for (transaction, _, keys) in &commits[applied[place]..until] {
                views.extend(keys.iter().map(|key| (*key, s.view(*transaction, *key))));
            }
            if until > applied[place] {
                let views: Vec<_> = views.into_iter().collect();
                s.show_view(now, SinkId(place as u8), &views);
            }
            for (_, committed, keys) in &commits[applied[place]..until] {
                // A deletion of what is not there changes nothing.
                lags[place].extend(keys.iter().map(|_| now - committed));
            }
            applied[place] = until;
        };
        let mut present: BTreeMap<i64, bool> = LOADED.iter().map(|(key, _)| (*key, true)).collect();
        for (later, what, choices) in steps {
            now += later;
            if what < 6 {
                let rows: Vec<_> = writes(choices, now as i64 * 10)
                    .into_iter()
                    .filter(|(key, price)| price.is_some() || present.get(key) == Some(&true))
                    .collect();
                present.extend(rows.iter().map(|(key, price)| (*key, price.is_some())));
                if !rows.is_empty() {
                    let transaction = s.commit(now, 1, &rows);
                    commits.push((transaction, now, rows.iter().map(|row| row.0).collect()));
                }
            } else {
                let place = usize::from(what % 2);
                let until = (applied[place] + 1 + usize::from(choices[0] % 3)).min(commits.len());
                follow(&mut s, place, until, now, &mut applied, &commits, &mut lags);
            }
        }
        for place in 0..2 {
            follow(&mut s, place, commits.len(), now + 5, &mut applied, &commits, &mut lags);
        }
        let judged = s.quiescent(1_000);
        prop_assert_eq!(judged.findings.len(), 0, "{:?}", &judged.findings);
        for (sink, lags) in judged.sinks.iter().zip(&lags) {
            prop_assert_eq!(sink.never_shown, 0);
            prop_assert_eq!(sink.freshness.count(), lags.len() as u64);
            // Where a key is absent twice in a row for a reader, the second deletion is shown before it arrives, so never later.
            let sum: u64 = lags.iter().sum();
            let found = sink.freshness.mean().map_or(0, |mean| mean.nanos()) as f64 * lags.len() as f64;
            prop_assert!(found <= sum as f64 * 1e6 + 1.0);
        }
    }

    /// A checker that was used before judges like a new one, with measures and without.
    #[test]
    fn a_used_checker_judges_like_a_new_one(first in steps(), second in steps()) {
        let (mut a, mut b) = (chaos(SinkKind::Search, &first), chaos(SinkKind::Search, &second));
        a.quiescent(1_000);
        let fresh = b.quiescent(1_000);
        let mut used = Checker::new(&a.history.cast);
        a.history.replay(&mut used);
        used.finish();
        used.restart();
        b.history.replay(&mut used);
        prop_assert_eq!(digest(&used.finish()), digest(&fresh));
        used.reset(&b.history.cast);
        b.history.replay(&mut used);
        prop_assert_eq!(digest(&used.finish()), digest(&fresh));
        let mut quick = Checker::new(&b.history.cast).anomalies_only();
        for _ in 0..2 {
            b.history.replay(&mut quick);
            let judged = quick.finish();
            prop_assert_eq!(format!("{:?}", &judged.findings), format!("{:?}", &fresh.findings));
            prop_assert_eq!(&judged.sinks[0].tallies, &fresh.sinks[0].tallies);
            quick.restart();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// A conclusion says all that a full judgement says, but for the words.
    #[test]
    fn a_conclusion_is_the_judgement_without_words(steps in steps()) {
        let mut s = chaos(SinkKind::Search, &steps);
        let mut full = s.quiescent(1_000);
        for finding in &mut full.findings {
            prop_assert!(!finding.sentence.is_empty());
            finding.sentence.clear();
            finding.transactions.clear();
            finding.processes.clear();
        }
        for standing in full.sinks.iter_mut().flat_map(|sink| &mut sink.ladder.standings) {
            if let Standing::Broken(witness) = standing {
                witness.clear();
            }
        }
        let mut checker = Checker::new(&s.history.cast);
        s.history.replay(&mut checker);
        prop_assert_eq!(digest(checker.conclude()), digest(&full));
    }
}

/// Times of these histories are in milliseconds, and two sinks have two places.
#[test]
fn the_words_of_these_tests_mean_what_they_say() {
    assert_eq!(at(3).nanos(), 3_000_000);
    assert_ne!(SEARCH, OTHER);
}
