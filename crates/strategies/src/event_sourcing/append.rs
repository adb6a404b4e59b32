//! The write path: a command is decided, and what it comes to is appended.

use crate::event_sourcing::command::{Asked, Tables};
use crate::event_sourcing::reader::Reader;
use crate::event_sourcing::release::Release;
use crate::event_sourcing::rollover::Rollover;
use crate::event_sourcing::seat::Event;
use crate::event_sourcing::snapshots::Snapshots;
use crate::event_sourcing::stream::Stream;
use driftlab_model::port::{Capture, Ports};
use driftlab_model::{Commit, Failure, Outcome, Refusal, Settings, Statement, Statements, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an append expects of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// That it ends with the version that was decided on.
    Version,
    /// Nothing.
    Any,
}

/// The write path's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Append {
    expected: Expected,
    snapshots: Snapshots,
    rollover: Rollover,
}

/// An event that is to be appended to the stream of a seat.
#[derive(Clone, Copy)]
struct Decided {
    seat: i64,
    event: Event,
}

impl Append {
    pub(crate) fn of(settings: &Settings, rollover: Rollover) -> Self {
        let expected = if settings.switch("expected_version") { Expected::Version } else { Expected::Any };
        Self { expected, snapshots: Snapshots::of(settings), rollover }
    }

    /// Decides a client's commands and appends their events, all or none, with the rows that they change.
    ///
    /// Refused as a conflict means that the commands are not allowed: a conflict with another append is tried again here, as often as it comes, since each time somebody else
    /// has got further. The release that takes the commands also appends their events, whatever is rolled over meanwhile; where it meets an event of a later one it refuses them.
    pub(crate) async fn run(&self, app: &Ports, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        let Some(tables) = Tables::of(&app.schema) else { return Err(Refusal::Unsupported.into()) };
        let asked: Vec<Asked> =
            transaction.statements.iter().map(|statement| tables.asked(statement)).collect();
        let reader = self.rollover.application(app.runtime.as_ref());
        let mut streams = self.read(app, tables, &asked, reader).await?;
        let mut decided = decide(&streams, &asked)?;
        loop {
            let append = self.appending(tables, reader.release, transaction, &asked, &decided, &streams);
            match app.source.transact(&append, Capture::Nothing).await {
                Err(Failure::Refused(Refusal::Conflict)) => {}
                outcome => return outcome,
            }
            app.runtime.retry();
            let grown = self.read(app, tables, &asked, reader).await?;
            // Where no stream has grown, the conflict is not about events: this very transaction was there before.
            if grown == streams {
                return Err(Refusal::Conflict.into());
            }
            streams = grown;
            if self.expected == Expected::Version {
                decided = decide(&streams, &asked)?;
            }
        }
    }

    /// The streams that commands are about, in one view.
    async fn read(
        &self,
        app: &Ports,
        tables: Tables,
        asked: &[Asked],
        reader: Reader,
    ) -> Outcome<BTreeMap<i64, Stream>> {
        let view = app.source.snapshot().await?;
        let mut streams = BTreeMap::new();
        for (seat, _) in asked.iter().filter_map(|asked| asked.command) {
            let stream = self.snapshots.begin(view.as_ref(), tables, seat, reader.release).await?;
            streams.insert(seat, stream.read_on(view.as_ref(), tables, seat, reader).await?);
        }
        Ok(streams)
    }

    /// The transaction that appends: each event at the end of its stream as it was read, and then the rows that it changes.
    fn appending(
        &self,
        tables: Tables,
        release: Release,
        transaction: &Transaction,
        asked: &[Asked],
        decided: &[Option<Decided>],
        streams: &BTreeMap<i64, Stream>,
    ) -> Transaction {
        let mut statements = Statements::with_capacity(2 * asked.len());
        for (asked, decided) in asked.iter().zip(decided) {
            if let Some(Decided { seat, event }) = *decided {
                let Stream { version, state } = streams[&seat];
                let version = version + 1;
                let key = tables.event_key(seat, version);
                let values = release.event_row(event, seat, version).into();
                statements.push(Statement::Insert { key, values });
                statements.extend(self.snapshots.due(tables, release, state.after(event), seat, version));
            }
            statements.push(asked.statement.clone());
        }
        Transaction { statements, ..transaction.clone() }
    }
}

/// What commands come to; refused where one of them is not allowed. No transaction asks twice of one seat.
fn decide(streams: &BTreeMap<i64, Stream>, asked: &[Asked]) -> Outcome<Vec<Option<Decided>>> {
    let of = |asked: &Asked| {
        let Some((seat, command)) = asked.command else { return Ok(None) };
        match streams[&seat].state.decide(command) {
            Some(event) => Ok(Some(Decided { seat, event })),
            None => Err(Refusal::Conflict.into()),
        }
    };
    asked.iter().map(of).collect()
}
