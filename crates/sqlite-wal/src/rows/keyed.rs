//! Rows that are found by key rather than by rowid.

use super::diff::{Difference, Side};
use crate::error::Error;
use crate::event::Change;
use crate::page::{Cell, Node, NodeKind};
use crate::value::{Row, Value};
use std::collections::HashMap;

/// Where a row stands.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
    page: u32,
    index: u16,
}

/// The difference of a table WITHOUT ROWID.
///
/// Its rows are ordered by collations that this process may not have, so equal rows are found by hashes of their bytes, and what is left
/// by equal keys. No row of it is held in memory but the places of those on changed pages, and the rows that differ.
pub(super) fn diff(difference: &Difference<'_>, out: &mut Vec<Change>) -> Result<(), Error> {
    let old = places(difference.before)?;
    let mut new = places(difference.after)?;
    let mut gone = Vec::new();
    let mut taken = vec![false; new.len()];
    new.sort_unstable_by_key(|place| place.hash);
    'old: for place in &old {
        let first = new.partition_point(|other| other.hash < place.hash);
        for at in first..new.len() {
            if new[at].hash != place.hash {
                break;
            }
            let same = !taken[at]
                && at_cell(difference.before, place, |old| {
                    at_cell(difference.after, &new[at], |new| difference.states.same_payload(old, new))
                })?;
            if same {
                taken[at] = true;
                if difference.is_altered() {
                    let old = at_cell(difference.before, place, |cell| difference.old_row(place.page, cell))?;
                    let new = row(difference.after, &new[at])?;
                    difference.update(old, new, out);
                }
                continue 'old;
            }
        }
        gone.push(at_cell(difference.before, place, |cell| difference.old_row(place.page, cell))?);
    }
    let first = out.len();
    for row in gone {
        difference.push(Some(row), None, out);
    }
    for (place, taken) in new.iter().zip(&taken) {
        if !taken {
            difference.push(None, Some(row(difference.after, place)?), out);
        }
    }
    pair(&difference.after.decoder.table.key, out, first);
    Ok(())
}

/// Makes one update of each deletion and insertion from `first` on that have equal keys without NULL, and nothing of those that are equal.
pub(super) fn pair(key: &[usize], out: &mut Vec<Change>, first: usize) {
    let mut deleted: HashMap<Vec<u8>, usize> = HashMap::new();
    for (at, change) in out.iter().enumerate().skip(first) {
        if let (Some(row), None) = (&change.before, &change.after)
            && let Some(encoded) = encode(key, row)
        {
            deleted.insert(encoded, at);
        }
    }
    if deleted.is_empty() {
        return;
    }
    for at in first..out.len() {
        if out[at].before.is_none()
            && let Some(row) = &out[at].after
            && let Some(encoded) = encode(key, row)
            && let Some(found) = deleted.remove(&encoded)
        {
            out[at].before = out[found].before.take();
        }
    }
    let mut at = 0;
    out.retain(|change| {
        at += 1;
        at <= first || change.before != change.after
    });
}

fn encode(key: &[usize], row: &Row) -> Option<Vec<u8>> {
    let mut encoded = Vec::new();
    for column in key {
        if row.values[*column] == Value::Null {
            return None;
        }
        row.values[*column].encode(&mut encoded);
    }
    Some(encoded)
}

fn row(side: &Side<'_>, place: &Place) -> Result<Row, Error> {
    at_cell(side, place, |cell| side.decoder.row(side.pages, place.page, cell))
}

fn at_cell<T>(
    side: &Side<'_>,
    place: &Place,
    visit: impl FnOnce(&Cell<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let damaged = || Error::damage(side.pages.path());
    let bytes = side.pages.page(place.page)?;
    let node = Node::parse(place.page, &bytes, side.pages.usable()).map_err(damaged())?;
    visit(&node.cell(usize::from(place.index)).map_err(damaged())?)
}

/// The places of all rows; those on interior pages too, for an index holds entries there.
fn places(side: &Side<'_>) -> Result<Vec<Place>, Error> {
    let damaged = || Error::damage(side.pages.path());
    let mut list = side.list.to_vec();
    list.sort_unstable();
    list.dedup();
    let mut places = Vec::new();
    for page in list {
        let bytes = side.pages.page(page)?;
        let node = Node::parse(page, &bytes, side.pages.usable()).map_err(damaged())?;
        if !matches!(node.kind(), NodeKind::IndexLeaf | NodeKind::IndexInterior) {
            continue;
        }
        for index in 0..node.len() {
            let cell = node.cell(index).map_err(damaged())?;
            places.push(Place { hash: hash(&cell), page, index: index as u16 });
        }
    }
    Ok(places)
}

/// A hash of what stands on the page itself of a payload.
fn hash(cell: &Cell<'_>) -> u64 {
    let mut hash = cell.payload_bytes ^ 0x9e37_79b9_7f4a_7c15;
    let mut chunks = cell.local.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29);
    }
    for byte in chunks.remainder() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(29);
    }
    hash ^ hash >> 32
}
