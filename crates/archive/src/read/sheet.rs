//! Some rows of a file, their columns brought to few types.

use super::error::{Fault, Read, quoted};
use crate::column::{COLUMNS, Column, Content};
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, UInt64Type};

/// Reals hold every whole number up to this one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A column of a sheet.
enum Cells {
    /// The file does not have it.
    Absent,
    /// The file has it, and nothing is in it.
    Empty,
    Numbers(Int64Array),
    Reals(Float64Array),
    /// Timestamps, and how many nanoseconds their unit has.
    Stamps(Int64Array, i64),
    Words(DictionaryArray<Int32Type>, Vec<Option<usize>>),
    Texts(StringArray),
}

/// What stands in a cell of text.
pub(super) enum Cell<'s> {
    Number(i64),
    Real(f64),
    Text(&'s str),
}

/// A moment as the file tells it.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    /// Nanoseconds since the beginning of the run.
    Nanos(i64),
    /// Nanoseconds since 1970.
    Stamp(i64),
}

/// Some rows of a file.
pub(super) struct Sheet {
    first_row: u64,
    rows: usize,
    cells: Vec<Cells>,
}

impl Sheet {
    pub(super) fn new(batch: &RecordBatch, first_row: u64) -> Read<Self> {
        let cells = |&(column, name, content): &(Column, &str, Content)| match batch.column_by_name(name) {
            None => Ok(Cells::Absent),
            Some(array) => Cells::new(array, content)
                .map_err(|why| Fault::column(column, why.to_string(), content.expected())),
        };
        let cells = COLUMNS.iter().map(cells).collect::<Read<Vec<_>>>()?;
        Ok(Self { first_row, rows: batch.num_rows(), cells })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of a row in the file.
    pub(super) fn row(&self, place: usize) -> u64 {
        self.first_row + place as u64
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, column: Column) -> bool {
        !matches!(self.cells[column as usize], Cells::Absent)
    }

    pub(super) fn is_null(&self, column: Column, place: usize) -> bool {
        match &self.cells[column as usize] {
            Cells::Absent | Cells::Empty => true,
            Cells::Numbers(array) | Cells::Stamps(array, _) => array.is_null(place),
            Cells::Reals(array) => array.is_null(place),
            Cells::Words(array, _) => array.is_null(place),
            Cells::Texts(array) => array.is_null(place),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, column: Column, place: usize) -> Read<Option<i64>> {
        match &self.cells[column as usize] {
            Cells::Numbers(array) => Ok(array.is_valid(place).then(|| array.value(place))),
            Cells::Reals(array) if array.is_valid(place) => whole(array.value(place)).ok_or_else(|| {
                Fault::cell(self.row(place), column, array.value(place).to_string(), "a whole number")
                    .help("a column of floats holds whole numbers up to 2^53")
            }),
            _ => Ok(None),
        }
    }

    /// A moment.
    pub(super) fn moment(&self, column: Column, place: usize) -> Read<Option<Moment>> {
        match &self.cells[column as usize] {
            Cells::Stamps(array, unit) if array.is_valid(place) => {
                let nanos = array.value(place).checked_mul(*unit).ok_or_else(|| {
                    let found = format!("the timestamp {} of its unit", array.value(place));
                    Fault::cell(self.row(place), column, found, "a timestamp between 1677 and 2262")
                })?;
                Ok(Some(Moment::Stamp(nanos)))
            }
            Cells::Numbers(array) => Ok(array.is_valid(place).then(|| Moment::Nanos(array.value(place)))),
            _ => Ok(None),
        }
    }

    /// A word.
    pub(super) fn word(&self, column: Column, place: usize) -> Option<&str> {
        match &self.cells[column as usize] {
            Cells::Words(array, _) => {
                let code = array.key(place)?;
                Some(array.values().as_string::<i32>().value(code))
            }
            _ => None,
        }
    }

    /// The number that a word stands for; each word of a sheet is asked for once.
    pub(super) fn code(
        &mut self,
        column: Column,
        place: usize,
        resolve: impl FnOnce(&str) -> Read<usize>,
    ) -> Read<Option<usize>> {
        let row = self.row(place);
        let Cells::Words(array, known) = &mut self.cells[column as usize] else { return Ok(None) };
        let Some(code) = array.key(place) else { return Ok(None) };
        if known[code].is_none() {
            let resolved = resolve(array.values().as_string::<i32>().value(code));
            known[code] = Some(resolved.map_err(|mut fault| {
                fault.row = Some(row);
                fault
            })?);
        }
        Ok(known[code])
    }

    /// Text, or a number that stands for itself.
    pub(super) fn cell(&self, column: Column, place: usize) -> Option<Cell<'_>> {
        if self.is_null(column, place) {
            return None;
        }
        match &self.cells[column as usize] {
            Cells::Numbers(array) => Some(Cell::Number(array.value(place))),
            Cells::Reals(array) => Some(Cell::Real(array.value(place))),
            Cells::Texts(array) => Some(Cell::Text(array.value(place))),
            _ => None,
        }
    }

    /// What to say of a cell in which something is missing.
    pub(super) fn missing(&self, column: Column, place: usize, expected: &str) -> Box<Fault> {
        if self.has(column) {
            Fault::cell(self.row(place), column, "it is null", expected)
        } else {
            let found = "the file has no such column";
            Fault::cell(self.row(place), column, found, expected)
        }
    }

    /// What to say of a text that is wrong.
    pub(super) fn wrong(&self, column: Column, place: usize, text: &str, expected: &str) -> Box<Fault> {
        Fault::cell(self.row(place), column, quoted(text), expected)
    }
}

impl Cells {
    fn new(array: &ArrayRef, content: Content) -> Result<Self, arrow::error::ArrowError> {
        let kind = match array.data_type() {
            DataType::Dictionary(_, values) => values.as_ref().clone(),
            other => other.clone(),
        };
        if kind == DataType::Null {
            return Ok(Self::Empty);
        }
        if content == Content::Word {
            // Whole numbers may name somebody too.
            let text = if kind.is_integer() { cast(array, &DataType::Utf8)? } else { array.clone() };
            let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            let words = cast(&text, &words)?.as_dictionary::<Int32Type>().clone();
            let known = vec![None; words.values().len()];
            return Ok(Self::Words(words, known));
        }
        let plain = if array.data_type() == &kind { array.clone() } else { cast(array, &kind)? };
        Ok(match &kind {
            DataType::UInt64 => Self::Numbers(signed(plain.as_primitive::<UInt64Type>())),
            DataType::Float32 | DataType::Float64 => {
                Self::Reals(cast(&plain, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            DataType::Timestamp(unit, _) => {
                let nanos = match unit {
                    TimeUnit::Second => 1_000_000_000,
                    TimeUnit::Millisecond => 1_000_000,
                    TimeUnit::Microsecond => 1_000,
                    TimeUnit::Nanosecond => 1,
                };
                Self::Stamps(cast(&plain, &DataType::Int64)?.as_primitive::<Int64Type>().clone(), nanos)
            }
            DataType::Boolean => {
                Self::Numbers(cast(&plain, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            kind if kind.is_integer() => {
                Self::Numbers(cast(&plain, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            _ => Self::Texts(cast(&plain, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }
}

/// The signed numbers with the same bits: ids have 64 of them.
fn signed(array: &UInt64Array) -> Int64Array {
    let values: Vec<i64> = array.values().iter().map(|n| *n as i64).collect();
    Int64Array::new(values.into(), array.nulls().cloned())
}

/// The whole number that a real is; NaN, which pandas makes of what is missing, is none.
pub(super) fn whole(x: f64) -> Option<Option<i64>> {
    if x.is_nan() {
        return Some(None);
    }
    (x.fract() == 0.0 && x.abs() <= EXACT).then_some(Some(x as i64))
}
