use driftlab_model::{Key, Lookup, WriteId};

/// Which effects a store has applied, for deliveries that ask to be applied once.
///
/// Only stores that append or add up need it; a store of rows knows by its versions. By key and write, because all rows of the
/// initial load share one write.
#[derive(Debug, Default)]
pub(super) struct Effects(Lookup<(Key, WriteId), ()>);

impl Effects {
    pub(super) fn contains(&self, key: &Key, write: WriteId) -> bool {
        self.0.contains(&(key.clone(), write))
    }

    pub(super) fn add(&mut self, key: &Key, write: WriteId) {
        self.0.insert((key.clone(), write), ());
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
