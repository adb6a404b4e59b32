//! Profiles: how long the stores of some machine take, as `driftlab calibrate` writes it and `[world] profile` names it. docs/profile.md describes the file.

mod reading;
mod taking;
mod writing;

use driftlab_model::{Latency, Times};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the form with measured distributions. A file without a version has declared latencies and nothing else.
const VERSION: i64 = 2;

/// The nodes beside the sinks.
const FIXED: [&str; 3] = ["source", "log", "checkpoint"];

/// How long the stores of some machine take to serve a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// By node: `source`, `log`, `checkpoint`, or a kind of sink. Where a kind of request was not measured, this is what it takes.
    pub latencies: BTreeMap<String, Latency>,
    /// What was measured, request by request, and of the machine itself.
    pub times: Option<Arc<Times>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{NodeTimes, Quantiles, RequestKind, RequestTimes, Span};

    fn measured() -> Profile {
        let spread = |micros: u64| Quantiles::of((1..50).map(|n| Span::from_micros(n * micros)).collect());
        let times = |rows| RequestTimes {
            rows,
            idle: Span::from_millis(rows),
            requests: 49,
            out: spread(20).unwrap(),
            service: spread(3).unwrap(),
            back: spread(30).unwrap(),
        };
        let cache = NodeTimes::from([
            (RequestKind::Put, vec![times(1)]),
            (RequestKind::Apply, vec![times(1), times(6)]),
        ]);
        let lognormal = Latency::Lognormal { median: Span::from_micros(80), p99: Span::from_millis(3) };
        Profile {
            latencies: [("cache".to_owned(), lognormal)].into(),
            times: Some(Arc::new(Times {
                sleep: spread(70),
                notice: spread(40),
                capture: None,
                nodes: [("cache".to_owned(), cache)].into(),
                servers: [("cache".to_owned(), 1)].into(),
            })),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let lognormal = Latency::Lognormal { median: Span::from_micros(80), p99: Span::from_millis(3) };
        let latencies = [("source", lognormal), ("cache", Latency::Constant(Span::from_micros(9)))];
        let latencies = latencies.map(|(node, latency)| (node.to_owned(), latency)).into();
        for profile in [Profile { latencies, times: None }, measured()] {
            let text = profile.render(&["measured somewhere".to_owned()]);
            assert_eq!(Profile::parse(&text, &["cache"]), Ok(profile), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |text: &str| Profile::parse(text, &["cache"]).expect_err("the profile is wrong");
        assert!(wrong("[latency]\nsource = \"fast\"\n").starts_with("line 2: `source`: expected a latency"));
        assert!(wrong("[latency]\n\nsaucer = \"1ms\"\n").starts_with("line 3: `saucer` is none of"));
        assert!(wrong("[late]\n").contains("[latency]"));
        assert!(wrong("[latency\n").starts_with("line 1: "));
        assert!(wrong("version = 3\n").starts_with("line 1: version 3"));
    }

    /// Quantiles of another version's shares, or a kind of request that this one does not know, would be taken for others.
    #[test]
    fn what_is_wrong_in_what_was_measured_is_told_too() {
        let text = measured().render(&[]);
        let wrong = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            Profile::parse(&text.replacen(from, to, 1), &["cache"]).expect_err("the profile is wrong")
        };
        assert!(wrong("at = [0.0, ", "at = [0.5, ").contains("`at`"));
        assert!(wrong("at = [0.0, ", "at = [").contains("`at`"));
        assert!(wrong("kind = \"put\"", "kind = \"dance\"").contains("`dance`"));
        assert!(wrong("node = \"cache\"", "node = \"saucer\"").contains("`saucer`"));
        assert!(wrong("sleep = [70000, ", "sleep = [70000000, ").contains("`sleep`"));
        assert!(wrong("sleep = [70000, ", "sleep = [").contains("`sleep`"));
        assert!(wrong("rows = 1", "rows = 0").contains("`rows`"));
        assert!(wrong("rows = 1", "rows = -7").contains("`rows`"));
        assert!(wrong("idle = ", "idol = ").contains("`idle`"));
        assert!(wrong("service = ", "servant = ").contains("`service`"));
    }
}
