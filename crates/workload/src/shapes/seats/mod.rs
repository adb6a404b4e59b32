//! Seats that customers reserve, pay for and give back: the domain in which "only if it is still free" matters.

mod customers;
mod rules;
mod tables;

use crate::draw::below;
use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use customers::ReservationsByCustomer;
use driftlab_model::{
    Assignment, Chronicle, Contradiction, Invariant, Key, Kind, Schema, Setting, Settings, Statement, Value,
};
use rules::{NoneSoldTwice, OnlyOffered, TakenIsPaid};
use std::rc::Rc;
use std::sync::Arc;
use tables::{PAYMENT, RESERVATION, SEAT, TAKEN};

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "seats",
    summary: "seats that customers reserve (insert), pay for (update) and give back (delete); none is sold twice",
    settings: &[Setting {
        name: "customers",
        summary: "how many customers there are",
        kind: Kind::Count(1, 1_000_000_000),
        default: Some("1000"),
    }],
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Seats::new(settings, seed)?)),
};

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("seats.read");
    pub(super) const RESERVE: Purpose = Purpose::named("seats.reserve");
    pub(super) const CUSTOMER: Purpose = Purpose::named("seats.customer");
    pub(super) const PAY: Purpose = Purpose::named("seats.pay");
    pub(super) const CANCEL: Purpose = Purpose::named("seats.cancel");
}

/// A fixed number of seats. A customer reserves as many as the transaction has rows, all or none; whoever pays or cancels does so for the seats, in the name of whoever
/// has reserved them. Readers ask who has a seat.
///
/// As kept in tables, a reservation is a row whose key is the seat, so that a second one is refused by the database, and a payment is a row and an amount that is added to
/// the seat's: a statement cannot ask whether the seat is reserved, so one that nobody has is paid for as well. The tables of events and of snapshots stay empty
/// unless a strategy keeps the domain in them.
#[derive(Clone, Copy)]
struct Seats {
    plan: Plan,
    keys: Keyspace,
    customers: u64,
}

impl Seats {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        let keys = Keyspace::fixed(settings, &plan)?;
        Ok(Self { plan, keys, customers: settings.count("customers") })
    }

    fn reserve(&self, index: u64) -> Vec<Statement> {
        let customer = 1 + below(self.plan.draws().at(purpose::CUSTOMER, index, 0), self.customers) as i64;
        let reservation = |seat| Statement::Insert {
            key: Key::integer(RESERVATION, seat),
            values: [Value::from(seat), Value::from(customer)].into(),
        };
        self.keys.keys(&self.plan, purpose::RESERVE, index).into_iter().map(reservation).collect()
    }

    fn pay(&self, index: u64) -> Vec<Statement> {
        let seats = self.keys.keys(&self.plan, purpose::PAY, index);
        let payments = (0..).zip(&seats).map(|(row, &seat)| {
            let id = 1 + self.plan.ordinal(index, row);
            Statement::Insert {
                key: Key::integer(PAYMENT, id),
                values: [Value::from(id), Value::from(seat), Value::from(tables::price(seat))].into(),
            }
        });
        let takings = seats.iter().map(|&seat| Statement::Update {
            key: Key::integer(SEAT, seat),
            assignments: vec![(TAKEN, Assignment::Add(Value::from(tables::price(seat))))],
        });
        payments.chain(takings).collect()
    }

    fn cancel(&self, index: u64) -> Vec<Statement> {
        let seats = self.keys.keys(&self.plan, purpose::CANCEL, index);
        seats.into_iter().map(|seat| Statement::Delete { key: Key::integer(RESERVATION, seat) }).collect()
    }
}

impl Shape for Seats {
    fn schema(&self) -> Schema {
        tables::schema()
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        self.keys.loaded().map(|seat| (Key::integer(SEAT, seat), tables::offered(seat))).collect()
    }

    fn operation(&self, index: u64) -> Operation {
        let plan = &self.plan;
        let statements = match plan.action(index) {
            Action::Read => {
                let seat = self.keys.key(plan, purpose::READ, index);
                return Operation::Read(Key::integer(RESERVATION, seat));
            }
            Action::Insert => self.reserve(index),
            Action::Update => self.pay(index),
            Action::Delete => self.cancel(index),
        };
        plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }

    fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        vec![
            Box::new(NoneSoldTwice::default()),
            Box::new(OnlyOffered::default()),
            Box::new(TakenIsPaid::default()),
        ]
    }

    fn chronicle(&self) -> Rc<dyn Chronicle> {
        Rc::new(ReservationsByCustomer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    /// Without rivals for a seat nothing could ever be sold twice.
    #[test]
    fn customers_want_the_same_seats() {
        let mut settings = Settings::defaults(COMMON).with(COMMON, "keys.count", "10");
        settings.set("customers", driftlab_model::Datum::Count(50));
        let shape = Seats::new(&settings, 3).unwrap();
        let mut wanted = std::collections::BTreeMap::new();
        for index in 0..2_000 {
            let Operation::Write(transaction) = shape.operation(index) else { continue };
            for statement in &transaction.statements {
                if let Statement::Insert { key, values } = statement
                    && key.table() == RESERVATION
                {
                    let customer = values[1].as_integer().unwrap();
                    assert!((1..=50).contains(&customer), "operation {index} with seed 3");
                    wanted.entry(key.clone()).or_insert_with(Vec::new).push(customer);
                }
            }
        }
        assert!(wanted.len() == 10 && wanted.values().all(|customers| customers.len() > 1), "{wanted:?}");
    }
}
