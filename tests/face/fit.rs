//! Fits that are stopped, and go on to the same bytes.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use qhh::{Error, Fit, FolderSettings, LoadOptions, Progress, Resumed, RunObserver, RunSettings};

/// Breaks off at an iteration.
struct Until(u64);

impl RunObserver for Until {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        if progress.done >= self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn load() -> Fit {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/fit/recover.yaml");
    Fit::load(file, &LoadOptions::default()).unwrap()
}

#[test]
fn a_fit_that_was_stopped_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    let settings = FolderSettings { report: false, ..FolderSettings::default() };
    let fit = load();
    fit.run_into(&whole, &RunSettings::default(), &settings, &mut ()).unwrap();
    let ended = fit.run_into(&stopped, &RunSettings::default(), &settings, &mut Until(6));
    assert!(matches!(ended, Err(Error::RunCancelled { has_state: true, .. })), "{ended:?}");
    assert!(!stopped.exists());
    // Stopped once more on the way.
    let again = qhh::resume(&stopped, &RunSettings::default(), None, &mut Until(9));
    assert!(matches!(again, Err(Error::RunCancelled { .. })), "{again:?}");
    let resumed = qhh::resume(&stopped, &RunSettings::default(), None, &mut ()).unwrap();
    assert!(matches!(resumed, Resumed::Fit { .. }), "{resumed:?}");
    for file in ["history.csv", "fitted.yaml", "summary.json", "fit_traces.csv", "SHA256SUMS"] {
        assert!(fs::read(whole.join(file)).unwrap() == fs::read(stopped.join(file)).unwrap(), "{file} differs");
    }
}

#[test]
fn a_fit_in_memory_has_the_network_it_found() {
    let result = load().run(&RunSettings::default(), &mut ()).unwrap();
    let delay = result.tables().parameters[1].after;
    let of = result.network().numbers().into_iter().find(|entry| entry.path == "waveguides.axon.delay").unwrap();
    assert_eq!(of.values, [delay]);
    assert!(result.report().contains("waveguides.axon.delay"));
    let [before, after] = result.tables().objective;
    assert!(after < 1e-6 * before, "{before} to {after}");
}
