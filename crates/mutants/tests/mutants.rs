//! Every mutant is caught by its right name, every original survives, and a broken checker lets mutants live.
#![allow(clippy::disallowed_methods, reason = "a test reads the page that it compares")]

use driftlab_check::ANOMALIES;
use driftlab_mutants::sabotage::Sabotage;
use driftlab_mutants::{FEW, MUTANTS, Matrix, Mutant, pursue, pursuit_line, survive};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// All hunts, made once for all tests.
fn matrix() -> &'static Matrix {
    static MATRIX: OnceLock<Matrix> = OnceLock::new();
    MATRIX.get_or_init(Matrix::hunt)
}

/// A checker that misses one of these would miss it in somebody's pipeline.
#[test]
fn every_mutant_is_caught_by_its_right_name() {
    let alive: Vec<String> = MUTANTS
        .iter()
        .zip(&matrix().lines)
        .filter(|(_, line)| line.catch.by.is_none())
        .map(|(mutant, line)| {
            format!(
                "{} ({}) was never caught as {:?} within {} seeds, only as {:?}; one of them: {}",
                mutant.number,
                mutant.name,
                line.catch.missing,
                mutant.within,
                line.catch.beside,
                mutant.replay(1)
            )
        })
        .collect();
    assert!(alive.is_empty(), "{} mutants live:\n{}", alive.len(), alive.join("\n"));
}

/// A checker that cries wolf would kill every mutant.
#[test]
fn every_original_survives_the_same_seeds() {
    let mut guilty = Vec::new();
    for mutant in MUTANTS {
        for fault in survive(mutant).faults.iter().take(2) {
            guilty.push(format!("original of {} ({}): {fault}", mutant.number, mutant.name));
        }
    }
    assert!(guilty.is_empty(), "{}", guilty.join("\n"));
}

/// What the broken checker must be blind to, by example.
#[test]
fn every_sabotage_of_the_checker_lets_mutants_live() {
    let survivors = |sabotage| matrix().survivors(sabotage);
    let lives = |sabotage, numbers: &[u32]| {
        let survivors = survivors(sabotage);
        let dead: Vec<&u32> = numbers.iter().filter(|number| !survivors.contains(number)).collect();
        assert!(dead.is_empty(), "a checker that {} caught {dead:?}", sabotage.summary());
    };
    assert_eq!(survivors(Sabotage::AlwaysPasses).len(), MUTANTS.len());
    // Deletions that never arrive, or that are forgotten.
    lives(Sabotage::IgnoresDeletions, &[9, 16, 28, 44, 45, 56]);
    // Rows too old, rows that were wrong for a moment, effects applied twice: the counts are right.
    lives(Sabotage::CountsRows, &[1, 2, 7, 10, 20, 24, 36]);
    // What is only wrong because it stays so.
    lives(Sabotage::SkipsTheEnd, &[2, 7, 9, 15, 17, 21]);
    // What goes wrong late.
    lives(Sabotage::SeesTheBeginning, &[7, 9, 72]);
}

/// An honest checker lets none of them live, so what the sabotage lets live is its own doing.
#[test]
fn no_sabotage_but_the_first_lets_all_mutants_live() {
    for sabotage in Sabotage::ALL.into_iter().skip(1) {
        let survivors = matrix().survivors(sabotage).len();
        assert!(
            (1..MUTANTS.len()).contains(&survivors),
            "a checker that {} lets {survivors} of {} mutants live",
            sabotage.summary(),
            MUTANTS.len()
        );
    }
}

#[test]
fn the_page_of_mutants_is_fresh() {
    let page = include_str!("../../../docs/mutants.md");
    assert!(
        page.starts_with(&matrix().to_markdown()),
        "docs/mutants.md is stale: cargo run -p driftlab-mutants --example kill_matrix"
    );
}

/// A mutant that only one policy finds, or whose case nobody can read, is caught on paper only. Every twelfth is pursued here; `kill_matrix` pursues them all.
#[test]
fn every_twelfth_pursuit_comes_to_what_the_page_says() {
    let page = include_str!("../../../docs/mutants.md");
    for mutant in MUTANTS.iter().step_by(12) {
        let pursuit = pursue(mutant);
        assert!(pursuit.by_portfolio.is_some(), "{} ({}) escapes the portfolio", mutant.number, mutant.name);
        let witness = pursuit.witness.expect("what the portfolio caught can be shrunk");
        assert!(witness.operations <= FEW, "{} ({}): {witness:?}", mutant.number, mutant.name);
        let line = pursuit_line(mutant, &pursuit);
        assert!(page.contains(&line), "docs/mutants.md is stale: {line}");
    }
}

#[test]
fn numbers_and_names_are_unique_and_anomalies_are_known() {
    let numbers: BTreeSet<u32> = MUTANTS.iter().map(|mutant| mutant.number).collect();
    let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    assert_eq!((numbers.len(), names.len()), (MUTANTS.len(), MUTANTS.len()));
    assert!(MUTANTS.is_sorted_by_key(|mutant| mutant.number));
    for Mutant { number, caught_as, within, .. } in MUTANTS {
        // A mutant that nobody hunts would never be missed.
        assert!(!caught_as.is_empty() && *within > 0, "mutant {number}");
        for name in *caught_as {
            assert!(ANOMALIES.iter().any(|entry| entry.name == *name), "mutant {number}: no anomaly {name}");
        }
    }
}
