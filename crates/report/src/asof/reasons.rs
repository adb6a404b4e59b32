//! What each store could still say when the run had ended, and where it cannot, why not.

use super::{RowAsOf, StoreAsOf};
use driftlab_check::recall::{Recollection, TrueChange, same};
use driftlab_model::{Earlier, Entry, Journal, Key, Moment, Row, Schema};

pub(super) fn stores(
    schema: &Schema,
    recollection: &Recollection<'_>,
    key: &Key,
    (moment, now): (Moment, Option<&Row>),
    led: &[&TrueChange],
) -> Vec<StoreAsOf> {
    let store = |(journal, told): (&Journal, Option<driftlab_check::recall::Told<'_>>)| {
        let entries: Vec<&Entry> = recollection
            .entries(key)
            .filter(|(of, _)| std::ptr::eq(*of, journal))
            .map(|(_, entry)| entry)
            .collect();
        let has = |change: &TrueChange, says: &dyn Fn(&Entry) -> bool| {
            entries.iter().any(|entry| entry.transaction == Some(change.transaction) && says(entry))
        };
        StoreAsOf {
            store: journal.place.clone(),
            says: told.map(|told| RowAsOf::of(schema, key, told.row)),
            right: told.map(|told| same(told.row, now)),
            why_not: told.is_none().then(|| why_not(journal, &entries, moment)),
            changes: led.iter().filter(|change| has(change, &|_| true)).count(),
            causes: led.iter().filter(|change| has(change, &|entry| entry.cause.is_some())).count(),
        }
    };
    recollection.each(key, moment).map(store).collect()
}

/// Why a store does not know.
fn why_not(journal: &Journal, entries: &[&Entry], moment: Moment) -> String {
    let whole = journal.whole_since.filter(|since| since.position > moment.position);
    let knows_later = entries.iter().find(|entry| !entry.is_by(moment));
    if entries.iter().rev().find(|entry| entry.is_by(moment)).is_some_and(|entry| !entry.is_whole()) {
        return "of the row as it was then it never had all: large values that an update left alone are not in it".to_owned();
    }
    match (journal.earlier, whole, entries, knows_later) {
        (_, _, [.., last], None) => {
            format!("what followed upon {}, the last change that it has, is missing from it", when(last))
        }
        (Earlier::Newest | Earlier::NewestOfRows, Some(since), ..) => format!(
            "it was compacted up to position {}: of what was before, the newest change of each row is left",
            since.position
        ),
        (Earlier::Some, Some(since), ..) => format!("what was before position {} is gone", since.position),
        (Earlier::NewestOfRows, None, [], _) => {
            "it keeps the newest row of each key: of one that is gone, nothing".to_owned()
        }
        (Earlier::NewestOfRows, None, _, Some(later)) => {
            format!(
                "it keeps the newest row only, which was written {}, and has overwritten what was before",
                when(later)
            )
        }
        (_, _, [], _) => "it has nothing of this row".to_owned(),
        _ => "a change is missing from it, before or after that moment".to_owned(),
    }
}

fn when(entry: &Entry) -> String {
    match entry.position {
        Some(position) => format!("at position {position}"),
        None => format!("at {}", entry.at),
    }
}
