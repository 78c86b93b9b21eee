//! One rank of several whose others are only imagined, each like this one.

use std::cell::Cell;
use std::time::Instant;

use super::Ranks;

/// A rank that builds and steps its part of a network as it would among others, which are not there.
///
/// Nothing is sent. What others would send is made of its own: their ports send what its own do, and where who hears it cannot
/// be worked out without them, they hear of it what it hears of them. Numbers of the whole network are its own.
#[derive(Debug)]
pub struct Imagined {
    rank: usize,
    size: usize,
    sent: Cell<u64>,
    aside: Cell<f64>,
    reach: Cell<Reach>,
}

/// What a rank hears of others, by why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Ports of others that it hears by rules that say which: chains, grids, layers, lists of pairs.
    pub ruled_rows: usize,
    /// Ranks that these belong to.
    pub ruled_ranks: usize,
    /// Waveguides that end at its neurons and come from neurons drawn anywhere in the network, its own among them.
    pub drawn_arms: usize,
}

impl Imagined {
    /// Rank `rank` of `size`.
    ///
    /// # Panics
    /// If there is no such rank.
    pub fn new(rank: usize, size: usize) -> Self {
        assert!(rank < size, "there is no rank {rank} of {size}");
        Self { rank, size, sent: Cell::new(0), aside: Cell::new(0.0), reach: Cell::default() }
    }

    /// Bytes of waves that it would have sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Seconds that it took to make what others would have sent.
    pub(crate) fn aside(&self) -> f64 {
        self.aside.get()
    }

    /// What it hears of others, once it is built.
    pub(crate) fn reach(&self) -> Reach {
        self.reach.get()
    }

    pub(crate) fn reaches(&self, reach: Reach) {
        self.reach.set(reach);
    }

    /// Does what no rank would do.
    pub(crate) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.aside.update(|sum| sum + begun.elapsed().as_secs_f64());
        done
    }
}

impl Ranks for Imagined {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn here(&self) -> usize {
        1
    }

    fn exchange(&self, send: &[(usize, Vec<u8>)], _: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut()) {
        let bytes: usize = send.iter().map(|(_, message)| message.len()).sum();
        self.sent.update(|sum| sum + bytes as u64);
        meanwhile();
    }

    fn send(&self, _: usize, _: Vec<u8>) {}

    fn receive(&self, _: usize) -> Vec<u8> {
        unreachable!("nothing comes of ranks that are imagined");
    }

    fn broadcast(&self, message: Vec<u8>) -> Vec<u8> {
        message
    }

    fn least(&self, value: u64) -> u64 {
        value
    }

    fn imagined(&self) -> Option<&Imagined> {
        Some(self)
    }
}
