//! The declarations of this version: what scenarios are parsed by, and what is printed of them.

use driftlab_model::{Setting, Settings};
use driftlab_scenario::sections::{CHECKPOINT, LOG, SINK, SOURCE, WORLD};
use driftlab_scenario::{Overrides, Registries, Scenario, describe};
use std::collections::BTreeSet;

fn check(owner: &str, declared: &'static [Setting]) {
    // Panics where a default does not fit its kind.
    let defaults = Settings::defaults(declared);
    let mut names = BTreeSet::new();
    for (setting, line) in declared.iter().zip(describe(declared)) {
        assert!(names.insert(setting.name), "{owner}: {} is declared twice", setting.name);
        assert_eq!(defaults.get(setting.name).is_some(), setting.default.is_some());
        assert!(!line.summary.is_empty() && !line.takes.is_empty(), "{owner}: {} says nothing", setting.name);
        let nested = declared.iter().any(|other| other.name.starts_with(&format!("{}.", setting.name)));
        assert!(!nested, "{owner}: {} is a setting and a table of settings at once", setting.name);
    }
}

fn unique<'n>(registry: &str, names: impl Iterator<Item = &'n str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name), "two {registry} are called {name}");
    }
}

#[test]
fn every_declared_default_fits_and_every_name_is_unique() {
    let registries = Registries::standard();
    check("[world]", WORLD);
    check("[source]", SOURCE);
    check("[log]", LOG);
    check("[checkpoint]", CHECKPOINT);
    check("[[sink]]", SINK);
    check("[workload]", registries.workload);
    registries.strategies.iter().for_each(|entry| check(entry.name, entry.settings));
    registries.shapes.iter().for_each(|entry| check(entry.name, entry.settings));
    registries.stores.iter().for_each(|entry| check(entry.name, entry.settings));
    registries.faults.iter().for_each(|entry| check(entry.name, entry.settings));
    unique("strategies", registries.strategies.iter().map(|entry| entry.name));
    unique("shapes", registries.shapes.iter().map(|entry| entry.name));
    unique("stores", registries.stores.iter().map(|entry| entry.name));
    unique("faults", registries.faults.iter().map(|entry| entry.name));
}

/// These keys are read before the settings, so a setting of the same name could never be given.
#[test]
fn no_kind_declares_a_setting_that_the_section_takes_for_itself() {
    let registries = Registries::standard();
    let named = registries.strategies.iter().map(|entry| entry.settings);
    let named = named.chain(registries.stores.iter().map(|entry| entry.settings));
    let named = named.chain(registries.faults.iter().map(|entry| entry.settings)).chain([SINK]);
    for setting in named.flatten() {
        assert!(!["name", "kind"].contains(&setting.name), "{}", setting.name);
    }
    for setting in registries.shapes.iter().flat_map(|entry| entry.settings).chain(registries.workload) {
        assert!(!["shape", "database"].contains(&setting.name), "{}", setting.name);
    }
}

/// Whoever tries a kind out writes its name and nothing more.
#[test]
fn every_kind_can_be_chosen_with_nothing_but_its_defaults() {
    let registries = Registries::standard();
    let try_out = |shape: &str, strategy: &str, store: &str, fault: Option<&str>| {
        let fault = fault.map_or_else(String::new, |fault| format!("[[fault]]\nkind = \"{fault}\"\n"));
        let database = registries.shapes.iter().any(|entry| entry.name == shape && entry.needs_dataset);
        let database = if database { "database = \"rows.sqlite\"\n" } else { "" };
        let text = format!(
            "title = \"Least\"\n[workload]\nshape = \"{shape}\"\n{database}\
             [[strategy]]\nkind = \"{strategy}\"\n[[sink]]\nkind = \"{store}\"\n{fault}"
        );
        if let Err(problems) = Scenario::parse(&text, "least.toml", &Overrides::default(), &registries) {
            panic!("{text}\n{problems}");
        }
    };
    let shape = registries.shapes.first().expect("a version without shapes can run nothing").name;
    let strategy = registries.strategies.first().expect("a version without strategies can run nothing").name;
    let store = registries.stores.first().expect("a version without stores can run nothing").name;
    registries.shapes.iter().for_each(|entry| try_out(entry.name, strategy, store, None));
    registries.strategies.iter().for_each(|entry| try_out(shape, entry.name, store, None));
    registries.stores.iter().for_each(|entry| try_out(shape, strategy, entry.name, None));
    registries.faults.iter().for_each(|entry| try_out(shape, strategy, store, Some(entry.name)));
}
