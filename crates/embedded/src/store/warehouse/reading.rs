//! What readers get: of a key, and of all.

use super::Warehouse;
use super::dataset::Location;
use super::index::Slot;
use super::manifest::Mode;
use crate::store::StoreError;
use driftlab_model::{Key, Row};
use driftlab_sink::Total;

impl Warehouse {
    /// What a reader gets of a key.
    pub(super) fn row(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        match self.index.slot(key).filter(|slot| slot.shows_row()) {
            Some(slot) => self.row_of(slot),
            None => Ok(None),
        }
    }

    fn row_of(&self, slot: &Slot) -> Result<Option<Row>, StoreError> {
        let newest = self.dataset.read(slot.latest)?.after;
        if self.mode != Mode::Sum {
            return Ok(newest);
        }
        let mut total = Total::default();
        for location in &slot.all {
            self.dataset.read(*location)?.add_to(&mut total);
        }
        Ok(newest.map(|newest| total.row(&newest)))
    }

    /// All rows, in the order of their keys.
    pub(super) fn rows(&self) -> Result<Vec<(Key, Row)>, StoreError> {
        let mut rows = Vec::new();
        if self.mode == Mode::Sum {
            for (key, slot) in self.index.rows() {
                rows.extend(self.row_of(slot)?.map(|row| (key.clone(), row)));
            }
            return Ok(rows);
        }
        for (file, _) in self.dataset.files() {
            file.scan(|place, record| {
                let location = Location { file: file.id, place };
                let counts = self.index.slot(&record.key).is_some_and(|slot| slot.latest == location);
                rows.extend(record.after.filter(|_| counts).map(|row| (record.key, row)));
                Ok(())
            })?;
        }
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}
