use super::*;
use Condition::{Always, Newer, Once};
use driftlab_model::SinkForm;

fn totals() -> Sink {
    let mut sink = sink("warehouse", &[("mode", "sum")]);
    assert_eq!(sink.store.form(), SinkForm::Totals);
    sink.store.preload(&rows(&[(1, 1)]));
    sink
}

/// Transaction `to` changes the row of key `n` that transaction `from` left.
fn update(n: i64, from: u64, to: u64, condition: Condition) -> Delivery {
    Delivery { before: Some(row(n, from)), ..set(n, to, condition) }
}

/// Key, quantity, number of effects.
fn seen(sink: &mut Sink, n: i64) -> Option<(i64, i64, i64)> {
    let row = sink.get(n)?;
    let number = |column: usize| row.values()[column].as_integer().unwrap();
    assert_eq!(row.values()[2], Value::from("text"));
    Some((number(0), number(1), number(3)))
}

#[test]
fn differences_add_up_to_the_row_while_each_is_applied_once_in_any_order() {
    let mut sink = totals();
    sink.put(update(1, 2, 5, Always)).unwrap();
    sink.put(update(1, 1, 2, Always)).unwrap();
    assert_eq!(seen(&mut sink, 1), Some((1, 50, 2)));
    assert_eq!(sink.applied(), [(1, 5), (1, 2)]);
    assert!(sink.shown().is_empty());
}

#[test]
fn a_repeated_delivery_is_added_twice_and_under_once_only_once() {
    let mut sink = totals();
    for condition in [Always, Once, Newer] {
        sink.put(update(1, 1, 2, condition)).unwrap();
    }
    assert_eq!(seen(&mut sink, 1), Some((1, 30, 2)));
    assert_eq!(sink.applied(), [(1, 2), (1, 2)]);
}

/// Sum and exclusive or of the writes' digests tell which effects are in a total, whatever the numbers say.
#[test]
fn the_fingerprint_names_the_effects_applied() {
    let mut sink = totals();
    for version in [2, 3, 3] {
        sink.put(update(1, 1, version, Always)).unwrap();
    }
    let row = sink.get(1).unwrap();
    let digest = |version| write(version).digest();
    let sum = digest(2).wrapping_add(digest(3)).wrapping_add(digest(3));
    assert_eq!(row.values()[4], Value::Integer(sum as i64));
    assert_eq!(row.values()[5], Value::Integer(digest(2) as i64));
}

#[test]
fn a_deletion_subtracts_and_an_insertion_starts_from_what_is_left() {
    let mut sink = totals();
    let gone = Delivery { before: Some(row(1, 1)), ..delete(1, 2, Always) };
    sink.put(gone).unwrap();
    assert_eq!((seen(&mut sink, 1), sink.keys(None, 9)), (None, vec![]));
    sink.put(set(1, 3, Always)).unwrap();
    assert_eq!(seen(&mut sink, 1), Some((1, 30, 2)));
}

#[test]
fn numbers_of_two_types_add_up_to_a_real() {
    let mut sink = totals();
    let real = Row::new(write(2), Version(2), Time::ZERO, [1.into(), 0.5.into(), "text".into()].into());
    sink.put(Delivery { after: Some(real), ..update(1, 1, 2, Always) }).unwrap();
    assert_eq!(sink.get(1).unwrap().values()[1], Value::from(0.5));
}

#[test]
fn a_load_takes_the_place_of_all_totals_and_is_no_effect() {
    let mut sink = totals();
    sink.put(update(1, 1, 2, Always)).unwrap();
    sink.put(set(2, 2, Always)).unwrap();
    sink.applied();
    sink.load(1, &rows(&[(1, 4)])).unwrap();
    assert_eq!((seen(&mut sink, 1), seen(&mut sink, 2)), (Some((1, 40, 0)), None));
    assert!(sink.applied().is_empty() && sink.visible.loaded);
    sink.put(update(1, 2, 4, Once)).unwrap();
    assert_eq!(seen(&mut sink, 1), Some((1, 40, 0)), "the effect of a loaded row's write is in the load");
}
