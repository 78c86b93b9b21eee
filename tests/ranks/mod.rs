//! Ranks that are threads of one process, and runs among them.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use qhh_net::engine::{Checkpoint, Observer, Ranks};
use qhh_net::{Network, Outcome, RunError, RunOptions, Simulation};

/// One of several threads that run a network together. Between any two, messages arrive in the order of calls.
pub struct Thread {
    rank: usize,
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Receiver<Vec<u8>>>,
    exchanged: Arc<Exchanged>,
}

/// Bytes of waves that ranks exchanged, all of them together.
#[derive(Default)]
pub struct Exchanged {
    sent: AtomicU64,
    most: AtomicU64,
    longest: AtomicU64,
}

impl Exchanged {
    /// Bytes sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of the longest message of other things that a rank other than the first received.
    pub fn longest(&self) -> u64 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Bytes for which there was room.
    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }
}

/// So many threads that know one another.
fn threads(size: usize) -> Vec<Thread> {
    let exchanged = Arc::<Exchanged>::default();
    let new = |rank| Thread { rank, to: Vec::new(), from: Vec::new(), exchanged: Arc::clone(&exchanged) };
    let mut of: Vec<Thread> = (0..size).map(new).collect();
    for sender in 0..size {
        for receiver in 0..size {
            let (to, from) = channel();
            of[sender].to.push(to);
            of[receiver].from.push(from);
        }
    }
    of
}

impl Ranks for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn exchange(&self, send: &[(usize, Vec<u8>)], receive: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut()) {
        for (to, message) in send {
            self.exchanged.sent.fetch_add(message.len() as u64, Ordering::Relaxed);
            self.send(*to, message.clone());
        }
        meanwhile();
        for (from, buffer) in receive {
            let message = self.receive(*from);
            self.exchanged.most.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            assert!(message.len() <= buffer.len(), "{} bytes where {} may come", message.len(), buffer.len());
            *buffer = message;
        }
    }

    fn send(&self, to: usize, message: Vec<u8>) {
        self.to[to].send(message).expect("the other rank listens");
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        let message = self.from[from].recv().expect("the other rank sends");
        if self.rank > 0 {
            self.exchanged.longest.fetch_max(message.len() as u64, Ordering::Relaxed);
        }
        message
    }

    fn broadcast(&self, message: Vec<u8>) -> Vec<u8> {
        if self.rank > 0 {
            return self.receive(0);
        }
        (1..self.size()).for_each(|rank| self.send(rank, message.clone()));
        message
    }

    fn least(&self, value: u64) -> u64 {
        let bytes = if self.rank > 0 {
            self.send(0, value.to_le_bytes().to_vec());
            Vec::new()
        } else {
            let of = |rank| u64::from_le_bytes(self.receive(rank).try_into().expect("eight bytes"));
            (1..self.size()).map(of).fold(value, u64::min).to_le_bytes().to_vec()
        };
        u64::from_le_bytes(self.broadcast(bytes).try_into().expect("eight bytes"))
    }
}

/// Runs a network on so many ranks of so many threads each.
pub fn run(
    network: &Network,
    on: (usize, usize),
    kept: Checkpoint,
    observer: &mut dyn Observer,
) -> Result<Outcome, RunError> {
    run_counted(network, on, kept, observer).map(|(outcome, _)| outcome)
}

/// The same, with what the ranks exchanged.
pub fn run_counted(
    network: &Network,
    (ranks, threads_each): (usize, usize),
    kept: Checkpoint,
    observer: &mut dyn Observer,
) -> Result<(Outcome, Arc<Exchanged>), RunError> {
    let options = RunOptions { threads: threads_each, ..RunOptions::default() };
    let mut all = threads(ranks).into_iter();
    let first = all.next().expect("there is a rank");
    thread::scope(|scope| {
        for rank in all {
            scope.spawn(move || {
                let go_on = &mut |_| ControlFlow::Continue(());
                let ended = Simulation::new(network, options)?.resume_among(&rank, Checkpoint::default(), go_on);
                assert!(!matches!(ended, Ok(Some(_))), "rank {} has an outcome", rank.rank);
                ended
            });
        }
        let outcome = Simulation::new(network, options)?.resume_among(&first, kept, observer)?;
        Ok((outcome.expect("rank 0 gets the outcome"), Arc::clone(&first.exchanged)))
    })
}
