//! A full batch by the fast way: tables of a SQLite database, copied to Parquet files column by column, without a row ever being made.
//!
//! One thread steps through the tables and fills columns straight from SQLite's memory; another encodes and writes them. Between them is a short
//! queue, so memory is bounded by a few batches and one row group, however large a table is. All tables are read in one transaction and show one state.

mod column;
mod source;
mod writer;

use self::source::{SourceTable, tables_of};
use self::writer::{FileJob, Job, write_files};
use super::super::{Durability, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// What to copy, and how.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// Rows that travel together from the reader to the writer.
    pub batch_rows: usize,
    /// Rows of a row group, which is in memory, encoded, until it is complete.
    pub row_group_rows: usize,
    /// What it means that a file is there.
    pub durability: Durability,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self { batch_rows: 1 << 10, row_group_rows: 64 << 10, durability: Durability::default() }
    }
}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The tables, in the order in which they were copied.
    pub tables: Vec<ExportedTable>,
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTable {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes the file has.
    pub bytes: u64,
}

/// Batches that may wait for the writer.
const QUEUE: usize = 4;

/// Copies tables of a SQLite database, all of them where `tables` names none, each to a Parquet file of its name in a folder.
///
/// Columns have the types that the tables declare. Where a table holds a value of another type, which SQLite allows, its file has one more column,
/// `_other`, with such values in the form that the warehouse uses, so that nothing is lost or changed. A file appears whole or not at all, and takes the place of one of the same
/// name; where anything fails, none has appeared.
///
/// # Errors
/// Where the database cannot be read, a table does not exist, or a file cannot be written.
pub fn export(
    database: &Path,
    tables: &[&str],
    folder: &Path,
    options: &ExportOptions,
) -> Result<Exported, StoreError> {
    fs::create_dir_all(folder).map_err(|cause| StoreError::at("create", folder, cause))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)
        .map_err(|cause| StoreError::at("open", database, cause))?;
    let failed = |cause: rusqlite::Error| StoreError::at("read", database, cause);
    // The first read fixes the state that all later ones see.
    connection.execute_batch("BEGIN").map_err(failed)?;
    let sources = tables_of(&connection, database, tables)?;

    let (sender, receiver) = sync_channel(QUEUE);
    let written = thread::scope(|scope| {
        let writer = scope.spawn(|| write_files(receiver, folder, options));
        let read = read_tables(&connection, database, &sources, &sender, options);
        // The writer ends when nobody can send any more.
        drop(sender);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where the writer failed the reader found its queue closed, and why it failed is the news.
        written.and_then(|written| read.map(|()| written))
    });
    let files = match written {
        Ok(files) => files,
        Err(error) => {
            for source in &sources {
                let _ = fs::remove_file(writer::unfinished(&writer::path_of(folder, source.name())));
            }
            return Err(error);
        }
    };
    let mut exported = Exported::default();
    for (name, rows, bytes) in files {
        let path = writer::path_of(folder, &name);
        fs::rename(writer::unfinished(&path), &path)
            .map_err(|cause| StoreError::at("write", &path, cause))?;
        exported.tables.push(ExportedTable { name, path, rows, bytes });
    }
    options.durability.sync_folder(folder).map_err(|cause| StoreError::at("write", folder, cause))?;
    Ok(exported)
}

fn read_tables(
    connection: &Connection,
    database: &Path,
    sources: &[SourceTable],
    jobs: &SyncSender<Job>,
    options: &ExportOptions,
) -> Result<(), StoreError> {
    for source in sources {
        let strict = source.read(connection, database, source::Others::Refused, options.batch_rows, jobs)?;
        if !strict {
            // A value was met that its column cannot hold: the file is begun again with a column for such values.
            source.read(connection, database, source::Others::Kept, options.batch_rows, jobs)?;
        }
    }
    Ok(())
}

impl Exported {
    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|table| table.bytes).sum()
    }
}
