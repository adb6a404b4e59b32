//! The kill matrix: every mutant, how it was caught, and which broken checkers let it live.

use crate::hunt::{Catch, catch};
use crate::mutant::Mutant;
use crate::pursuit::{FEW, Pursuit, SCHEDULES};
use crate::registry::MUTANTS;
use crate::sabotage::Sabotage;
use driftlab_lab::explore::POLICIES;
use std::fmt::Write;

/// The outcome of all hunts.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// One line a mutant, in the order of the registry.
    pub lines: Vec<Line>,
}

/// A mutant and what became of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number.
    pub number: u32,
    /// What the hunt came to.
    pub catch: Catch,
}

impl Matrix {
    /// Hunts all mutants.
    #[must_use]
    pub fn hunt() -> Self {
        let line = |mutant: &Mutant| Line { number: mutant.number, catch: catch(mutant) };
        Self { lines: MUTANTS.iter().map(line).collect() }
    }

    /// The numbers of the mutants that a sabotaged checker lets live.
    #[must_use]
    pub fn survivors(&self, sabotage: Sabotage) -> Vec<u32> {
        let living = self.lines.iter().filter(|line| line.catch.survives.contains(&sabotage));
        living.map(|line| line.number).collect()
    }

    /// The matrix as the page `docs/mutants.md`.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = String::from(INTRODUCTION);
        for (mutant, line) in MUTANTS.iter().zip(&self.lines) {
            let kind = mutant.scenario().strategies[0].kind;
            let by = line.catch.by.map_or_else(|| "never".to_owned(), |seed| seed.to_string());
            let (caught, beside) = (names(mutant.caught_as), names(&line.catch.beside));
            let _ = writeln!(
                page,
                "| {} | {} | `{kind}` | {} | {} | {caught} | {by} of {} | {beside} |",
                mutant.number, mutant.name, mutant.bug, mutant.seen_in, mutant.within
            );
        }
        page.push_str(SABOTAGE);
        for sabotage in Sabotage::ALL {
            let survivors = self.survivors(sabotage);
            let numbers: Vec<String> = survivors.iter().map(u32::to_string).collect();
            let which =
                if survivors.len() == self.lines.len() { "all".to_owned() } else { numbers.join(", ") };
            let _ = writeln!(page, "| {} | {} | {which} |", sabotage.summary(), survivors.len());
        }
        page.push_str(LEFT_OUT);
        page
    }

    /// The whole page: the matrix, and the pursuits of the mutants, in the order of the registry.
    #[must_use]
    pub fn to_markdown_with(&self, pursuits: &[Pursuit]) -> String {
        let mut page = self.to_markdown();
        let policies: Vec<&str> = POLICIES.iter().map(|policy| policy.name).collect();
        let rules = "--:|".repeat(policies.len());
        let _ = write!(
            page,
            "{PURSUITS}| # | portfolio | {} | operations | copies |\n|--:|--:|{rules}--:|--:|\n",
            policies.join(" | ")
        );
        for (mutant, pursuit) in MUTANTS.iter().zip(pursuits) {
            page.push_str(&pursuit_line(mutant, pursuit));
        }
        let missed = pursuits.iter().filter(|pursuit| pursuit.by_portfolio.is_none()).count();
        let long =
            pursuits.iter().filter(|pursuit| pursuit.witness.is_none_or(|w| w.operations > FEW)).count();
        let _ = writeln!(
            page,
            "\nThe portfolio caught {} of {} within {SCHEDULES} schedules; {} of their witnesses have at most {FEW} operations.",
            pursuits.len() - missed,
            pursuits.len(),
            pursuits.len() - long
        );
        page
    }
}

/// The line of a mutant in the table of pursuits.
#[must_use]
pub fn pursuit_line(mutant: &Mutant, pursuit: &Pursuit) -> String {
    let after =
        |caught: Option<u64>| caught.map_or_else(|| "never".to_owned(), |schedules| schedules.to_string());
    let by = |policy: &Option<Option<u64>>| policy.map_or_else(|| "-".to_owned(), after);
    let by_policy: Vec<String> = pursuit.by_policy.iter().map(by).collect();
    let (operations, copies) = pursuit.witness.map_or_else(
        || ("none".to_owned(), String::new()),
        |w| (w.operations.to_string(), w.copies.to_string()),
    );
    let (number, portfolio) = (mutant.number, after(pursuit.by_portfolio));
    format!("| {number} | {portfolio} | {} | {operations} | {copies} |\n", by_policy.join(" | "))
}

fn names(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

const INTRODUCTION: &str = "# Mutants

<!-- Generated: `cargo run -p driftlab-mutants --example kill_matrix`. -->

Each mutant is a strategy that is right, with one bug seeded into it that real pipelines have had, and the smallest scenario that triggers it. The checker must
catch it by the names given, all of them, within the seeds stated; the original must survive the same seeds. What was reported beside is not asserted.

`cargo run -p driftlab-mutants --example replay -- NUMBER SEED` runs one seed of a mutant and of its original, and tells what was found.

| # | mutant | mutates | bug | seen in | caught as | by seed | reported beside |
|--:|---|---|---|---|---|--:|---|
";

const SABOTAGE: &str = "
## The checker's own mutants

The same hunts, watched by checkers that are broken on purpose. A broken checker must let mutants live, or the matrix above proves nothing.

| a checker that | lets live | which |
|---|--:|---|
";

const LEFT_OUT: &str = "
## What is not here

Bugs that need what the simulated source does not have yet: changes of the schema (rows decoded with an old one). A failover of the source loses its slots as a retention cap does, so it is number 33.

Bugs that the checker cannot see today, because nothing wrong is shown: a cache that remembers that a key does not exist (it claims nothing of a key that it does not hold),
a reader who is given something else than the copy shows, and in a sink that adds up or keeps versions, a wrong content of the right change (number 27 or 46 there, or
a sum without the image before): of such sinks a history tells which changes were applied, not what was written.

Mutations that are none: a snapshot of a stream under a version that is too high (the next event goes one further, and nobody decides on less than there is), a cache of states over which an
append still names the version that it was decided on (it is refused), a copy of rows that compares versions with `>=` instead of `>` writes again what is there already, and a relay that compares with
`<=` the lowest number that an open transaction holds reads an entry that is not there yet.
";

const PURSUITS: &str = "
## By policy

The same mutants, pursued by exploring: after how many schedules, the first included, each had been caught by all its names, with all policies of `driftlab explore` in turn (the portfolio)
and with each alone; a dash where the policy does not suit the scenario. Then the size of the witness: the shortest case, after shrinking, that shows the first of its names.

Two stand out. Of number 42 the tenth version is the first that is older as text, so no case has fewer than ten operations. Number 72 falls behind without bound, which takes hundreds of measured
changes to say, and is not looked for where schedules are explored.

";
