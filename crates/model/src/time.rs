//! Virtual and real time alike: nanoseconds since the run began.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A moment: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Time {
    /// The beginning of the run.
    pub const ZERO: Self = Self(0);
    /// A moment that never comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the beginning.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
    /// Nanoseconds since the beginning.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }
    /// Seconds since the beginning.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// How long after `earlier` this is; zero where it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    /// A stamp of a clock that showed `began` when the run began, as a moment of the run; what was stamped before is as old as the run.
    #[must_use]
    pub const fn by_run(self, began: Self) -> Self {
        Self(self.0.saturating_sub(began.0))
    }
    /// This moment, put back by `span`, but never before the beginning.
    #[must_use]
    pub const fn back(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
    /// A span of microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros * 1_000)
    }
    /// A span of milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }
    /// A span of seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000_000_000)
    }
    /// A span of a fractional number of seconds, rounded to nanoseconds; negative and absurd values saturate.
    #[must_use]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(rounded(seconds * 1e9))
    }
    /// Nanoseconds.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }
    /// Seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// This span times a factor, rounded; saturates.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self(rounded(self.0 as f64 * factor))
    }
}

/// `x.round() as u64`, without the call into a mathematical library that `round` is on most machines.
#[inline]
fn rounded(x: f64) -> u64 {
    let whole = x as u64;
    whole.saturating_add(u64::from(x - whole as f64 >= 0.5))
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}
impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}
impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        self.since(earlier)
    }
}
impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for Time {
    /// Three significant digits and a unit: `3.14 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

impl fmt::Display for Span {
    /// Three significant digits and the unit that a person would choose: `950 ns`, `3.14 ms`, `2 min 5 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0 as f64;
        let (value, unit) = match self.0 {
            0 => return f.pad("0 s"),
            1..1_000 => (nanos, "ns"),
            1_000..1_000_000 => (nanos / 1e3, "µs"),
            1_000_000..1_000_000_000 => (nanos / 1e6, "ms"),
            1_000_000_000..120_000_000_000 => (nanos / 1e9, "s"),
            120_000_000_000..7_200_000_000_000 => (nanos / 60e9, "min"),
            _ => (nanos / 3_600e9, "h"),
        };
        let text = if value >= 99.95 {
            format!("{value:.0} {unit}")
        } else if value >= 9.995 {
            format!("{} {unit}", trim(&format!("{value:.1}")))
        } else {
            format!("{} {unit}", trim(&format!("{value:.2}")))
        };
        f.pad(&text)
    }
}

fn trim(digits: &str) -> &str {
    digits.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_a_person_would_say_them() {
        let said = |nanos| Span::from_nanos(nanos).to_string();
        assert_eq!(said(0), "0 s");
        assert_eq!(said(950), "950 ns");
        assert_eq!(said(3_141_592), "3.14 ms");
        assert_eq!(said(12_000_000), "12 ms");
        assert_eq!(said(99_960_000_000), "100 s");
        assert_eq!(said(150_000_000_000), "2.5 min");
    }

    /// One nanosecond's difference in a latency is another history.
    #[test]
    fn rounding_is_that_of_the_library() {
        let halves = (0..200).map(|n| f64::from(n) / 2.0);
        let edges =
            [0.499_999_999_999_999_94, -0.4, -0.5, -7.0, 4_503_599_627_370_497.5, 9_007_199_254_740_993.0];
        let beyond = [1.8e19, 1.844_674_407_370_955_2e19, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for x in halves.chain(edges).chain(beyond) {
            for x in [x, x.next_up(), x.next_down()] {
                assert_eq!(rounded(x), x.round() as u64, "{x}");
            }
        }
    }

    #[test]
    fn time_never_goes_below_its_beginning() {
        assert_eq!(Time::from_nanos(3).back(Span::from_nanos(5)), Time::ZERO);
        assert_eq!(Time::from_nanos(3) - Time::from_nanos(5), Span::ZERO);
        assert_eq!(Time::NEVER + Span::from_secs(1), Time::NEVER);
    }
}
