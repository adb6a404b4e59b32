//! The colours of marks.

use crate::wording::Mark;

/// The class of a mark.
pub(crate) const fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "mark good",
        Mark::Stayed => "mark stayed",
        Mark::Passing => "mark passing",
        Mark::Unknown => "mark open",
    }
}
