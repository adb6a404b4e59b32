//! Whether two cells hold the same payload, looking no further than needed.

use crate::error::Error;
use crate::page::{Cell, PageSet, Pages, overflow_pages, payload};

/// Two states of a database and the pages in which they can differ.
pub(crate) struct States<'a> {
    pub(crate) before: &'a dyn Pages,
    pub(crate) after: &'a dyn Pages,
    pub(crate) changed: &'a PageSet,
}

impl States<'_> {
    /// Whether `old` before and `new` after hold the same bytes.
    #[inline]
    pub(crate) fn same_payload(&self, old: &Cell<'_>, new: &Cell<'_>) -> Result<bool, Error> {
        if old.payload_bytes != new.payload_bytes || old.local != new.local {
            return Ok(false);
        }
        if new.overflow == 0 {
            return Ok(true);
        }
        self.same_overflow(old, new)
    }

    fn same_overflow(&self, old: &Cell<'_>, new: &Cell<'_>) -> Result<bool, Error> {
        if old.overflow == new.overflow {
            let mut untouched = true;
            overflow_pages(self.after, new, |page| {
                untouched = !self.changed.contains(&page);
                untouched
            })?;
            if untouched {
                return Ok(true);
            }
        }
        // The chain moved, or was written to: only its content tells.
        Ok(payload(self.before, old)? == payload(self.after, new)?)
    }
}
