//! A real database as the beginning: every strategy runs on its tables, keys and rows.

#![allow(clippy::disallowed_methods, reason = "a test that reads database files")]

use driftlab_lab::{Experiment, Quiet, RunOptions, run};
use driftlab_model::Span;
use driftlab_scenario::{Overrides, Scenario};
use std::io::Write;
use std::path::{Path, PathBuf};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn on(database: &Path) -> Experiment {
    let overrides = Overrides {
        database: Some(database.to_owned()),
        duration: Some(Span::from_secs(10)),
        ..Overrides::default()
    };
    let scenario = Scenario::load(&top().join("scenarios/your-database.toml"), &overrides)
        .unwrap_or_else(|error| panic!("{error}"));
    run(&scenario, &RunOptions { jobs: 2 }, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// What every strategy must have done: written rows of the real shape, come to rest, and broken no promise of its own.
fn every_strategy_ran(experiment: &Experiment) {
    assert_eq!(experiment.strategies.len(), 8);
    for strategy in &experiment.strategies {
        let judgement = &strategy.runs[0].judgement;
        assert!(judgement.quiescent, "{} never came to rest", strategy.name);
        assert!(judgement.evidence.commits > 100, "{} committed too little", strategy.name);
    }
    for judged in &experiment.expectations {
        assert_eq!(judged.verdict, driftlab_lab::Verdict::Pass, "{}", judged.reason);
    }
}

#[test]
fn composite_keys_nulls_reals_dates_and_blobs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.sqlite");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, added DATE, picture BLOB);
             CREATE TABLE line (order_id INTEGER, line INTEGER, product TEXT, amount NUMERIC, PRIMARY KEY (order_id, line)) WITHOUT ROWID;
             CREATE TABLE tag (product INTEGER, tag TEXT, PRIMARY KEY (product, tag));
             CREATE TABLE note (text TEXT);",
        )
        .unwrap();
    for n in 1..=50 {
        connection
            .execute(
                "INSERT INTO product VALUES (?1, 'thing ' || ?1, iif(?1 % 7 = 0, NULL, ?1 * 1.25), date('2020-01-01', ?1 || ' days'), x'0102')",
                [n],
            )
            .unwrap();
        connection.execute("INSERT INTO line VALUES (?1 / 3, ?1 % 3, 'thing ' || ?1, ?1)", [n]).unwrap();
        connection.execute("INSERT INTO tag VALUES (?1, 'new')", [n]).unwrap();
        connection.execute("INSERT INTO note VALUES ('note ' || ?1)", [n]).unwrap();
    }
    drop(connection);
    let before = std::fs::read(&file).unwrap();
    every_strategy_ran(&on(&file));
    assert!(std::fs::read(&file).unwrap() == before, "the database was written");
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "something was left beside the database"
    );
}

/// The Chinook database has eleven tables, composite keys, nulls, reals, and dates as text.
#[test]
fn chinook_where_it_is_at_hand() {
    let file = top().join("../shared/data/chinook.sqlite");
    if !file.exists() {
        // Not by a macro: what macros print is kept back where a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {} is not there; the other test covers what it would show",
            file.display()
        );
        return;
    }
    every_strategy_ran(&on(&file));
}
