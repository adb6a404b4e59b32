//! The warehouse: Parquet files and a manifest that says which of them count.
//!
//! Every write is a new file with the records of one atomic step; reading merges them, the newest record of a key wins, a deletion is a record
//! too. A load is written to files of its own, and takes the place of all others when the manifest is swapped. Small files are joined in time.
//!
//! A step costs two files and three syncs, however small it is, as it does in any warehouse: deliveries should come in batches.

mod columns;
mod compaction;
mod data_file;
mod dataset;
pub mod export;
mod index;
mod load;
mod manifest;
mod reading;
mod record;
mod staging;
mod step;
mod swap;

use self::dataset::{Dataset, Location};
use self::index::Index;
use self::manifest::Mode;
use self::staging::Staged;
use super::registry::{BackendEntry, Place};
use super::{Backend, StoreError, Visible};
use driftlab_model::port::{LoadId, Reply, Request};
use driftlab_model::{Datum, Failure, Key, Outcome, Refusal, Row, Settings, SinkForm, SinkKind, Span, Time};
use driftlab_sink::Intake;
use std::collections::BTreeMap;

pub(super) const ENTRY: BackendEntry = BackendEntry {
    name: "warehouse",
    summary: "Parquet files with a manifest that is swapped in one step; merges on read, appends, or adds up",
    kind: SinkKind::Warehouse,
    inapt: &[],
    open: |settings, place| Ok(Box::new(Warehouse::open(settings, place)?)),
};

struct Warehouse {
    mode: Mode,
    tombstones: Span,
    dataset: Dataset,
    index: Index,
    staged: BTreeMap<LoadId, Staged>,
    next_sequence: u64,
}

type Answer<T> = Result<Result<T, Refusal>, StoreError>;

impl Warehouse {
    fn open(given: &Settings, place: &Place) -> Result<Self, StoreError> {
        let mode = match given.get("mode") {
            Some(Datum::Word("append")) => Mode::Append,
            Some(Datum::Word("sum")) => Mode::Sum,
            _ => Mode::Merge,
        };
        let dataset = Dataset::open(place, mode)?;
        let mut index = Index::new(mode);
        let mut next_sequence = 0;
        for (file, role) in dataset.files() {
            file.scan(|place, record| {
                next_sequence = next_sequence.max(record.sequence + 1);
                index.absorb(&record, Location { file: file.id, place }, role);
                Ok(())
            })?;
        }
        let tombstones = match mode {
            Mode::Merge => given.span("tombstones"),
            // A deletion is a version of its own, or subtracts; that it happened does not expire.
            Mode::Append | Mode::Sum => Span::MAX,
        };
        Ok(Self { mode, tombstones, dataset, index, staged: BTreeMap::new(), next_sequence })
    }

    fn answer(&mut self, now: Time, request: &Request, visible: &mut Visible) -> Answer<Reply> {
        Ok(Ok(match request {
            Request::Get(key) => Reply::Row(self.row(key)?),
            Request::Put(delivery) => {
                let outcomes = self.deliver(now, std::slice::from_ref(delivery), None, visible)?;
                if let Some(Err(refusal)) = outcomes.into_iter().next() {
                    return Ok(Err(refusal));
                }
                Reply::Done
            }
            Request::Bulk(deliveries) => {
                let outcomes = self.deliver(now, deliveries, None, visible)?;
                Reply::Each(outcomes.into_iter().map(|outcome| outcome.map_err(Failure::from)).collect())
            }
            Request::Apply { deliveries, after, bookmark } => {
                let mut intake = self.intake();
                if let Err(refusal) = intake.take_step(*after, *bookmark) {
                    return Ok(Err(refusal));
                }
                // What is outdated is already superseded: skipping it completes the step.
                self.deliver(now, deliveries, Some(intake), visible)?;
                Reply::Done
            }
            Request::Bookmark => Reply::Bookmark(self.intake().bookmark()),
            Request::Stage { load, rows } => return self.stage(now, *load, rows),
            Request::Publish { load, bookmark } => return self.publish(*load, *bookmark, visible),
            Request::Complete => {
                visible.loaded = true;
                Reply::Done
            }
            Request::Clear => {
                self.clear(visible)?;
                Reply::Done
            }
            Request::Keys { table, after, limit } => {
                Reply::Keys(self.index.keys(*table, after.as_ref(), *limit))
            }
            Request::Invalidate(_) | Request::GetOrLease(_) | Request::Fill { .. } => {
                return Ok(Err(Refusal::Unsupported));
            }
        }))
    }

    fn intake(&self) -> Intake {
        self.dataset.manifest().intake.clone()
    }
}

impl Backend for Warehouse {
    fn form(&self) -> SinkForm {
        match self.mode {
            Mode::Merge => SinkForm::Rows,
            Mode::Append => SinkForm::Versions,
            Mode::Sum => SinkForm::Totals,
        }
    }

    fn preload(&mut self, rows: &[(Key, Row)]) -> Result<(), StoreError> {
        self.load_first(rows)
    }

    fn serve(
        &mut self,
        now: Time,
        request: &Request,
        visible: &mut Visible,
    ) -> Result<Outcome<Reply>, StoreError> {
        Ok(self.answer(now, request, visible)?.map_err(Failure::from))
    }

    fn contents(&mut self) -> Result<Vec<(Key, Row)>, StoreError> {
        self.rows()
    }
}
