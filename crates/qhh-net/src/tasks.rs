//! Work in pieces, shared out among threads, what comes of it taken in order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use qhh_core::stop;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Worker threads, 0 for one per core, whose work whatever cancels that of this thread cancels, too.
///
/// # Errors
/// If the system starts no threads.
pub fn pool(threads: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let tokens = stop::current();
    ThreadPoolBuilder::new().num_threads(threads).start_handler(move |_| tokens.clone().adopt()).build()
}

/// Does `one` of every task on the threads of the pool, or here without one, and gives what comes of each to `take`, on
/// this thread and in the order of the tasks, whoever did them. No more than `ahead` are in hand or wait at once, so that
/// threads never wait for one another while there are tasks, and memory has a bound.
///
/// # Errors
/// The first of `take`; tasks that have not begun by then are left.
///
/// # Panics
/// If `one` does.
pub fn in_order<T: Sync, R: Send, E>(
    pool: Option<&ThreadPool>,
    tasks: &[T],
    ahead: usize,
    one: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let Some(pool) = pool else { return tasks.iter().try_for_each(|task| take(task, one(task))) };
    let (sender, receiver) = mpsc::channel();
    let (one, given_up) = (&one, &AtomicBool::new(false));
    pool.in_place_scope(|scope| {
        let begin = |place: usize| {
            let Some(task) = tasks.get(place) else { return };
            let sender = sender.clone();
            scope.spawn(move |_| {
                if !given_up.load(Ordering::Relaxed) {
                    // Nobody listens any more once `take` has failed.
                    let _ = sender.send((place, catch_unwind(AssertUnwindSafe(|| one(task)))));
                }
            });
        };
        (0..ahead).for_each(begin);
        let mut waiting = BTreeMap::new();
        for (place, task) in tasks.iter().enumerate() {
            while !waiting.contains_key(&place) {
                let (place, result) = receiver.recv().expect("a sender is here");
                waiting.insert(place, result);
            }
            let result = waiting.remove(&place).expect("it has come");
            let taken = result.map(|result| take(task, result));
            match taken {
                Ok(Ok(())) => begin(place + ahead),
                Ok(Err(error)) => {
                    given_up.store(true, Ordering::Relaxed);
                    return Err(error);
                }
                Err(panic) => {
                    given_up.store(true, Ordering::Relaxed);
                    resume_unwind(panic);
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_tasks_is_taken_in_their_order() {
        let tasks: Vec<u64> = (0..100).collect();
        let uneven = |task: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(task * 37 % 11 * 50));
            task * task
        };
        for pool in [None, Some(&pool(3).unwrap())] {
            let mut taken = Vec::new();
            let done: Result<(), ()> = in_order(pool, &tasks, 6, uneven, |_, square| {
                taken.push(square);
                Ok(())
            });
            assert_eq!(done, Ok(()));
            assert_eq!(taken, tasks.iter().map(|task| task * task).collect::<Vec<_>>());
        }
    }

    #[test]
    fn giving_up_leaves_tasks_that_have_not_begun() {
        let tasks: Vec<usize> = (0..1000).collect();
        let begun = std::sync::atomic::AtomicUsize::new(0);
        let one = |_: &usize| begun.fetch_add(1, Ordering::Relaxed);
        let ended =
            in_order(
                Some(&pool(3).unwrap()),
                &tasks,
                4,
                one,
                |task, _| if *task < 10 { Ok(()) } else { Err(*task) },
            );
        assert_eq!(ended, Err(10));
        assert!(begun.load(Ordering::Relaxed) <= 14, "{begun:?}");
    }

    #[test]
    fn a_panic_of_a_task_is_passed_on() {
        let one = |task: &usize| assert!(*task != 5);
        let run =
            || in_order(Some(&pool(3).unwrap()), &(0..50).collect::<Vec<_>>(), 4, one, |_, ()| Ok::<_, ()>(()));
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    }
}
