use driftlab_model::port::Record;
use driftlab_model::{
    Before, Earlier, Entry, Journal, Key, Lsn, Moment, Offset, RetainedPartition, Row, Time, Word, WriteId,
};
use std::collections::BTreeMap;

/// The log between capture and sinks: every change in the order of commits, as far back as it was kept. `None` where it has no records.
///
/// An append that came twice is one change. Where retention has removed the beginning, it is whole from its earliest record on; where it was compacted, from the end of what was compacted on, and before that it
/// has the newest change of each key. Where its connector has told of a gap, it is whole from there on.
pub(in crate::recall) fn log(partitions: &[RetainedPartition]) -> Option<Journal> {
    let mut entries: BTreeMap<(Lsn, u32), Entry> = BTreeMap::new();
    let mut whole_since = Moment::default();
    let mut earlier = Earlier::Newest;
    for partition in partitions {
        let compacted = partition.records.iter().take_while(|r| r.offset < partition.compacted.below).last();
        if let Some(last) = compacted {
            whole_since = whole_since.max(moment(last));
        }
        if partition.compacted.forgotten > Offset::default() && earlier == Earlier::Newest {
            earlier = Earlier::NewestOfRows;
        }
        if partition.earliest > Offset::default() {
            earlier = Earlier::Some;
            let first = partition.records.first();
            whole_since = whole_since.max(first.map_or(NEVER, moment));
        }
        for record in &partition.records {
            let event = &record.event;
            if let Some(word) = event.word() {
                if word == Word::Gap {
                    earlier = Earlier::Some;
                    whole_since = whole_since.max(moment(record));
                }
                continue;
            }
            let is_copy = event.transaction == WriteId::LOAD.transaction;
            entries.entry((event.position, event.index)).or_insert_with(|| Entry {
                key: event.change.key.clone(),
                before: match event.change.empties() {
                    // It names no row, so it says of none what was there.
                    Some(_) => Before::Unkept,
                    None if is_copy => Before::Same,
                    None => Before::Kept(event.change.before.clone()),
                },
                after: event.change.after.clone(),
                transaction: Some(event.transaction),
                position: Some(event.position),
                at: event.change.after.as_ref().map_or(Time::ZERO, Row::updated_at),
                cause: None,
            });
        }
    }
    let mut entries: Vec<Entry> = entries.into_values().collect();
    complete(&mut entries);
    (!entries.is_empty()).then(|| Journal {
        place: "log".to_owned(),
        entries,
        whole_since: (whole_since != NEVER).then_some(whole_since),
        earlier,
    })
}

/// Gives rows that are told in part what was told of them before, as far as that goes: what never was told stays left out, and what was there before such a row is not known.
fn complete(entries: &mut [Entry]) {
    let mut held: BTreeMap<Key, Row> = BTreeMap::new();
    for entry in entries {
        let known = held.get(&entry.key).filter(|row| !row.is_partial());
        if let Before::Kept(Some(before)) = &mut entry.before
            && before.is_partial()
        {
            match known {
                Some(known) => *before = before.over(known),
                None => entry.before = Before::Unkept,
            }
        }
        match &mut entry.after {
            Some(after) => {
                if let Some(known) = known {
                    *after = after.over(known);
                }
                held.insert(entry.key.clone(), after.clone());
            }
            None if entry.key.is_empty() => held.retain(|key, _| key.table() != entry.key.table()),
            None => drop(held.remove(&entry.key)),
        }
    }
}

const NEVER: Moment = Moment { position: Lsn(u64::MAX), at: Time::NEVER };

/// Whole positions are compared, so the time does not matter.
fn moment(record: &Record) -> Moment {
    Moment { position: record.event.position, at: Time::ZERO }
}
