//! Two tables, what is written to them, and strategies by name.

use driftlab_model::port::Strategy;
use driftlab_model::{
    ColumnType, Ending, Key, Schema, Settings, Span, Statement, Table, TableId, Transaction, TransactionId,
    Value, WritePath,
};
use driftlab_strategies::StrategyEntry;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ITEMS: TableId = TableId(0);
const LINES: TableId = TableId(1);

pub(crate) fn built(name: &str, settings: &[(&str, &str)]) -> Rc<dyn Strategy> {
    let entry = StrategyEntry::named(name).expect("a strategy of this name");
    (entry.build)(&chosen(entry, settings)).expect("settings without contradiction")
}

pub(crate) fn chosen(entry: &StrategyEntry, settings: &[(&str, &str)]) -> Settings {
    settings
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text))
}

pub(crate) fn schema() -> Schema {
    let columns = [("id", ColumnType::Integer), ("amount", ColumnType::Integer)];
    Schema::new(vec![Table::new("items", "item", 1, &columns), Table::new("lines", "line", 1, &columns)])
}

pub(crate) fn item(n: i64, amount: i64) -> (Key, Arc<[Value]>) {
    (Key::integer(ITEMS, n), [Value::from(n), Value::from(amount)].into())
}

pub(crate) fn transaction(id: u64, statements: Vec<Statement>) -> Transaction {
    Transaction {
        id: TransactionId(id),
        statements: statements.into(),
        hold: Span::ZERO,
        ending: Ending::Commit,
        path: WritePath::Statements,
    }
}

pub(crate) fn put(n: i64, amount: i64) -> Statement {
    let (key, values) = item(n, amount);
    Statement::Put { key, values }
}

pub(crate) fn put_line(n: i64, amount: i64) -> Statement {
    Statement::Put { key: Key::integer(LINES, n), values: [Value::from(n), Value::from(amount)].into() }
}

pub(crate) fn delete(n: i64) -> Statement {
    Statement::Delete { key: Key::integer(ITEMS, n) }
}

/// Transactions of one to three rows over both tables, deletions and re-insertions among them.
pub(crate) fn traffic() -> Vec<Transaction> {
    vec![
        transaction(1, vec![put(1, 1), put_line(1, 1)]),
        transaction(2, vec![delete(2)]),
        transaction(3, vec![put(1, 3), put(3, 3), put_line(3, 3)]),
        transaction(4, vec![put(2, 4), delete(3)]),
        transaction(5, vec![delete(1), put_line(1, 5)]),
        transaction(6, vec![put(4, 6), put(5, 6)]),
    ]
}
