//! Accounts between which money moves: the sum of all balances never changes.

use crate::draw::below;
use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{
    Assignment, ColumnId, ColumnType, Contradiction, Invariant, Key, Row, Schema, Settings, Statement,
    Statements, Table, TableId, Value,
};
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "bank",
    summary: "accounts between which every write moves money, whatever the mix calls it; balances sum to a constant",
    settings: &[],
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Bank::new(settings, seed)?)),
};

const ACCOUNT: TableId = TableId(0);
const BALANCE: ColumnId = ColumnId(2);
const OPENING_BALANCE: i64 = 100;

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("bank.read");
    pub(super) const TRANSFER: Purpose = Purpose::named("bank.transfer");
    pub(super) const PAYER: Purpose = Purpose::named("bank.payer");
    pub(super) const AMOUNT: Purpose = Purpose::named("bank.amount");
}

/// A fixed set of accounts. Inserts, updates and deletions of the mix are all transfers, because an account that comes or goes takes money along.
/// A transfer touches as many accounts as the transaction has rows, and at least two. They are locked in random order, so that
/// two transfers may wait for each other. A balance may become negative.
#[derive(Clone, Copy)]
struct Bank {
    plan: Plan,
    keys: Keyspace,
}

impl Bank {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let (low, high) = settings.range("transaction.rows");
        let count = settings.count("keys.count");
        if count < 2 {
            return Err(Contradiction::at(
                "keys.count",
                "money moves between two accounts: give at least 2 keys",
            ));
        }
        let mut settings = settings.clone();
        if low == 1 {
            settings.set("transaction.rows", driftlab_model::Datum::Range(2, high.max(2)));
        }
        let plan = Plan::new(&settings, seed)?;
        Ok(Self { plan, keys: Keyspace::fixed(&settings, &plan)? })
    }
}

impl Shape for Bank {
    fn schema(&self) -> Schema {
        let columns =
            [("id", ColumnType::Integer), ("owner", ColumnType::Text), ("balance", ColumnType::Integer)];
        Schema::new(vec![Table::new("account", "account", 1, &columns)])
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        let row = |id| {
            let owner = Value::text(&format!("owner {id}"));
            (Key::integer(ACCOUNT, id), [Value::from(id), owner, Value::from(OPENING_BALANCE)].into())
        };
        self.keys.loaded().map(row).collect()
    }

    fn operation(&self, index: u64) -> Operation {
        let plan = &self.plan;
        if plan.action(index) == Action::Read {
            return Operation::Read(Key::integer(ACCOUNT, self.keys.key(plan, purpose::READ, index)));
        }
        let accounts = self.keys.keys(plan, purpose::TRANSFER, index);
        // All but one receive something, and that one, anywhere in the order, pays for all.
        let payer = below(plan.draws().at(purpose::PAYER, index, 0), accounts.len() as u64) as usize;
        let mut amounts: Vec<i64> = (0..accounts.len() as u64)
            .map(|row| 1 + below(plan.draws().at(purpose::AMOUNT, index, row), 20) as i64)
            .collect();
        amounts[payer] -= amounts.iter().sum::<i64>();
        let statements: Statements = accounts
            .into_iter()
            .zip(amounts)
            .map(|(id, amount)| Statement::Update {
                key: Key::integer(ACCOUNT, id),
                assignments: vec![(BALANCE, Assignment::Add(Value::from(amount)))],
            })
            .collect();
        plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }

    fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        let expected = OPENING_BALANCE * self.keys.count() as i64;
        vec![Box::new(ConstantSum { expected, accounts: 0, sum: 0 })]
    }
}

/// Balances sum to what the accounts were opened with. A store without any account claims nothing.
struct ConstantSum {
    expected: i64,
    accounts: u64,
    sum: i64,
}

impl Invariant for ConstantSum {
    fn name(&self) -> &'static str {
        "balances sum to a constant"
    }

    fn fresh(&self) -> Box<dyn Invariant> {
        Box::new(Self { expected: self.expected, accounts: 0, sum: 0 })
    }

    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        if key.table() != ACCOUNT {
            return;
        }
        let balance =
            |row: &Row| row.values().get(usize::from(BALANCE.0)).and_then(Value::as_integer).unwrap_or(0);
        if let Some(row) = before {
            self.accounts = self.accounts.saturating_sub(1);
            self.sum = self.sum.wrapping_sub(balance(row));
        }
        if let Some(row) = after {
            self.accounts += 1;
            self.sum = self.sum.wrapping_add(balance(row));
        }
    }

    fn broken(&self) -> Option<String> {
        (self.accounts > 0 && self.sum != self.expected)
            .then(|| format!("the balances sum to {}, not {}", self.sum, self.expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    #[test]
    fn a_transfer_touches_two_accounts_or_more_and_sums_to_zero() {
        for (rows, expected) in [("1", 2..=2), ("1..=4", 2..=4), ("3", 3..=3)] {
            let bank =
                Bank::new(&Settings::defaults(COMMON).with(COMMON, "transaction.rows", rows), 6).unwrap();
            for index in 0..1_000 {
                let Operation::Write(transaction) = bank.operation(index) else { continue };
                assert!(expected.contains(&transaction.statements.len()), "operation {index} with seed 6");
                let sum: i64 = transaction
                    .statements
                    .iter()
                    .map(|statement| match statement {
                        Statement::Update { assignments, .. } => match &assignments[0].1 {
                            Assignment::Add(amount) => amount.as_integer().unwrap(),
                            Assignment::Set(_) => panic!("a transfer adds"),
                        },
                        other => panic!("a transfer is no {other:?}"),
                    })
                    .sum();
                assert_eq!(sum, 0, "operation {index} with seed 6");
            }
        }
    }

    #[test]
    fn one_account_cannot_be_a_bank() {
        let settings = Settings::defaults(COMMON).with(COMMON, "keys.count", "1");
        assert_eq!(Bank::new(&settings, 1).err().unwrap().setting, "keys.count");
    }

    /// A canary: half a transfer must be seen, or a torn transaction would pass for a whole one.
    #[test]
    fn half_a_transfer_breaks_the_sum() {
        use driftlab_model::{Time, Version, WriteId};
        let bank = Bank::new(&Settings::defaults(COMMON).with(COMMON, "keys.count", "2"), 1).unwrap();
        let mut rule = bank.invariants().remove(0).fresh();
        assert_eq!(rule.broken(), None);
        let rows: Vec<(Key, Row)> = bank
            .load()
            .into_iter()
            .map(|(key, values)| (key, Row::new(WriteId::LOAD, Version(0), Time::ZERO, values)))
            .collect();
        for (key, row) in &rows {
            rule.change(key, None, Some(row));
        }
        assert_eq!(rule.broken(), None);
        let values = [Value::from(1), Value::from("owner 1"), Value::from(90)];
        let poorer = Row::new(WriteId::default(), Version(1), Time::ZERO, values.into());
        rule.change(&rows[0].0, Some(&rows[0].1), Some(&poorer));
        assert_eq!(rule.broken().as_deref(), Some("the balances sum to 190, not 200"));
    }
}
