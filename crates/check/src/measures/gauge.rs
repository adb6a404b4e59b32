//! Staleness and divergence of one sink, followed exactly: between two events staleness grows by a second a second and the number of
//! divergent keys stands still.

use super::recovery::Recoveries;
use super::series::Series;
use super::weighted::Weighted;
use crate::judgement::OverTime;
use driftlab_model::{Span, Time};

/// What a sink's lateness is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// When the oldest change committed that is not shown yet; [`Time::NEVER`] while all are shown.
    pub(super) oldest: Time,
    pub(super) divergent: u64,
    pub(super) unshown: u64,
}

/// Integrates a sink's lateness.
#[derive(Clone, Debug)]
pub(super) struct Gauge {
    level: Level,
    /// Since the first complete load; [`Time::NEVER`] before it.
    began: Time,
    /// Until when everything is accounted for, if it has begun.
    last: Time,
    /// Twice the area under staleness, in square nanoseconds, and its most.
    staleness: (u128, Span),
    /// The area under divergence, in key-nanoseconds, and its most.
    divergent: (u128, u64),
    over_load: Option<(OverTime, OverTime)>,
    pub(super) fresh_within: Span,
    pub(super) distribution: Weighted,
    pub(super) series: Series,
}

impl Default for Gauge {
    fn default() -> Self {
        Self {
            level: Level::FRESH,
            began: Time::NEVER,
            last: Time::NEVER,
            staleness: (0, Span::ZERO),
            divergent: (0, 0),
            over_load: None,
            fresh_within: Span::ZERO,
            distribution: Weighted::default(),
            series: Series::default(),
        }
    }
}

impl Level {
    /// All is shown, as it is now.
    pub(super) const FRESH: Self = Self { oldest: Time::NEVER, divergent: 0, unshown: 0 };

    pub(super) fn staleness(&self, at: Time) -> Span {
        // What is still to come is no time ago.
        at - self.oldest
    }
}

impl Gauge {
    /// From now on the sink claims to be a copy as a whole.
    pub(super) fn begin(&mut self, at: Time) {
        (self.began, self.last) = (at, at);
    }

    /// The level is this from now on. What it was until now is taken into account, unless that was for no time.
    #[inline]
    pub(super) fn set(&mut self, at: Time, level: Level, recoveries: &mut Recoveries) {
        if level != self.level {
            self.pass(at, recoveries);
            self.level = level;
        }
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }

    pub(super) fn has_begun(&self) -> bool {
        self.began != Time::NEVER
    }

    /// Takes into account what was until now.
    pub(super) fn flush(&mut self, at: Time, recoveries: &mut Recoveries) {
        self.pass(at, recoveries);
    }

    // By far most often from `set`, at every change of a row.
    #[inline(always)]
    fn pass(&mut self, at: Time, recoveries: &mut Recoveries) {
        // Before the first complete load it stands at the end of all times.
        if at <= self.last {
            return;
        }
        let last = std::mem::replace(&mut self.last, at);
        let Level { oldest, divergent, .. } = self.level;
        let length = at - last;
        let (from, to) = (self.level.staleness(last), self.level.staleness(at));
        self.series.add(last, at, oldest, divergent);
        if oldest == Time::NEVER {
            self.distribution.add_zero(length);
        } else {
            let sum = u128::from(from.nanos()) + u128::from(to.nanos());
            self.staleness.0 += sum * u128::from(length.nanos());
            self.staleness.1 = self.staleness.1.max(to);
            self.distribution.add_rise(from, to);
        }
        if divergent > 0 {
            self.divergent.0 += u128::from(divergent) * u128::from(length.nanos());
            self.divergent.1 = self.divergent.1.max(divergent);
        }
        if recoveries.meet(self.level, at) {
            self.fresh_within = self.fresh_within.max(to);
        }
    }

    /// The load is over: what is averaged over it stands now.
    pub(super) fn end_load(&mut self, at: Time, recoveries: &mut Recoveries) {
        self.flush(at, recoveries);
        if self.over_load.is_none() && self.has_begun() {
            let nanos = (at - self.began).nanos() as f64;
            let over =
                |area: f64, max: f64| OverTime { mean: if nanos > 0.0 { area / nanos } else { 0.0 }, max };
            let staleness = over(self.staleness.0 as f64 / 2e9, self.staleness.1.seconds());
            let divergent = over(self.divergent.0 as f64, self.divergent.1 as f64);
            self.over_load = Some((staleness, divergent));
        }
    }

    /// Staleness and divergence over the load.
    pub(super) fn over_load(&self) -> (OverTime, OverTime) {
        self.over_load.unwrap_or_default()
    }
}
