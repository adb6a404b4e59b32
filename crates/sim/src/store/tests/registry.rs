use super::super::{STORES, StoreEntry};
use driftlab_model::{Datum, Settings, Span};

#[test]
fn every_store_builds_from_its_defaults_and_is_found_by_its_name() {
    for entry in STORES {
        assert!(StoreEntry::named(entry.name).is_some_and(|found| found.summary == entry.summary));
        assert!((entry.build)(&Settings::defaults(entry.settings), 1).is_ok(), "{}", entry.name);
    }
    assert!(StoreEntry::named("blackboard").is_none());
}

#[test]
fn a_cache_that_could_hold_nothing_is_refused_at_the_setting_that_says_so() {
    let cache = StoreEntry::named("cache").unwrap();
    let refused = |name, datum| {
        let mut settings = Settings::defaults(cache.settings);
        settings.set(name, datum);
        (cache.build)(&settings, 1).err().map(|contradiction| contradiction.setting)
    };
    assert_eq!(refused("capacity", Datum::Count(0)), Some("capacity"));
    assert_eq!(refused("ttl", Datum::Span(Span::ZERO)), Some("ttl"));
    assert_eq!(refused("lease_ttl", Datum::Span(Span::ZERO)), Some("lease_ttl"));
    assert_eq!(refused("capacity", Datum::Count(1)), None);
    assert!(cache.settings.iter().any(|s| s.name == "capacity" && s.kind.read("0").is_err()));
}
