//! Transactions larger than what is held in memory of one.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use common::connect;
use driftlab_sqlite_wal::{Event, Options, Reader, Value};
use std::time::Duration;

/// Twelve megabytes in one commit, between two small ones: it is written to the relay log before it is whole.
#[test]
fn a_transaction_too_large_to_hold_is_given_whole_and_given_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let writer = connect(&path);
    writer.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, v)").unwrap();
    let options = || Options { state: Some(folder.path().join("state")), ..Options::default() };
    let mut reader = Reader::open(&path, options()).unwrap();
    writer
        .execute_batch(
            "INSERT INTO t VALUES (1, 'before');
             INSERT INTO t WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT 120) SELECT 100 + n, randomblob(100000) FROM s;
             INSERT INTO t VALUES (2, 'after');",
        )
        .unwrap();
    let read = |reader: &mut Reader| {
        let mut sizes = Vec::new();
        while sizes.len() < 3 {
            match reader.next(Duration::from_secs(10)).unwrap() {
                Some(Event::Transaction(transaction)) => {
                    for change in &transaction.changes {
                        let [Value::Integer(id), value] = change.after.as_ref().unwrap().values.as_slice()
                        else {
                            panic!("{change:?}")
                        };
                        let stored: driftlab_sqlite_wal::Value = writer
                            .query_row("SELECT v FROM t WHERE id = ?1", [id], |row| {
                                Ok(row.get_ref(0)?.into())
                            })
                            .unwrap();
                        assert_eq!(*value, stored, "row {id}");
                    }
                    sizes.push(transaction.changes.len());
                }
                other => panic!("{other:?}"),
            }
        }
        sizes
    };
    assert_eq!(read(&mut reader), [1, 120, 1]);
    drop(reader);
    assert_eq!(read(&mut Reader::open(&path, options()).unwrap()), [1, 120, 1]);
}
