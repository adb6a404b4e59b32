//! Scales: from a quantity to a place between 0 and 1, and where the ticks are.

/// How a quantity becomes a place on an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    /// Even steps from 0 to `high`.
    Linear { high: f64 },
    /// Even steps for each factor of ten.
    Log { low: f64, high: f64 },
    /// The same with a place for zero: zero is at the foot, `floor` a step above it.
    LogFromZero { floor: f64, high: f64 },
    /// So many places side by side, equally wide, for what comes in an order but not in quantities; the middle of the first is 0.
    Places { count: usize },
}

/// The share of the axis between zero and the floor.
const FOOT: f64 = 0.12;

impl Scale {
    /// A linear scale that ends at `high`, or at 1 where that is nothing.
    pub(crate) fn linear(high: f64) -> Self {
        Self::Linear { high: if high > 0.0 { high } else { 1.0 } }
    }

    /// A logarithmic scale over whole factors of ten around these two; at least one.
    pub(crate) fn log(low: f64, high: f64) -> Self {
        let (low, high) = decades(low, high);
        Self::Log { low, high }
    }

    /// A logarithmic scale with a place for zero over whole factors of ten around these two.
    pub(crate) fn log_from_zero(floor: f64, high: f64) -> Self {
        let (floor, high) = decades(floor, high);
        Self::LogFromZero { floor, high }
    }

    /// The place of a quantity, from 0 to 1; what lies outside is put at the end.
    pub(crate) fn place(&self, quantity: f64) -> f64 {
        let place = match *self {
            Self::Linear { high } => quantity / high,
            Self::Log { low, high } => log_place(quantity, low, high),
            Self::LogFromZero { floor, high } if quantity < floor => {
                let _ = high;
                FOOT * (quantity / floor)
            }
            Self::LogFromZero { floor, high } => FOOT + (1.0 - FOOT) * log_place(quantity, floor, high),
            Self::Places { count } => (quantity + 0.5) / count as f64,
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Where ticks stand: at most about `most` of them.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        match *self {
            Self::Linear { high } => {
                let step = step(high / most.max(1) as f64);
                (0..)
                    .map(|tick| f64::from(tick) * step)
                    .take_while(|tick| *tick <= high * 1.000_001)
                    .collect()
            }
            Self::Log { low, high } => powers(low, high, most),
            Self::LogFromZero { floor, high } => {
                let mut ticks = vec![0.0];
                ticks.extend(powers(floor, high, most.saturating_sub(1)));
                ticks
            }
            Self::Places { count } => {
                let every = count.div_ceil(most.max(1)).max(1);
                (0..count).step_by(every).map(|place| place as f64).collect()
            }
        }
    }
}

fn decades(low: f64, high: f64) -> (f64, f64) {
    let low = if low > 0.0 { low } else { 1.0 };
    let high = if high > low { high } else { low };
    // A hair of tolerance, so that 1000 does not count as a little more than ten cubed.
    let first = (low.log10() + 1e-9).floor();
    let last = (high.log10() - 1e-9).ceil().max(first + 1.0);
    (10f64.powf(first), 10f64.powf(last))
}

fn log_place(quantity: f64, low: f64, high: f64) -> f64 {
    (quantity.max(low) / low).log10() / (high / low).log10()
}

fn powers(low: f64, high: f64, most: usize) -> Vec<f64> {
    let (first, last) = (low.log10().round() as i32, high.log10().round() as i32);
    let every = ((last - first) as usize).div_ceil(most.max(1)).max(1);
    (first..=last).step_by(every).map(|power| 10f64.powi(power)).collect()
}

/// The next of 1, 2, 5 times a power of ten that is not below.
fn step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= least * 0.999_999)
        .unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        assert_eq!(Scale::linear(60.0).ticks(6), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(Scale::log(3.0, 2_000.0).ticks(9), [1.0, 10.0, 100.0, 1_000.0, 10_000.0]);
        assert_eq!(Scale::log_from_zero(1.0, 100.0).ticks(9), [0.0, 1.0, 10.0, 100.0]);
        assert_eq!(Scale::Places { count: 6 }.ticks(3), [0.0, 2.0, 4.0]);
    }

    #[test]
    fn places_stay_on_the_axis() {
        let scale = Scale::log(1.0, 100.0);
        assert!((scale.place(10.0) - 0.5).abs() < 1e-9);
        assert_eq!(scale.place(0.0), 0.0);
        assert_eq!(scale.place(1e9), 1.0);
        assert_eq!(Scale::linear(0.0).place(f64::NAN), 0.0);
        assert_eq!(Scale::log_from_zero(1.0, 100.0).place(0.0), 0.0);
        assert_eq!(Scale::Places { count: 4 }.place(0.0), 0.125);
    }
}
