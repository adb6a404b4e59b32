//! The rules of the shop.

use super::{ORDER_LINE, ORDERS};
use driftlab_model::{Invariant, Key, Lookup, Row, Value};
use std::collections::BTreeSet;

/// Which orders are there, how many lines each has, and which orders have the one without the other.
#[derive(Default)]
struct Book {
    orders: Lookup<i64, Entry>,
    without_lines: BTreeSet<i64>,
    without_order: BTreeSet<i64>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    there: bool,
    lines: u64,
}

impl Book {
    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        if before.is_some() == after.is_some() {
            return;
        }
        let appears = after.is_some();
        let id = match key.table() {
            ORDERS => key.as_integer(),
            ORDER_LINE => key.values().first().and_then(Value::as_integer),
            _ => None,
        };
        let Some(id) = id else { return };
        let entry = self.orders.or_insert_with(id, Entry::default);
        if key.table() == ORDERS {
            entry.there = appears;
        } else if appears {
            entry.lines += 1;
        } else {
            entry.lines = entry.lines.saturating_sub(1);
        }
        let Entry { there, lines } = *entry;
        if !there && lines == 0 {
            self.orders.remove(&id);
        }
        set(&mut self.without_lines, id, there && lines == 0);
        set(&mut self.without_order, id, !there && lines > 0);
    }

    fn lines(&self, order: i64) -> u64 {
        self.orders.get(&order).map_or(0, |entry| entry.lines)
    }
}

fn set(orders: &mut BTreeSet<i64>, id: i64, member: bool) {
    if member {
        orders.insert(id);
    } else {
        orders.remove(&id);
    }
}

fn and_others(orders: &BTreeSet<i64>) -> String {
    match orders.len() {
        0 | 1 => String::new(),
        many => format!(", and {} more like it", many - 1),
    }
}

/// No line is left without the order that it belongs to.
#[derive(Default)]
pub(super) struct EveryLineHasItsOrder(Book);

impl Invariant for EveryLineHasItsOrder {
    fn name(&self) -> &'static str {
        "every line has its order"
    }
    fn fresh(&self) -> Box<dyn Invariant> {
        Box::<Self>::default()
    }
    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        self.0.change(key, before, after);
    }
    fn broken(&self) -> Option<String> {
        let first = *self.0.without_order.first()?;
        let lines = match self.0.lines(first) {
            1 => "1 line".to_owned(),
            many => format!("{many} lines"),
        };
        Some(format!("order {first} is missing and has {lines}{}", and_others(&self.0.without_order)))
    }
}

/// No order is empty.
#[derive(Default)]
pub(super) struct EveryOrderHasLines(Book);

impl Invariant for EveryOrderHasLines {
    fn name(&self) -> &'static str {
        "an order has lines"
    }
    fn fresh(&self) -> Box<dyn Invariant> {
        Box::<Self>::default()
    }
    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>) {
        self.0.change(key, before, after);
    }
    fn broken(&self) -> Option<String> {
        let first = *self.0.without_lines.first()?;
        Some(format!("order {first} has no lines{}", and_others(&self.0.without_lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{Time, Version, WriteId};

    fn row() -> Row {
        Row::new(WriteId::LOAD, Version(0), Time::ZERO, [Value::from(1)].into())
    }

    fn line(order: i64, number: i64) -> Key {
        Key::new(ORDER_LINE, &[Value::from(order), Value::from(number)])
    }

    /// An order's topic and its lines' topic are two: the one may be there without the other.
    #[test]
    fn an_order_without_lines_and_lines_without_an_order_are_named() {
        let (mut lines, mut orders) =
            (EveryLineHasItsOrder::default().fresh(), EveryOrderHasLines::default().fresh());
        for rule in [&mut lines, &mut orders] {
            rule.change(&Key::integer(ORDERS, 7), None, Some(&row()));
            rule.change(&line(8, 1), None, Some(&row()));
            rule.change(&line(8, 2), None, Some(&row()));
            rule.change(&line(9, 1), None, Some(&row()));
        }
        assert_eq!(orders.broken().as_deref(), Some("order 7 has no lines"));
        assert_eq!(lines.broken().as_deref(), Some("order 8 is missing and has 2 lines, and 1 more like it"));
        for rule in [&mut lines, &mut orders] {
            rule.change(&line(7, 1), None, Some(&row()));
            rule.change(&Key::integer(ORDERS, 8), None, Some(&row()));
            rule.change(&line(9, 1), Some(&row()), None);
            rule.change(&Key::integer(ORDERS, 7), Some(&row()), Some(&row()));
            assert_eq!(rule.broken(), None);
        }
    }
}
