//! The rows of the initial load.

use super::cell::unsigned;
use super::{Assembler, Pass};
use crate::column::Column;
use crate::read::attribution::Identity;
use crate::read::error::{Fault, Read};
use crate::read::sheet::Sheet;
use driftlab_model::{Row, Version, WriteId};

impl Assembler<'_> {
    pub(super) fn loads(&mut self, sheet: &mut Sheet, i: usize) -> Read<()> {
        let row = sheet.row(i);
        if self.has_begun {
            let found = "a row of the initial load after other events";
            return Err(Fault::cell(row, Column::Event, found, "the load in the first rows of the file")
                .help("a row that was inserted later is a `committed` event"));
        }
        if matches!(self.pass, Pass::Telling(..)) {
            return Ok(());
        }
        let Some(key) = self.key(sheet, i)? else {
            return Err(sheet.missing(Column::Key, i, "the key of the row that was loaded"));
        };
        if let Some(first) = self.loaded.insert(key.clone(), row) {
            let found = format!("this key was loaded before, in row {first}");
            return Err(Fault::cell(row, Column::Key, found, "each key to be loaded once"));
        }
        let Some(values) = self.values(sheet, i, &key, Column::Value)? else {
            return Err(sheet.missing(Column::Value, i, "the row that was loaded"));
        };
        let write = match self.transaction(sheet, i, Column::Transaction)? {
            Some(transaction) => {
                WriteId { transaction, index: self.index(sheet, i, Column::Write)?.unwrap_or(0) }
            }
            None => WriteId::LOAD,
        };
        let version = Version(unsigned(sheet.number(Column::Version, i)?).unwrap_or(0));
        let updated_at = self.order.other(sheet, Column::UpdatedAt, i)?.unwrap_or_default();
        if let Pass::Survey(attribution) = &mut self.pass {
            attribution.learn(row, &key, &values, Identity { write, version, updated_at });
        }
        self.load.push((key, Row::new(write, version, updated_at, values.into())));
        Ok(())
    }
}
