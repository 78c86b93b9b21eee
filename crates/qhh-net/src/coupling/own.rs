//! The blocks of a rank.

use std::ops::Range;

use super::layout::Layout;
use crate::network::Neurons;
use crate::ranks::Ranks;

/// Blocks of one of `size` ranks: stretches of about as many blocks each.
pub(crate) fn stretch(n_blocks: usize, rank: usize, size: usize) -> Range<usize> {
    rank * n_blocks / size..(rank + 1) * n_blocks / size
}

/// The rank that a block belongs to.
pub(crate) fn rank_of(block: usize, n_blocks: usize, size: usize) -> usize {
    ((block + 1) * size - 1) / n_blocks
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

    /// The rank of a neuron.
    pub(crate) fn rank_of(self, neuron: usize) -> usize {
        rank_of(self.layout.place(neuron).0, self.layout.n_blocks(), self.ranks.size())
    }

    /// Their neurons, ascending.
    pub(crate) fn neurons(self) -> Neurons {
        self.layout.neurons_of(self.blocks())
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

#[cfg(test)]
mod tests {
    use super::{rank_of, stretch};

    #[test]
    fn every_block_belongs_to_the_rank_whose_stretch_it_is_in() {
        for (n_blocks, size) in [(1, 1), (10, 3), (3, 7), (1000, 16), (62_500_000, 1000)] {
            for rank in (0..size).step_by(1 + size / 20) {
                let blocks = stretch(n_blocks, rank, size);
                for block in
                    [blocks.start, usize::midpoint(blocks.start, blocks.end), blocks.end.saturating_sub(1)]
                {
                    if blocks.contains(&block) {
                        assert_eq!(rank_of(block, n_blocks, size), rank, "block {block} of {n_blocks} on {size}");
                    }
                }
            }
        }
    }
}
