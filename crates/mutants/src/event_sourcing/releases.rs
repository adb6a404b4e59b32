//! Releases: events that were written before, and events that come too early.

use crate::mutant::{Mutant, Mutation};

/// A number without its unit is read in that of the reader.
pub(crate) const OLD_UNIT: Mutant = Mutant {
    number: 92,
    name: "old amounts read in the new unit",
    bug: "a projection that is set up after two roll-overs has no upcasters: amounts in whole euros are taken for cents, and reservations, which are called bookings by now, are passed over",
    seen_in: "events that are deserialized into today's class, because the fields have the same names",
    scenario: LATE_VIEW,
    mutation: Mutation::Settings(&[("old_events", "as_is")]),
    caught_as: &["phantom", "lost_update"],
    within: 20,
};

/// Whoever skips what comes too early has moved on when it would be understood.
pub(crate) const SKIPPED: Mutant = Mutant {
    number: 93,
    name: "events of a newer form skipped",
    bug: "while a roll-over is under way a projection of the old release skips the events of the new one, and its position moves on behind them",
    seen_in: "projections set to skip unknown events, so that old and new releases can run side by side",
    scenario: ROLLING,
    mutation: Mutation::Settings(&[("new_events", "skip")]),
    caught_as: &["lost_update"],
    within: 20,
};

const LATE_VIEW: &str = r#"
title = "A copy is set up when two releases are over"
[world]
duration = "500ms"
[workload]
shape = "seats"
clients = 1
operations = 12
think = "exp(30ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 3, update = 2, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
joins = "300ms"
[[strategy]]
kind = "event_sourcing"
rebuild = "log"
release_every = "100ms"
"#;

const ROLLING: &str = r#"
title = "Projections are rolled over after the application"
[world]
duration = "500ms"
[workload]
shape = "seats"
clients = 1
operations = 12
think = "exp(20ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 3, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
[[strategy]]
kind = "event_sourcing"
release_every = "100ms"
projections_behind = "60ms"
"#;
