use super::*;
use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, Term};

#[test]
fn writes_become_visible_together_at_the_next_multiple_of_the_refresh() {
    let folder = tempfile::tempdir().unwrap();
    let mut search = sink("search", &[("refresh", Datum::Span(Span::from_secs(2)))], folder.path());
    search.store.preload(&rows(&[(1, 1)])).unwrap();
    assert!(search.store.due().is_none() && !search.store.has_work());
    search.at(2.5).put(set(1, 2, Condition::Always)).unwrap();
    search.at(3.0).put(set(2, 2, Condition::Newer)).unwrap();
    assert_eq!(
        search.put(set(2, 1, Condition::Newer)),
        OUTDATED,
        "versions meet what was written, not what is shown"
    );
    search.at(3.5).put(set(1, 3, Condition::Always)).unwrap();
    assert_eq!((search.get(1), search.get(2)), (Some(row(1, 1)), None));
    assert!(search.shown().is_empty() && search.store.has_work());
    assert_eq!(search.store.due(), Some(Time::from_nanos(4_000_000_000)));
    assert_eq!(search.at(4.0).tick().shown(), [(1, view(1, 3)), (2, view(2, 2))]);
    assert!(search.store.due().is_none() && !search.store.has_work());
}

/// What was acknowledged and not yet refreshed dies with the process; what a step carried does not, and neither does its bookmark.
#[test]
fn a_reopened_index_is_at_its_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let mut search = sink("search", &[], folder.path());
    search.step(vec![set(1, 1, Condition::Always)], 0, 7).unwrap();
    search.put(set(2, 2, Condition::Always)).unwrap();
    drop(search);
    let mut search = sink("search", &[], folder.path());
    assert_eq!((search.contents(), search.bookmark()), (rows(&[(1, 1)]), Some(7)));
}

/// A write that an indexing thread held still when everything was removed came back with the next commit: a row from before the reload, about once in ten times.
#[test]
fn what_was_written_just_before_a_clear_is_cleared_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut search = sink("search", &[], folder.path());
    for version in 1..=20 {
        search.put(set(5, version, Condition::Always)).unwrap();
        search.call(&Request::Clear).unwrap();
        assert_eq!((search.get(5), search.contents()), (None, Vec::new()), "round {version}");
    }
}

/// An index whose texts cannot be searched would cost less than a real one.
#[test]
fn the_words_of_a_row_are_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let mut search = sink("search", &[], folder.path());
    search.store.preload(&rows(&[(1, 1), (2, 1)])).unwrap();
    search.put(delete(2, 2, Condition::Newer)).unwrap();
    search.at(2.0).tick();
    let index = Index::open_in_dir(folder.path().join("index-0")).unwrap();
    let text = index.schema().get_field("text").unwrap();
    let query = TermQuery::new(Term::from_field_text(text, "text"), IndexRecordOption::Basic);
    let found = index.reader().unwrap().searcher().search(&query, &Count).unwrap();
    assert_eq!(found, 1, "the deleted row has no words");
}

/// A loader that goes on after the store was opened anew, or was lost with all that it held and stands there empty, would publish half of its rows.
#[test]
fn a_load_that_was_begun_before_the_store_was_reopened_or_lost_can_never_be_published() {
    for kind in ["cache", "search", "warehouse"] {
        for is_lost in [false, true] {
            let (folder, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let mut store = sink(kind, &[], folder.path());
            store.store.preload(&rows(&[(1, 1)])).unwrap();
            let load = store.stage(None, &rows(&[(2, 2)])).unwrap();
            drop(store);
            let mut store = sink(kind, &[], if is_lost { empty.path() } else { folder.path() });
            let held = store.at(1.0).contents();
            assert_eq!(held.is_empty(), is_lost || kind == "cache", "{kind}");
            assert_eq!(store.stage(Some(load), &rows(&[(3, 3)])), Err(NO_SUCH_LOAD), "{kind}");
            assert_eq!(store.publish(load, 1), Err(NO_SUCH_LOAD), "{kind}");
            assert_eq!(store.contents(), held, "{kind}");
            let again = store.stage(None, &rows(&[(2, 2), (3, 3)])).unwrap();
            assert!(again > load, "{kind}: no name is given twice");
            store.publish(again, 1).unwrap();
            assert_eq!(store.contents(), rows(&[(2, 2), (3, 3)]), "{kind}");
        }
    }
}
