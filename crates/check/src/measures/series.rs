//! A quantity over time in few points: the most of each stretch, all stretches equally long.

use crate::judgement::SeriesPoint;
use driftlab_model::{Span, Time};

/// The most points that a series has.
const MOST: usize = 300;
/// The first stretch; doubled whenever there are too many.
const FIRST_WIDTH: u64 = 1_000_000;

/// Staleness and divergence over time.
#[derive(Clone, Debug)]
pub(super) struct Series {
    width: u64,
    /// When the last stretch begins.
    last: u64,
    points: Vec<(u64, u64)>,
}

impl Default for Series {
    fn default() -> Self {
        Self { width: FIRST_WIDTH, last: 0, points: Vec::new() }
    }
}

impl Series {
    /// Between two moments, staleness was the time since `oldest` (zero where that is still to come), and so many keys diverged.
    #[inline]
    pub(super) fn add(&mut self, from: Time, to: Time, oldest: Time, divergent: u64) {
        if let Some(point) = self.points.last_mut()
            && from.nanos() >= self.last
            && to.nanos() <= self.last + self.width
        {
            let staleness = (to - oldest).nanos();
            *point = (point.0.max(staleness), point.1.max(divergent));
        } else {
            self.spread(from, to, oldest, divergent);
        }
    }

    /// Adds what does not lie within the last stretch.
    #[cold]
    fn spread(&mut self, from: Time, to: Time, oldest: Time, divergent: u64) {
        while to.nanos() / self.width >= MOST as u64 {
            self.halve();
        }
        let (first, last) = (from.nanos() / self.width, to.nanos() / self.width);
        // A stretch that begins at its very end belongs to the next.
        for stretch in first..=last {
            let place = stretch as usize;
            if self.points.len() <= place {
                self.points.resize(place + 1, (0, 0));
            }
            let end = ((stretch + 1) * self.width).min(to.nanos());
            if end <= (stretch * self.width).max(from.nanos()) {
                continue;
            }
            let staleness = end.saturating_sub(oldest.nanos());
            let point = &mut self.points[place];
            *point = (point.0.max(staleness), point.1.max(divergent));
        }
        self.last = (self.points.len() as u64 - 1) * self.width;
    }

    fn halve(&mut self) {
        self.width *= 2;
        for place in 0..self.points.len().div_ceil(2) {
            let (a, b) =
                (self.points[2 * place], self.points.get(2 * place + 1).copied().unwrap_or_default());
            self.points[place] = (a.0.max(b.0), a.1.max(b.1));
        }
        self.points.truncate(self.points.len().div_ceil(2));
    }

    /// The points; each stands at the end of its stretch, the last at the end of the run.
    pub(super) fn points(&self, ended: Time) -> Vec<SeriesPoint> {
        let point = |(place, &(staleness, divergent)): (usize, &(u64, u64))| SeriesPoint {
            at: Time::from_nanos((place as u64 + 1) * self.width).min(ended),
            staleness: Span::from_nanos(staleness),
            divergent,
        };
        self.points.iter().enumerate().map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_peak() {
        let mut series = Series::default();
        let second = |n: u64| Time::from_nanos(n * 1_000_000_000);
        for n in 0..3_600 {
            let oldest = if n == 1_234 { second(1_230) } else { Time::NEVER };
            series.add(second(n), second(n + 1), oldest, u64::from(n == 3_000) * 7);
        }
        let points = series.points(second(3_600));
        assert!(points.len() <= MOST && points.len() > MOST / 2 - 1, "{} points", points.len());
        assert_eq!(points.iter().map(|point| point.staleness).max(), Some(Span::from_secs(5)));
        assert_eq!(points.iter().map(|point| point.divergent).max(), Some(7));
        assert!(points.windows(2).all(|pair| pair[0].at < pair[1].at));
        assert_eq!(points.last().map(|point| point.at), Some(second(3_600)));
    }
}
