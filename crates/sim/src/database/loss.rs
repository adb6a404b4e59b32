//! The loss of the tables of current state, and their restoration.

use super::Database;
use driftlab_model::hash::mix;
use driftlab_model::{Key, Refusal, Row, TableId};

/// What there was to lose: enough to know it again, and not to make it anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    rows: usize,
    /// The sum of the digests of all rows.
    sum: u128,
}

impl Manifest {
    pub(super) fn add(&mut self, key: &Key, row: &Row) {
        let content = mix(key.digest(), row.digest());
        let making = mix(row.version().0, row.updated_at().nanos());
        let digest = u128::from(mix(content, making)) << 64 | u128::from(mix(making, content));
        self.rows += 1;
        self.sum = self.sum.wrapping_add(digest);
    }
}

impl Database {
    /// Loses the committed rows of all tables but these. No commit comes of it.
    ///
    /// Transactions that are open, and snapshots, are over: whoever keeps this database sees to it that they are not gone on with.
    pub fn lose_state(&mut self, kept: &[TableId]) {
        self.lost = Some(self.versions.lose(kept));
    }

    /// Puts rows back as they were; nothing where nothing is lost.
    ///
    /// # Errors
    /// `Conflict` where these are not the rows that were lost: nothing is restored then.
    pub fn restore_state(&mut self, rows: &[(Key, Row)]) -> Result<(), Refusal> {
        let Some(lost) = self.lost else { return Ok(()) };
        let mut given = Manifest::default();
        rows.iter().for_each(|(key, row)| given.add(key, row));
        if given != lost {
            return Err(Refusal::Conflict);
        }
        for (key, row) in rows {
            self.versions.put_back(key, row);
        }
        self.lost = None;
        Ok(())
    }
}
