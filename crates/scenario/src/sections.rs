//! What the sections of a scenario take that belong to no registry.

use driftlab_model::{Compaction, Kind, Retention, Setting};

/// A section that stands once in a file and takes settings alone.
pub struct Section {
    /// Its name: `world`.
    pub name: &'static str,
    /// What it is about, in a sentence.
    pub summary: &'static str,
    /// What it takes.
    pub settings: &'static [Setting],
}

/// All of them, in the order of help.
pub const SECTIONS: [Section; 4] = [
    Section {
        name: "world",
        summary: "The world, the seeds, and how long clients are at work.",
        settings: WORLD,
    },
    Section { name: "source", summary: "The database that everything else is a copy of.", settings: SOURCE },
    Section { name: "log", summary: "The log between capture and sinks.", settings: LOG },
    Section {
        name: "checkpoint",
        summary: "Where processes keep what they must remember.",
        settings: CHECKPOINT,
    },
];

/// `[world]`.
pub const WORLD: &[Setting] = &[
    Setting {
        name: "kind",
        summary: "where the scenario runs",
        kind: Kind::Choice(&[
            ("virtual", "simulated stores in virtual time, reproducible bit for bit"),
            ("embedded", "real stores inside this process, in real time; two runs of a seed differ"),
            ("services", "real stores behind servers"),
        ]),
        default: Some("virtual"),
    },
    Setting {
        name: "seed",
        summary: "the first seed: everything left to chance follows from it",
        kind: Kind::Count(0, u64::MAX),
        default: Some("1"),
    },
    Setting {
        name: "seeds",
        summary: "how many seeds to run, from the first on",
        kind: Kind::Count(1, 1_000_000_000),
        default: Some("1"),
    },
    Setting {
        name: "duration",
        summary: "how long clients are at work, above zero",
        kind: Kind::Span,
        default: Some("60s"),
    },
    Setting {
        name: "profile",
        summary: "a file of `driftlab calibrate`, from the scenario's folder: virtual stores take the times measured in it instead of those that are declared (`latency`, `per_row`, `network`, `servers`)",
        kind: Kind::Text,
        default: None,
    },
    Setting {
        name: "settle",
        summary: "the longest wait for quiescence after the load; unset or \"auto\": ten minutes",
        kind: Kind::Span,
        default: None,
    },
];

/// `[source]`.
pub const SOURCE: &[Setting] = &[
    latency("service time of a request at the database, at the end of which it takes effect", "exp(1ms)"),
    network("the way to the database, and again the way back"),
    servers("64"),
    Setting {
        name: "isolation",
        summary: "the isolation level of transactions",
        kind: Kind::Choice(&[
            ("read_committed", "each statement sees what is committed when it runs"),
            ("snapshot", "a transaction sees one snapshot, and the first of two writers of a row wins"),
        ]),
        default: Some("read_committed"),
    },
    TIMEOUT,
    Setting {
        name: "stamps",
        summary: "whose clock stamps updated_at",
        kind: Kind::Choice(&[
            ("database", "the database's clock"),
            ("application", "the clock of the application's process, which may be skewed"),
        ]),
        default: Some("database"),
    },
    Setting {
        name: "retain",
        summary: "bytes of log retained for a slot that lags; unset: all of them",
        kind: Kind::Count(0, u64::MAX),
        default: None,
    },
    Setting {
        name: "toast",
        summary: "values of more bytes than this that an update leaves as they are are left out of the log, as PostgreSQL does with TOASTed ones; unset: rows are whole",
        kind: Kind::Count(0, 1_000_000_000),
        default: None,
    },
    Setting {
        name: "neighbours",
        summary: "bytes of log that other databases on the same server write each second: a slot holds them back too, and is never given them",
        kind: Kind::Count(0, 1_000_000_000_000),
        default: Some("0"),
    },
];

/// `[log]`: the log between capture and sinks.
pub const LOG: &[Setting] = &[
    latency("service time of an append or a read at the log", "500us"),
    PER_ROW,
    network("the way to the log, and again the way back"),
    servers("64"),
    TIMEOUT,
    Retention::age_setting("how long the log keeps a record, whoever still needs it; unset: for ever", None),
    Retention::RECORDS_SETTING,
    Compaction::EVERY,
    Compaction::TOMBSTONES,
];

/// `[checkpoint]`: where processes keep what they must remember.
pub const CHECKPOINT: &[Setting] = &[
    latency("service time of a request at the checkpoint store", "1ms"),
    network("the way to the checkpoint store, and again the way back"),
    servers("64"),
    TIMEOUT,
];

/// What every `[[sink]]` takes, beside what its kind declares.
pub const SINK: &[Setting] = &[
    latency("service time of a request at the sink, at the end of which it takes effect", "exp(1ms)"),
    PER_ROW,
    network("the way to the sink, and again the way back"),
    servers("16"),
    TIMEOUT,
    Setting {
        name: "joins",
        summary: "when it is set up, empty, in the middle of the run: it has to be filled by what the strategy still has; unset: it is there from the beginning",
        kind: Kind::Span,
        default: None,
    },
];

const fn latency(summary: &'static str, default: &'static str) -> Setting {
    Setting { name: "latency", summary, kind: Kind::Latency, default: Some(default) }
}

const fn network(summary: &'static str) -> Setting {
    Setting { name: "network", summary, kind: Kind::Latency, default: Some("0") }
}

const fn servers(default: &'static str) -> Setting {
    let summary = "requests served at once; more of them queue";
    Setting { name: "servers", summary, kind: Kind::Count(1, u64::MAX), default: Some(default) }
}

const PER_ROW: Setting = Setting {
    name: "per_row",
    summary: "what each further row of a request adds to its service time",
    kind: Kind::Span,
    default: Some("0"),
};

const TIMEOUT: Setting = Setting {
    name: "timeout",
    summary: "how long a caller waits for a reply before the outcome is unknown",
    kind: Kind::Span,
    default: Some("1s"),
};
