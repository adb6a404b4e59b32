//! Deliveries that come of a log's ways of telling: of all rows of a table, and of a part of a row.

use super::*;
use driftlab_model::ColumnSet;

fn truncate(version: u64, condition: Condition) -> Delivery {
    Delivery { key: Key::all_of(TABLE), ..delete(0, version, condition) }
}

/// Key `n`, set by transaction `version`, which left the last column alone.
fn part(n: i64, version: u64) -> Delivery {
    let mut left_out = ColumnSet::default();
    left_out.insert(2);
    let whole = set(n, version, Condition::Newer);
    Delivery { after: whole.after.map(|row| row.without(left_out)), ..whole }
}

/// Every store takes it, in an atomic step and by itself; a row that an index has and does not show yet goes too.
#[test]
fn a_truncate_removes_every_row_of_its_table_shown_or_not_and_no_other() {
    for atomic in [false, true] {
        for (name, mut sink) in registered() {
            let other = Key::integer(TableId(1), 1);
            for n in 1..=3 {
                sink.put(set(n, 1, Condition::Newer)).unwrap();
            }
            sink.put(Delivery { key: other.clone(), ..set(1, 1, Condition::Newer) }).unwrap();
            let before = sink.get(9);
            assert_eq!(before, None);
            let truncate = truncate(5, Condition::Newer);
            match atomic {
                true => sink.apply(vec![truncate, set(2, 6, Condition::Newer)], 1).unwrap(),
                false => {
                    sink.put(truncate).unwrap();
                    sink.put(set(2, 6, Condition::Newer)).unwrap()
                }
            };
            sink.at(60.0).tick();
            let left: Vec<i64> = (1..=3).filter(|&n| sink.get(n).is_some()).collect();
            let is_there = matches!(sink.call(&Request::Get(other)), Ok(Reply::Row(Some(_))));
            assert_eq!((left, is_there), (vec![2], true), "{name}");
        }
    }
}

/// In a partitioned log each partition tells of it, and one of them when newer rows of another are there already.
#[test]
fn a_truncate_leaves_what_is_newer_where_versions_are_compared() {
    for (condition, left) in [(Condition::Newer, vec![2]), (Condition::Always, vec![])] {
        let mut sink = sink("warehouse", &[]);
        sink.put(set(1, 1, Condition::Newer)).unwrap();
        sink.put(set(2, 9, Condition::Newer)).unwrap();
        sink.put(truncate(5, condition)).unwrap();
        assert_eq!(sink.keys(None, 10), left);
        assert_eq!(sink.put(set(1, 4, Condition::Newer)).is_ok(), condition == Condition::Always);
    }
}

#[test]
fn a_part_of_a_row_is_put_over_what_is_held_and_nothing_comes_of_it_where_nothing_is() {
    for (name, mut sink) in registered() {
        if name.ends_with("sum") {
            continue;
        }
        sink.put(part(1, 1)).unwrap();
        sink.put(set(2, 1, Condition::Newer)).unwrap();
        sink.put(part(2, 3)).unwrap();
        sink.at(60.0).tick();
        assert_eq!((sink.get(1), sink.get(2)), (None, Some(row(2, 3))), "{name}");
    }
}
