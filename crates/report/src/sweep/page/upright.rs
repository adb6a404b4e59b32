//! The axis from bottom to top.

use super::measures::Unit;
use crate::html::span_words;
use crate::summary::Rounded;
use crate::svg::{Scale, Words};
use crate::sweep::OverSeeds;
use crate::wording;

/// How many factors of ten below the largest time are still told apart.
const DECADES: i32 = 4;

/// The axis from bottom to top, the same in all charts of a measure.
pub(super) struct Upright {
    pub(super) label: &'static str,
    pub(super) scale: Scale,
    pub(super) words: Words,
    /// Where what never came is drawn.
    pub(super) never: f64,
}

impl Upright {
    pub(super) fn of(unit: Unit, all: &[OverSeeds<Option<f64>>]) -> Self {
        let numbers = || all.iter().flat_map(|one| [one.low, one.median, one.high]);
        let high = numbers().flatten().fold(0.0, f64::max);
        match unit {
            Unit::Share => Self {
                label: "seeds",
                scale: Scale::linear(100.0),
                words: Box::new(|percent| format!("{percent:.0} %")),
                never: 100.0,
            },
            Unit::Rate => Self {
                label: "a second",
                scale: Scale::linear(high * 1.05),
                words: Box::new(|rate| Rounded::of(rate).to_string()),
                never: high,
            },
            Unit::Count => Self {
                label: "changes",
                scale: Scale::linear(high * 1.05),
                words: Box::new(|count| wording::grouped(count as u64)),
                never: high,
            },
            Unit::Time => Self::time(high.max(1e3), numbers().any(|number| number.is_none())),
        }
    }

    /// Whole factors of ten up to the longest; where something never came, one more, which is never.
    fn time(high: f64, has_never: bool) -> Self {
        let top = 10f64.powf((high.log10() - 1e-9).ceil());
        let never = top * 10.0;
        let floor = (top / 10f64.powi(DECADES)).max(1e3);
        let words = move |nanos: f64| {
            if has_never && nanos >= never * 0.99 { "never".to_owned() } else { span_words(nanos) }
        };
        let scale = Scale::log_from_zero(floor, if has_never { never } else { top });
        Self { label: "time", scale, words: Box::new(words), never }
    }
}
