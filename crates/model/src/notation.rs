//! How quantities are written in scenario files and on the command line: `250ms`, `exp(5ms)`, `200/s`, `1..=5`.

use crate::latency::Latency;
use crate::time::Span;

/// What was expected where a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(pub String);

fn expected<T>(what: &str) -> Result<T, Expected> {
    Err(Expected(what.to_owned()))
}

/// Reads a span: a number and one of `ns`, `us` or `µs`, `ms`, `s`, `min`, `h`; `0` needs no unit.
///
/// # Errors
/// What was expected instead; a negative span is refused by name.
pub fn span(text: &str) -> Result<Span, Expected> {
    const WHAT: &str = "a duration such as \"250ms\" (units: ns, us, ms, s, min, h)";
    let text = text.trim();
    if text == "0" {
        return Ok(Span::ZERO);
    }
    if text.starts_with('-') {
        return expected("a duration that is not negative, such as \"250ms\"");
    }
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let Ok(number) = text[..digits].parse::<f64>() else { return expected(WHAT) };
    let unit = match text[digits..].trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "min" => 60e9,
        "h" => 3_600e9,
        _ => return expected(WHAT),
    };
    let nanos = number * unit;
    if nanos > 1e18 {
        return expected("a duration of at most thirty years");
    }
    Ok(Span::from_nanos(nanos.round() as u64))
}

/// Reads a latency: a span, `exp(mean)`, `uniform(low, high)` or `lognormal(median, p99 = span)`.
///
/// # Errors
/// What was expected instead.
pub fn latency(text: &str) -> Result<Latency, Expected> {
    const WHAT: &str =
        "a latency such as \"5ms\", \"exp(5ms)\", \"uniform(1ms, 9ms)\" or \"lognormal(2ms, p99 = 20ms)\"";
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else {
        return span(text)
            .map(Latency::Constant)
            .map_err(|why| if text.starts_with('-') { why } else { Expected(WHAT.to_owned()) });
    };
    let Some(inner) = rest.strip_suffix(')') else { return expected(WHAT) };
    let arguments: Vec<&str> = inner.split(',').map(str::trim).collect();
    match (name.trim(), arguments.as_slice()) {
        // Intervals of a Poisson process are exponential; both names are of use, each in its place.
        ("exp" | "poisson", [mean]) => Ok(Latency::Exponential(span(mean)?)),
        ("uniform", [low, high]) => {
            let (low, high) = (span(low)?, span(high)?);
            if low > high {
                return expected("a uniform latency whose first bound is not above its second");
            }
            Ok(Latency::Uniform(low, high))
        }
        ("lognormal", [median, p99]) => {
            let Some(p99) = p99.strip_prefix("p99").and_then(|rest| rest.trim_start().strip_prefix('='))
            else {
                return expected(WHAT);
            };
            let (median, p99) = (span(median)?, span(p99)?);
            if median.is_zero() || p99 <= median {
                return expected("a lognormal latency with 0 < median < p99");
            }
            Ok(Latency::Lognormal { median, p99 })
        }
        _ => expected(WHAT),
    }
}

/// Reads a rate, `200/s` (also `/min`, `/h`), as events a second.
///
/// # Errors
/// What was expected instead; zero and negative rates are refused.
pub fn rate(text: &str) -> Result<f64, Expected> {
    const WHAT: &str = "a rate above zero such as \"200/s\" (or /min, /h)";
    let Some((number, unit)) = text.split_once('/') else { return expected(WHAT) };
    let per = match unit.trim() {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        _ => return expected(WHAT),
    };
    match number.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number / per),
        _ => expected(WHAT),
    }
}

/// Reads a range of counts: `3`, `1..=5` or `1..6`.
///
/// # Errors
/// What was expected instead; empty ranges are refused.
pub fn range(text: &str) -> Result<(u64, u64), Expected> {
    const WHAT: &str = "a count or a range such as \"1..=5\", not empty";
    let read = |part: &str| part.trim().parse::<u64>();
    let (low, high) = if let Some((low, high)) = text.split_once("..=") {
        (read(low), read(high))
    } else if let Some((low, high)) = text.split_once("..") {
        (read(low), read(high).map(|high| high.saturating_sub(1)))
    } else {
        (read(text), read(text))
    };
    match (low, high) {
        (Ok(low), Ok(high)) if low <= high => Ok((low, high)),
        _ => expected(WHAT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        assert_eq!(span("250ms"), Ok(Span::from_millis(250)));
        assert_eq!(span("1.5 us"), Ok(Span::from_nanos(1_500)));
        assert_eq!(span("0"), Ok(Span::ZERO));
        assert!(span("-5ms").unwrap_err().0.contains("not negative"));
        assert!(span("5").is_err() && span("ms").is_err() && span("1e300h").is_err());
    }

    #[test]
    fn latencies() {
        assert_eq!(latency("exp(5ms)"), Ok(Latency::Exponential(Span::from_millis(5))));
        assert_eq!(
            latency("lognormal(2ms, p99 = 20ms)"),
            Ok(Latency::Lognormal { median: Span::from_millis(2), p99: Span::from_millis(20) })
        );
        assert!(latency("gauss(1ms)").is_err() && latency("uniform(9ms, 1ms)").is_err());
        assert!(latency("lognormal(2ms, p99 = 1ms)").is_err() && latency("exp(5ms").is_err());
    }

    #[test]
    fn rates_and_ranges() {
        assert_eq!(rate("200/s"), Ok(200.0));
        assert_eq!(rate("30/min"), Ok(0.5));
        assert!(rate("0/s").is_err() && rate("200").is_err());
        assert_eq!(range("1..=5"), Ok((1, 5)));
        assert_eq!(range("1..6"), Ok((1, 5)));
        assert_eq!(range("4"), Ok((4, 4)));
        assert!(range("5..=1").is_err());
    }
}
