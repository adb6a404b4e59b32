//! Settings that a scenario may be silent about, because a real store takes those that the virtual one of its name declares.

use driftlab_model::{Settings, Span};

pub(super) const TOMBSTONES: (&str, Span) = ("tombstones", Span::from_secs(24 * 3_600));

pub(super) fn span((name, default): (&str, Span), settings: &Settings) -> Span {
    settings.span_if_set(name).unwrap_or(default)
}
