//! What every workload lets a scenario choose.

use driftlab_model::{Contradiction, Kind, Setting, Settings};

/// The most rows that a transaction may touch.
const ROWS_MAX: u64 = 10_000;

const fn setting(
    name: &'static str,
    summary: &'static str,
    kind: Kind,
    default: Option<&'static str>,
) -> Setting {
    Setting { name, summary, kind, default }
}

const ARRIVALS: Kind = Kind::Choice(&[
    ("constant", "one every 1/rate, exactly"),
    ("poisson", "independent of each other: gaps are exponential"),
    ("bursts", "burst.size at once, and then none until the rate holds again"),
]);

const DISTRIBUTION: Kind = Kind::Choice(&[
    ("uniform", "all keys alike"),
    ("zipf", "the n-th most popular key in proportion to 1 / n^theta, popular keys scattered"),
    ("latest", "Zipf's law again, the newest key the most popular"),
    ("hotspot", "a few hot keys take most of the operations"),
]);

/// The settings that every workload takes.
pub const COMMON: &[Setting] = &[
    setting(
        "clients",
        "how many clients work at once; in an open loop, the most operations that are under way at once",
        Kind::Count(1, 65_535),
        Some("8"),
    ),
    setting(
        "rate",
        "an open loop: operations arrive at this mean rate, whether earlier ones have ended or not",
        Kind::Rate,
        None,
    ),
    setting("arrivals", "how the operations of an open loop arrive", ARRIVALS, Some("poisson")),
    setting(
        "burst.size",
        "how many operations arrive at once with arrivals = \"bursts\"",
        Kind::Count(1, 1_000_000),
        Some("10"),
    ),
    setting(
        "think",
        "how long a client of a closed loop waits between two operations",
        Kind::Latency,
        Some("0"),
    ),
    setting("operations", "stop after so many operations in all", Kind::Count(1, u64::MAX), None),
    setting(
        "keys.count",
        "how many keys there are before anybody writes",
        Kind::Count(1, 10_000_000),
        Some("1000"),
    ),
    setting("keys.distribution", "which keys are popular", DISTRIBUTION, Some("zipf")),
    setting(
        "keys.theta",
        "the exponent of \"zipf\" and \"latest\": 0 makes all keys alike, YCSB's is 0.99",
        Kind::Number(0.0, 10.0),
        Some("0.99"),
    ),
    setting(
        "keys.hot",
        "the share of the keys that is hot in \"hotspot\"",
        Kind::Number(0.0, 1.0),
        Some("0.01"),
    ),
    setting(
        "keys.hot_share",
        "the share of the operations that the hot keys take in \"hotspot\"",
        Kind::Number(0.0, 1.0),
        Some("0.9"),
    ),
    setting("mix.insert", "the weight of inserts", Kind::Number(0.0, 1e9), Some("2")),
    setting("mix.update", "the weight of updates", Kind::Number(0.0, 1e9), Some("7")),
    setting("mix.delete", "the weight of deletions", Kind::Number(0.0, 1e9), Some("1")),
    setting("mix.read", "the weight of reads", Kind::Number(0.0, 1e9), Some("10")),
    setting(
        "transaction.rows",
        "how many rows of its main table a transaction touches",
        Kind::Range,
        Some("1"),
    ),
    setting(
        "transaction.hold",
        "how long a client thinks before it ends its transaction, holding its locks",
        Kind::Latency,
        Some("0"),
    ),
    setting(
        "transaction.rollback",
        "the share of transactions that their client rolls back",
        Kind::Number(0.0, 1.0),
        Some("0"),
    ),
    setting(
        "transaction.bulk",
        "the share of transactions that take a bulk path, past the triggers",
        Kind::Number(0.0, 1.0),
        Some("0"),
    ),
    setting(
        "transaction.long",
        "the share of transactions that are held for long_hold instead of hold",
        Kind::Number(0.0, 1.0),
        Some("0"),
    ),
    setting("transaction.long_hold", "how long a long transaction is held", Kind::Span, Some("10s")),
];

/// Finds what contradicts itself in the common settings, whatever the shape.
///
/// # Errors
/// The first contradiction.
pub(crate) fn check(settings: &Settings) -> Result<(), Contradiction> {
    let weights = ["mix.insert", "mix.update", "mix.delete", "mix.read"];
    if weights.iter().all(|name| settings.number(name) == 0.0) {
        return Err(Contradiction::at(
            "mix.read",
            "all weights of the mix are 0, so clients would do nothing: give at least one above 0",
        ));
    }
    let (low, high) = settings.range("transaction.rows");
    if low == 0 || high > ROWS_MAX {
        return Err(Contradiction::at(
            "transaction.rows",
            format!("a transaction touches at least one row and at most {ROWS_MAX}"),
        ));
    }
    match settings.rate_if_set("rate") {
        Some(_) if !settings.latency("think").is_zero() => Err(Contradiction::at(
            "think",
            "in an open loop nobody waits between operations: leave out either think or rate",
        )),
        None if settings.word("arrivals") != "poisson" => Err(Contradiction::at(
            "arrivals",
            "only an open loop has arrivals: add a rate such as \"200/s\", or leave arrivals out",
        )),
        _ => Ok(()),
    }
}

/// Whether a common setting has another value than its default, so that the scenario must have given it.
pub(crate) fn was_given(settings: &Settings, name: &str) -> bool {
    let default = COMMON
        .iter()
        .find(|setting| setting.name == name)
        .and_then(|setting| setting.default.and_then(|text| setting.kind.read(text).ok()));
    settings.get(name) != default.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(given: &[(&str, &str)]) -> Option<&'static str> {
        let settings = given
            .iter()
            .fold(Settings::defaults(COMMON), |settings, (name, text)| settings.with(COMMON, name, text));
        check(&settings).err().map(|contradiction| contradiction.setting)
    }

    #[test]
    fn contradictions_are_refused_at_the_setting_that_causes_them() {
        assert_eq!(complaint(&[]), None);
        let nothing = [("mix.insert", "0"), ("mix.update", "0"), ("mix.delete", "0"), ("mix.read", "0")];
        assert_eq!(complaint(&nothing), Some("mix.read"));
        assert_eq!(complaint(&nothing[..3]), None);
        assert_eq!(complaint(&[("transaction.rows", "0..=3")]), Some("transaction.rows"));
        assert_eq!(complaint(&[("transaction.rows", "1..=1000000")]), Some("transaction.rows"));
        assert_eq!(complaint(&[("rate", "5/s"), ("think", "1ms")]), Some("think"));
        assert_eq!(complaint(&[("arrivals", "bursts")]), Some("arrivals"));
        assert_eq!(complaint(&[("arrivals", "bursts"), ("rate", "5/s")]), None);
    }

    #[test]
    fn zero_keys_and_zero_operations_are_out_of_range() {
        for name in ["keys.count", "operations", "clients"] {
            let setting = COMMON.iter().find(|setting| setting.name == name).unwrap();
            assert!(setting.kind.read("0").is_err(), "{name}");
        }
    }

    #[test]
    fn a_setting_was_given_when_it_differs_from_its_default() {
        let settings = Settings::defaults(COMMON).with(COMMON, "mix.read", "3");
        assert!(was_given(&settings, "mix.read") && !was_given(&settings, "mix.update"));
        assert!(!was_given(&settings, "rate"));
    }
}
