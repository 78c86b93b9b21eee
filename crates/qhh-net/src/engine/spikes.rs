//! Spikes of all ranks in the order of time, on rank 0.
//!
//! Each rank puts its own in order and keeps them until rank 0 takes them, a piece at a time: besides the list of all, rank 0
//! has a piece of each rank at once.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::vec::IntoIter;

use crate::outcome::Spike;
use crate::ranks::Ranks;

/// Spikes in a piece: few enough that pieces of ten thousand ranks are no matter.
const PIECE: usize = 1024;

/// The spikes of all ranks in time order, then by neuron, on rank 0; on the others none. Every rank gives its own.
pub(super) fn merged(ranks: &dyn Ranks, mut own: Vec<Spike>) -> Vec<Spike> {
    own.sort_unstable_by(order);
    if ranks.size() == 1 {
        return own;
    }
    let (_, count) = ranks.numbered(own.len());
    if !ranks.leads() {
        give(ranks, &own);
        return Vec::new();
    }
    let mut all = Vec::with_capacity(count);
    let mut sources: Vec<Source> = std::iter::once(Source { rank: 0, here: own.into_iter(), more: false })
        .chain((1..ranks.size()).map(|rank| Source { rank, here: Vec::new().into_iter(), more: true }))
        .collect();
    let mut first: BinaryHeap<Reverse<First>> =
        sources.iter_mut().filter_map(|source| source.next(ranks)).map(Reverse).collect();
    while let Some(Reverse(First { spike, rank })) = first.pop() {
        all.push(spike);
        first.extend(sources[rank].next(ranks).map(Reverse));
    }
    all
}

/// Gives rank 0 the spikes, piece by piece as it asks for them; the last piece is shorter than the others.
fn give(ranks: &dyn Ranks, spikes: &[Spike]) {
    for number in 0..=spikes.len() / PIECE {
        let rest = &spikes[number * PIECE..];
        ranks.receive(0);
        let piece = &rest[..rest.len().min(PIECE)];
        ranks.send(0, postcard::to_stdvec(piece).expect("spikes are plain data"));
    }
}

/// Spikes of a rank as they come to rank 0.
struct Source {
    rank: usize,
    here: IntoIter<Spike>,
    /// Whether the rank has another piece.
    more: bool,
}

impl Source {
    fn next(&mut self, ranks: &dyn Ranks) -> Option<First> {
        if self.here.len() == 0 && self.more {
            ranks.send(self.rank, Vec::new());
            let piece: Vec<Spike> =
                postcard::from_bytes(&ranks.receive(self.rank)).expect("ranks are of one program");
            self.more = piece.len() == PIECE;
            self.here = piece.into_iter();
        }
        self.here.next().map(|spike| First { spike, rank: self.rank })
    }
}

/// The first spike of a rank that is not taken.
struct First {
    spike: Spike,
    rank: usize,
}

impl PartialEq for First {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for First {}

impl PartialOrd for First {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for First {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.spike, &other.spike)
    }
}

fn order(a: &Spike, b: &Spike) -> Ordering {
    a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron))
}
