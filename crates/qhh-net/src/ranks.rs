//! Several processes that run one network together, and what they need of one another.
//!
//! Each process ("rank") builds and steps a stretch of the network's blocks; all of them make the same calls in the same
//! order. Rank 0 watches the run, keeps its states and gets its outcome. What carries the messages is not known here.

mod imagined;

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use imagined::{Imagined, Reach};

/// The processes of a run, as one of them sees them.
pub trait Ranks {
    /// Number of this process, from 0.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn size(&self) -> usize;

    /// How many of them share the memory of this machine, this one among them: all, where nothing better is known.
    fn here(&self) -> usize {
        self.size()
    }

    /// Sends each message to its rank and receives one from each rank of `receive`, and does `meanwhile` while they are under
    /// way. A buffer of `receive` is as long as the longest message that may come; what comes begins it, and it is cut to that.
    fn exchange(&self, send: &[(usize, Vec<u8>)], receive: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut());

    /// Sends a message to a rank, which [`Ranks::receive`]s it.
    fn send(&self, to: usize, message: Vec<u8>);

    /// The next message of a rank.
    fn receive(&self, from: usize) -> Vec<u8>;

    /// The message of rank 0, whatever the others give.
    fn broadcast(&self, message: Vec<u8>) -> Vec<u8>;

    /// The least of all ranks' values.
    fn least(&self, value: u64) -> u64;

    /// This rank as one whose others are only imagined; none where they are there.
    fn imagined(&self) -> Option<&Imagined> {
        None
    }
}

/// A process that runs a network alone.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

impl Ranks for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn exchange(&self, _: &[(usize, Vec<u8>)], _: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut()) {
        meanwhile();
    }

    fn send(&self, _: usize, _: Vec<u8>) {
        unreachable!("there is nobody to send to");
    }

    fn receive(&self, _: usize) -> Vec<u8> {
        unreachable!("there is nobody to receive from");
    }

    fn broadcast(&self, message: Vec<u8>) -> Vec<u8> {
        message
    }

    fn least(&self, value: u64) -> u64 {
        value
    }
}

/// What is made of the calls above. Every rank takes part in each.
impl dyn Ranks + '_ {
    /// Whether this rank watches the run: rank 0, or the only one that is there.
    pub(crate) fn leads(&self) -> bool {
        self.rank() == 0 || self.imagined().is_some()
    }

    /// The greatest of all ranks' values.
    pub(crate) fn greatest(&self, value: u64) -> u64 {
        !self.least(!value)
    }

    /// The least and the greatest of all ranks' numbers, none of them below zero.
    pub(crate) fn range(&self, (least, most): (f64, f64)) -> (f64, f64) {
        // Such numbers are in the order of their bits.
        let least = self.least(least.to_bits());
        (f64::from_bits(least), f64::from_bits(self.greatest(most.to_bits())))
    }

    /// Goes from rank to rank: each makes more of what the one below it made, rank 0 of `first`. What the last one made, on
    /// every rank.
    pub(crate) fn along<T: Serialize + DeserializeOwned>(&self, first: T, more: impl FnOnce(T) -> T) -> T {
        let (rank, size) = (self.rank(), self.size());
        if size == 1 || self.imagined().is_some() {
            return more(first);
        }
        let made = more(if rank == 0 { first } else { read(&self.receive(rank - 1)) });
        self.send((rank + 1) % size, written(&made));
        read(&self.broadcast(if rank == 0 { self.receive(size - 1) } else { Vec::new() }))
    }

    /// Numbers of this rank's items among those of all ranks, in the order of ranks, and how many there are in all.
    pub(crate) fn numbered(&self, count: usize) -> (Range<usize>, usize) {
        if self.imagined().is_some() {
            return (self.rank() * count..(self.rank() + 1) * count, self.size() * count);
        }
        let mut own = 0..count;
        let all = self.along(0, |below: usize| {
            own = below..below + count;
            own.end
        });
        (own, all)
    }

    /// Gives each of the other ranks what `make` makes for it, and `take` what that rank made for this one, one rank after
    /// the other: no more than one of either is in memory at once. Others that are imagined say nothing.
    pub(crate) fn swap<T: Serialize + DeserializeOwned>(
        &self,
        mut make: impl FnMut(usize) -> T,
        mut take: impl FnMut(usize, T),
    ) {
        let (rank, size) = (self.rank(), self.size());
        if self.imagined().is_some() {
            return;
        }
        for round in 0..size {
            // In each round ranks are paired off, so that none waits for one that waits for another.
            let other = (round + size - rank) % size;
            if other == rank {
                continue;
            }
            let message = written(&make(other));
            let received = if rank < other {
                self.send(other, message);
                self.receive(other)
            } else {
                let received = self.receive(other);
                self.send(other, message);
                received
            };
            take(other, read(&received));
        }
    }
}

fn written(of: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(of).expect("what ranks share is plain data")
}

fn read<T: DeserializeOwned>(message: &[u8]) -> T {
    postcard::from_bytes(message).expect("ranks are of one program")
}
