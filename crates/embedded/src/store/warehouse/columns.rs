//! How records lie in Arrow columns: thirteen of the warehouse's own, whose names begin with an underscore, and then those of the table, each with
//! the type that its schema declares, so that any reader of Parquet finds typed tables.
//!
//! A value of another type than its column's (SQLite lets one have it), and values beyond the declared columns, go into `_other`, tagged. So every
//! row comes back exactly as it went: null, integer, real, text and blob, with every bit.

use super::record::Record;
use crate::log::codec::{self, Malformed, Reader};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryBuilder, BooleanArray, Float64Array, Int64Array, RecordBatch,
    StringArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema as ArrowSchema, SchemaRef};
use arrow::error::ArrowError;
use driftlab_model::{ColumnType, Key, Row, Schema, TableId, Time, TransactionId, Value, Version, WriteId};
use std::sync::Arc;

const OWN: [(&str, DataType, bool); 13] = [
    ("_key", DataType::Binary, false),
    ("_sequence", DataType::UInt64, false),
    ("_transaction", DataType::UInt64, false),
    ("_index", DataType::UInt32, false),
    ("_version", DataType::UInt64, false),
    ("_loaded", DataType::Boolean, false),
    ("_guarded_until", DataType::UInt64, false),
    ("_row_transaction", DataType::UInt64, true),
    ("_row_index", DataType::UInt32, true),
    ("_row_version", DataType::UInt64, true),
    ("_updated_at", DataType::UInt64, true),
    ("_before", DataType::Binary, true),
    ("_other", DataType::Binary, true),
];

/// The columns of a table's data files. A table that the schema does not know has only the warehouse's own.
pub(super) fn of_table(schema: &Schema, id: TableId) -> SchemaRef {
    let mut fields: Vec<Field> =
        OWN.iter().map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable)).collect();
    if usize::from(id.0) < schema.len() {
        fields.extend(schema.table(id).columns.iter().map(|column| {
            let kind = match column.kind {
                ColumnType::Integer => DataType::Int64,
                ColumnType::Real => DataType::Float64,
                ColumnType::Text => DataType::Utf8,
                ColumnType::Blob => DataType::Binary,
            };
            // Deletions have no values, so every column is nullable here.
            Field::new(&column.name, kind, true)
        }));
    }
    Arc::new(ArrowSchema::new(fields))
}

pub(super) fn encode(schema: &SchemaRef, records: &[Record]) -> Result<RecordBatch, ArrowError> {
    let u64s = |of: &dyn Fn(&Record) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(records.iter().map(of)))
    };
    let row_u64s = |of: &dyn Fn(&Row) -> u64| -> ArrayRef {
        Arc::new(records.iter().map(|record| record.after.as_ref().map(of)).collect::<UInt64Array>())
    };
    let binary = |of: &dyn Fn(&Record, &mut Vec<u8>) -> bool| -> ArrayRef {
        let mut builder = BinaryBuilder::new();
        let mut bytes = Vec::new();
        for record in records {
            bytes.clear();
            builder.append_option(of(record, &mut bytes).then_some(&bytes));
        }
        Arc::new(builder.finish())
    };
    let typed = &schema.fields()[OWN.len()..];
    let kinds: Vec<&DataType> = typed.iter().map(|field| field.data_type()).collect();
    let mut columns: Vec<ArrayRef> = vec![
        binary(&|record, bytes| {
            codec::put_key(bytes, &record.key);
            true
        }),
        u64s(&|record| record.sequence),
        u64s(&|record| record.write.transaction.0),
        Arc::new(UInt32Array::from_iter_values(records.iter().map(|record| record.write.index))),
        u64s(&|record| record.version.0),
        Arc::new(records.iter().map(|record| Some(record.loaded)).collect::<BooleanArray>()),
        u64s(&|record| record.guarded_until.nanos()),
        row_u64s(&|row| row.write().transaction.0),
        Arc::new(
            records
                .iter()
                .map(|record| record.after.as_ref().map(|row| row.write().index))
                .collect::<UInt32Array>(),
        ),
        row_u64s(&|row| row.version().0),
        row_u64s(&|row| row.updated_at().nanos()),
        binary(&|record, bytes| {
            record.before.iter().for_each(|row| codec::put_row(bytes, row));
            record.before.is_some()
        }),
        binary(&|record, bytes| {
            record.after.as_ref().is_some_and(|row| put_other(bytes, row.values(), &kinds))
        }),
    ];
    for (place, kind) in kinds.iter().enumerate() {
        let values =
            records.iter().map(|record| record.after.as_ref().and_then(|row| row.values().get(place)));
        columns.push(match kind {
            DataType::Int64 => Arc::new(values.map(integer).collect::<Int64Array>()),
            DataType::Float64 => Arc::new(values.map(real).collect::<Float64Array>()),
            DataType::Utf8 => Arc::new(values.map(text).collect::<StringArray>()),
            _ => Arc::new(values.map(blob).collect::<BinaryArray>()),
        });
    }
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn integer(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_integer)
}

fn real(value: Option<&Value>) -> Option<f64> {
    if let Some(Value::Real(x)) = value { Some(*x) } else { None }
}

fn text(value: Option<&Value>) -> Option<&str> {
    if let Some(Value::Text(text)) = value { Some(text) } else { None }
}

fn blob(value: Option<&Value>) -> Option<&[u8]> {
    if let Some(Value::Blob(bytes)) = value { Some(bytes) } else { None }
}

/// Writes down what the typed columns cannot hold; `false` where they hold everything.
fn put_other(out: &mut Vec<u8>, values: &[Value], kinds: &[&DataType]) -> bool {
    let fits = |(place, value): &(usize, &Value)| {
        matches!(
            (kinds.get(*place), value),
            (Some(_), Value::Null)
                | (Some(DataType::Int64), Value::Integer(_))
                | (Some(DataType::Float64), Value::Real(_))
                | (Some(DataType::Utf8), Value::Text(_))
                | (Some(DataType::Binary), Value::Blob(_))
        )
    };
    let mut others = values.iter().enumerate().filter(|value| !fits(value)).peekable();
    if values.len() == kinds.len() && others.peek().is_none() {
        return false;
    }
    codec::put_u64(out, values.len() as u64);
    for (place, value) in others {
        codec::put_u64(out, place as u64);
        codec::put_value(out, value);
    }
    true
}

/// Records out of a batch.
pub(super) struct Decoder<'a> {
    key: &'a BinaryArray,
    sequence: &'a UInt64Array,
    transaction: &'a UInt64Array,
    index: &'a UInt32Array,
    version: &'a UInt64Array,
    loaded: &'a BooleanArray,
    guarded_until: &'a UInt64Array,
    row_transaction: &'a UInt64Array,
    row_index: &'a UInt32Array,
    row_version: &'a UInt64Array,
    updated_at: &'a UInt64Array,
    before: &'a BinaryArray,
    other: &'a BinaryArray,
    typed: Vec<Typed<'a>>,
}

enum Typed<'a> {
    Integer(&'a Int64Array),
    Real(&'a Float64Array),
    Text(&'a StringArray),
    Blob(&'a BinaryArray),
}

impl<'a> Decoder<'a> {
    pub(super) fn new(batch: &'a RecordBatch) -> Result<Self, Malformed> {
        let typed = batch.columns().iter().skip(OWN.len()).map(|column| {
            let any = column.as_any();
            let integers = any.downcast_ref().map(Typed::Integer);
            let reals = integers.or_else(|| any.downcast_ref().map(Typed::Real));
            let texts = reals.or_else(|| any.downcast_ref().map(Typed::Text));
            texts.or_else(|| any.downcast_ref().map(Typed::Blob)).ok_or(Malformed)
        });
        Ok(Self {
            key: own(batch, 0)?,
            sequence: own(batch, 1)?,
            transaction: own(batch, 2)?,
            index: own(batch, 3)?,
            version: own(batch, 4)?,
            loaded: own(batch, 5)?,
            guarded_until: own(batch, 6)?,
            row_transaction: own(batch, 7)?,
            row_index: own(batch, 8)?,
            row_version: own(batch, 9)?,
            updated_at: own(batch, 10)?,
            before: own(batch, 11)?,
            other: own(batch, 12)?,
            typed: typed.collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.key.len()
    }

    pub(super) fn key(&self, i: usize) -> Result<Key, Malformed> {
        Reader::new(self.key.value(i)).key()
    }

    pub(super) fn guarded_until(&self, i: usize) -> Time {
        Time::from_nanos(self.guarded_until.value(i))
    }

    pub(super) fn record(&self, i: usize) -> Result<Record, Malformed> {
        let before = self.before.is_valid(i).then(|| Reader::new(self.before.value(i)).row()).transpose()?;
        Ok(Record {
            key: self.key(i)?,
            sequence: self.sequence.value(i),
            write: WriteId {
                transaction: TransactionId(self.transaction.value(i)),
                index: self.index.value(i),
            },
            version: Version(self.version.value(i)),
            guarded_until: self.guarded_until(i),
            loaded: self.loaded.value(i),
            before,
            after: self.row_transaction.is_valid(i).then(|| self.row(i)).transpose()?,
        })
    }

    fn row(&self, i: usize) -> Result<Row, Malformed> {
        let mut values: Vec<Value> = self.typed.iter().map(|column| column.value(i)).collect();
        if self.other.is_valid(i) {
            let mut other = Reader::new(self.other.value(i));
            let count = usize::try_from(other.number()?).map_err(|_| Malformed)?;
            values.resize(count, Value::Null);
            while !other.is_empty() {
                let place = usize::try_from(other.number()?).map_err(|_| Malformed)?;
                *values.get_mut(place).ok_or(Malformed)? = other.value()?;
            }
        }
        let write = WriteId {
            transaction: TransactionId(self.row_transaction.value(i)),
            index: self.row_index.value(i),
        };
        let updated_at = Time::from_nanos(self.updated_at.value(i));
        Ok(Row::new(write, Version(self.row_version.value(i)), updated_at, values.into()))
    }
}

impl Typed<'_> {
    fn value(&self, i: usize) -> Value {
        let valid = match self {
            Self::Integer(array) => array.is_valid(i),
            Self::Real(array) => array.is_valid(i),
            Self::Text(array) => array.is_valid(i),
            Self::Blob(array) => array.is_valid(i),
        };
        match self {
            _ if !valid => Value::Null,
            Self::Integer(array) => Value::Integer(array.value(i)),
            Self::Real(array) => Value::Real(array.value(i)),
            Self::Text(array) => Value::text(array.value(i)),
            Self::Blob(array) => Value::Blob(array.value(i).into()),
        }
    }
}

fn own<T: 'static>(batch: &RecordBatch, place: usize) -> Result<&T, Malformed> {
    batch.columns().get(place).and_then(|column| column.as_any().downcast_ref()).ok_or(Malformed)
}
