//! Records: the values of a row or of an index entry.

use super::database::Encoding;
use super::varint;
use crate::value::Value;

/// The fields of a record, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    types: &'a [u8],
    body: &'a [u8],
    encoding: Encoding,
}

impl<'a> Record<'a> {
    /// Reads a record's header; `None` if it does not fit the payload.
    #[inline]
    #[must_use]
    pub fn parse(payload: &'a [u8], encoding: Encoding) -> Option<Self> {
        let (header, length) = varint(payload)?;
        let header = usize::try_from(header).ok()?;
        if header > payload.len() {
            return None;
        }
        Some(Self { types: payload.get(length..header)?, body: &payload[header..], encoding })
    }

    /// The next field: `Ok(None)` after the last one; the error is a field that runs beyond the payload or is of no known type.
    #[inline]
    #[allow(clippy::result_unit_err)]
    pub fn next_field(&mut self) -> Result<Option<Value>, ()> {
        if self.types.is_empty() {
            return Ok(None);
        }
        let (kind, length) = varint(self.types).ok_or(())?;
        self.types = &self.types[length..];
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return Err(()),
            _ => usize::try_from((kind - 12) / 2).map_err(|_| ())?,
        };
        let bytes = self.body.get(..size).ok_or(())?;
        self.body = &self.body[size..];
        Ok(Some(match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(integer(bytes)),
            // SQLite reads a float that is not a number as NULL.
            7 => match f64::from_bits(integer(bytes) as u64) {
                number if number.is_nan() => Value::Null,
                number => Value::Real(number),
            },
            _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(text(bytes, self.encoding)),
        }))
    }
}

#[inline]
fn integer(bytes: &[u8]) -> i64 {
    if let Ok(bytes) = <[u8; 8]>::try_from(bytes) {
        return i64::from_be_bytes(bytes);
    }
    let sign = if bytes[0] >= 0x80 { -1 } else { 0 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

#[inline]
fn text(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        },
        Encoding::Utf16Le => utf16(bytes, u16::from_le_bytes),
        Encoding::Utf16Be => utf16(bytes, u16::from_be_bytes),
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
