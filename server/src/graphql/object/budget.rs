//! How much of an answer has been written, so that one that grows too large is given up on the way and not when
//! it fills the memory. Counted once for the objects of a level, not for each field.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes of one answer.
#[derive(Debug)]
pub struct Budget {
    pub most: usize,
    written: AtomicUsize,
}

impl Budget {
    pub fn new(most: usize) -> Self {
        Self { most, written: AtomicUsize::new(0) }
    }

    pub fn spend(&self, bytes: usize) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether more was written than the answer may hold: then nothing more need be read or written.
    pub fn is_overspent(&self) -> bool {
        self.written.load(Ordering::Relaxed) > self.most
    }
}
