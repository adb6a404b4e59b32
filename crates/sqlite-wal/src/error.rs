//! What can go wrong, where, and what to do about it.

use crate::page::Damage;
use crate::position::Position;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a [`Reader`](crate::Reader) could not go on. Every message says what happened, where, and what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written: the database, its log, or the state folder (a full disk, for one).
    Io {
        /// What was being done.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// SQLite refused something that the reader asked of its own connections.
    Sqlite {
        /// What was being done.
        what: &'static str,
        /// The database.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The file does not begin as a SQLite database does: another kind of file, or an encrypted database.
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database keeps a rollback journal, not a write-ahead log.
    NotWal {
        /// The database.
        path: PathBuf,
    },
    /// Another connection holds the database exclusively.
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// A page or a frame does not decode.
    Corrupt {
        /// The file in which it stands.
        path: PathBuf,
        /// The frame of the log, counted from 1, if it came from a log.
        frame: Option<u64>,
        /// The page, counted from 1, if it is known.
        page: Option<u32>,
        /// What is wrong with it.
        what: String,
    },
    /// The database's page size is not the one of the state folder, so pages cannot be compared.
    PageSize {
        /// The database.
        path: PathBuf,
        /// The state folder's page size in bytes.
        was: u32,
        /// The database's page size in bytes.
        now: u32,
    },
    /// The state folder is damaged, of another version, or in use.
    State {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A statement in the database's schema is not understood by the SQLite that this program contains.
    Schema {
        /// The table.
        table: String,
        /// SQLite's reason.
        what: String,
    },
    /// A position was acknowledged that has not been given.
    NotGiven {
        /// The position that was acknowledged.
        acknowledged: Position,
        /// The last one given.
        given: Position,
    },
    /// The reader failed before and must be opened again.
    Failed,
}

impl Error {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
    pub(crate) fn sqlite(what: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Locked { path: path.to_owned() }
            }
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotADatabase { path: path.to_owned() },
            _ => Self::Sqlite { what, path: path.to_owned(), source },
        }
    }
    pub(crate) fn damage(path: &Path) -> impl FnOnce(Damage) -> Self {
        move |damage| Self::Corrupt {
            path: path.to_owned(),
            frame: None,
            page: Some(damage.page),
            what: damage.what.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { what, path, source } => write!(f, "{what} {}: {source}", path.display()),
            Self::Sqlite { what, path, source } => write!(f, "{what} {}: {source}", path.display()),
            Self::NotADatabase { path } => write!(
                f,
                "{} is not a SQLite database, or is encrypted: its first bytes are not \"SQLite format 3\"",
                path.display()
            ),
            Self::NotWal { path } => write!(
                f,
                "{} has no write-ahead log: run PRAGMA journal_mode=WAL in it once, then open the reader again",
                path.display()
            ),
            Self::Locked { path } => write!(
                f,
                "{} is locked by a connection that shares it with nobody (locking_mode=EXCLUSIVE, or a recovery): \
                 end that connection or set its locking_mode to NORMAL",
                path.display()
            ),
            Self::Corrupt { path, frame, page, what } => {
                write!(f, "{}", path.display())?;
                if let Some(frame) = frame {
                    write!(f, ", frame {frame}")?;
                }
                if let Some(page) = page {
                    write!(f, ", page {page}")?;
                }
                write!(f, ": {what}; PRAGMA integrity_check tells whether the database itself is damaged")
            }
            Self::PageSize { path, was, now } => write!(
                f,
                "{} has pages of {now} bytes and the state folder was made for pages of {was}: \
                 remove the state folder to begin anew",
                path.display()
            ),
            Self::State { path, what } => {
                write!(f, "{}: {what}; remove the state folder to begin anew", path.display())
            }
            Self::Schema { table, what } => write!(
                f,
                "table {table} is declared in a way that this SQLite does not understand: {what}; its rows cannot be decoded"
            ),
            Self::NotGiven { acknowledged, given } => {
                write!(f, "position {acknowledged} was acknowledged, but the last one given is {given}")
            }
            Self::Failed => {
                f.write_str("the reader failed before: open it again to resume from what was acknowledged")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Sqlite { source, .. } => Some(source),
            _ => None,
        }
    }
}
