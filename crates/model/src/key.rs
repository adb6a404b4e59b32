//! Primary keys.

use crate::hash::mix;
use crate::schema::{Schema, Table, TableId};
use crate::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The primary key of a row, with its table; composite keys have several parts.
///
/// A key of one integer, by far the most common, is held inline and cloned for free. Keys are in every row, change and event, so one is no larger than two words.
#[derive(Clone, Debug)]
pub struct Key(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Integer(TableId, i64),
    Values(TableId, Arc<Vec<Value>>),
}

impl Key {
    /// The key of one integer column.
    #[must_use]
    pub const fn integer(table: TableId, n: i64) -> Self {
        Self(Kind::Integer(table, n))
    }

    /// A key of any columns, in key order.
    #[must_use]
    pub fn new(table: TableId, parts: &[Value]) -> Self {
        match parts {
            [Value::Integer(n)] => Self::integer(table, *n),
            _ => Self(Kind::Values(table, Arc::new(parts.to_vec()))),
        }
    }

    /// The key without parts, which stands for all rows of a table.
    #[must_use]
    pub fn all_of(table: TableId) -> Self {
        Self::new(table, &[])
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
        match self.0 {
            Kind::Integer(table, _) | Kind::Values(table, _) => table,
        }
    }

    /// Its integer, where it is a key of one integer column.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self.0 {
            Kind::Integer(_, n) => Some(n),
            Kind::Values(..) => None,
        }
    }

    /// Its parts, in key order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        match &self.0 {
            Kind::Integer(_, n) => vec![Value::Integer(*n)],
            Kind::Values(_, parts) => parts.to_vec(),
        }
    }

    /// Whether it has no part, and so names no row of its own: see [`Key::all_of`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Kind::Values(_, parts) if parts.is_empty())
    }

    /// A stable digest: equal keys have equal digests in every process.
    #[inline]
    #[must_use]
    pub fn digest(&self) -> u64 {
        match &self.0 {
            Kind::Integer(table, n) => mix(u64::from(table.0) << 32 | 1, *n as u64),
            Kind::Values(table, parts) => digest_values(u64::from(table.0) << 32 | 2, parts),
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
        match &self.0 {
            Kind::Integer(..) => 8,
            Kind::Values(_, parts) => parts.iter().map(Value::size).sum(),
        }
    }

    /// The key as a sentence names it: `product 7`, `order line (3, 1)`.
    #[must_use]
    pub fn describe(&self, schema: &Schema) -> String {
        format!("{} {self}", schema.table(self.table()).noun)
    }
}

/// Apart from the digest of an integer, so that the common case is small enough to become part of its callers.
fn digest_values(seed: u64, values: &[Value]) -> u64 {
    values.iter().fold(seed, |digest, value| mix(digest, value.digest()))
}

impl PartialEq for Key {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Integer(table, n), Kind::Integer(other, m)) => table == other && n == m,
            (Kind::Values(table, parts), Kind::Values(other, others)) => table == other && parts == others,
            _ => false,
        }
    }
}
impl Eq for Key {}

impl Ord for Key {
    /// By table, and there integers before everything else.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.table().cmp(&other.table()).then_with(|| match (&self.0, &other.0) {
            (Kind::Integer(_, n), Kind::Integer(_, m)) => n.cmp(m),
            (Kind::Values(_, parts), Kind::Values(_, others)) => parts.cmp(others),
            (Kind::Integer(..), Kind::Values(..)) => Ordering::Less,
            (Kind::Values(..), Kind::Integer(..)) => Ordering::Greater,
        })
    }
}
impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
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
        match &self.0 {
            Kind::Integer(_, n) => write!(f, "{n}"),
            Kind::Values(_, parts) if parts.len() == 1 => write!(f, "{}", parts[0]),
            Kind::Values(_, parts) => {
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

    /// Scans page by key order, and a page's end is a key: an order that changed would lose rows between two pages.
    #[test]
    fn keys_are_ordered_by_table_and_there_integers_come_first() {
        let (int, text) = (
            |table, n| Key::integer(TableId(table), n),
            |table, text: &str| Key::new(TableId(table), &[Value::from(text)]),
        );
        let ordered = [int(0, -1), int(0, 7), text(0, "a"), text(0, "b"), int(1, -9), text(1, "")];
        assert!(ordered.is_sorted_by(|a, b| a < b), "{ordered:?}");
        assert_eq!(size_of::<Key>(), 16);
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
