//! The processes of an MPI job as [`Ranks`].
//!
//! MPI is called by the main thread alone; the others compute (`MPI_THREAD_FUNNELED`).

use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::datatype::Equivalence;
use mpi::environment::{Universe, library_version, processor_name};
use mpi::request::scope;
use mpi::topology::{Process, SimpleCommunicator};
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Root, Source};
use qhh::ranks::Ranks;

/// Marks messages of waves, and others.
const WAVES: i32 = 1;
const PLAIN: i32 = 2;

/// Bytes sent at once, at most: MPI counts them in 32 bits.
const MOST_AT_ONCE: usize = 1 << 30;

/// The processes that were started together.
pub(crate) struct World {
    all: SimpleCommunicator,
    /// Processes on this machine.
    here: usize,
    // MPI ends with it.
    _universe: Universe,
}

impl World {
    /// Starts MPI; none if it does not start.
    pub(crate) fn new() -> Option<Self> {
        let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)?;
        let world = universe.world();
        let here = usize::try_from(world.split_shared(0).size()).unwrap_or(1);
        Some(Self { all: world, here, _universe: universe })
    }

    /// Which MPI the program was built with.
    pub(crate) fn library() -> String {
        let version = library_version().unwrap_or_default();
        version.split(',').next().unwrap_or_default().trim().to_owned()
    }

    /// The least rank whose number differs from that of rank 0; none if all have the same.
    pub(crate) fn unlike(&self, number: u64) -> Option<usize> {
        let of_first = self.broadcast(number.to_le_bytes().to_vec());
        let differs = of_first != number.to_le_bytes();
        let rank = self.least(if differs { self.rank() as u64 } else { u64::MAX });
        usize::try_from(rank).ok().filter(|rank| *rank < self.size())
    }

    /// Rank and machine before a verb.
    pub(crate) fn named(&self, verb: &str) -> String {
        let machine = processor_name().unwrap_or_else(|_| "a machine without a name".to_owned());
        format!("rank {} on {machine} {verb}", self.rank())
    }

    /// Says why, and ends all processes.
    pub(crate) fn abort(&self, why: &str, code: u8) -> ! {
        eprintln!("error: {why}");
        self.all.abort(code.into())
    }

    fn process(&self, rank: usize) -> Process<'_> {
        self.all.process_at_rank(i32::try_from(rank).expect("MPI counts ranks in 32 bits"))
    }
}

impl Ranks for World {
    fn rank(&self) -> usize {
        usize::try_from(self.all.rank()).expect("ranks count from 0")
    }

    fn size(&self) -> usize {
        usize::try_from(self.all.size()).expect("there is a process")
    }

    fn here(&self) -> usize {
        self.here
    }

    fn exchange(&self, send: &[(usize, Vec<u8>)], receive: &mut [(usize, Vec<u8>)], meanwhile: &mut dyn FnMut()) {
        let lengths: Vec<usize> = scope(|scope| {
            let receiving: Vec<_> = receive
                .iter_mut()
                .map(|(from, buffer)| {
                    self.process(*from).immediate_receive_into_with_tag(scope, &mut buffer[..], WAVES)
                })
                .collect();
            let sending: Vec<_> = send
                .iter()
                .map(|(to, message)| self.process(*to).immediate_send_with_tag(scope, &message[..], WAVES))
                .collect();
            meanwhile();
            let length = |count: i32| usize::try_from(count).expect("a message has a length");
            let lengths =
                receiving.into_iter().map(|one| length(one.wait().count(u8::equivalent_datatype()))).collect();
            for one in sending {
                one.wait();
            }
            lengths
        });
        receive.iter_mut().zip(lengths).for_each(|((_, buffer), length)| buffer.truncate(length));
    }

    fn send(&self, to: usize, message: Vec<u8>) {
        let to = self.process(to);
        to.send_with_tag(&(message.len() as u64), PLAIN);
        message.chunks(MOST_AT_ONCE).for_each(|part| to.send_with_tag(part, PLAIN));
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        let from = self.process(from);
        let (length, _) = from.receive_with_tag::<u64>(PLAIN);
        let mut message = vec![0; usize::try_from(length).expect("it was in memory")];
        message.chunks_mut(MOST_AT_ONCE).for_each(|part| {
            from.receive_into_with_tag(part, PLAIN);
        });
        message
    }

    fn broadcast(&self, mut message: Vec<u8>) -> Vec<u8> {
        let first = self.process(0);
        let mut length = message.len() as u64;
        first.broadcast_into(&mut length);
        message.resize(usize::try_from(length).expect("it was in memory"), 0);
        message.chunks_mut(MOST_AT_ONCE).for_each(|part| first.broadcast_into(part));
        message
    }

    fn least(&self, value: u64) -> u64 {
        let mut least = value;
        self.all.all_reduce_into(&value, &mut least, SystemOperation::min());
        least
    }
}
