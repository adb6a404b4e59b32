use arrow::array::{Array, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use driftlab_embedded::store::Durability;
use driftlab_embedded::store::export::{ExportOptions, Exported, export};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rusqlite::Connection;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

fn database(folder: &Path, script: &str) -> (PathBuf, Connection) {
    let path = folder.join("source.sqlite");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&format!("PRAGMA journal_mode = wal; {script}")).unwrap();
    (path, connection)
}

fn options() -> ExportOptions {
    ExportOptions { batch_rows: 7, row_group_rows: 20, durability: Durability::Process }
}

fn copy(path: &Path, folder: &Path) -> Exported {
    export(path, &[], &folder.join("out"), &options()).unwrap()
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect()
}

fn column<T: Array + Clone + 'static>(batch: &RecordBatch, name: &str) -> T {
    batch.column_by_name(name).unwrap().as_any().downcast_ref::<T>().unwrap().clone()
}

#[test]
fn every_table_comes_over_with_its_types_its_nulls_and_its_rows_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _connection) = database(
        folder.path(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, x DOUBLE, s VARCHAR(9), b BLOB, price NUMERIC(9, 2));
         WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)
         INSERT INTO t SELECT i, CASE WHEN i % 3 THEN i * 10 END, i / 8.0, 'row ' || i, x'00ff', i + 0.5 FROM c;
         CREATE TABLE \"odd \"\" / name\" (k TEXT PRIMARY KEY) WITHOUT ROWID;
         INSERT INTO \"odd \"\" / name\" VALUES ('ä'), ('b');
         CREATE VIEW v AS SELECT * FROM t;",
    );
    let exported = copy(&path, folder.path());
    let names: Vec<(&str, u64)> = exported.tables.iter().map(|table| (&*table.name, table.rows)).collect();
    assert_eq!(names, [("odd \" / name", 2), ("t", 100)]);
    for table in &exported.tables {
        assert_eq!(fs::metadata(&table.path).unwrap().len(), table.bytes);
    }
    let all = batches(&exported.tables[1].path);
    let batch = arrow::compute::concat_batches(&all[0].schema(), &all).unwrap();
    let ids: Int64Array = column(&batch, "id");
    assert_eq!(ids.values().to_vec(), (1..=100).collect::<Vec<i64>>());
    let numbers: Int64Array = column(&batch, "n");
    assert!(numbers.is_null(2) && numbers.value(3) == 40 && numbers.null_count() == 33);
    assert_eq!(column::<Float64Array>(&batch, "x").value(0), 0.125);
    assert_eq!(column::<StringArray>(&batch, "s").value(99), "row 100");
    assert_eq!(column::<BinaryArray>(&batch, "b").value(50), [0, 255]);
    assert_eq!(column::<Float64Array>(&batch, "price").value(1), 2.5);
    assert_eq!(batch.num_columns(), 6, "clean tables have no column for what does not fit");
}

/// SQLite lets any value stand in any column; a copy that dropped or bent those would not be one.
#[test]
fn values_that_do_not_fit_their_column_are_kept_in_one_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _connection) = database(
        folder.path(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);
         WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 50) INSERT INTO t SELECT i, i FROM c;
         UPDATE t SET n = 'many' WHERE id = 40;",
    );
    let all = batches(&copy(&path, folder.path()).tables[0].path);
    let batch = arrow::compute::concat_batches(&all[0].schema(), &all).unwrap();
    assert_eq!(batch.schema().field(2).data_type(), &DataType::Binary);
    let (numbers, other): (Int64Array, BinaryArray) = (column(&batch, "n"), column(&batch, "_other"));
    assert_eq!((batch.num_rows(), numbers.null_count(), other.null_count()), (50, 1, 49));
    assert!(numbers.is_null(39) && other.value(39).ends_with(b"many"));
}

/// A batch that reads one table before a transaction and the next after it has torn the transaction in two.
#[test]
fn all_tables_show_one_state_whatever_is_written_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (path, writer) = database(folder.path(), "CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER);");
    let stop = std::sync::atomic::AtomicBool::new(false);
    // Whatever becomes of the copies, the writer is stopped: the test would wait for it for ever.
    let copies: Vec<[u64; 2]> = std::thread::scope(|scope| {
        let stop = &stop;
        scope.spawn(move || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                writer
                    .execute_batch("BEGIN; INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); COMMIT")
                    .unwrap();
            }
        });
        let copies = scope.spawn(|| {
            let tables = (0..20).map(|_| copy(&path, folder.path()).tables);
            tables.map(|tables| [tables[0].rows, tables[1].rows]).collect()
        });
        let copies = copies.join();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        copies.unwrap()
    });
    assert!(copies.iter().all(|[a, b]| a == b), "{copies:?}");
    assert!(copies.first() < copies.last(), "nothing was written meanwhile: {copies:?}");
}

#[test]
fn where_anything_fails_no_file_has_appeared_and_those_of_before_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = database(
        folder.path(),
        "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1); CREATE TABLE b (s TEXT); INSERT INTO b VALUES ('x');",
    );
    let before = copy(&path, folder.path());
    // No UTF-8, which a text column of Parquet cannot hold.
    connection.execute_batch("INSERT INTO a VALUES (2); UPDATE b SET s = CAST(x'ff' AS TEXT)").unwrap();
    let refused = export(&path, &[], &folder.path().join("out"), &options()).unwrap_err().to_string();
    assert!(refused.contains("table b"), "{refused}");
    assert_eq!(batches(&before.tables[0].path)[0].num_rows(), 1);
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 2);
    let unknown = export(&path, &["c"], folder.path(), &options()).unwrap_err().to_string();
    assert!(unknown.contains("no table \"c\"; there are: a, b"), "{unknown}");
}
