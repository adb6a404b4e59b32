//! Primary keys.

use crate::hash::mix;
use crate::schema::{Schema, Table, TableId};
use crate::value::Value;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The primary key of a row, with its table; composite keys have several parts.
///
/// A key of one integer, by far the most common, is held inline and cloned for free.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    table: TableId,
    parts: Parts,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parts {
    Integer(i64),
    Values(Arc<[Value]>),
}

impl Key {
    /// The key of one integer column.
    #[must_use]
    pub const fn integer(table: TableId, n: i64) -> Self {
        Self { table, parts: Parts::Integer(n) }
    }

    /// A key of any columns, in key order.
    #[must_use]
    pub fn new(table: TableId, parts: &[Value]) -> Self {
        match parts {
            [Value::Integer(n)] => Self::integer(table, *n),
            _ => Self { table, parts: Parts::Values(parts.into()) },
        }
    }

    /// The key of a row, taken from its values.
    #[must_use]
    pub fn of(id: TableId, table: &Table, values: &[Value]) -> Self {
        match table.key.as_slice() {
            [column] => Self::new(id, std::slice::from_ref(&values[usize::from(column.0)])),
            columns => {
                let parts: Vec<Value> = columns.iter().map(|c| values[usize::from(c.0)].clone()).collect();
                Self::new(id, &parts)
            }
        }
    }

    /// Its table.
    #[must_use]
    pub const fn table(&self) -> TableId {
        self.table
    }

    /// Its integer, where it is a key of one integer column.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self.parts {
            Parts::Integer(n) => Some(n),
            Parts::Values(_) => None,
        }
    }

    /// Its parts, in key order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        match &self.parts {
            Parts::Integer(n) => vec![Value::Integer(*n)],
            Parts::Values(parts) => parts.to_vec(),
        }
    }

    /// Whether it has no part, and so names no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.parts, Parts::Values(parts) if parts.is_empty())
    }

    /// A stable digest: equal keys have equal digests in every process.
    #[inline]
    #[must_use]
    pub fn digest(&self) -> u64 {
        let table = u64::from(self.table.0) << 32;
        match &self.parts {
            Parts::Integer(n) => mix(table | 1, *n as u64),
            Parts::Values(parts) => digest_values(table | 2, parts),
        }
    }

    /// The partition, of `count`, that this key's changes travel in.
    #[must_use]
    pub fn partition(&self, count: u32) -> u32 {
        ((u128::from(self.digest()) * u128::from(count)) >> 64) as u32
    }

    /// About how many bytes it takes on a wire or in a log.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.parts {
            Parts::Integer(_) => 8,
            Parts::Values(parts) => parts.iter().map(Value::size).sum(),
        }
    }

    /// The key as a sentence names it: `product 7`, `order line (3, 1)`.
    #[must_use]
    pub fn describe(&self, schema: &Schema) -> String {
        format!("{} {self}", schema.table(self.table).noun)
    }
}

/// Apart from the digest of an integer, so that the common case is small enough to become part of its callers.
fn digest_values(seed: u64, values: &[Value]) -> u64 {
    values.iter().fold(seed, |digest, value| mix(digest, value.digest()))
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest());
    }
}

impl fmt::Display for Key {
    /// The parts alone, composite ones in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parts {
            Parts::Integer(n) => write!(f, "{n}"),
            Parts::Values(parts) if parts.len() == 1 => write!(f, "{}", parts[0]),
            Parts::Values(parts) => {
                f.write_str("(")?;
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_one_integer_is_the_same_however_it_was_made() {
        let (a, b) = (Key::integer(TableId(1), 7), Key::new(TableId(1), &[Value::from(7)]));
        assert_eq!(a, b);
        assert_eq!(a.digest(), b.digest());
        assert_ne!(a.digest(), Key::integer(TableId(2), 7).digest());
    }

    #[test]
    fn partitions_cover_the_range_and_nothing_beyond() {
        let mut seen = [0; 4];
        for n in 0..1_000 {
            seen[Key::integer(TableId(0), n).partition(4) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (200..300).contains(&count)), "{seen:?}");
    }
}
