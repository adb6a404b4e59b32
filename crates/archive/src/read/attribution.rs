//! Whose value is it? Where a file does not say who wrote what a sink shows, the value itself tells.
//!
//! A value names the newest write of its key that wrote it and was committed before it was shown; where there is none, the first that was
//! committed after; where there is none either, a write that nobody knows. So of two writes of one value the sink is given the benefit
//! of the doubt.

use driftlab_model::hash::mix;
use driftlab_model::{Key, Lookup, Time, TransactionId, Value, Version, WriteId};

/// What a row carries beside its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub(super) write: WriteId,
    pub(super) version: Version,
    pub(super) updated_at: Time,
}

/// Every write in a file, by what it wrote.
#[derive(Default)]
pub(super) struct Attribution {
    /// By key and digest of the values: the writes, with the rows of the file in which they were committed.
    by_value: Lookup<(Key, u64), Vec<(u64, Identity)>>,
    indices: Lookup<(TransactionId, Key), u32>,
    strangers: u64,
}

impl Attribution {
    /// A row was committed, or loaded, in this row of the file.
    pub(super) fn learn(&mut self, row: u64, key: &Key, values: &[Value], identity: Identity) {
        self.by_value.or_insert_with((key.clone(), digest(values)), Vec::new).push((row, identity));
    }

    /// A transaction changed a key with this one of its writes.
    pub(super) fn learn_index(&mut self, key: &Key, write: WriteId) {
        self.indices.insert((write.transaction, key.clone()), write.index);
    }

    /// Which of its writes a transaction changed a key with; 0 where it never did.
    pub(super) fn index(&self, transaction: TransactionId, key: &Key) -> u32 {
        self.indices.get(&(transaction, key.clone())).copied().unwrap_or(0)
    }

    /// Who wrote what is shown in this row of the file, where it is said which transaction it was.
    pub(super) fn by(&self, transaction: TransactionId, key: &Key, values: &[Value]) -> Option<Identity> {
        let writes = self.by_value.get(&(key.clone(), digest(values)))?;
        let of = writes.iter().rev().find(|(_, identity)| identity.write.transaction == transaction);
        of.map(|(_, identity)| *identity)
    }

    /// Who wrote what is shown in this row of the file.
    pub(super) fn of(&mut self, row: u64, key: &Key, values: &[Value]) -> Identity {
        let strangers = &mut self.strangers;
        let writes = self.by_value.or_insert_with((key.clone(), digest(values)), || {
            *strangers += 1;
            // The highest number is the load's.
            let transaction = TransactionId(u64::MAX - *strangers);
            let write = WriteId { transaction, index: 0 };
            vec![(0, Identity { write, version: Version(0), updated_at: Time::ZERO })]
        });
        let before = writes.partition_point(|(committed, _)| *committed < row);
        writes[before.saturating_sub(1)].1
    }
}

fn digest(values: &[Value]) -> u64 {
    values.iter().fold(values.len() as u64, |digest, value| mix(digest, value.digest()))
}
