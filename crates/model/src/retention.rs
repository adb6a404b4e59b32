//! What a log keeps.

use crate::settings::{Kind, Setting, Settings};
use crate::time::Span;

/// What each partition of a log keeps, whoever still needs the rest. The default keeps everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Records that are younger than this; `None` for no bound.
    pub age_max: Option<Span>,
    /// At most so many records, the newest; `None` for no bound.
    pub records_max: Option<u64>,
}

impl Retention {
    /// The setting `retain`, as the section `[log]` and faults have it, each with its own default.
    #[must_use]
    pub const fn age_setting(summary: &'static str, default: Option<&'static str>) -> Setting {
        Setting { name: "retain", summary, kind: Kind::Span, default }
    }

    /// The setting `retain_records`.
    pub const RECORDS_SETTING: Setting = Setting {
        name: "retain_records",
        summary: "the most records that each partition of the log keeps; unset: no bound",
        kind: Kind::Count(1, u64::MAX),
        default: None,
    };

    /// What the settings `retain` and `retain_records` say.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        Self { age_max: settings.span_if_set("retain"), records_max: settings.count_if_set("retain_records") }
    }

    /// What is kept where both bounds hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        // `None` is no bound, and would be the smallest of options.
        fn tighter<T: Ord>(one: Option<T>, two: Option<T>) -> Option<T> {
            [one, two].into_iter().flatten().min()
        }
        Self {
            age_max: tighter(self.age_max, other.age_max),
            records_max: tighter(self.records_max, other.records_max),
        }
    }

    /// Whether nothing is ever removed.
    #[must_use]
    pub fn keeps_everything(self) -> bool {
        self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_bounds_the_tighter_holds_and_no_bound_is_the_widest() {
        let age = |seconds| Retention { age_max: Some(Span::from_secs(seconds)), records_max: None };
        let records = Retention { age_max: None, records_max: Some(7) };
        assert_eq!(age(2).and(age(5)), age(2));
        assert_eq!(records.and(age(5)), Retention { records_max: Some(7), ..age(5) });
        assert_eq!(Retention::default().and(age(5)), age(5));
        assert!(Retention::default().keeps_everything() && !records.keeps_everything());
    }
}
