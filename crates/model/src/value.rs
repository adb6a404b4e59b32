//! Typed values, with SQLite's five storage classes.

use crate::hash::{digest_bytes, mix};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One value of a row.
///
/// Equality and order are total and by type first (null < numbers < text < blob, as SQLite orders them);
/// an integer and a real of equal size are different values, because a store that turns one into the
/// other has changed the row.
#[derive(Clone, Debug)]
pub enum Value {
    /// SQL's NULL; equal to itself here, because a copy must hold it too.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A 64-bit float; compared by its bits, so a NaN equals itself.
    Real(f64),
    /// UTF-8 text.
    Text(Arc<str>),
    /// Bytes.
    Blob(Arc<[u8]>),
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The integer it is, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// A stable digest of type and content.
    #[inline]
    #[must_use]
    pub fn digest(&self) -> u64 {
        match self {
            Self::Null => 0x6e75_6c6c,
            Self::Integer(n) => mix(1, *n as u64),
            Self::Real(x) => mix(2, x.to_bits()),
            Self::Text(text) => mix(3, digest_bytes(text.as_bytes())),
            Self::Blob(bytes) => mix(4, digest_bytes(bytes)),
        }
    }

    /// About how many bytes it takes on a wire or in a log.
    #[inline]
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Null => 1,
            Self::Integer(_) | Self::Real(_) => 8,
            Self::Text(text) => 4 + text.len(),
            Self::Blob(bytes) => 4 + bytes.len(),
        }
    }

    /// The sum of two numbers of one type, wrapping; `None` where either is no number or the types differ.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(Self::Integer(a.wrapping_add(*b))),
            (Self::Real(a), Self::Real(b)) => Some(Self::Real(a + b)),
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Blob(_) => 3,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            (Self::Integer(a), Self::Real(b)) => (*a as f64).total_cmp(b).then(Ordering::Less),
            (Self::Real(a), Self::Integer(b)) => a.total_cmp(&(*b as f64)).then(Ordering::Greater),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}
impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Real(a), Self::Real(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Blob(a), Self::Blob(b)) => a == b,
            _ => false,
        }
    }
}
impl Eq for Value {}
impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest());
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}
impl From<f64> for Value {
    fn from(x: f64) -> Self {
        Self::Real(x)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl fmt::Display for Value {
    /// As a person would write it in a sentence: text in quotes, blobs by their first bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Real(x) => write!(f, "{x}"),
            Self::Text(text) if text.chars().count() > 32 => {
                write!(f, "\"{}…\"", text.chars().take(31).collect::<String>())
            }
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Blob(bytes) => {
                f.write_str("x'")?;
                for byte in bytes.iter().take(8) {
                    write!(f, "{byte:02x}")?;
                }
                f.write_str(if bytes.len() > 8 { "…'" } else { "'" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy that turns 1 into 1.0 has changed the row, and a NaN that was copied faithfully has not.
    #[test]
    fn equality_is_by_type_and_bits() {
        assert_ne!(Value::from(1), Value::from(1.0));
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
        assert!(Value::from(1) < Value::from(1.0) && Value::from(1.0) < Value::from(2));
        assert!(Value::Null < Value::from(-1) && Value::from(9) < Value::from(""));
    }
}
