use driftlab_model::{Journal, Lookup};

/// Gives the entries of a journal the positions that the log has for their transactions.
pub(in crate::recall) fn date(journal: &mut Journal, log: &Journal) {
    let mut positions = Lookup::default();
    for entry in &log.entries {
        if let (Some(transaction), Some(position)) = (entry.transaction, entry.position) {
            positions.insert(transaction, position);
        }
    }
    for entry in &mut journal.entries {
        entry.position = entry.transaction.and_then(|transaction| positions.get(&transaction).copied());
    }
}
