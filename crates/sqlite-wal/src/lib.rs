//! Row changes out of a SQLite write-ahead log: log-based change data capture without triggers.
//!
//! A [`Reader`] runs beside the application that writes a database, in another process or another thread. It gives the committed transactions,
//! in commit order, as row changes with the images before and after. It needs no trigger, no change of the schema, no hook in the writer, and
//! writes nothing to the database.
//!
//! ```
//! use driftlab_sqlite_wal::{Event, Options, Reader, Value};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("app.db");
//! // The application, with a database in WAL mode.
//! let app = rusqlite::Connection::open(&path)?;
//! app.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE account(id INTEGER PRIMARY KEY, balance INT);
//!                    INSERT INTO account VALUES (1, 100)")?;
//!
//! // The reader attaches at the current end: what is there already is for the consumer to load.
//! let mut reader = Reader::open(&path, Options::default())?;
//! app.execute("UPDATE account SET balance = 70 WHERE id = 1", [])?;
//!
//! let Some(Event::Transaction(transaction)) = reader.next(std::time::Duration::from_secs(5))? else { panic!() };
//! let change = &transaction.changes[0];
//! assert_eq!(change.table.name, "account");
//! assert_eq!(change.before.as_ref().unwrap().values, [Value::Integer(1), Value::Integer(100)]);
//! assert_eq!(change.after.as_ref().unwrap().values, [Value::Integer(1), Value::Integer(70)]);
//! reader.acknowledge(transaction.position)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - A transaction is given once it is committed, whole, and never if it was rolled back.
//! - With a state folder ([`Options::state`]), what was not acknowledged is given again after either process was killed, under the same [`Position`];
//!   what was acknowledged is not.
//! - Where part of the log could not be read, or not be proven complete, it says so ([`Event::Gap`]) and gives the net effect of what it missed
//!   as one transaction of [`Origin::Reconciled`]. It is never silent.
//!
//! # How it works, in five minutes
//!
//! 1. The *log* ([`wal`]) is a list of frames, each the new content of a page; checksums chain them, salts tell generations of the log apart, and
//!    the log's index says how far it is committed. A thread follows it (`follower`) and copies committed frames to the reader's own *relay log*.
//! 2. While it follows, it holds read marks (`lease`), so that the log is not restarted before it is read, and lets go of them when a
//!    checkpoint is due (`follower::policy`), so that the log does not grow for ever. That nothing was missed is proven at each restart of the
//!    log: by a mark held all the while, by the index's count of commits, or by the old frames still standing in the file (`follower::read`).
//! 3. The state before a transaction is a *shadow* of the database, with the relay log's pages over it (`store`). So the reader has both images
//!    of every changed page, and knows, by a map kept from the interior pages, to which table it belongs (`tree`).
//! 4. The rows on the changed pages before and after are cancelled against each other (`rows`): pages split, merge, move and are freed without
//!    a row being changed. What is left are the changes. Only they are decoded ([`page`]).
//! 5. After a gap, database and shadow are compared page by page, and what differs goes the same way as a transaction (`reconcile`).
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // reads files and clocks: what it reads is the real world

mod decoder;
mod error;
mod event;
mod file;
mod folder;
mod follower;
mod lease;
mod options;
pub mod page;
mod position;
#[cfg(test)]
mod power_loss_tests;
mod reader;
mod reconcile;
mod rows;
mod schema;
mod source;
mod store;
mod tree;
mod value;
pub mod wal;

pub use error::Error;
pub use event::{
    Change, ChangeKind, Event, Gap, GapReason, Origin, SchemaChange, SchemaChangeKind, Transaction,
};
pub use options::Options;
pub use position::Position;
pub use reader::Reader;
pub use schema::{Column, Schema, Table};
pub use value::{Row, Value};
