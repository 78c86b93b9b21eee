//! Ending work from another thread.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use qhh::{
    CancelToken, Error, Experiment, FolderSettings, LearningTask, Network, Progress, RunResult, RunSettings, Sweep,
};

use crate::axon;

fn shared<T: Send + Sync + 'static>() {}

#[test]
fn what_is_handed_around_can_go_to_other_threads() {
    shared::<Network>();
    shared::<RunResult>();
    shared::<Error>();
    shared::<CancelToken>();
    shared::<RunSettings>();
    shared::<LearningTask>();
}

/// Cancels work on another thread after a while; what it ended with, and how long that took at best.
fn cancelled(work: impl Fn(&RunSettings) -> Error + Sync) -> (Error, Duration) {
    cancelled_after(|| thread::sleep(Duration::from_millis(400)), work)
}

/// Cancels work on another thread once `wait` is over.
fn cancelled_after(wait: impl Fn(), work: impl Fn(&RunSettings) -> Error + Sync) -> (Error, Duration) {
    let tries = (0..3).map(|_| {
        let settings = RunSettings { threads: 2, ..RunSettings::default() };
        let token = settings.cancel.clone();
        thread::scope(|scope| {
            let worker = scope.spawn(|| work(&settings));
            wait();
            let start = Instant::now();
            token.cancel();
            let error = worker.join().unwrap();
            (error, start.elapsed())
        })
    });
    tries.min_by_key(|(_, took)| *took).unwrap()
}

/// What a notebook takes for at once.
const SOON: Duration = Duration::from_millis(200);

#[test]
fn a_run_ends_at_once_and_leaves_others_alone() {
    let long = axon().set("simulation.duration", "1000 s").unwrap().set("record.every", "1 s").unwrap();
    let long = long.set("neurons.axon.count", 1000).unwrap().set("record.of", "axon[0]").unwrap();
    let (error, took) = cancelled(|settings| {
        // Beside it another one runs to its end.
        thread::scope(|scope| {
            let other = scope.spawn(|| axon().run(&RunSettings::default(), &mut ()).is_ok());
            let error = long.run(settings, &mut ()).unwrap_err();
            assert!(other.join().unwrap());
            error
        })
    });
    assert!(matches!(error, Error::Cancelled), "{error}");
    assert!(took < SOON, "{took:?}");
}

#[test]
fn fluctuations_end_at_once() {
    let quantum = "{hbar: 0.1, fluctuations: heisenberg, modes: 4096}";
    let modes = axon().set("neurons.axon.count", 40).unwrap().set("quantum", quantum).unwrap();
    let modes = modes.set("record.of", "axon").unwrap();
    let samples = axon().set("quantum", "{hbar: 0.1, fluctuations: wigner, samples: 1000000}").unwrap();
    for network in [modes, samples] {
        let (error, took) = cancelled(|settings| network.run(settings, &mut ()).unwrap_err());
        assert!(matches!(error, Error::Cancelled), "{error}");
        assert!(took < SOON, "{took:?}");
    }
}

#[test]
fn a_run_into_a_folder_keeps_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let long = axon().set("simulation.duration", "1000 s").unwrap().set("record.every", "1 s").unwrap();
    let written = FolderSettings { force: true, ..FolderSettings::default() };
    let (error, took) = cancelled(|settings| long.run_into(&out, settings, &written, &mut ()).unwrap_err());
    assert!(matches!(error, Error::RunCancelled { has_state: true, .. }), "{error}");
    assert!(took < SOON, "{took:?}");
}

#[test]
fn a_sweep_ends_at_once_and_keeps_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let experiment = Experiment::new().vary("sources.step.current.amplitude=linear:1 uA:20 uA:5000").unwrap();
    let sweep = Sweep::of(&axon(), &experiment).unwrap();
    let out = folder.path().join("out");
    let written = qhh::SweepSettings { force: true, ..qhh::SweepSettings::default() };
    // However slow the machine, some points are finished.
    let finished = AtomicBool::new(false);
    let wait = || {
        while !finished.swap(false, Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(10));
        }
    };
    let (error, took) = cancelled_after(wait, |settings| {
        let mut observer = |progress: Progress| {
            finished.fetch_or(progress.done > 0, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        sweep.run_into(&out, settings, &written, &mut observer).unwrap_err()
    });
    let Error::SweepCancelled { done, runs, .. } = error else { panic!("{error}") };
    assert!(done > 0 && done < runs && runs == 5000, "{done}");
    assert!(took < SOON, "{took:?}");
}
