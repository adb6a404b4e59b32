//! A shop: products, customers, orders and their lines.

mod order;
mod rules;

use crate::draw::{Purpose, below};
use crate::keyspace::Keyspace;
use crate::mix::Action;
use crate::plan::Plan;
use crate::registry::ShapeEntry;
use crate::shape::{Operation, Shape};
use driftlab_model::{
    Assignment, ColumnId, ColumnType, Contradiction, Invariant, Key, Schema, Settings, Statement, Table,
    TableId, Value,
};
use order::Order;
use rules::{EveryLineHasItsOrder, EveryOrderHasLines};
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ENTRY: ShapeEntry = ShapeEntry {
    name: "orders",
    summary: "a shop: orders with their lines, stock that falls, prices that change; an order has lines and a line its order",
    settings: &[],
    needs_dataset: false,
    build: |settings, seed, _| Ok(Rc::new(Orders::new(settings, seed)?)),
};

const PRODUCT: TableId = TableId(0);
const CUSTOMER: TableId = TableId(1);
const ORDERS: TableId = TableId(2);
const ORDER_LINE: TableId = TableId(3);

const PRODUCT_PRICE: ColumnId = ColumnId(2);
const PRODUCT_STOCK: ColumnId = ColumnId(3);
const CUSTOMER_REQUESTS: ColumnId = ColumnId(2);
const ORDER_STATUS: ColumnId = ColumnId(3);

const OPENING_STOCK: i64 = 1_000;
const STATUSES: [&str; 4] = ["paid", "packed", "shipped", "delivered"];

mod purpose {
    use crate::draw::Purpose;

    pub(super) const READ: Purpose = Purpose::named("orders.read");
    pub(super) const CANCEL: Purpose = Purpose::named("orders.cancel");
    pub(super) const CHANGE: Purpose = Purpose::named("orders.change");
    pub(super) const PRODUCT: Purpose = Purpose::named("orders.product");
    pub(super) const PRICE: Purpose = Purpose::named("orders.price");
    pub(super) const DELIVERY: Purpose = Purpose::named("orders.delivery");
    pub(super) const ORDER: Purpose = Purpose::named("orders.order");
    pub(super) const STATUS: Purpose = Purpose::named("orders.status");
}

/// A shop with `keys.count` products, and a tenth as many customers and orders.
///
/// - An insert is a new order with as many lines as the transaction has rows, of different products by their popularity; their stock falls.
/// - An update is one of three: a product's price changes, its stock is filled up, or an order's status changes.
/// - A deletion cancels an order, one of the load or a recent one, with all of its lines. What was cancelled is not put back into stock.
/// - A read is of a product, or in one of four cases of an order.
///
/// An order and its cancellation first count the request at the customer, whose row is always there. So the two never run at once, and no
/// cancellation can meet half of an order, whose rules would then break in the source itself. What an order consists of is a function of its id,
/// so a cancellation knows the lines without reading them. Products are locked in random order, so that two orders may wait for each other.
#[derive(Clone, Copy)]
struct Orders {
    plan: Plan,
    products: Keyspace,
    customers: u64,
    loaded: u64,
}

impl Orders {
    fn new(settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        let plan = Plan::new(settings, seed)?;
        let products = Keyspace::fixed(settings, &plan)?;
        let tenth = (products.count() / 10).max(1);
        Ok(Self { plan, products, customers: tenth, loaded: tenth })
    }

    /// The order of the load with this number, below `loaded`; the same for all seeds.
    fn first(&self, number: u64) -> Order {
        Order::of(&self.plan.of_the_load(), &self.products, self.customers, number)
    }

    /// The order that the operation `index` places, if it places one.
    fn placed(&self, index: u64) -> Order {
        Order::of(&self.plan, &self.products, self.customers, self.loaded + index)
    }

    /// An order of the load or a recent one, half of the time each.
    fn some_order(&self, purpose: Purpose, index: u64) -> Order {
        let draw = |sub| self.plan.draws().at(purpose, index, sub);
        let recent = (draw(0) & 1 == 0).then(|| self.plan.earlier(Action::Insert, index, draw(1))).flatten();
        match recent {
            Some(earlier) => self.placed(earlier),
            None => self.first(below(draw(2), self.loaded)),
        }
    }

    fn request(&self, order: &Order) -> Statement {
        update(CUSTOMER, order.customer, CUSTOMER_REQUESTS, Assignment::Add(Value::from(1)))
    }

    fn place(&self, index: u64) -> Vec<Statement> {
        let order = self.placed(index);
        let sold = order.lines.iter().map(|line| {
            update(PRODUCT, line.product, PRODUCT_STOCK, Assignment::Add(Value::from(-line.quantity)))
        });
        let rows = order.rows("new").into_iter().map(|(key, values)| Statement::Insert { key, values });
        std::iter::once(self.request(&order)).chain(rows).chain(sold).collect()
    }

    fn cancel(&self, index: u64) -> Vec<Statement> {
        let order = self.some_order(purpose::CANCEL, index);
        let rows = order.keys().into_iter().map(|key| Statement::Delete { key });
        std::iter::once(self.request(&order)).chain(rows).collect()
    }

    fn change(&self, index: u64) -> Vec<Statement> {
        let draw = |purpose, row| self.plan.draws().at(purpose, index, row);
        let products = || self.products.keys(&self.plan, purpose::PRODUCT, index).into_iter();
        match below(draw(purpose::CHANGE, 0), 3) {
            0 => (0..)
                .zip(products())
                .map(|(row, product)| {
                    let cents = 100 + below(draw(purpose::PRICE, row), 9_900);
                    let price = Value::from(cents as f64 / 100.0);
                    update(PRODUCT, product, PRODUCT_PRICE, Assignment::Set(price))
                })
                .collect(),
            1 => (0..)
                .zip(products())
                .map(|(row, product)| {
                    let delivered = 1 + below(draw(purpose::DELIVERY, row), 20) as i64;
                    update(PRODUCT, product, PRODUCT_STOCK, Assignment::Add(Value::from(delivered)))
                })
                .collect(),
            _ => {
                let order = self.some_order(purpose::ORDER, index);
                let status = STATUSES[below(draw(purpose::STATUS, 0), STATUSES.len() as u64) as usize];
                vec![update(ORDERS, order.id, ORDER_STATUS, Assignment::Set(Value::from(status)))]
            }
        }
    }
}

fn update(table: TableId, id: i64, column: ColumnId, assignment: Assignment) -> Statement {
    Statement::Update { key: Key::integer(table, id), assignments: vec![(column, assignment)] }
}

impl Shape for Orders {
    fn schema(&self) -> Schema {
        use ColumnType::{Integer, Real, Text};
        Schema::new(vec![
            Table::new(
                "product",
                "product",
                1,
                &[("id", Integer), ("name", Text), ("price", Real), ("stock", Integer)],
            ),
            Table::new("customer", "customer", 1, &[("id", Integer), ("name", Text), ("requests", Integer)]),
            Table::new(
                "orders",
                "order",
                1,
                &[("id", Integer), ("customer", Integer), ("total", Real), ("status", Text)],
            ),
            Table::new(
                "order_line",
                "order line",
                2,
                &[
                    ("order_id", Integer),
                    ("line", Integer),
                    ("product_id", Integer),
                    ("quantity", Integer),
                    ("price", Real),
                ],
            ),
        ])
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        let mut rows: Vec<(Key, Arc<[Value]>)> = Vec::new();
        for id in self.products.loaded() {
            let name = Value::text(&format!("product {id}"));
            let price = Value::from(order::list_price(id) as f64 / 100.0);
            rows.push((
                Key::integer(PRODUCT, id),
                [Value::from(id), name, price, Value::from(OPENING_STOCK)].into(),
            ));
        }
        for id in 1..=self.customers as i64 {
            let name = Value::text(&format!("customer {id}"));
            rows.push((Key::integer(CUSTOMER, id), [Value::from(id), name, Value::from(0)].into()));
        }
        for number in 0..self.loaded {
            rows.extend(self.first(number).rows("delivered"));
        }
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        rows
    }

    fn operation(&self, index: u64) -> Operation {
        let statements = match self.plan.action(index) {
            Action::Insert => self.place(index),
            Action::Update => self.change(index),
            Action::Delete => self.cancel(index),
            Action::Read if self.plan.draws().at(purpose::READ, index, 0).is_multiple_of(4) => {
                return Operation::Read(Key::integer(ORDERS, self.some_order(purpose::READ, index).id));
            }
            Action::Read => {
                let product = self.products.key(&self.plan, purpose::PRODUCT, index);
                return Operation::Read(Key::integer(PRODUCT, product));
            }
        };
        self.plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }

    fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        vec![Box::<EveryLineHasItsOrder>::default(), Box::<EveryOrderHasLines>::default()]
    }
}
