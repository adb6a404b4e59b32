//! The binary form of values, keys, rows and events, as they lie in segment files and in stores.
//!
//! Whole numbers are LEB128, signed ones zigzag first; reals their eight bytes, so that every NaN comes back as it was; texts and blobs a
//! length and their bytes. Nothing here names its version: what holds it does, for all that it holds.

use driftlab_model::{
    Change, ChangeEvent, ColumnSet, Heading, Key, Lsn, Row, TableId, Time, TransactionId, Value, Version,
    WriteId,
};
use std::fmt;

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;
/// Stands for a value that is left out of a row.
const LEFT_OUT: u8 = 5;

const INTEGER_KEY: u8 = 0;
const COMPOSITE_KEY: u8 = 1;

const HAS_BEFORE: u8 = 1;
const HAS_AFTER: u8 = 2;
const HAS_OF: u8 = 4;
/// The row after is partial.
const IS_PART: u8 = 8;

/// Bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no row that this version of driftlab wrote")
    }
}

impl std::error::Error for Malformed {}

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

pub(crate) fn put_u64(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Integer(n) => {
            out.push(INTEGER);
            put_u64(out, ((n << 1) ^ (n >> 63)) as u64);
        }
        Value::Real(x) => {
            out.push(REAL);
            out.extend_from_slice(&x.to_bits().to_le_bytes());
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_bytes(out, text.as_bytes());
        }
        Value::Blob(bytes) => {
            out.push(BLOB);
            put_bytes(out, bytes);
        }
    }
}

pub(crate) fn put_key(out: &mut Vec<u8>, key: &Key) {
    put_u64(out, u64::from(key.table().0));
    match key.as_integer() {
        Some(n) => {
            out.push(INTEGER_KEY);
            put_u64(out, ((n << 1) ^ (n >> 63)) as u64);
        }
        None => {
            out.push(COMPOSITE_KEY);
            let parts = key.values();
            put_u64(out, parts.len() as u64);
            parts.iter().for_each(|part| put_value(out, part));
        }
    }
}

pub(crate) fn put_write(out: &mut Vec<u8>, write: WriteId) {
    put_u64(out, write.transaction.0);
    put_u64(out, u64::from(write.index));
}

pub(crate) fn put_row(out: &mut Vec<u8>, row: &Row) {
    put_write(out, row.write());
    put_u64(out, row.version().0);
    put_u64(out, row.updated_at().nanos());
    put_u64(out, row.values().len() as u64);
    let left_out = row.left_out();
    for (column, value) in row.values().iter().enumerate() {
        match left_out.contains(column) {
            true => out.push(LEFT_OUT),
            false => put_value(out, value),
        }
    }
}

pub(crate) fn put_event(out: &mut Vec<u8>, event: &ChangeEvent) {
    let change = &event.change;
    let mut flags = 0;
    for (flag, set) in [
        (HAS_BEFORE, change.before.is_some()),
        (HAS_AFTER, change.after.is_some()),
        (HAS_OF, event.of.is_some()),
        (IS_PART, change.after.as_ref().is_some_and(Row::is_partial)),
    ] {
        if set {
            flags |= flag;
        }
    }
    out.push(flags);
    put_u64(out, event.position.0);
    put_u64(out, event.transaction.0);
    put_u64(out, u64::from(event.index));
    if let Some(of) = event.of {
        put_u64(out, u64::from(of));
    }
    put_key(out, &change.key);
    put_write(out, change.write);
    put_u64(out, change.version.0);
    for row in [&change.before, &change.after].into_iter().flatten() {
        put_row(out, row);
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses bytes that are left over.
    pub(crate) fn finish(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        let (&first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(first)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut n = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                return Err(Malformed);
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Malformed)
    }

    fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.number()?).map_err(|_| Malformed)
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let n = self.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.narrow()?;
        self.take(length)
    }

    pub(crate) fn value(&mut self) -> Result<Value, Malformed> {
        Ok(match self.byte()? {
            NULL => Value::Null,
            INTEGER => Value::Integer(self.signed()?),
            REAL => {
                let bits = self.take(8)?.try_into().map_err(|_| Malformed)?;
                Value::Real(f64::from_bits(u64::from_le_bytes(bits)))
            }
            TEXT => Value::Text(std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)?.into()),
            BLOB => Value::Blob(self.bytes()?.into()),
            _ => return Err(Malformed),
        })
    }

    pub(crate) fn key(&mut self) -> Result<Key, Malformed> {
        let table = TableId(self.narrow()?);
        match self.byte()? {
            INTEGER_KEY => Ok(Key::integer(table, self.signed()?)),
            COMPOSITE_KEY => {
                let count = self.count()?;
                let parts = (0..count).map(|_| self.value()).collect::<Result<Vec<_>, _>>()?;
                Ok(Key::new(table, &parts))
            }
            _ => Err(Malformed),
        }
    }

    pub(crate) fn write(&mut self) -> Result<WriteId, Malformed> {
        Ok(WriteId { transaction: TransactionId(self.number()?), index: self.narrow()? })
    }

    pub(crate) fn row(&mut self) -> Result<Row, Malformed> {
        let write = self.write()?;
        let version = Version(self.number()?);
        let updated_at = Time::from_nanos(self.number()?);
        let count = self.count()?;
        // A vector grown value by value and a slice made of it cost two allocations; a filled slice of known length costs one.
        let mut malformed = false;
        let mut left_out = ColumnSet::default();
        let values = (0..count)
            .map(|column| {
                if self.0.first() == Some(&LEFT_OUT) {
                    left_out.insert(column);
                    self.0 = &self.0[1..];
                    return Value::Null;
                }
                self.value().unwrap_or_else(|_| {
                    malformed = true;
                    Value::Null
                })
            })
            .collect();
        if malformed {
            return Err(Malformed);
        }
        Ok(Row::new(write, version, updated_at, values).without(left_out))
    }

    pub(crate) fn event(&mut self) -> Result<ChangeEvent, Malformed> {
        let flags = self.byte()?;
        let position = Lsn(self.number()?);
        let transaction = TransactionId(self.number()?);
        let index = self.narrow()?;
        let of = if flags & HAS_OF != 0 { Some(self.narrow()?) } else { None };
        let key = self.key()?;
        let write = self.write()?;
        let version = Version(self.number()?);
        let before = if flags & HAS_BEFORE != 0 { Some(self.row()?) } else { None };
        let after = if flags & HAS_AFTER != 0 { Some(self.row()?) } else { None };
        let change = Change { key, before, after, write, version };
        Ok(ChangeEvent { position, transaction, index, of, change })
    }

    /// The front of an event: all that a compaction goes by.
    pub(crate) fn heading(&mut self) -> Result<Heading, Malformed> {
        let flags = self.byte()?;
        let position = Lsn(self.number()?);
        self.number()?;
        let index = self.narrow()?;
        if flags & HAS_OF != 0 {
            self.number()?;
        }
        let (deletes, partial) = (flags & HAS_AFTER == 0, flags & IS_PART != 0);
        Ok(Heading { key: self.key()?, place: (position, index), deletes, partial })
    }

    /// How many values follow; each takes a byte at least, so damaged bytes cannot ask for more memory than they take themselves.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count: usize = self.narrow()?;
        if count > self.0.len() { Err(Malformed) } else { Ok(count) }
    }
}
