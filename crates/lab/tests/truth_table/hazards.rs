//! The hazards, one a column of the truth table, and the copies that they threaten.

/// A hazard: what clients do, and what goes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Hazard {
    pub(crate) name: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) faults: &'static str,
}

pub(crate) const TWO_CLIENTS: Hazard = Hazard {
    name: "two clients, one key",
    workload: r#"
clients = 2
operations = 6
keys = { count = 1, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: "",
};

pub(crate) const DELETES: Hazard = Hazard {
    name: "deletes",
    workload: r#"
clients = 2
operations = 8
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 0 }
"#,
    faults: "",
};

pub(crate) const CRASH: Hazard = Hazard {
    name: "the application dies between two steps",
    workload: r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "crash"
target = "app"
every = "exp(6ms)"
for = "1ms"
"#,
};

pub(crate) const HELD: &str = r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(3ms)" }
"#;

pub(crate) const OUTAGE: Hazard = Hazard {
    name: "a sink refuses",
    workload: r#"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "refuse"
target = "search"
chance = 0.2
"#,
};

pub(crate) const LOST_REPLIES: Hazard = Hazard {
    name: "replies are lost",
    workload: r#"
clients = 2
operations = 20
think = "exp(5ms)"
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "lose_reply"
target = "search"
chance = 0.2
"#,
};

pub(crate) const ROLLBACK: Hazard = Hazard {
    name: "the client rolls back",
    workload: r#"
clients = 2
operations = 10
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rollback = 0.4 }
"#,
    faults: "",
};

pub(crate) const LATE_COMMIT: Hazard = Hazard {
    name: "late commit, sequence gap",
    workload: r#"
clients = 4
operations = 60
keys = { count = 50, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(30ms)" }
"#,
    faults: "",
};

pub(crate) const RESTART: Hazard = Hazard {
    name: "processes restart",
    workload: r#"
clients = 3
operations = 60
think = "exp(5ms)"
keys = { count = 5, distribution = "uniform" }
mix = { insert = 0, update = 3, delete = 1, read = 0 }
"#,
    faults: r#"
[[fault]]
kind = "crash"
target = "background"
every = "exp(40ms)"
for = "5ms"
"#,
};

pub(crate) const WHOLE: Hazard = Hazard {
    name: "transactions of several rows",
    workload: r#"
clients = 2
operations = 20
think = "exp(10ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { rows = "2..=4" }
"#,
    faults: "",
};

pub(crate) const READS: Hazard = Hazard {
    name: "readers fill the cache",
    workload: r#"
clients = 3
operations = 40
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 2 }
"#,
    faults: "",
};

pub(crate) const READS_AND_DELETES: Hazard = Hazard {
    name: "readers fill the cache while rows are deleted",
    workload: r#"
clients = 3
operations = 60
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 1, read = 3 }
"#,
    faults: "",
};

pub(crate) const BULK: Hazard = Hazard {
    name: "a bulk path bypasses triggers",
    workload: r#"
clients = 2
operations = 20
keys = { count = 4, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { bulk = 0.3 }
"#,
    faults: "",
};

pub(crate) const BUSY: &str = r#"
clients = 4
operations = 200
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 3, delete = 1, read = 0 }
"#;

pub(crate) const COPIES: &str = r#"
[[sink]]
kind = "search"
latency = "exp(1ms)"
refresh = "0"
timeout = "50ms"
[[sink]]
kind = "warehouse"
latency = "exp(1ms)"
timeout = "50ms"
"#;

pub(crate) const CACHE: &str = r#"
[[sink]]
name = "search"
kind = "cache"
latency = "exp(1ms)"
timeout = "50ms"
"#;

pub(crate) const COUNTERS: &str = r#"
[[sink]]
name = "search"
kind = "warehouse"
mode = "sum"
latency = "exp(1ms)"
timeout = "50ms"
"#;

pub(crate) const HAZARDS: &[Hazard] =
    &[TWO_CLIENTS, DELETES, CRASH, OUTAGE, LOST_REPLIES, ROLLBACK, LATE_COMMIT, RESTART, WHOLE];
