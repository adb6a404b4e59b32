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

/// A loader that goes on after the index was opened anew would publish half of its rows.
#[test]
fn a_load_that_was_begun_before_the_index_was_reopened_can_never_be_published() {
    for kind in ["search", "warehouse"] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = sink(kind, &[], folder.path());
        store.store.preload(&rows(&[(1, 1)])).unwrap();
        store.call(&Request::Stage { load: 1, rows: rows(&[(2, 2)]) }).unwrap();
        drop(store);
        let mut store = sink(kind, &[], folder.path());
        let refused = Err(driftlab_model::Failure::Refused(Refusal::Conflict));
        assert_eq!(store.load(1, &rows(&[(3, 3)])), refused, "{kind}");
        assert_eq!(store.call(&Request::Publish { load: 1, bookmark: Bookmark(1) }), refused, "{kind}");
        assert_eq!(store.contents(), rows(&[(1, 1)]), "{kind}");
    }
}
