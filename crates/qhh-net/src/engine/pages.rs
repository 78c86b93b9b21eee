//! Long lists of numbers in large pages of memory, where the system has them.
//!
//! The waves of many neurons are gone through once a window: with pages of 4 kB the processor waits at every page's end.

#![expect(clippy::inline_always, reason = "read for every arm in every window")]

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// Bytes below which ordinary memory will do.
const LARGE: usize = 4 << 20;

/// Numbers that begin as zeros.
#[derive(Debug)]
pub(super) enum Numbers {
    Few(Vec<f64>),
    Many(MmapMut),
}

impl Numbers {
    pub(super) fn zeros(n: usize) -> Self {
        let bytes = n.saturating_mul(size_of::<f64>());
        let mapped = (bytes >= LARGE).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        let Some(mapped) = mapped else { return Self::Few(vec![0.0; n]) };
        // Whoever has none gives small pages.
        #[cfg(target_os = "linux")]
        let _ = mapped.advise(memmap2::Advice::HugePage);
        Self::Many(mapped)
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Deref for Numbers {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        match self {
            Self::Few(numbers) => numbers,
            Self::Many(mapped) => bytemuck::cast_slice(mapped),
        }
    }
}

impl DerefMut for Numbers {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        match self {
            Self::Few(numbers) => numbers,
            Self::Many(mapped) => bytemuck::cast_slice_mut(mapped),
        }
    }
}
