use super::*;
use ColumnType::{Blob, Integer, Real, Text};
use driftlab_model::ColumnId;
use std::io::Write;

fn database(folder: &tempfile::TempDir, sql: &str) -> PathBuf {
    let path = folder.path().join("data 100%?.sqlite");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    path
}

fn read(sql: &str) -> Result<Dataset, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    read_dataset(&database(&folder, sql))
}

fn table<'a>(dataset: &'a Dataset, name: &str) -> (TableId, &'a Table) {
    dataset.schema.tables().find(|(_, table)| table.name == name).unwrap()
}

fn rows(dataset: &Dataset, name: &str) -> Vec<Vec<Value>> {
    let id = table(dataset, name).0;
    dataset.rows.iter().filter(|(key, _)| key.table() == id).map(|(_, values)| values.to_vec()).collect()
}

#[test]
fn keys_of_all_kinds_are_found() {
    let dataset = read(
        "CREATE TABLE Products(id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL);
         CREATE TABLE order_lines(product INT, line INT, quantity INT, PRIMARY KEY(line, product));
         CREATE TABLE Country(code CHAR(2) PRIMARY KEY, name VARCHAR(40)) WITHOUT ROWID;
         CREATE TABLE note(text TEXT);
         CREATE TABLE \"odd \"\" name\"(rowid TEXT, \"a b\" BLOB);
         CREATE VIEW cheap AS SELECT * FROM Products WHERE price < 1;
         CREATE TABLE automatic(id INTEGER PRIMARY KEY AUTOINCREMENT);
         INSERT INTO Products VALUES (2, 'ink', 2.5), (1, 'pen', NULL);
         INSERT INTO order_lines VALUES (1, 9, 3), (2, 8, 4);
         INSERT INTO Country VALUES ('NO', 'Norway'), ('AT', 'Austria');
         INSERT INTO note VALUES ('a'), ('b');
         INSERT INTO \"odd \"\" name\" VALUES ('x', x'0102');",
    )
    .unwrap();
    let names: Vec<&str> = dataset.schema.tables().map(|(_, table)| table.name.as_str()).collect();
    assert_eq!(names, ["Country", "Products", "automatic", "note", "odd \" name", "order_lines"]);

    let (id, products) = table(&dataset, "Products");
    assert_eq!((products.noun.as_str(), products.key.as_slice()), ("product", [ColumnId(0)].as_slice()));
    assert_eq!(products.columns.iter().map(|c| c.kind).collect::<Vec<_>>(), [Integer, Text, Real]);
    assert_eq!(products.columns.iter().map(|c| c.nullable).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(rows(&dataset, "Products")[0], [Value::from(1), Value::from("pen"), Value::Null]);
    assert!(dataset.rows.iter().any(|(key, _)| *key == Key::integer(id, 2)));

    let (id, lines) = table(&dataset, "order_lines");
    assert_eq!(
        (lines.noun.as_str(), lines.key.as_slice()),
        ("order line", [ColumnId(1), ColumnId(0)].as_slice())
    );
    let first = Key::new(id, &[Value::from(8), Value::from(2)]);
    assert_eq!(dataset.rows.iter().find(|(key, _)| key.table() == id).unwrap().0, first);

    assert_eq!(rows(&dataset, "Country")[0], [Value::from("AT"), Value::from("Austria")]);
    assert_eq!(table(&dataset, "note").1.columns[0].name, "rowid");
    assert_eq!(
        rows(&dataset, "note"),
        [[Value::from(1), Value::from("a")], [Value::from(2), Value::from("b")]]
    );
    let odd = table(&dataset, "odd \" name").1;
    assert_eq!((odd.columns[0].name.as_str(), odd.columns[2].kind), ("_rowid_", Blob));
    assert!(rows(&dataset, "automatic").is_empty());
}

/// A copy that turns a date into a number, or 1 into 1.0, has changed the row before the run has begun.
#[test]
fn values_keep_their_storage_class_and_kinds_follow_them() {
    let dataset = read(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, at DATETIME, price NUMERIC(10,2), flag BOOLEAN, bare, empty DECIMAL,
                        total AS (price * 2));
         INSERT INTO t VALUES (1, '2009-01-01 00:00:00', 0.99, 1, x'00ff', NULL), (2, NULL, 1, 0, NULL, NULL);
         INSERT INTO t(id, at) VALUES (3, CAST(x'61ff' AS TEXT));",
    )
    .unwrap();
    let kinds: Vec<ColumnType> = table(&dataset, "t").1.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Integer, Text, Real, Integer, Blob, Real]);
    let rows = rows(&dataset, "t");
    assert_eq!(rows[0][1], Value::from("2009-01-01 00:00:00"));
    assert_eq!((&rows[0][2], &rows[1][2]), (&Value::from(0.99), &Value::from(1)));
    assert_eq!(rows[0][4], Value::Blob([0u8, 255].as_slice().into()));
    assert_eq!(
        rows[2][1],
        Value::Blob([0x61u8, 0xff].as_slice().into()),
        "text that is no UTF-8 keeps its bytes"
    );
}

fn complaint(path: &Path) -> String {
    read_dataset(path).expect_err("it should not be readable").to_string()
}

#[test]
fn what_is_no_database_is_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert!(complaint(&path).contains("there is no file"));
    assert!(complaint(folder.path()).contains("is a directory"));
    std::fs::write(&path, "").unwrap();
    assert!(complaint(&path).contains("has no tables"));
    std::fs::write(&path, "id,name\n1,pen\n").unwrap();
    assert!(complaint(&path).contains("no SQLite database"));
    let mut broken = MAGIC.to_vec();
    broken.extend([0xff; 2_000]);
    std::fs::write(&path, broken).unwrap();
    assert!(
        complaint(&path).contains("no SQLite database") || complaint(&path).contains("SQLite could not read")
    );
    let views = database(&folder, "CREATE VIEW v AS SELECT 1");
    assert!(complaint(&views).contains("has no tables"));
}

#[test]
fn a_truncated_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(
        &folder,
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO t SELECT key, hex(zeroblob(200)) FROM json_each('[' || replace(hex(zeroblob(200)), '00', '0,') || '0]');",
    );
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(complaint(&path).contains("SQLite could not read"), "{}", complaint(&path));
}

#[test]
fn rows_that_cannot_be_told_apart_are_refused() {
    let why = read("CREATE TABLE t(a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL)").unwrap_err();
    assert!(why.to_string().contains("two rows with the key null"), "{why}");
    let why = read("CREATE TABLE t(rowid TEXT, oid TEXT, _rowid_ TEXT)").unwrap_err();
    assert!(why.to_string().contains("give it a primary key"), "{why}");
}

#[test]
fn too_many_rows_are_refused_before_they_fill_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(&folder, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
    assert!(matches!(read_limited(&path, 2), Err(DatasetProblem::TooLarge { rows_max: 2 })));
    assert_eq!(read_limited(&path, 3).unwrap().rows.len(), 3);
}

#[test]
fn a_locked_database_is_refused_after_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(&folder, "CREATE TABLE t(a)");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(complaint(&path).contains("locked by another process"), "{}", complaint(&path));
}

/// Opening a database in WAL mode to read it leaves two files beside it, in a folder that may be under version control.
#[test]
fn reading_leaves_nothing_behind_and_changes_nothing() {
    for mode in ["WAL", "DELETE"] {
        let folder = tempfile::tempdir().unwrap();
        let sql = format!("PRAGMA journal_mode = {mode}; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
        let path = database(&folder, &sql);
        let before = std::fs::read(&path).unwrap();
        assert_eq!(read_dataset(&path).unwrap().rows.len(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{mode}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{mode}");
    }
}

/// Rows that are only in the write-ahead log, because its writer still runs, are rows all the same.
#[test]
fn what_a_running_writer_has_committed_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(&folder, "PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (1), (2); BEGIN; INSERT INTO t VALUES (3)").unwrap();
    assert_eq!(read_dataset(&path).unwrap().rows.len(), 2);
}

#[test]
fn nouns_are_singular() {
    for (table, expected) in [
        ("InvoiceLine", "invoice line"),
        ("order_lines", "order line"),
        ("Categories", "category"),
        ("Address", "address"),
        ("STATUS", "status"),
        ("s", "s"),
    ] {
        assert_eq!(noun(table), expected);
    }
}

#[test]
fn the_chinook_database_is_read_whole() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/chinook.sqlite"));
    if !path.exists() {
        // Not by a macro: what macros print is kept back where a test passes.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there", path.display());
        return;
    }
    let dataset = read_dataset(path).unwrap();
    assert_eq!((dataset.schema.len(), dataset.rows.len()), (11, 15_607));
    let lines = table(&dataset, "InvoiceLine").1;
    assert_eq!((lines.noun.as_str(), lines.columns[3].kind), ("invoice line", Real));
    assert_eq!(table(&dataset, "PlaylistTrack").1.key.len(), 2);
    assert_eq!(table(&dataset, "Invoice").1.columns[2].kind, Text);
}
