//! The hazards, one a column of the truth table, and the copies that they threaten.

/// A hazard: what clients do, and what goes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Hazard {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) clients: u32,
    pub(crate) operations: u32,
    /// How long a client waits between two operations, where it waits.
    pub(crate) think: Option<&'static str>,
    pub(crate) keys: u32,
    /// How often rows are inserted.
    pub(crate) inserts: u32,
    /// How often rows are updated, deleted and read.
    pub(crate) mix: (u32, u32, u32),
    /// What is special about the source.
    pub(crate) source: &'static str,
    /// What its shape offers and others do not.
    pub(crate) choices: &'static str,
    /// What is special about transactions, where anything is.
    pub(crate) transaction: Option<&'static str>,
    pub(crate) faults: &'static str,
}

impl Hazard {
    /// The scenario in which a strategy meets it.
    pub(crate) fn scenario(&self, strategy: &str, sinks: &str) -> String {
        format!(
            r#"title = "{}"
[world]
duration = "500ms"
settle = "10min"
[source]
latency = "exp(1ms)"
{}[workload]
shape = "{}"
{}{sinks}
[[strategy]]
{strategy}
{}"#,
            self.name,
            self.source,
            self.shape,
            self.workload(),
            self.faults
        )
    }

    /// The settings of its workload, as a scenario has them.
    fn workload(&self) -> String {
        let Self { clients, operations, keys, inserts, mix: (update, delete, read), choices, .. } = self;
        let think = self.think.map_or(String::new(), |think| format!("think = \"{think}\"\n"));
        let transaction =
            self.transaction.map_or(String::new(), |what| format!("transaction = {{ {what} }}\n"));
        format!(
            r#"
clients = {clients}
operations = {operations}
{think}keys = {{ count = {keys}, distribution = "uniform" }}
mix = {{ insert = {inserts}, update = {update}, delete = {delete}, read = {read} }}
{choices}{transaction}"#
        )
    }
}

/// Updates by two clients, without any trouble: the others are told by what they have beside it.
pub(crate) const UPDATES: Hazard = Hazard {
    name: "updates",
    shape: "kv",
    clients: 2,
    operations: 10,
    think: None,
    keys: 4,
    inserts: 0,
    mix: (1, 0, 0),
    source: "",
    choices: "",
    transaction: None,
    faults: "",
};

pub(crate) const TWO_CLIENTS: Hazard =
    Hazard { name: "two clients, one key", operations: 6, keys: 1, ..UPDATES };

pub(crate) const DELETES: Hazard =
    Hazard { name: "deletes", operations: 8, keys: 2, mix: (1, 1, 0), ..UPDATES };

pub(crate) const CRASH: Hazard = Hazard {
    name: "the application dies between two steps",
    faults: r#"
[[fault]]
kind = "crash"
target = "app"
every = "exp(6ms)"
for = "1ms"
"#,
    ..UPDATES
};

pub(crate) const OUTAGE: Hazard = Hazard {
    name: "a sink refuses",
    operations: 20,
    think: Some("exp(5ms)"),
    faults: r#"
[[fault]]
kind = "refuse"
target = "search"
chance = 0.2
"#,
    ..UPDATES
};

pub(crate) const LOST_REPLIES: Hazard = Hazard {
    name: "replies are lost",
    faults: r#"
[[fault]]
kind = "lose_reply"
target = "search"
chance = 0.2
"#,
    ..OUTAGE
};

pub(crate) const ROLLBACK: Hazard =
    Hazard { name: "the client rolls back", transaction: Some("rollback = 0.4"), ..UPDATES };

pub(crate) const LATE_COMMIT: Hazard = Hazard {
    name: "late commit, sequence gap",
    clients: 4,
    operations: 60,
    keys: 50,
    transaction: Some(r#"hold = "exp(30ms)""#),
    ..UPDATES
};

pub(crate) const RESTART: Hazard = Hazard {
    name: "processes restart",
    clients: 3,
    operations: 60,
    think: Some("exp(5ms)"),
    keys: 5,
    mix: (3, 1, 0),
    faults: r#"
[[fault]]
kind = "crash"
target = "background"
every = "exp(40ms)"
for = "5ms"
"#,
    ..UPDATES
};

pub(crate) const FAILOVER: Hazard = Hazard {
    name: "the source fails over to a replica that has none of the slots",
    faults: r#"
[[fault]]
kind = "failover"
at = "0"
every = "exp(60ms)"
for = "10ms"
"#,
    ..RESTART
};

/// Rows get other keys, and tables are emptied, while processes restart.
pub(crate) const MOVED: Hazard = Hazard {
    name: "rows are given other keys, and the table is emptied",
    inserts: 2,
    choices: "rekey = 0.4\ntruncate = 0.2\n",
    ..RESTART
};

pub(crate) const WHOLE: Hazard = Hazard {
    name: "transactions of several rows",
    operations: 20,
    think: Some("exp(10ms)"),
    keys: 6,
    transaction: Some(r#"rows = "2..=4""#),
    ..UPDATES
};

pub(crate) const READS: Hazard =
    Hazard { name: "readers fill the cache", clients: 3, operations: 40, keys: 2, mix: (1, 0, 2), ..UPDATES };

pub(crate) const READS_AND_DELETES: Hazard =
    Hazard { name: "readers fill the cache while rows are deleted", operations: 60, mix: (1, 1, 3), ..READS };

pub(crate) const BULK: Hazard = Hazard {
    name: "a bulk path bypasses triggers",
    operations: 20,
    transaction: Some("bulk = 0.3"),
    ..UPDATES
};

/// Many changes of few rows.
pub(crate) const BUSY: Hazard = Hazard {
    name: "many changes of few rows",
    clients: 4,
    operations: 200,
    keys: 20,
    mix: (3, 1, 0),
    ..UPDATES
};

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

/// The same with seats: two thirds of what clients do are reservations and cancellations, so that seats change hands.
pub(crate) const fn of_seats(hazard: Hazard) -> Hazard {
    Hazard { shape: "seats", inserts: 3, mix: (2, 2, 0), ..hazard }
}

/// All hazards, with seats.
pub(crate) const SEATS: &[Hazard] = &[
    of_seats(TWO_CLIENTS),
    of_seats(DELETES),
    of_seats(CRASH),
    of_seats(OUTAGE),
    of_seats(LOST_REPLIES),
    of_seats(ROLLBACK),
    of_seats(LATE_COMMIT),
    of_seats(RESTART),
    of_seats(WHOLE),
];
