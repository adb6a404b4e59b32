//! Why a file could not be read as a dataset.

use rusqlite::ErrorCode;
use std::fmt;
use std::path::PathBuf;

/// Why a file could not be read as a dataset; its text says what to do.
#[derive(Debug)]
pub struct DatasetError {
    pub(super) path: PathBuf,
    pub(super) problem: DatasetProblem,
}

/// What can go wrong with a dataset's file.
#[derive(Debug)]
pub(super) enum DatasetProblem {
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
                write!(
                    f,
                    "there is no file {path}; a relative path counts from the scenario's folder when it stands in the file, and from here with --database"
                )
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
