//! Points on several threads.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use qhh_lab::sweep::{Workers, each};

#[test]
fn every_point_is_run_once_whatever_the_threads() {
    for threads in [1, 2, 5] {
        let points: Vec<usize> = (0..100).collect();
        let runs = AtomicUsize::new(0);
        let mut squares = vec![0; 100];
        let run = |point: &usize, _| {
            runs.fetch_add(1, Ordering::Relaxed);
            point * point
        };
        each(&points, Workers::new(threads, points.len()), run, |point, square| {
            squares[*point] = square;
            ControlFlow::Continue(())
        });
        assert_eq!(squares, (0..100).map(|k| k * k).collect::<Vec<_>>());
        assert_eq!(runs.into_inner(), 100);
    }
}

#[test]
fn a_break_starts_no_more_points() {
    let points: Vec<usize> = (0..10_000).collect();
    let started = Mutex::new(HashSet::new());
    let run = |point: &usize, _| started.lock().unwrap().insert(*point);
    let mut answers = 0;
    each(&points, Workers { at_once: 1, threads: 1 }, run, |_, _| {
        answers += 1;
        std::thread::sleep(std::time::Duration::from_millis(50));
        ControlFlow::Break(())
    });
    let started = started.into_inner().unwrap();
    assert_eq!(answers, started.len(), "what was under way is handed over");
    assert!(started.len() < 10, "{} were started", started.len());
}

#[test]
fn many_points_take_a_thread_each_and_few_share_the_threads() {
    assert_eq!(Workers::new(8, 100), Workers { at_once: 8, threads: 1 });
    assert_eq!(Workers::new(8, 2), Workers { at_once: 2, threads: 4 });
    assert_eq!(Workers::new(8, 1), Workers { at_once: 1, threads: 8 });
    assert_eq!(Workers::new(8, 100).at_most(3, 8), Workers { at_once: 3, threads: 2 });
    assert_eq!(Workers::new(8, 0).at_once, 1);
}
