//! The blocks of a rank.

use std::ops::Range;

use super::layout::Layout;
use crate::ranks::Ranks;

/// Blocks of one of `size` ranks: stretches of about as many blocks each.
pub(crate) fn stretch(n_blocks: usize, rank: usize, size: usize) -> Range<usize> {
    rank * n_blocks / size..(rank + 1) * n_blocks / size
}

/// The blocks of a rank.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) ranks: &'a dyn Ranks,
    /// The first, and one beyond the last.
    blocks: (usize, usize),
}

impl<'a> Own<'a> {
    pub(crate) fn new(layout: &'a Layout, ranks: &'a dyn Ranks) -> Self {
        let Range { start, end } = stretch(layout.n_blocks(), ranks.rank(), ranks.size());
        Self { layout, ranks, blocks: (start, end) }
    }

    pub(crate) fn blocks(self) -> Range<usize> {
        self.blocks.0..self.blocks.1
    }

    pub(crate) fn are_all(self) -> bool {
        self.ranks.size() == 1
    }

    /// Number among its own of the block of a neuron, and lane; none of others'.
    #[inline]
    pub(crate) fn place(self, neuron: usize) -> Option<(usize, usize)> {
        let (block, lane) = self.layout.place(neuron);
        self.blocks().contains(&block).then(|| (block - self.blocks.0, lane))
    }
}
