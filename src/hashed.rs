//! Maps whose keys are hashes already, or numbers given out in a row: they need no hashing of their own.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// A map from hashes.
pub type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<Hashed>>;

/// Takes a key for its hash.
#[derive(Debug, Default)]
pub struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }
    fn write_u64(&mut self, hash: u64) {
        // Spread, since numbers in a row agree in the bits that tables look at first.
        self.0 = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}
