/// The 95 % interval of a proportion after Wilson (Edwin B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927): honest where
/// something was seen never, or always.
#[must_use]
pub fn interval(seen: u64, of: u64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (of as f64, seen as f64 / of as f64);
    let z2 = Z * Z;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::interval;

    /// The values of the worked example in Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 1998, table I, method 3.
    #[test]
    fn intervals_are_those_of_the_literature() {
        for (seen, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (a, b) = interval(seen, of);
            assert!((a - low).abs() < 1e-4 && (b - high).abs() < 1e-4, "{seen} of {of}: {a} to {b}");
        }
        assert_eq!(interval(0, 0), (0.0, 1.0));
    }
}
