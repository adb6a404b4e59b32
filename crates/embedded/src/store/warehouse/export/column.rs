use arrow::array::{ArrayRef, BinaryArray, Float64Array, Int64Array, NullBufferBuilder, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use rusqlite::types::ValueRef;
use std::mem;
use std::sync::Arc;

/// A column that is being filled. Text is checked to be UTF-8 once for the whole column, not value by value.
pub(super) struct ColumnBuffer {
    rows: usize,
    nulls: NullBufferBuilder,
    values: Values,
}

enum Values {
    Integer(Vec<i64>),
    Real(Vec<f64>),
    Text(Bytes),
    Blob(Bytes),
}

struct Bytes {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Bytes {
    fn new(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { offsets, bytes: Vec::new() }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.offsets.push(self.bytes.len() as i32);
    }

    fn take(&mut self, rows: usize) -> (OffsetBuffer<i32>, Buffer) {
        // The next batch is about as large as this one.
        let fresh = Self { bytes: Vec::with_capacity(self.bytes.len()), ..Self::new(rows) };
        let full = mem::replace(self, fresh);
        (OffsetBuffer::new(ScalarBuffer::from(full.offsets)), Buffer::from_vec(full.bytes))
    }
}

impl ColumnBuffer {
    pub(super) fn new(kind: &DataType, rows: usize) -> Self {
        let values = match kind {
            DataType::Int64 => Values::Integer(Vec::with_capacity(rows)),
            DataType::Float64 => Values::Real(Vec::with_capacity(rows)),
            DataType::Utf8 => Values::Text(Bytes::new(rows)),
            _ => Values::Blob(Bytes::new(rows)),
        };
        Self { rows, nulls: NullBufferBuilder::new(rows), values }
    }

    /// Adds a value; `false` where it is of another type than the column, and then null was added.
    #[inline]
    pub(super) fn push(&mut self, value: ValueRef<'_>) -> bool {
        match (&mut self.values, value) {
            (Values::Integer(values), ValueRef::Integer(n)) => values.push(n),
            (Values::Real(values), ValueRef::Real(x)) => values.push(x),
            (Values::Text(values), ValueRef::Text(text)) => values.push(text),
            (Values::Blob(values), ValueRef::Blob(bytes)) => values.push(bytes),
            (_, value) => {
                self.push_null();
                return matches!(value, ValueRef::Null);
            }
        }
        self.nulls.append_non_null();
        true
    }

    pub(super) fn push_null(&mut self) {
        match &mut self.values {
            Values::Integer(values) => values.push(0),
            Values::Real(values) => values.push(0.0),
            Values::Text(values) | Values::Blob(values) => values.push(&[]),
        }
        self.nulls.append_null();
    }

    /// Bytes of texts or blobs so far.
    pub(super) fn bytes(&self) -> usize {
        match &self.values {
            Values::Integer(_) | Values::Real(_) => 0,
            Values::Text(values) | Values::Blob(values) => values.bytes.len(),
        }
    }

    /// Gives what was added, and begins anew.
    pub(super) fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        let nulls = mem::replace(&mut self.nulls, NullBufferBuilder::new(self.rows)).finish();
        let rows = self.rows;
        Ok(match &mut self.values {
            Values::Integer(values) => {
                Arc::new(Int64Array::new(mem::replace(values, Vec::with_capacity(rows)).into(), nulls))
            }
            Values::Real(values) => {
                Arc::new(Float64Array::new(mem::replace(values, Vec::with_capacity(rows)).into(), nulls))
            }
            Values::Text(values) => {
                let (offsets, bytes) = values.take(rows);
                Arc::new(StringArray::try_new(offsets, bytes, nulls)?)
            }
            Values::Blob(values) => {
                let (offsets, bytes) = values.take(rows);
                Arc::new(BinaryArray::try_new(offsets, bytes, nulls)?)
            }
        })
    }
}
