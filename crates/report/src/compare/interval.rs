use crate::summary::OverSeeds;

/// The 97.5 % quantiles of Student's t distribution for 1 to 30 degrees of freedom; beyond, [`student`] approximates.
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// The 95 % interval of the difference of two means after Welch ("The generalization of Student's problem when several different population variances are involved",
/// Biometrika 1947): the two need not vary equally. `None` where either has fewer than two values.
pub(super) fn difference(before: &OverSeeds, after: &OverSeeds) -> Option<(f64, f64)> {
    if before.runs < 2 || after.runs < 2 {
        return None;
    }
    let part = |side: &OverSeeds| side.deviation.get().powi(2) / side.runs as f64;
    let (a, b) = (part(before), part(after));
    let difference = after.mean.get() - before.mean.get();
    let square = |part: f64, side: &OverSeeds| part * part / (side.runs - 1) as f64;
    let weights = square(a, before) + square(b, after);
    let freedom = if weights > 0.0 { (a + b) * (a + b) / weights } else { f64::INFINITY };
    let half = student(freedom) * (a + b).sqrt();
    Some((difference - half, difference + half))
}

fn student(freedom: f64) -> f64 {
    let below = freedom.floor().max(1.0);
    // Rounded down, so that an interval is rather too wide; beyond the table, off by less than a thousandth.
    if below <= 30.0 {
        STUDENT[below as usize - 1]
    } else {
        1.959_96 + 2.372 / freedom + 2.8 / (freedom * freedom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Rounded;

    fn side(runs: u64, mean: f64, deviation: f64) -> OverSeeds {
        OverSeeds {
            measure: "x".to_owned(),
            sink: None,
            runs,
            mean: Rounded::of(mean),
            deviation: Rounded::of(deviation),
        }
    }

    #[test]
    fn beyond_the_table_the_quantile_goes_on_smoothly() {
        assert!((student(40.0) - 2.021).abs() < 1e-3);
        assert!((student(120.0) - 1.980).abs() < 1e-3);
        assert!((student(f64::INFINITY) - 1.960).abs() < 1e-3);
        assert!(student(30.0) > student(31.0));
    }

    /// Fifteen observations each with means 20.82 and 23.24, the degrees of freedom not whole: the textbook way by hand.
    #[test]
    fn the_interval_is_welchs() {
        let (low, high) = difference(&side(15, 20.82, 2.8), &side(15, 23.24, 0.9)).unwrap();
        // Standard error 0.7594, 16.9 degrees of freedom, t = 2.120.
        assert!((low - (2.42 - 2.120 * 0.7594)).abs() < 2e-3, "{low}");
        assert!((high - (2.42 + 2.120 * 0.7594)).abs() < 2e-3, "{high}");
        assert_eq!(difference(&side(1, 1.0, 0.0), &side(9, 2.0, 1.0)), None);
        assert_eq!(difference(&side(3, 1.0, 0.0), &side(3, 2.0, 0.0)), Some((1.0, 1.0)));
    }
}
