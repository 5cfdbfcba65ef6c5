//! Room for chunks that is used again. One thread cuts them and others let go of them, so that an allocator keeps some for each: an ingest
//! held half as much memory again without this.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that are kept for later.
const KEPT: usize = 8;
/// Bytes of a buffer above which it is given back to the system: a long record should not hold memory ever after.
const LARGEST: usize = 16 << 20;

/// Buffers that were used and can be used again.
#[derive(Debug, Default, Clone)]
pub struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// An empty buffer, with the room it had before.
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// `bytes`, which come back here when they are no longer needed.
    pub fn lend(&self, bytes: Vec<u8>) -> Buffer {
        Buffer { bytes, home: self.clone() }
    }

    fn put(&self, mut bytes: Vec<u8>) {
        bytes.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && (1..=LARGEST).contains(&bytes.capacity()) {
            kept.push(bytes);
        }
    }
}

/// Bytes in a buffer that is lent.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    home: Buffers,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.home.put(std::mem::take(&mut self.bytes));
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}
