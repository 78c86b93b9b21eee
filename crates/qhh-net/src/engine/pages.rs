//! Long lists of numbers in large pages of memory, where the system has them.
//!
//! The waves of many neurons are gone through once a window: with pages of 4 kB the processor waits at every page's end.

#![expect(clippy::inline_always, reason = "read for every arm in every window")]

use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// Bytes below which ordinary memory will do.
const LARGE: usize = 4 << 20;

/// Numbers that begin as zeros.
#[derive(Debug)]
pub(super) enum Numbers<T> {
    Few(Vec<T>),
    Many(MmapMut),
}

impl<T: Pod> Numbers<T> {
    pub(super) fn zeros(n: usize) -> Self {
        let bytes = n.saturating_mul(size_of::<T>());
        let mapped = (bytes >= LARGE).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        let Some(mapped) = mapped else { return Self::Few(vec![T::zeroed(); n]) };
        // Whoever has none gives small pages.
        #[cfg(target_os = "linux")]
        let _ = mapped.advise(memmap2::Advice::HugePage);
        Self::Many(mapped)
    }
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<T: Pod> Deref for Numbers<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        match self {
            Self::Few(numbers) => numbers,
            Self::Many(mapped) => bytemuck::cast_slice(mapped),
        }
    }
}

impl<T: Pod> DerefMut for Numbers<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::Few(numbers) => numbers,
            Self::Many(mapped) => bytemuck::cast_slice_mut(mapped),
        }
    }
}
