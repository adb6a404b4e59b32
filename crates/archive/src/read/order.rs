//! What must rise from row to row: times, groups, commit indices; and what must not happen twice.

use super::error::{Fault, Read};
use super::sheet::{Moment, Sheet};
use crate::column::Column;
use driftlab_model::{Lookup, Time, TransactionId};

/// No run lasts longer; whoever says so counts from 1970.
const LONGEST_YEARS: i64 = 10;
const YEAR_NANOS: i64 = 31_557_600_000_000_000;

/// How far the rows have come.
#[derive(Default)]
pub(super) struct Order {
    last: Option<(u64, Time)>,
    /// The moment from which timestamps are counted.
    origin: Option<i64>,
    group: Option<i64>,
    commits: u64,
    committed: Lookup<TransactionId, u64>,
}

impl Order {
    /// The moment of an event, which must not be before that of the row before.
    pub(super) fn at(&mut self, sheet: &Sheet, place: usize, is_ours: bool) -> Read<Time> {
        let (row, column) = (sheet.row(place), Column::At);
        let moment = sheet.moment(column, place)?;
        let moment = moment.ok_or_else(|| sheet.missing(column, place, "the moment of the event"))?;
        if let (Moment::Stamp(nanos), None) = (moment, self.origin) {
            self.origin = Some(nanos);
        }
        if let Moment::Nanos(nanos) = moment
            && !is_ours
            && nanos > LONGEST_YEARS * YEAR_NANOS
        {
            let found = format!(
                "{nanos} nanoseconds, more than {LONGEST_YEARS} years after the beginning of the run"
            );
            return Err(Fault::cell(row, column, found, "nanoseconds since the beginning of the run").help(
                "timestamps may be written as such (pandas' datetime64, Parquet's TIMESTAMP): then the run begins with the first row",
            ));
        }
        let (last_row, last) = self.last.unwrap_or_default();
        let earlier = match moment {
            Moment::Stamp(nanos) => self.origin.is_some_and(|origin| nanos < origin),
            Moment::Nanos(_) => false,
        };
        let at = self.time(sheet, column, place, moment)?;
        if at < last || earlier {
            let found = format!("{at} after the beginning, and row {last_row} before it is at {last}");
            let found = if earlier { "a time before that of the first row".to_owned() } else { found };
            return Err(Fault::cell(row, column, found, "rows in the order of time")
                .help("sort by `at`, and keep the order of rows of equal times"));
        }
        self.last = Some((row, at));
        Ok(at)
    }

    /// Another moment of an event.
    pub(super) fn other(&self, sheet: &Sheet, column: Column, place: usize) -> Read<Option<Time>> {
        match sheet.moment(column, place)? {
            Some(moment) => self.time(sheet, column, place, moment).map(Some),
            None => Ok(None),
        }
    }

    fn time(&self, sheet: &Sheet, column: Column, place: usize, moment: Moment) -> Read<Time> {
        match moment {
            Moment::Nanos(nanos) => u64::try_from(nanos).map(Time::from_nanos).map_err(|_| {
                let found = format!("{nanos}, before the beginning of the run");
                Fault::cell(sheet.row(place), column, found, "nanoseconds, from 0")
            }),
            // What was stamped before the run, such as an `updated_at` of the load, was there at its beginning.
            Moment::Stamp(nanos) => {
                let since = nanos.saturating_sub(self.origin.unwrap_or(nanos));
                Ok(Time::from_nanos(u64::try_from(since).unwrap_or(0)))
            }
        }
    }

    /// A new group begins with this row.
    pub(super) fn group(&mut self, sheet: &Sheet, place: usize, group: Option<i64>) -> Read<()> {
        let Some(group) = group else { return Ok(()) };
        if self.group.is_some_and(|last| group <= last) {
            let found = format!("{group}, after rows of group {}", self.group.unwrap_or_default());
            let expected = "the rows of a group side by side, of one event and one moment, and groups that are numbered upwards";
            return Err(Fault::cell(sheet.row(place), Column::Group, found, expected));
        }
        self.group = Some(group);
        Ok(())
    }

    /// The place of a commit in the commit order.
    pub(super) fn commit(
        &mut self,
        row: u64,
        transaction: TransactionId,
        index: Option<u64>,
        is_watermark: bool,
        is_empty: bool,
    ) -> Read<u64> {
        if is_watermark {
            return Ok(index.unwrap_or(self.commits));
        }
        if let Some(first) = self.committed.insert(transaction, row) {
            let found = format!("this transaction committed before, in row {first}");
            return Err(Fault::cell(row, Column::Transaction, found, "each transaction to commit once").help(
                "the rows of one commit stand side by side; where an id is used again, make it unique, for example with the LSN",
            ));
        }
        let next = self.commits + 1;
        let index = index.unwrap_or(next);
        if index != next && !(is_empty && index == self.commits) {
            let found = format!("commit {index} after commit {}", self.commits);
            return Err(Fault::cell(
                row,
                Column::Commit,
                found,
                format!("commit {next}: the commit order has no gaps"),
            )
            .help(
                "where commits are not numbered one by one, leave `commit` away: the order of rows counts",
            ));
        }
        self.commits = index;
        Ok(index)
    }
}
