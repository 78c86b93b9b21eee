//! Tasks of a run shared out among processes, and threads within each.
//!
//! The tasks go round the ranks one by one; rank 0 takes what comes of all of them in their order, so that sums have the
//! same bits on any number of ranks. No rank is far ahead of what rank 0 has taken, and all of them end when it gives up.

use std::cell::Cell;

use qhh_core::stop;
use rayon::ThreadPool;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RunError;
use crate::ranks::Ranks;
use crate::tasks::in_order;

/// Who does the tasks of a run.
#[derive(Clone, Copy)]
pub(crate) struct Workers<'a> {
    pub(crate) ranks: &'a dyn Ranks,
    pub(crate) pool: Option<&'a ThreadPool>,
}

impl Workers<'_> {
    /// Threads of this rank.
    pub(crate) fn threads(self) -> usize {
        self.pool.map_or(1, ThreadPool::current_num_threads)
    }

    /// Whether what comes of tasks is taken here.
    pub(crate) fn leads(self) -> bool {
        self.ranks.leads()
    }

    /// What rank 0 makes, on every rank.
    pub(crate) fn broadcast<T: Serialize + DeserializeOwned>(self, make: impl FnOnce() -> T) -> T {
        let ranks = self.ranks;
        if ranks.size() == 1 {
            return make();
        }
        if !self.leads() {
            return postcard::from_bytes(&ranks.broadcast(Vec::new())).expect("ranks are of one program");
        }
        let made = make();
        ranks.broadcast(postcard::to_stdvec(&made).expect("what ranks share is plain data"));
        made
    }

    /// Does `one` of every task, `ahead` for each thread in hand or waiting at once, and gives what comes of each to `take`,
    /// on rank 0 and in the order of the tasks.
    ///
    /// # Errors
    /// The first of `take`; on the other ranks then one of no meaning.
    pub(crate) fn in_order<T: Sync, R: Send + Serialize + DeserializeOwned>(
        self,
        tasks: &[T],
        ahead: usize,
        one: impl Fn(&T) -> R + Sync,
        mut take: impl FnMut(&T, R) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let Self { ranks, pool } = self;
        let ahead = ahead * self.threads();
        if ranks.size() == 1 {
            return in_order(pool, tasks, ahead, one, take);
        }
        let flow = Flow::new(self, tasks.len());
        let own: Vec<(usize, &T)> = tasks.iter().enumerate().skip(ranks.rank()).step_by(ranks.size()).collect();
        let one = |&(_, task): &(usize, &T)| one(task);
        if !self.leads() {
            return in_order(pool, &own, ahead, one, |_, result| {
                flow.give(&postcard::to_stdvec(&result).expect("what comes of a task is plain data"))
            });
        }
        let ended = in_order(pool, &own, ahead, one, |&(place, task), result| {
            take(task, result)?;
            for (rank, task) in (1..ranks.size()).zip(&tasks[place + 1..]) {
                let result = postcard::from_bytes(&flow.next(rank)).expect("ranks are of one program");
                take(task, result)?;
            }
            Ok(())
        });
        if ended.is_err() {
            flow.end();
        }
        ended
    }

    /// Unwinds on from a stop that leaves other ranks waiting.
    pub(crate) fn leave(self) {
        if self.ranks.size() > 1 {
            stop::check();
        }
    }
}

/// Results on their way to rank 0: each rank waits once so many of its own are not taken.
struct Flow<'a> {
    ranks: &'a dyn Ranks,
    n_tasks: usize,
    most: usize,
    /// By rank, results given, or taken of it.
    counts: Vec<Cell<usize>>,
}

/// What rank 0 says of a result that it has taken: the rank goes on, or has no more to do.
const GO_ON: u8 = 1;
const END: u8 = 0;

impl<'a> Flow<'a> {
    /// Called by every rank.
    fn new(workers: Workers<'a>, n_tasks: usize) -> Self {
        let ranks = workers.ranks;
        let threads = usize::try_from(ranks.least(workers.threads() as u64)).unwrap_or(1);
        Self { ranks, n_tasks, most: 2 * threads, counts: vec![Cell::new(0); ranks.size()] }
    }

    /// Number of tasks of a rank.
    fn n_tasks(&self, rank: usize) -> usize {
        self.n_tasks.saturating_sub(rank).div_ceil(self.ranks.size())
    }

    /// Gives a result to rank 0, and waits if too many are not taken.
    fn give(&self, result: &[u8]) -> Result<(), RunError> {
        let given = &self.counts[self.ranks.rank()];
        self.ranks.send(0, result.to_vec());
        given.update(|given| given + 1);
        let goes_on = given.get() <= self.most || self.ranks.receive(0) == [GO_ON];
        if goes_on { Ok(()) } else { Err(RunError::Stopped { time: 0.0 }) }
    }

    /// The next result of a rank, which then goes on.
    fn next(&self, rank: usize) -> Vec<u8> {
        let result = self.ranks.receive(rank);
        self.answer(rank, GO_ON);
        result
    }

    /// Ends all ranks: takes what they give until they hear of it.
    fn end(&self) {
        for rank in 1..self.ranks.size() {
            let taken = self.counts[rank].get();
            for _ in taken..(taken + 1 + self.most).min(self.n_tasks(rank)) {
                self.ranks.receive(rank);
            }
            self.answer(rank, END);
        }
    }

    /// Says what comes of a rank's next result, if it is going to wait for that.
    fn answer(&self, rank: usize, answer: u8) {
        let taken = &self.counts[rank];
        taken.update(|taken| taken + 1);
        if taken.get() + self.most <= self.n_tasks(rank) {
            self.ranks.send(rank, vec![answer]);
        }
    }
}
