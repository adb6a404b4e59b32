//! The two arms: a virtual world and one of real stores, with nobody in them but the test.

use driftlab_embedded as embedded;
use driftlab_model::port::{Demands, Main, Ports};
use driftlab_model::{
    Assignment, Column, ColumnId, ColumnType, Ending, History, Key, Latency, Role, Schema, Span, Statement,
    Table, TableId, Transaction, TransactionId, Value, WritePath,
};
use driftlab_sim as sim;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Products: an integer key and a price. Three are there from the beginning, of prices 10, 20 and 30.
pub(crate) const PRODUCT: TableId = TableId(0);
/// Lines of orders: a key of two columns, and values of every type.
pub(crate) const LINE: TableId = TableId(1);
/// The slot that is there where one is demanded.
pub(crate) const SLOT: &str = "test";

/// A world in which a test can run.
pub(crate) trait Arm {
    /// Runs a test as the only client of a world that meets these demands.
    fn run<F: Future<Output = ()> + 'static>(demands: Demands, body: impl FnOnce(Rc<Ports>) -> F + 'static);
}

/// The virtual world.
pub(crate) struct Simulated;
/// Real stores.
pub(crate) struct Embedded;

/// Demands of nothing.
pub(crate) fn plain() -> Demands {
    Demands::default()
}

/// Demands of a slot.
pub(crate) fn with_slot() -> Demands {
    Demands { slot: Some(SLOT), ..Demands::default() }
}

/// Demands of triggers.
pub(crate) fn with_triggers() -> Demands {
    Demands { triggers: true, ..Demands::default() }
}

impl Arm for Simulated {
    fn run<F: Future<Output = ()> + 'static>(demands: Demands, body: impl FnOnce(Rc<Ports>) -> F + 'static) {
        let node = sim::world::NodeConfig {
            latency: Latency::Constant(Span::from_micros(100)),
            per_row: Span::ZERO,
            network: Latency::ZERO,
            servers: 16,
            timeout: Span::from_secs(5),
        };
        let world = sim::world::World::new(sim::world::WorldConfig {
            strategy: "test".to_owned(),
            demands,
            schema: schema(),
            load: load(),
            restores: None,
            source: node,
            isolation: sim::database::Isolation::ReadCommitted,
            stamps: sim::world::Stamps::Database,
            retain_bytes: None,
            telling: driftlab_model::Telling::default(),
            neighbours_bytes_per_s: 0,
            log: node,
            log_retention: driftlab_model::Retention::default(),
            log_compaction: None,
            checkpoint: node,
            sinks: Vec::new(),
            faults: Vec::new(),
            times: None,
            duration: Span::from_secs(20),
            settle: Span::from_secs(20),
        });
        let world = world.expect("a world without sinks can be made");
        let (main, done) = once(body);
        world.add_process("client-1", Role::Client, main);
        let history = Rc::new(RefCell::new(History::default()));
        world.run(1, history, Span::from_secs(1), &mut |_| true);
        assert!(*done.borrow(), "the test did not come to its end");
    }
}

impl Arm for Embedded {
    fn run<F: Future<Output = ()> + 'static>(demands: Demands, body: impl FnOnce(Rc<Ports>) -> F + 'static) {
        let node = embedded::NodeConfig { servers: 3, timeout: Span::from_secs(5) };
        let world = embedded::World::new(embedded::WorldConfig {
            strategy: "test".to_owned(),
            demands,
            schema: schema(),
            load: load(),
            source: node,
            begin: embedded::Begin::Immediate,
            stamps: embedded::Stamps::Database,
            retain_bytes: None,
            log: node,
            log_compaction: None,
            checkpoint: node,
            sinks: Vec::new(),
            faults: Vec::new(),
            durability: embedded::Durability::Process,
            duration: Span::from_secs(20),
            settle: Span::from_secs(20),
        });
        let world = world.expect("a world without sinks can be made");
        let (main, done) = once(body);
        world.add_process("client-1", Role::Client, main);
        let history = Rc::new(RefCell::new(History::default()));
        let run = world.run(1, history, Span::from_secs(1), &mut |_| true);
        assert!(run.expect("nothing fails").quiescent && *done.borrow(), "the test did not come to its end");
    }
}

type Done = Rc<RefCell<bool>>;

/// A process that runs a body once, and whether it has.
fn once<F: Future<Output = ()> + 'static>(body: impl FnOnce(Rc<Ports>) -> F + 'static) -> (Main, Done) {
    let (body, done) = (RefCell::new(Some(body)), Done::default());
    let note = Rc::clone(&done);
    let main: Main = Rc::new(move |ports| {
        let body = body.borrow_mut().take().expect("no fault starts a test twice");
        let (work, note) = (body(ports), Rc::clone(&note));
        Box::pin(async move {
            work.await;
            *note.borrow_mut() = true;
        })
    });
    (main, done)
}

fn schema() -> Schema {
    use ColumnType::{Blob, Integer, Real, Text};
    let product = Table::new("product", "product", 1, &[("id", Integer), ("price", Integer)]);
    let columns = [("order", Integer), ("number", Text), ("weight", Real), ("note", Text), ("picture", Blob)];
    let mut line = Table::new("order line", "order line", 2, &columns);
    line.columns[4] = Column { name: "picture".to_owned(), kind: Blob, nullable: true };
    Schema::new(vec![product, line])
}

fn load() -> Vec<(Key, Arc<[Value]>)> {
    (1..=3).map(|id| (product(id), price(id, id * 10))).collect()
}

/// The key of a product.
pub(crate) fn product(id: i64) -> Key {
    Key::integer(PRODUCT, id)
}

/// The values of a product.
pub(crate) fn price(id: i64, price: i64) -> Arc<[Value]> {
    [Value::from(id), Value::from(price)].into()
}

/// A transaction of some statements that commits.
pub(crate) fn transaction(id: u64, statements: Vec<Statement>) -> Transaction {
    Transaction {
        id: TransactionId(id),
        statements: statements.into(),
        hold: Span::ZERO,
        ending: Ending::Commit,
        path: WritePath::Statements,
    }
}

/// Sets a product's price.
pub(crate) fn put(id: i64, to: i64) -> Statement {
    Statement::Put { key: product(id), values: price(id, to) }
}

/// Adds to a product's price.
pub(crate) fn add(id: i64, by: i64) -> Statement {
    let assignments = vec![(ColumnId(1), Assignment::Add(Value::from(by)))];
    Statement::Update { key: product(id), assignments }
}

/// Gives a product another number, and a price.
pub(crate) fn rekey(id: i64, to: i64, at: i64) -> Statement {
    Statement::Rekey { key: product(id), to: product(to), values: price(to, at) }
}

/// Removes all products.
pub(crate) fn truncate() -> Statement {
    Statement::Truncate { key: Key::all_of(PRODUCT) }
}

/// Removes a product.
pub(crate) fn delete(id: i64) -> Statement {
    Statement::Delete { key: product(id) }
}
