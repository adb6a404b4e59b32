//! Small scenarios, each with the anomaly that is drawn out of it.

use crate::run::{Found, smallest};
use driftlab_check::{Anomaly, Finding};

/// Two clients, one key, one copy: the drawing that everybody knows.
pub(crate) fn race() -> Found {
    found("stale_overwrite", &kv(2, 2, 1, "", SEARCH, "kind = \"dual_writes\""))
}

/// A transaction takes its number, another one takes the next and commits first, and the relay polls in between.
pub(crate) fn gap() -> Found {
    found(
        "lost_update",
        &kv(2, 2, 2, "transaction = { hold = \"exp(10ms)\" }", SEARCH, "kind = \"outbox\"\npoll = \"5ms\""),
    )
}

/// A reader fills in what it read before the write.
pub(crate) fn stale_fill() -> Found {
    let cache = "[[sink]]\nkind = \"cache\"\nlatency = \"exp(1ms)\"";
    let text = kv(2, 4, 1, "", cache, "kind = \"cache_aside\"");
    found("lost_update", &text.replace("read = 0", "read = 2"))
}

/// The application dies while its transaction commits.
pub(crate) fn crash_between() -> Found {
    let fault = "\n[[fault]]\nkind = \"crash\"\ntarget = \"app\"\nevery = \"exp(6ms)\"\nfor = \"1ms\"";
    found("lost_update", &(kv(1, 2, 1, "", SEARCH, "kind = \"dual_writes\"") + fault))
}

/// The copy has the row, the client never learns it, and the database never hears of it.
pub(crate) fn lost_reply() -> Found {
    let fault = "\n[[fault]]\nkind = \"lose_reply\"\ntarget = \"search\"\nchance = 0.3";
    let strategy = "kind = \"dual_writes\"\norder = \"sink_first\"";
    found("phantom", &(kv(1, 2, 1, "", &format!("{SEARCH}\ntimeout = \"50ms\""), strategy) + fault))
}

/// A consumer stores its position and dies before it has applied what lies before it.
pub(crate) fn acknowledged_first() -> Found {
    let fault =
        "\n[[fault]]\nkind = \"crash\"\ntarget = \"consumer.search\"\nevery = \"exp(10ms)\"\nfor = \"5ms\"";
    let strategy =
        "kind = \"log_cdc\"\nacknowledge = \"before_apply\"\napply = \"rows\"\nposition = \"checkpoint\"";
    found("lost_update", &(kv(1, 2, 1, "", SEARCH, strategy) + fault))
}

/// One transaction of two rows, each sent to the copy by itself.
pub(crate) fn torn() -> Found {
    found(
        "torn_transaction",
        &kv(1, 1, 3, "transaction = { rows = \"2..=2\" }", SEARCH, "kind = \"dual_writes\""),
    )
}

/// A relay applies an event, dies, and applies it again to a copy that adds up.
pub(crate) fn counted_twice() -> Found {
    let sink = "[[sink]]\nname = \"totals\"\nkind = \"warehouse\"\nmode = \"sum\"\nlatency = \"exp(1ms)\"";
    let fault = "\n[[fault]]\nkind = \"crash\"\ntarget = \"relay\"\nevery = \"exp(10ms)\"\nfor = \"5ms\"";
    found(
        "duplicate_effect",
        &(kv(1, 1, 1, "", sink, "kind = \"outbox\"\npoll = \"5ms\"\ngaps = \"wait\"") + fault),
    )
}

/// A store that is away while a row is written to it.
pub(crate) fn outage() -> Found {
    let fault = "\n[[fault]]\nkind = \"outage\"\ntarget = \"search\"\nat = \"1ms\"\nfor = \"8ms\"";
    found("lost_update", &(kv(2, 2, 1, "", SEARCH, "kind = \"dual_writes\"") + fault))
}

/// Two copies beside each other, written by the same clients.
pub(crate) fn two_copies() -> Found {
    let sinks = format!("{SEARCH}\n[[sink]]\nkind = \"warehouse\"\nlatency = \"exp(1ms)\"");
    found("sink_disagreement", &kv(2, 2, 1, "", &sinks, "kind = \"dual_writes\""))
}

/// Far more than can be drawn.
pub(crate) fn crowd() -> Found {
    let is_late =
        |finding: &Finding| finding.anomaly == Anomaly::StaleOverwrite && finding.begin.seconds() > 0.02;
    smallest(&kv(6, 240, 1, "", SEARCH, "kind = \"dual_writes\""), 3, is_late).expect("six clients race")
}

/// How many seeds are looked at.
const SEEDS: u64 = 150;

const SEARCH: &str = "[[sink]]\nkind = \"search\"\nlatency = \"exp(1ms)\"\nrefresh = \"0\"";

fn found(anomaly: &str, text: &str) -> Found {
    let found = smallest(text, SEEDS, |finding| finding.anomaly.name() == anomaly);
    found.unwrap_or_else(|| panic!("no seed up to {SEEDS} shows {anomaly} in\n{text}"))
}

fn kv(clients: u32, operations: u32, keys: u32, more: &str, sinks: &str, strategy: &str) -> String {
    format!(
        r#"title = "drawn"
[world]
duration = "100ms"
[source]
latency = "exp(1ms)"
[workload]
shape = "kv"
clients = {clients}
operations = {operations}
keys = {{ count = {keys}, distribution = "uniform" }}
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}
{more}
{sinks}
[[strategy]]
{strategy}
"#
    )
}
