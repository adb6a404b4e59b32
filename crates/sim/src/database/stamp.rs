//! The highest `updated_at` stamp of the committed state.

use super::version::RowId;
use driftlab_model::Time;

/// The highest stamp among the committed rows, exact whenever it says so.
///
/// Stamps mostly grow, so the newest commit mostly carries the highest. Where the row that carried it is deleted, or overwritten by a slower
/// clock, only an upper bound is left, until a stamp reaches that bound or somebody asks and all rows are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewestStamp {
    bound: Time,
    holder: Holder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// Rows have no higher stamp, and the bound is the lowest that there is.
    Anybody,
    /// This row carries the bound as its stamp.
    Row(RowId),
    /// No row may carry it.
    Lost,
}

impl Default for NewestStamp {
    fn default() -> Self {
        Self { bound: Time::ZERO, holder: Holder::Anybody }
    }
}

impl NewestStamp {
    /// A commit gave a row this stamp, or removed the row.
    pub(super) fn note(&mut self, row: RowId, stamp: Option<Time>) {
        match stamp {
            Some(stamp) if stamp >= self.bound => {
                (self.bound, self.holder) = (stamp, Holder::Row(row));
            }
            _ if self.holder == Holder::Row(row) => self.holder = Holder::Lost,
            _ => {}
        }
    }

    /// The highest stamp; `rows` gives all stamps, and is asked for them only where the highest one was lost.
    pub(super) fn exact(&mut self, rows: impl Iterator<Item = (RowId, Time)>) -> Time {
        if self.holder == Holder::Lost {
            *self = Self::default();
            for (row, stamp) in rows {
                self.note(row, Some(stamp));
            }
        }
        self.bound
    }
}
