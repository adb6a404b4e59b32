//! The vocabulary and the ports of driftlab. No IO, no clock, no randomness of its own.
//!
//! A five-minute tour:
//!
//! - A **source** holds [`Row`]s under [`Key`]s. Clients ask for [`Transaction`]s; what the source makes of one is a [`Commit`]: [`Change`]s with before and
//!   after images, at a [`position`] in its log.
//! - Every write has a [`WriteId`], unique in a run, and every row carries that of the write that made it. So a value names its write, and
//!   a checker can say *whose* value a copy shows.
//! - A request ends in an [`Outcome`]: done, refused, or unknown. The third is where most incidents begin.
//! - A [`port::Strategy`] keeps copies in step with the source. It sees the world through [`port`]s, each a trait whose doc comment
//!   is its contract, and never knows whether that world is virtual.
//! - Whatever happens becomes an [`Event`] of a [`History`]; [`Observer`]s follow it. Checks read histories and nothing else.
//! - [`draws`] make every choice a hash of seed, name, purpose and subject, so that leaving something out changes nothing else.
//! - [`Setting`]s are what a kind of thing lets a scenario choose, declared as data, so that parsing, help and docs follow from one place.

pub mod call;
mod change;
mod compaction;
pub mod draws;
mod fact;
mod fingerprint;
pub mod hash;
mod history;
mod host;
mod invariant;
mod journal;
mod key;
mod latency;
mod ledger;
pub mod notation;
mod outcome;
mod passing;
pub mod port;
pub mod position;
mod quantiles;
mod request_kind;
mod retained;
mod retention;
mod row;
mod schema;
mod settings;
mod telling;
mod time;
mod times;
mod trace;
mod transaction;
mod value;
mod word;

pub use call::Call;
pub use change::{Change, ChangeEvent, Changes, Commit, Watermark};
pub use compaction::{Compacted, Compaction, Heading, Survivors, Verdict};
pub use fact::{Chronicle, EveryChange, Fact};
pub use fingerprint::{Fingerprint, Names};
pub use hash::Lookup;
pub use history::{
    Cast, Event, Finish, History, Milestone, Observer, Operation, OperationKind, ProcessId, Read, Shown,
    SinkCast, SinkForm, SinkId, SinkKind, Stage, View,
};
pub use host::{Host, Role};
pub use invariant::Invariant;
pub use journal::{Before, Cause, Earlier, Entry, Journal, Moment, Recount, Testimony};
pub use key::Key;
pub use latency::{Latency, open_unit};
pub use ledger::{Ledger, PerSink};
pub use outcome::{Doubt, Failure, Outcome, Refusal};
pub use passing::{Follower, Passing, Point};
pub use position::{Bookmark, CommitIndex, Lsn, Offset, Sequence};
pub use quantiles::Quantiles;
pub use request_kind::RequestKind;
pub use retained::{CompactedLog, Retained, RetainedPartition};
pub use retention::Retention;
pub use row::{ColumnSet, Row, TransactionId, Version, WriteId};
pub use schema::{Column, ColumnId, ColumnType, Schema, Table, TableId};
pub use settings::{Contradiction, Datum, Kind, Setting, Settings};
pub use telling::{Deed, Telling};
pub use time::{Span, Time};
pub use times::{NodeTimes, RequestTimes, Timed, Times};
pub use trace::TraceHash;
pub use transaction::{Assignment, Ending, Statement, Statements, Transaction, WritePath};
pub use value::Value;
pub use word::Word;
