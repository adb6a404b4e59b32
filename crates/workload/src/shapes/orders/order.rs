//! An order, which is a function of its number.

use super::{ORDER_LINE, ORDERS};
use crate::draw::below;
use crate::keyspace::Keyspace;
use crate::plan::Plan;
use driftlab_model::hash::mix;
use driftlab_model::{Key, Value};
use std::sync::Arc;

mod purpose {
    use crate::draw::Purpose;

    pub(super) const CUSTOMER: Purpose = Purpose::named("order.customer");
    pub(super) const PRODUCT: Purpose = Purpose::named("order.product");
    pub(super) const QUANTITY: Purpose = Purpose::named("order.quantity");
}

/// An order as it is placed.
pub(super) struct Order {
    /// Its id, its number and one.
    pub(super) id: i64,
    /// Whose it is.
    pub(super) customer: i64,
    /// Its lines, numbered from 1.
    pub(super) lines: Vec<Line>,
}

/// A line of an order.
pub(super) struct Line {
    /// The product; no other line of the order has it.
    pub(super) product: i64,
    /// How many.
    pub(super) quantity: i64,
}

/// What a product costs before its price is changed, in cents; orders are placed at this price.
pub(super) fn list_price(product: i64) -> u64 {
    100 + below(mix(product as u64, 0), 9_900)
}

impl Order {
    /// The order of a number: those of the load come first, and then one for each operation that could place one.
    pub(super) fn of(plan: &Plan, products: &Keyspace, customers: u64, number: u64) -> Self {
        let draw = |purpose, line| plan.draws().at(purpose, number, line);
        let lines = (0..)
            .zip(products.keys(plan, purpose::PRODUCT, number))
            .map(|(line, product)| Line {
                product,
                quantity: 1 + below(draw(purpose::QUANTITY, line), 5) as i64,
            })
            .collect();
        Self {
            id: number as i64 + 1,
            customer: 1 + below(draw(purpose::CUSTOMER, 0), customers) as i64,
            lines,
        }
    }

    /// Its key and those of its lines.
    pub(super) fn keys(&self) -> Vec<Key> {
        let lines = (1..=self.lines.len() as i64).map(|number| line_key(self.id, number));
        std::iter::once(Key::integer(ORDERS, self.id)).chain(lines).collect()
    }

    /// Its row and those of its lines.
    pub(super) fn rows(&self, status: &str) -> Vec<(Key, Arc<[Value]>)> {
        let cents: u64 = self.lines.iter().map(|line| list_price(line.product) * line.quantity as u64).sum();
        let order = [
            Value::from(self.id),
            Value::from(self.customer),
            Value::from(cents as f64 / 100.0),
            Value::from(status),
        ];
        let mut rows: Vec<(Key, Arc<[Value]>)> = vec![(Key::integer(ORDERS, self.id), order.into())];
        rows.extend((1..).zip(&self.lines).map(|(number, line)| {
            let values = [
                Value::from(self.id),
                Value::from(number),
                Value::from(line.product),
                Value::from(line.quantity),
                Value::from(list_price(line.product) as f64 / 100.0),
            ];
            (line_key(self.id, number), values.into())
        }));
        rows
    }
}

fn line_key(order: i64, number: i64) -> Key {
    Key::new(ORDER_LINE, &[Value::from(order), Value::from(number)])
}
