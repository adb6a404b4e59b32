use driftlab_model::port::Lease;
use driftlab_model::{Key, Lookup, Span, Time};

/// Permissions to fill missing keys: at most one a key at a time, each valid once, and gone with whatever touches its key
/// (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1).
#[derive(Debug)]
pub struct Leases {
    outstanding: Lookup<Key, Grant>,
    granted: u64,
    lasts: Span,
}

#[derive(Clone, Copy, Debug)]
struct Grant {
    lease: Lease,
    until: Time,
}

impl Leases {
    /// No leases yet; each will last so long where nobody uses or revokes it.
    #[must_use]
    pub fn new(lasts: Span) -> Self {
        Self { outstanding: Lookup::default(), granted: 0, lasts }
    }

    /// A fresh lease, unless another is outstanding.
    pub fn grant(&mut self, now: Time, key: &Key) -> Option<Lease> {
        if self.outstanding.get(key).is_some_and(|grant| now < grant.until) {
            return None;
        }
        self.granted += 1;
        let lease = Lease(self.granted);
        self.outstanding.insert(key.clone(), Grant { lease, until: now + self.lasts });
        Some(lease)
    }

    /// Whether this lease is the outstanding one of the key.
    #[must_use]
    pub fn is_valid(&self, now: Time, key: &Key, lease: Lease) -> bool {
        self.outstanding.get(key).is_some_and(|grant| grant.lease == lease && now < grant.until)
    }

    /// Ends the lease of a key, if one is outstanding.
    pub fn revoke(&mut self, key: &Key) {
        // Most caches never see a lease; theirs must not cost a look-up with every write.
        if !self.outstanding.is_empty() {
            self.outstanding.remove(key);
        }
    }

    /// Ends all leases. Later ones are new all the same: none is ever granted twice.
    pub fn revoke_all(&mut self) {
        self.outstanding.clear();
    }

    /// As new, counting from the start again: for stores that begin another run, or that lost everything, as a cache server does that starts again.
    pub fn reset(&mut self) {
        self.outstanding.clear();
        self.granted = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::TableId;

    #[test]
    fn a_key_has_one_lease_at_a_time_and_an_old_one_never_fills() {
        let (key, at) = (Key::integer(TableId(0), 1), Time::from_nanos);
        let mut leases = Leases::new(Span::from_nanos(10));
        let first = leases.grant(at(0), &key).expect("nobody holds one");
        assert_eq!(leases.grant(at(9), &key), None);
        assert!(leases.is_valid(at(9), &key, first) && !leases.is_valid(at(10), &key, first));
        let second = leases.grant(at(10), &key).expect("the first has run out");
        assert!(leases.is_valid(at(11), &key, second) && !leases.is_valid(at(11), &key, first));
        leases.revoke(&key);
        assert!(!leases.is_valid(at(11), &key, second));
        leases.reset();
        assert_eq!(leases.grant(at(0), &key), Some(first), "a run begins like the one before");
    }
}
