//! The page docs/isolation.md, made from the list of anomalies and from what the database does with their schedules.

use crate::anomaly::{Anomaly, LEVELS, Trial, Verdict, all};
use crate::play::play;
use std::fmt::Write as _;

const HEAD: &str = "\
# What the isolation levels of the simulated database allow

<!-- Generated: `cargo test -p driftlab-sim --test isolation -- --ignored write_the_page`. -->

`[source] isolation` is `read_committed` or `snapshot`. This page says what each of them lets happen: every anomaly by its name in the literature, the schedule that provokes it, and what the
sessions are told at each level. The tests in `crates/sim/tests/isolation` play each schedule at both levels, and fail where a level lets happen what it forbids, and where it does not let happen
what it allows. Random schedules are judged beside them, by a checker that builds the dependency graph of a history (Adya's direct serialization graph) and knows nothing of the database.

Read committed is here what it is in PostgreSQL: monotonic atomic view, which forbids OTV beyond what its name promises. Snapshot refuses the second of two transactions that change one row, as
PostgreSQL does at repeatable read. There is no serializable level. Conditions are read through snapshots of whole tables, which are the only reads of many rows that the database has: a fresh one
for each statement at read committed, the transaction's own at snapshot; who reads picks the rows.

The schedules are those of Hermitage, and so are the columns for PostgreSQL; its page was made with 9.3.5. Run by hand on PostgreSQL 15.18, every step of every schedule below was told what it is told
here, waits and refusals included, and the two that are not expressible here went as the table says. A dash is a step of a transaction that was refused before.

";

const SOURCES: &str = "
## Sources

- A. Adya: [Weak Consistency: A Generalized Theory and Optimistic Implementations for Distributed Transactions](http://pmg.csail.mit.edu/papers/adya-phd.pdf), PhD thesis, MIT, 1999.
- H. Berenson, P. Bernstein, J. Gray, J. Melton, E. O'Neil, P. O'Neil: [A Critique of ANSI SQL Isolation Levels](https://doi.org/10.1145/568271.223785), SIGMOD 1995.
- P. Bailis, A. Davidson, A. Fekete, A. Ghodsi, J. M. Hellerstein, I. Stoica: [Highly Available Transactions: Virtues and Limitations](https://arxiv.org/abs/1302.0309), VLDB 2014.
- A. Fekete, E. O'Neil, P. O'Neil: A Read-Only Transaction Anomaly Under Snapshot Isolation, SIGMOD Record 33(3), 2004.
- M. Kleppmann: Hermitage, [the table](https://github.com/ept/hermitage) and [the schedules for PostgreSQL](https://github.com/ept/hermitage/blob/master/postgres.md).
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| anomaly | | in the literature | read committed | snapshot | PostgreSQL, read committed | PostgreSQL, repeatable read |\n");
    page.push_str("|---|---|---|---|---|---|---|\n");
    for anomaly in all() {
        let Anomaly { name, title, source, postgres, .. } = anomaly;
        let ours = match &anomaly.trial {
            Trial::Schedule { expected, .. } => expected.each_ref().map(|level| word(level.verdict)),
            Trial::Inexpressible(_) => ["not expressible"; 2],
        };
        let cells = [name, title, source, ours[0], ours[1], word(postgres[0]), word(postgres[1])];
        writeln!(page, "| {} |", cells.join(" | ")).expect("a string grows");
    }
    for anomaly in all() {
        section(&mut page, anomaly).expect("a string grows");
    }
    page + SOURCES
}

fn section(page: &mut String, anomaly: &Anomaly) -> std::fmt::Result {
    write!(page, "\n## {}: {}\n\n{}\n", anomaly.name, anomaly.title, anomaly.story)?;
    let moves = match &anomaly.trial {
        Trial::Schedule { moves, .. } => *moves,
        Trial::Inexpressible(why) => return write!(page, "\nNot expressible: {why}.\n"),
    };
    let played = LEVELS.map(|(level, _)| play(level, moves));
    page.push_str("\n| step | read committed | snapshot |\n|---|---|---|\n");
    for (i, step) in moves.iter().enumerate() {
        writeln!(page, "| {step} | {} | {} |", played[0].told[i], played[1].told[i])?;
    }
    let rows = played.each_ref().map(|played| {
        let rows: Vec<String> = played.rows.iter().map(|(n, value)| format!("{n}: {value}")).collect();
        rows.join(", ")
    });
    writeln!(page, "| *rows at the end* | {} | {} |", rows[0], rows[1])
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Possible => "**possible**",
        Verdict::Prevented => "prevented",
    }
}

#[test]
fn the_page_is_what_the_database_does() {
    let committed = include_str!("../../../../docs/isolation.md");
    assert!(
        committed == page(),
        "docs/isolation.md is stale: cargo test -p driftlab-sim --test isolation -- --ignored write_the_page"
    );
}

#[test]
#[ignore = "writes docs/isolation.md"]
#[allow(clippy::disallowed_methods, reason = "the generator of a page writes it")]
fn write_the_page() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/isolation.md");
    std::fs::write(path, page()).expect("the page can be written");
}
