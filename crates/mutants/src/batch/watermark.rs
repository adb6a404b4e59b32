//! How a job knows what is new.

use crate::interposer::Interposer;
use crate::mutant::{Mutant, Mutation};
use driftlab_model::port::{Page, Ports, Scan, Snapshot};
use driftlab_model::{Call, Outcome, Span, Time};
use std::rc::Rc;

/// Stamped before the watermark, committed after it. (A batch meets only the newest version of a row, so a sink that keeps history lacks some by design:
/// `missed_change` would tell nothing of this bug, nor of the others of this family.)
pub(crate) const LATE_COMMIT: Mutant = Mutant {
    number: 7,
    name: "no lookback",
    bug: "the job reads what is stamped after its watermark, and never what was stamped before and committed later",
    seen_in: "incremental syncs by an updated_at column, in every ETL tool that offers them",
    scenario: HELD,
    mutation: Mutation::Settings(&[("lookback", "0")]),
    caught_as: &["lost_update"],
    within: 5,
};

/// A stamp that many rows share is not behind one when the job passes it.
pub(crate) const COARSE_STAMPS: Mutant = Mutant {
    number: 8,
    name: "rows of the watermark's own tick skipped",
    bug: "stamps are coarse and compared with `>`, so rows that get the watermark's stamp after the job has passed are never read",
    seen_in: "updated_at columns in whole seconds",
    scenario: UNHELD,
    mutation: Mutation::Interposer(|| Rc::new(CoarseStamps)),
    caught_as: &["lost_update"],
    within: 5,
};

/// What is saved first is believed later.
pub(crate) const SAVED_FIRST: Mutant = Mutant {
    number: 12,
    name: "watermark saved before the load",
    bug: "the new watermark is saved before the rows are loaded, and a crash between the two skips them",
    seen_in: "jobs that write their state in the extract step",
    scenario: CRASHES,
    mutation: Mutation::Settings(&[("save", "before_load")]),
    caught_as: &["lost_update"],
    within: 25,
};

/// Long enough for transactions, too short for clocks.
pub(crate) const SKEWED_WRITERS: Mutant = Mutant {
    number: 13,
    name: "lookback shorter than the clocks' skew",
    bug: "rows are stamped by application servers, and one whose clock is behind stamps below a watermark that another has raised",
    seen_in: "updated_at set by the ORM instead of the database",
    scenario: SKEWED,
    mutation: Mutation::Settings(&[("lookback", "20ms")]),
    caught_as: &["lost_update"],
    within: 5,
};

/// The job's clock is not the one that stamps.
pub(crate) const JOBS_CLOCK: Mutant = Mutant {
    number: 54,
    name: "watermark from the job's clock",
    bug: "the new watermark is what the job's clock shows, ahead of the stamps that rows will still get",
    seen_in: "schedulers that pass their run time as the next lower bound",
    scenario: JOB_AHEAD,
    mutation: Mutation::Interposer(|| Rc::new(WatermarkOfTheClock)),
    caught_as: &["lost_update"],
    within: 5,
};

/// Two reads, and something committed between them.
pub(crate) const SECOND_CONNECTION: Mutant = Mutant {
    number: 55,
    name: "watermark from a second connection",
    bug: "the new watermark is read after the rows' snapshot was taken, and covers what the snapshot does not",
    seen_in: "SELECT max(updated_at) in a statement of its own",
    scenario: UNHELD,
    mutation: Mutation::Settings(&[("read", "watermark_then_read")]),
    caught_as: &["lost_update"],
    within: 5,
};

/// Stamps in whole ticks, as the column holds them.
struct CoarseStamps;

const TICK: Span = Span::from_millis(10);

fn coarse(stamp: Time) -> Time {
    Time::from_nanos(stamp.nanos() / TICK.nanos() * TICK.nanos())
}

impl Interposer for CoarseStamps {
    fn newest_stamp(&self, _: &Ports, view: &dyn Snapshot) -> Time {
        coarse(view.newest_stamp())
    }

    fn scan<'a>(&'a self, _: &'a Ports, view: &'a dyn Snapshot, scan: Scan) -> Call<'a, Outcome<Page>> {
        Box::pin(async move {
            let above = scan.updated_after;
            let mut page = view.scan(scan).await?;
            page.rows.retain(|row| above.is_none_or(|above| coarse(row.updated_at) > above));
            Ok(page)
        })
    }
}

struct WatermarkOfTheClock;

impl Interposer for WatermarkOfTheClock {
    fn newest_stamp(&self, real: &Ports, _: &dyn Snapshot) -> Time {
        real.runtime.wall_clock()
    }
}

const HELD: &str = r#"
title = "Transactions that commit long after they stamped"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 24
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
transaction = { hold = "exp(30ms)" }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "5s"
"#;

const UNHELD: &str = r#"
title = "Rows are written one by one, as fast as it goes"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 40
keys = { count = 30, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "batch_incremental"
every = "7ms"
"#;

const CRASHES: &str = r#"
title = "The job dies now and then"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
[[fault]]
kind = "crash"
target = "batch"
every = "exp(20ms)"
for = "1ms"
"#;

const SKEWED: &str = r#"
title = "An application server's clock is behind"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 2
operations = 30
think = "exp(5ms)"
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[source]
stamps = "application"
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "5s"
[[fault]]
kind = "skew"
target = "client-2"
behind = "200ms"
"#;

const JOB_AHEAD: &str = r#"
title = "The job's clock is ahead"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 1
operations = 30
think = "exp(5ms)"
keys = { count = 20, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "search"
refresh = "0"
[[strategy]]
kind = "batch_incremental"
every = "20ms"
lookback = "20ms"
[[fault]]
kind = "skew"
target = "batch"
ahead = "100ms"
"#;
