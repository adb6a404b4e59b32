//! Reads a real SQLite file: its tables, its keys, its rows.

#![allow(clippy::disallowed_methods, reason = "a dataset is a file, read before the run begins")]

use driftlab_model::{Column, ColumnId, ColumnType, Key, Schema, Table, TableId, Value};
use driftlab_workload::Dataset;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The most rows that a dataset may have: they are held in memory, several times over.
const ROWS_MAX: usize = 2_000_000;

/// How long to wait for another process that writes to the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Why a file could not be read as a dataset; its text says what to do.
#[derive(Debug)]
pub struct DatasetError {
    path: PathBuf,
    problem: DatasetProblem,
}

/// What can go wrong with a dataset's file.
#[derive(Debug)]
enum DatasetProblem {
    /// There is no such file.
    NotFound,
    /// It is a directory.
    Directory,
    /// The operating system does not let us read it.
    Unreadable(std::io::Error),
    /// It holds something else.
    NotADatabase,
    /// Another process is writing to it.
    Locked,
    /// It has no ordinary table.
    NoTables,
    /// A row cannot be told from others: no primary key, and all names of the row id are taken by columns.
    NoKey {
        /// The table.
        table: String,
    },
    /// Two rows have one key, which SQLite allows where a part of it is null.
    DuplicateKey {
        /// The table.
        table: String,
        /// The key.
        key: String,
    },
    /// It has more rows than a dataset may have.
    TooLarge {
        /// How many are allowed.
        rows_max: usize,
    },
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

impl fmt::Display for DatasetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            DatasetProblem::NotFound => {
                write!(f, "there is no file {path}; a relative path counts from the scenario's folder")
            }
            DatasetProblem::Directory => write!(f, "{path} is a directory; name the SQLite file inside it"),
            DatasetProblem::Unreadable(why) => {
                write!(f, "{path} cannot be read: {why}; check its permissions")
            }
            DatasetProblem::NotADatabase => {
                write!(f, "{path} is no SQLite database, or an encrypted one; give a plain SQLite 3 file")
            }
            DatasetProblem::Locked => write!(
                f,
                "{path} is locked by another process that writes to it; wait for it to end, or give a copy of the file"
            ),
            DatasetProblem::NoTables => {
                write!(
                    f,
                    "{path} has no tables (views and virtual tables do not count); give a file that has some"
                )
            }
            DatasetProblem::NoKey { table } => write!(
                f,
                "table {table} in {path} has no primary key, and its columns hide the row id; give it a primary key"
            ),
            DatasetProblem::DuplicateKey { table, key } => write!(
                f,
                "table {table} in {path} has two rows with the key {key}; a key with null in it does not name a row: \
                 declare its columns NOT NULL"
            ),
            DatasetProblem::TooLarge { rows_max } => {
                write!(
                    f,
                    "{path} has more than {rows_max} rows, too many to hold in memory; give a smaller extract"
                )
            }
            DatasetProblem::Sqlite(why) => {
                write!(f, "SQLite could not read {path}: {why}; try PRAGMA integrity_check on it")
            }
        }
    }
}

impl std::error::Error for DatasetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            DatasetProblem::Unreadable(why) => Some(why),
            DatasetProblem::Sqlite(why) => Some(why),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for DatasetProblem {
    fn from(why: rusqlite::Error) -> Self {
        match why.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            _ => Self::Sqlite(why),
        }
    }
}

/// Reads all ordinary tables of a SQLite file, with their keys and rows, in one read transaction. The file is never written.
///
/// A table without a primary key gets its row id as its first column. Rows come by table and key. Columns have the kind of their declared type by
/// SQLite's affinity rules; where that is numeric or nothing, as for dates and decimals, the kind is that of the values that are there. Values
/// keep the storage class that they have in the file. Generated columns are left out: they are no data.
///
/// # Errors
/// What is wrong with the file, and what to do about it.
pub fn read_dataset(path: &Path) -> Result<Dataset, DatasetError> {
    read_limited(path, ROWS_MAX).map_err(|problem| DatasetError { path: path.to_owned(), problem })
}

fn read_limited(path: &Path, rows_max: usize) -> Result<Dataset, DatasetProblem> {
    let connection = open(path)?;
    // All reads see one state, whoever writes meanwhile.
    connection.execute_batch("BEGIN")?;
    let sources = sources(&connection)?;
    if sources.is_empty() {
        return Err(DatasetProblem::NoTables);
    }
    let mut tables = Vec::new();
    let mut rows = Vec::new();
    for (place, source) in sources.into_iter().enumerate() {
        let id = TableId(place as u16);
        let table = read_table(&connection, id, source, &mut rows, rows_max)?;
        tables.push(table);
    }
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let key = &pair[0].0;
        let table = tables[usize::from(key.table().0)].name.clone();
        return Err(DatasetProblem::DuplicateKey { table, key: key.to_string() });
    }
    Ok(Dataset { schema: Schema::new(tables), rows })
}

fn open(path: &Path) -> Result<Connection, DatasetProblem> {
    let io = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::NotFound => DatasetProblem::NotFound,
        _ => DatasetProblem::Unreadable(why),
    };
    if std::fs::metadata(path).map_err(io)?.is_dir() {
        return Err(DatasetProblem::Directory);
    }
    let mut header = Vec::new();
    std::fs::File::open(path).map_err(io)?.take(100).read_to_end(&mut header).map_err(io)?;
    // SQLite takes an empty file for a database without tables, and finds out about others only at the first query.
    if header.is_empty() {
        return Err(DatasetProblem::NoTables);
    }
    if !header.starts_with(MAGIC) {
        return Err(DatasetProblem::NotADatabase);
    }
    // A reader of a database in WAL mode leaves `-wal` and `-shm` files behind, unless the file is declared immutable. Without a `-wal` file
    // nobody has it open, so there is nothing to miss.
    let wal_mode = header.get(18..20) == Some(&[2, 2]);
    let immutable = wal_mode && !beside(path, "-wal").exists();
    let connection = match (immutable, path.to_str()) {
        (true, Some(text)) => {
            let uri = format!("{}?immutable=1", uri(text));
            Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
        }
        _ => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
    }?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as a URI, whose own signs it must not contain; an absolute one with the empty authority, lest its first name is taken for one.
fn uri(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    if path.starts_with('/') { format!("file://{escaped}") } else { format!("file:{escaped}") }
}

/// A table of the file, before its rows are read.
struct SourceTable {
    name: String,
    columns: Vec<SourceColumn>,
    key: Vec<ColumnId>,
}

struct SourceColumn {
    name: String,
    /// What to ask for; a row id may have another name in the query than in the schema.
    expression: String,
    declared: Declared,
    nullable: bool,
}

/// What a declared type says of a column's values.
#[derive(Clone, Copy)]
enum Declared {
    Kind(ColumnType),
    /// Whatever is there; this where nothing is.
    Anything(ColumnType),
}

fn sources(connection: &Connection) -> Result<Vec<SourceTable>, DatasetProblem> {
    let mut statement = connection.prepare(
        "SELECT name, wr FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let names: Vec<(String, bool)> = names.collect::<Result<_, _>>()?;
    names.into_iter().map(|(name, without_rowid)| source(connection, name, without_rowid)).collect()
}

fn source(connection: &Connection, name: String, without_rowid: bool) -> Result<SourceTable, DatasetProblem> {
    let mut statement = connection
        .prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1, 'main') ORDER BY cid")?;
    let mut found = statement.query([&name])?;
    let mut columns = Vec::new();
    let mut key = BTreeMap::new();
    while let Some(row) = found.next()? {
        let (column, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let (not_null, key_place): (bool, u16) = (row.get(2)?, row.get(3)?);
        if key_place > 0 {
            key.insert(key_place, ColumnId(columns.len() as u16));
        }
        columns.push(SourceColumn {
            expression: quoted(&column),
            declared: affinity(&declared),
            nullable: !not_null && key_place == 0,
            name: column,
        });
    }
    let mut key: Vec<ColumnId> = key.into_values().collect();
    if key.is_empty() {
        let taken = |alias: &&str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(alias));
        let alias = ["rowid", "_rowid_", "oid"].into_iter().find(|alias| !taken(alias));
        let Some(alias) = alias.filter(|_| !without_rowid) else {
            return Err(DatasetProblem::NoKey { table: name });
        };
        let rowid = SourceColumn {
            name: alias.to_owned(),
            expression: alias.to_owned(),
            declared: Declared::Kind(ColumnType::Integer),
            nullable: false,
        };
        columns.insert(0, rowid);
        key.push(ColumnId(0));
    }
    Ok(SourceTable { name, columns, key })
}

/// The kind that a declared type stands for (<https://www.sqlite.org/datatype3.html>, section 3.1).
fn affinity(declared: &str) -> Declared {
    let declared = declared.to_ascii_uppercase();
    let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if says(&["INT"]) {
        Declared::Kind(ColumnType::Integer)
    } else if says(&["CHAR", "CLOB", "TEXT"]) {
        Declared::Kind(ColumnType::Text)
    } else if says(&["BLOB"]) {
        Declared::Kind(ColumnType::Blob)
    } else if declared.is_empty() {
        Declared::Anything(ColumnType::Blob)
    } else if says(&["REAL", "FLOA", "DOUB"]) {
        Declared::Kind(ColumnType::Real)
    } else {
        Declared::Anything(ColumnType::Real)
    }
}

fn read_table(
    connection: &Connection,
    id: TableId,
    source: SourceTable,
    rows: &mut Vec<(Key, Arc<[Value]>)>,
    rows_max: usize,
) -> Result<Table, DatasetProblem> {
    let from = rows.len();
    let expressions: Vec<&str> = source.columns.iter().map(|column| column.expression.as_str()).collect();
    let width = expressions.len();
    let query = format!("SELECT {} FROM main.{}", expressions.join(", "), quoted(&source.name));
    let mut table =
        Table { noun: noun(&source.name), columns: Vec::new(), key: source.key, name: source.name };
    let mut statement = connection.prepare(&query)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if rows.len() == rows_max {
            return Err(DatasetProblem::TooLarge { rows_max });
        }
        let values: Vec<Value> =
            (0..width).map(|column| row.get_ref(column).map(value)).collect::<Result<_, _>>()?;
        rows.push((Key::of(id, &table, &values), values.into()));
    }
    let of_table = &rows[from..];
    table.columns = source
        .columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| Column {
            kind: match column.declared {
                Declared::Kind(kind) => kind,
                Declared::Anything(otherwise) => {
                    widest(of_table.iter().map(|(_, values)| &values[place])).unwrap_or(otherwise)
                }
            },
            name: column.name,
            nullable: column.nullable,
        })
        .collect();
    Ok(table)
}

/// The kind that describes all values best: numbers are reals as soon as one is, and anything with text among it is text.
fn widest<'a>(values: impl Iterator<Item = &'a Value>) -> Option<ColumnType> {
    let rank = |kind: &ColumnType| match kind {
        ColumnType::Integer => 0,
        ColumnType::Real => 1,
        ColumnType::Blob => 2,
        ColumnType::Text => 3,
    };
    values
        .filter_map(|value| match value {
            Value::Null => None,
            Value::Integer(_) => Some(ColumnType::Integer),
            Value::Real(_) => Some(ColumnType::Real),
            Value::Text(_) => Some(ColumnType::Text),
            Value::Blob(_) => Some(ColumnType::Blob),
        })
        .max_by_key(rank)
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        // SQLite does not check that text is UTF-8; as bytes nothing of it is lost.
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_or_else(|_| Value::Blob(bytes.into()), Value::text)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What one row of a table is called: `InvoiceLine` and `invoice_lines` are `invoice line`.
fn noun(table: &str) -> String {
    let mut words = String::new();
    let mut after_lower = false;
    for letter in table.chars() {
        if letter == '_' || (letter.is_uppercase() && after_lower) {
            words.push(' ');
        }
        if letter != '_' {
            words.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase();
    }
    if let Some(stem) = words.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let singular = ["ss", "us", "is"].iter().any(|ending| words.ends_with(ending));
    match words.strip_suffix('s') {
        Some(stem) if !singular && !stem.is_empty() => stem.to_owned(),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ColumnType::{Blob, Integer, Real, Text};

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
        let kinds: Vec<ColumnType> =
            table(&dataset, "t").1.columns.iter().map(|column| column.kind).collect();
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
            complaint(&path).contains("no SQLite database")
                || complaint(&path).contains("SQLite could not read")
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
        let why =
            read("CREATE TABLE t(a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL)").unwrap_err();
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
            println!("skipped: {} is not there", path.display());
            return;
        }
        let dataset = read_dataset(path).unwrap();
        assert_eq!((dataset.schema.len(), dataset.rows.len()), (11, 15_607));
        let lines = table(&dataset, "InvoiceLine").1;
        assert_eq!((lines.noun.as_str(), lines.columns[3].kind), ("invoice line", Real));
        assert_eq!(table(&dataset, "PlaylistTrack").1.key.len(), 2);
        assert_eq!(table(&dataset, "Invoice").1.columns[2].kind, Text);
    }
}
