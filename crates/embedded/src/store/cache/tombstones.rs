use driftlab_model::{Key, Span, Time, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Versions of conditional deletions, kept for a time so that an older write that comes late is still refused.
#[derive(Debug)]
pub(super) struct Tombstones {
    kept: BTreeMap<Key, (Version, Time)>,
    expiry: BTreeSet<(Time, Key)>,
    lasts: Span,
}

impl Tombstones {
    pub(super) fn new(lasts: Span) -> Self {
        Self { kept: BTreeMap::new(), expiry: BTreeSet::new(), lasts }
    }

    pub(super) fn version(&self, now: Time, key: &Key) -> Option<Version> {
        self.kept.get(key).filter(|(_, until)| now < *until).map(|(version, _)| *version)
    }

    pub(super) fn bury(&mut self, now: Time, key: &Key, version: Version) {
        self.remove(key);
        while let Some((until, _)) = self.expiry.first()
            && *until <= now
            && let Some((_, expired)) = self.expiry.pop_first()
        {
            self.kept.remove(&expired);
        }
        let until = now + self.lasts;
        self.kept.insert(key.clone(), (version, until));
        self.expiry.insert((until, key.clone()));
    }

    pub(super) fn remove(&mut self, key: &Key) {
        if let Some((_, until)) = self.kept.remove(key) {
            self.expiry.remove(&(until, key.clone()));
        }
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.expiry.clear();
    }
}
