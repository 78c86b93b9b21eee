//! The thread that runs: reads the network, runs it in memory, makes its page. What is overtaken is cancelled and forgotten.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Instant;

use qhh::{CancelToken, Error, LoadOptions, Network, Progress, RunObserver, RunResult, RunSettings};

use crate::Event;
use crate::board::{Board, Mistake, State};

/// Lines shown on either side of one with a mistake.
const AROUND: usize = 2;
/// Characters of a line that are shown.
const WIDEST: usize = 300;

/// One run to be made.
pub(crate) struct Job {
    pub(crate) number: u64,
    pub(crate) file: PathBuf,
    pub(crate) options: LoadOptions,
    pub(crate) threads: usize,
    pub(crate) cancel: CancelToken,
}

/// The thread.
#[derive(Debug)]
pub(crate) struct Worker {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn new(board: &Arc<Board>, events: &Sender<Event>) -> Self {
        let (sender, jobs) = mpsc::channel();
        let (board, events) = (Arc::clone(board), events.clone());
        Self { jobs: sender, thread: std::thread::spawn(move || work(&jobs, &board, &events)) }
    }

    /// Hands it a run.
    pub(crate) fn begin(&self, job: Job) {
        // A worker that is gone is noticed by the next look at it.
        let _ = self.jobs.send(job);
    }

    /// Whether it ended by itself, which is a mistake of the program.
    pub(crate) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the run under way, which is cancelled.
    ///
    /// # Panics
    /// If the thread did.
    pub(crate) fn end(self) {
        drop(self.jobs);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn work(jobs: &Receiver<Job>, board: &Board, events: &Sender<Event>) {
    for job in jobs {
        // Saved again before it could begin.
        if job.cancel.is_cancelled() {
            continue;
        }
        let begun = Instant::now();
        board.post(State::Running { share: 0.0 });
        let ended = one(&job, board, events, begun);
        if job.cancel.is_cancelled() {
            continue;
        }
        if let Err(error) = &ended {
            board.post(State::Failed { mistakes: mistakes(error) });
        }
        let _ = events.send(Event::Ended(job.number, Box::new(ended)));
    }
}

fn one(job: &Job, board: &Board, events: &Sender<Event>, begun: Instant) -> Result<RunResult, Error> {
    let within = job.cancel.run(|| {
        let network = Network::load_with(&job.file, &job.options);
        let data = network.as_ref().ok().map(|network| network.data_files().map(Path::to_owned).collect());
        let _ = events.send(Event::Read(job.number, data));
        let settings = RunSettings { threads: job.threads, cancel: job.cancel.clone(), ..RunSettings::default() };
        let result = network?.run(&settings, &mut BoardObserver(board))?;
        board.post_page(result.report(), begun.elapsed().as_secs_f64());
        Ok(result)
    });
    within.unwrap_or(Err(Error::Cancelled))
}

/// Tells the page how far a run is.
struct BoardObserver<'a>(&'a Board);

impl RunObserver for BoardObserver<'_> {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.0.post_progress(progress.done as f64 / progress.total.max(1) as f64);
        ControlFlow::Continue(())
    }
}

/// An error as the page shows it, with the lines that it is about.
fn mistakes(error: &Error) -> Vec<Mistake> {
    let remedy = |error: &Error| error.remedy().map(Cow::into_owned);
    let Error::Network(read) = error else {
        let (message, remedy) = (error.to_string(), remedy(error));
        return vec![Mistake { message, remedy, path: String::new(), place: None, lines: Vec::new() }];
    };
    let mistake = |mistake: qhh::Mistake| {
        let lines = mistake.line.map_or_else(Vec::new, |line| {
            let around = line.saturating_sub(AROUND).max(1)..=line + AROUND;
            let numbered = (1..).zip(read.text.lines()).filter(|(number, _)| around.contains(number));
            numbered.map(|(number, text)| (number, text.chars().take(WIDEST).collect())).collect()
        });
        Mistake {
            message: mistake.message,
            remedy: mistake.remedy,
            path: mistake.path,
            place: mistake.line.zip(mistake.column),
            lines,
        }
    };
    error.mistakes().into_iter().map(mistake).collect()
}
