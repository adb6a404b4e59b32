//! Stable hashing: the same bits in every process, on every machine, at every optimisation level.
//!
//! Nothing here resists an adversary; it has to be fast, well mixed and unchanging, because draws,
//! digests and trace hashes are built on it.

use std::borrow::Borrow;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Folds two words into one: the high and the low half of their 128-bit product.
///
/// The mixing step of wyhash (Wang Yi, 2019), with its first two secrets.
#[inline]
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let product = ((a ^ 0xa076_1d64_78bd_642f) as u128) * ((b ^ 0xe703_7ed1_a0b4_28db) as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

/// A digest of bytes, for stable names and texts.
#[must_use]
pub const fn digest_bytes(bytes: &[u8]) -> u64 {
    let mut digest = bytes.len() as u64;
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let mut word = 0u64;
        let mut i = 0;
        while i < 8 {
            word |= (bytes[at + i] as u64) << (8 * i);
            i += 1;
        }
        digest = mix(digest, word);
        at += 8;
    }
    let mut word = 0u64;
    let mut i = 0;
    while at + i < bytes.len() {
        word |= (bytes[at + i] as u64) << (8 * i);
        i += 1;
    }
    mix(digest, word ^ 0x8ebc_6af0_9c88_c6e3)
}

/// A hasher whose results never change, for tables that are only looked up.
#[derive(Clone, Copy, Debug, Default)]
pub struct StableHasher(u64);

impl Hasher for StableHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = mix(self.0, digest_bytes(bytes));
    }
    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }
    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }
    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0, n);
    }
    #[inline]
    fn write_i64(&mut self, n: i64) {
        self.write_u64(n as u64);
    }
    #[inline]
    fn write_u128(&mut self, n: u128) {
        self.write_u64(n as u64);
        self.write_u64((n >> 64) as u64);
    }
    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
    #[inline]
    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as u64);
    }
}

#[expect(clippy::disallowed_types, reason = "wrapped below, without any way to iterate")]
type Inner<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<StableHasher>>;

/// A hash table that can only be looked up, never iterated, so no order can leak out of it.
#[derive(Clone, Debug)]
pub struct Lookup<K, V>(Inner<K, V>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(Inner::default())
    }
}

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// The value of a key, if it is there.
    #[inline]
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }
    /// The value of a key, to change it.
    #[inline]
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }
    /// Whether the key is there.
    #[inline]
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }
    /// Sets the value of a key and gives back the one it had.
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }
    /// The value of a key, made by `fresh` where it was missing.
    #[inline]
    pub fn or_insert_with(&mut self, key: K, fresh: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(fresh)
    }
    /// Removes a key and gives back its value.
    #[inline]
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }
    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A changed constant would silently make every recorded seed and reference result worthless.
    #[test]
    fn digests_never_change() {
        assert_ne!(digest_bytes(b"client-1"), digest_bytes(b"client-2"));
        assert_eq!(format!("{:016x}", digest_bytes(b"driftlab")), "68b7a7283dc8a53a");
        assert_eq!(format!("{:016x}", mix(1, 2)), "f7858b38a8499be9");
    }
}
