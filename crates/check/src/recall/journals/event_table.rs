use driftlab_model::port::QueueEntry;
use driftlab_model::{Before, Earlier, Entry, Journal, Moment, Time};

/// The event table: an outbox, or what triggers have written. `None` where it has no entries.
///
/// Its numbers are given out before the commit, so they do not say what came first; versions do, for one key. An entry has the stamp of its row, which is older than the commit too. A
/// deletion leaves no row and has none: it is taken to be as old as the newest entry before it.
pub(in crate::recall) fn event_table(place: &str, events: &[QueueEntry], removed: bool) -> Option<Journal> {
    let mut newest = Time::ZERO;
    let mut entries: Vec<_> = events
        .iter()
        .map(|QueueEntry { event, .. }| {
            let change = &event.change;
            let stamp = change.after.as_ref().map(driftlab_model::Row::updated_at);
            newest = newest.max(stamp.unwrap_or(newest));
            let entry = Entry {
                key: change.key.clone(),
                before: Before::Kept(change.before.clone()),
                after: change.after.clone(),
                transaction: Some(event.transaction),
                position: None,
                at: stamp.unwrap_or(newest),
                cause: None,
            };
            (change.version, entry)
        })
        .collect();
    entries.sort_by_key(|(version, _)| *version);
    let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    (!entries.is_empty()).then(|| Journal {
        place: place.to_owned(),
        entries,
        whole_since: (!removed).then(Moment::default),
        earlier: Earlier::Some,
    })
}
