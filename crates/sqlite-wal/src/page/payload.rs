//! Payloads that run over into further pages.

use super::source::Pages;
use super::{Cell, Damage};
use crate::error::Error;
use std::borrow::Cow;

fn damage(pages: &dyn Pages, page: u32, what: &'static str) -> Error {
    Error::damage(pages.path())(Damage::new(page, what))
}

/// Visits the pages of `cell`'s overflow chain in order; `visit` gets the page's number and its part of the payload, and says whether
/// to go on.
///
/// A chain is never followed for longer than the database has pages, so a damaged one ends.
fn walk(pages: &dyn Pages, cell: &Cell<'_>, mut visit: impl FnMut(u32, &[u8]) -> bool) -> Result<(), Error> {
    let mut left = cell.payload_bytes - cell.local.len() as u64;
    let room = pages.usable() as u64 - 4;
    if left.div_ceil(room) > u64::from(pages.count()) {
        return Err(damage(pages, cell.overflow, "a payload is longer than the database"));
    }
    let mut next = cell.overflow;
    while left > 0 {
        if next == 0 {
            return Err(damage(pages, cell.overflow, "an overflow chain ends before its payload does"));
        }
        let page = pages.page(next)?;
        let here = left.min(room) as usize;
        let follows = u32::from_be_bytes([page[0], page[1], page[2], page[3]]);
        if !visit(next, &page[4..4 + here]) {
            return Ok(());
        }
        next = follows;
        left -= here as u64;
    }
    Ok(())
}

/// The whole payload of `cell`, as `pages` hold it.
pub(crate) fn payload<'a>(pages: &dyn Pages, cell: &Cell<'a>) -> Result<Cow<'a, [u8]>, Error> {
    if cell.overflow == 0 {
        return Ok(Cow::Borrowed(cell.local));
    }
    let mut whole = cell.local.to_vec();
    walk(pages, cell, |_, part| {
        whole.extend_from_slice(part);
        true
    })?;
    Ok(Cow::Owned(whole))
}

/// Visits the numbers of the pages of `cell`'s overflow chain until `visit` says no.
pub(crate) fn overflow_pages(
    pages: &dyn Pages,
    cell: &Cell<'_>,
    mut visit: impl FnMut(u32) -> bool,
) -> Result<(), Error> {
    if cell.overflow == 0 {
        return Ok(());
    }
    walk(pages, cell, |page, _| visit(page))
}
