//! Several processes that run one network together, and what they need of one another.
//!
//! Each process ("rank") steps a stretch of the network's blocks ([`super::share`]); all of them make the same calls in the
//! same order. Rank 0 watches the run, keeps its states and gets its outcome. What carries the messages is not known here.

/// The processes of a run, as one of them sees them.
pub trait Ranks {
    /// Number of this process, from 0.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn size(&self) -> usize;

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
