use driftlab_model::{Before, Earlier, Entry, Journal, Key, Row, Time};

/// The tables of the source: the newest row of each key, and when it was stamped.
///
/// What a row says has been so since its stamp, and what was there before has been overwritten. A key without a row may never have had one; only where deletions are marks is
/// anything left of them.
pub(in crate::recall) fn tables(rows: &[(Key, Row)], marked: &[(Key, Time)]) -> Journal {
    let row = |(key, row): &(Key, Row)| Entry {
        key: key.clone(),
        before: Before::Unkept,
        after: Some(row.clone()),
        transaction: Some(row.write().transaction),
        position: None,
        at: row.updated_at(),
        cause: None,
    };
    let mark = |(key, stamp): &(Key, Time)| Entry {
        key: key.clone(),
        before: Before::Unkept,
        after: None,
        transaction: None,
        position: None,
        at: *stamp,
        cause: None,
    };
    Journal {
        place: "tables".to_owned(),
        entries: rows.iter().map(row).chain(marked.iter().map(mark)).collect(),
        whole_since: None,
        earlier: Earlier::NewestOfRows,
    }
}
