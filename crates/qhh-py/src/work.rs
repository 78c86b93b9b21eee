//! Long work beside the interpreter: it runs on a thread of its own while this one, with the interpreter free, wakes now
//! and then to look for Ctrl-C and to report progress.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;
use qhh::{CancelToken, Error, Progress, RunObserver, RunSettings, Stage};

use crate::errors::{panicked, raised};

/// How often the interpreter is attached to. Ctrl-C ends work within this and the tenth of a second that it takes to
/// notice.
const WAKE: Duration = Duration::from_millis(50);

/// What the work says, for the interpreter to pick up.
#[derive(Default)]
struct Report {
    name: String,
    progress: Option<Progress>,
    warnings: Vec<String>,
    notes: Vec<String>,
}

struct Watcher<'a>(&'a Mutex<Report>);

impl Watcher<'_> {
    fn update(&self, with: impl FnOnce(&mut Report)) {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl RunObserver for Watcher<'_> {
    fn begin(&mut self, name: &str) {
        self.update(|report| name.clone_into(&mut report.name));
    }

    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.update(|report| report.progress = Some(progress));
        ControlFlow::Continue(())
    }

    fn warning(&mut self, message: &str) {
        self.update(|report| report.warnings.push(message.to_owned()));
    }

    fn note(&mut self, message: &str) {
        self.update(|report| report.notes.push(message.to_owned()));
    }
}

/// Does the work on `threads` threads, 0 for one a core; `progress` is called as `progress(name, stage, done, total, time, notes)`.
pub(crate) fn work<T: Send>(
    py: Python<'_>,
    threads: usize,
    progress: Option<Py<PyAny>>,
    job: impl FnOnce(&RunSettings, &mut dyn RunObserver) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let settings = RunSettings { threads, ..RunSettings::default() };
    work_with(py, settings, progress, job)
}

/// [`work`] with settings, whose token this takes.
pub(crate) fn work_with<T: Send>(
    py: Python<'_>,
    settings: RunSettings,
    progress: Option<Py<PyAny>>,
    job: impl FnOnce(&RunSettings, &mut dyn RunObserver) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let progress = match progress {
        Some(progress) => py.import("qhh._progress")?.getattr("callback")?.call1((progress,))?.extract()?,
        None => None,
    };
    let (report, token) = (Mutex::new(Report::default()), CancelToken::new());
    let settings = RunSettings { cancel: token.clone(), ..settings };
    let (joined, interrupted) = py.detach(|| {
        thread::scope(|scope| {
            let (done, waiting) = mpsc::channel::<()>();
            let (report, settings) = (&report, &settings);
            let working = scope.spawn(move || {
                // Dropped however the work ends.
                let _done = done;
                job(settings, &mut Watcher(report))
            });
            let mut interrupted = None;
            while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(WAKE) {
                let seen =
                    Python::attach(|py| py.check_signals().and_then(|()| tell(py, progress.as_ref(), report)));
                if let Err(error) = seen {
                    token.cancel();
                    interrupted.get_or_insert(error);
                }
            }
            (working.join(), interrupted)
        })
    });
    if let Some(error) = interrupted {
        return Err(error);
    }
    tell(py, progress.as_ref(), &report)?;
    if let Some(progress) = progress {
        progress.call_method0(py, "close")?;
    }
    joined.map_err(|_| panicked())?.map_err(|error| raised(py, &error))
}

/// Hands what the work said on to the interpreter.
fn tell(py: Python<'_>, progress: Option<&Py<PyAny>>, report: &Mutex<Report>) -> PyResult<()> {
    let (name, now, warnings, notes) = {
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        let Report { name, progress, warnings, notes } = &mut *report;
        (name.clone(), *progress, std::mem::take(warnings), std::mem::take(notes))
    };
    if !warnings.is_empty() {
        let warn = py.import("qhh._errors")?.getattr("warn")?;
        warnings.into_iter().try_for_each(|warning| warn.call1((warning,)).map(drop))?;
    }
    if let (Some(callback), Some(Progress { stage, done, total, time })) = (progress, now) {
        callback.call1(py, (name, stage_name(stage), done, total, time, notes))?;
    }
    Ok(())
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::MeanField => "mean field",
        Stage::Modes => "field modes",
        Stage::Samples => "samples",
        Stage::Backwards => "backwards",
    }
}
