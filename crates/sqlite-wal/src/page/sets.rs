//! Maps and sets of page numbers.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map by page number.
pub(crate) type PageMap<V> = HashMap<u32, V, BuildHasherDefault<PageHasher>>;
/// A set of page numbers.
pub(crate) type PageSet = HashSet<u32, BuildHasherDefault<PageHasher>>;

/// One multiplication: page numbers come from a database that the reader trusts not to be an attack on its hash tables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PageHasher(u64);

impl Hasher for PageHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }
    #[inline]
    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}
