//! What transactions of all shapes have in common: which action, how many rows, how long held, how ended.

use crate::common;
use crate::draw::{Draws, Purpose, below, falls_in};
use crate::mix::{Action, Mix};
use crate::shape::Operation;
use driftlab_model::{
    Contradiction, Ending, Latency, Settings, Span, Statements, Transaction, TransactionId, WritePath,
};

const ROWS: Purpose = Purpose::named("rows");
const HOLD: Purpose = Purpose::named("hold");
const LONG: Purpose = Purpose::named("long");
const ROLLBACK: Purpose = Purpose::named("rollback");
const BULK: Purpose = Purpose::named("bulk");

/// The part of an operation that does not depend on the domain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    draws: Draws,
    mix: Mix,
    rows: (u64, u64),
    hold: Latency,
    rollback: f64,
    bulk: f64,
    long: f64,
    long_hold: Span,
}

impl Plan {
    /// The plan that the settings ask for.
    ///
    /// # Errors
    /// The first contradiction among the common settings.
    pub(crate) fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        common::check(settings)?;
        Ok(Self {
            draws: Draws::new(seed),
            mix: Mix::of(settings),
            rows: settings.range("transaction.rows"),
            hold: settings.latency("transaction.hold"),
            rollback: settings.number("transaction.rollback"),
            bulk: settings.number("transaction.bulk"),
            long: settings.number("transaction.long"),
            long_hold: settings.span("transaction.long_hold"),
        })
    }

    /// The same plan with another mix.
    pub(crate) fn with_mix(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }

    /// The same plan with the choices of another seed.
    pub(crate) fn reseeded(self, seed: u64) -> Self {
        Self { draws: Draws::new(seed), ..self }
    }

    /// The same plan for what is there before anybody writes, whatever the seed.
    pub(crate) fn of_the_load(self) -> Self {
        Self { draws: Draws::of_the_load(), ..self }
    }

    /// All choices of the workload.
    pub(crate) fn draws(&self) -> Draws {
        self.draws
    }

    /// The share of operations that insert.
    pub(crate) fn insert_share(&self) -> f64 {
        self.mix.insert / self.mix.total()
    }

    /// What an operation does.
    pub(crate) fn action(&self, index: u64) -> Action {
        self.mix.action(self.draws, index)
    }

    /// How many rows its transaction touches.
    pub(crate) fn rows(&self, index: u64) -> u64 {
        let (low, high) = self.rows;
        if low == high {
            return low;
        }
        low + below(self.draws.at(ROWS, index, 0), high - low + 1)
    }

    /// The fewest and the most rows that a transaction touches.
    pub(crate) fn rows_range(&self) -> (u64, u64) {
        self.rows
    }

    /// A number from 0 that no other row of any operation has; consecutive when all transactions have one row.
    pub(crate) fn ordinal(&self, index: u64, row: u64) -> i64 {
        index.wrapping_mul(self.rows.1).wrapping_add(row) as i64
    }

    /// The operation that runs these statements.
    pub(crate) fn write(&self, index: u64, statements: impl Into<Statements>) -> Operation {
        // Most scenarios leave these shares at 0, and a draw costs more than the question.
        let chosen = |purpose, share| share > 0.0 && self.is_chosen(purpose, index, share);
        Operation::Write(Transaction {
            id: TransactionId(index),
            statements: statements.into(),
            hold: if chosen(LONG, self.long) {
                self.long_hold
            } else {
                self.hold.sample_with(|| self.draws.at(HOLD, index, 0))
            },
            ending: if chosen(ROLLBACK, self.rollback) { Ending::Rollback } else { Ending::Commit },
            path: if chosen(BULK, self.bulk) { WritePath::Bulk } else { WritePath::Statements },
        })
    }

    #[cold]
    fn is_chosen(&self, purpose: Purpose, index: u64, share: f64) -> bool {
        falls_in(self.draws.at(purpose, index, 0), share)
    }

    /// An earlier operation with this action, any of the recent ones; `None` where there is none nearby.
    pub(crate) fn earlier(&self, action: Action, index: u64, draw: u64) -> Option<u64> {
        if index == 0 {
            return None;
        }
        self.last_at_or_before(action, index - 1 - below(draw, index.min(256)))
    }

    /// The last operation with this action at an index or shortly before it.
    pub(crate) fn last_at_or_before(&self, action: Action, index: u64) -> Option<u64> {
        // The walk is bounded because an action may be rare, or have no weight at all.
        (index.saturating_sub(255)..=index).rev().find(|&earlier| self.action(earlier) == action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    fn transactions(given: &[(&str, &str)]) -> Vec<Transaction> {
        let settings = given
            .iter()
            .fold(Settings::defaults(COMMON), |settings, (name, text)| settings.with(COMMON, name, text));
        let plan = Plan::new(&settings, 9).unwrap();
        (0..10_000)
            .map(|index| match plan.write(index, Vec::new()) {
                Operation::Write(transaction) => transaction,
                Operation::Read(_) => panic!("a plan was asked for a write"),
            })
            .collect()
    }

    #[test]
    fn shares_of_rollbacks_bulk_paths_and_long_holds_are_independent() {
        let all = transactions(&[
            ("transaction.rollback", "0.5"),
            ("transaction.bulk", "0.5"),
            ("transaction.long", "0.5"),
            ("transaction.hold", "2ms"),
        ]);
        for rollback in [Ending::Commit, Ending::Rollback] {
            for path in [WritePath::Statements, WritePath::Bulk] {
                for hold in [Span::from_millis(2), Span::from_secs(10)] {
                    let count = all
                        .iter()
                        .filter(|t| t.ending == rollback && t.path == path && t.hold == hold)
                        .count();
                    assert!(
                        (1_100..1_400).contains(&count),
                        "{rollback:?} {path:?} {hold}: {count} with seed 9"
                    );
                }
            }
        }
    }

    #[test]
    fn by_default_transactions_are_short_and_commit() {
        for transaction in transactions(&[]) {
            assert_eq!(
                (transaction.hold, transaction.ending, transaction.path),
                (Span::ZERO, Ending::Commit, WritePath::Statements)
            );
        }
    }
}
