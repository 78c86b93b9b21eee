//! Memory of what a run goes through once a window: long lists of numbers in large pages, where the system has them, and
//! prefetching.
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

/// Prefetches what is to be read soon; does nothing where there is no safe instruction for it.
#[inline(always)]
pub(super) fn prefetch<T>(list: &[T]) {
    const LINE: usize = 64;
    #[cfg(target_arch = "x86_64")]
    if let Some(sse) = pulp::core_arch::x86::Sse::try_new() {
        let (start, bytes) = (list.as_ptr().cast::<i8>(), size_of_val(list));
        let fetch = |byte: usize| {
            sse._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(start.wrapping_add(byte));
        };
        (0..bytes).step_by(LINE).for_each(fetch);
        fetch(bytes.saturating_sub(1));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = list;
}
