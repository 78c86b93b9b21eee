//! A page that follows its network file: `qhh watch` as a library.
//!
//! [`Watch`] runs a network in memory, serves its page on this machine alone, and runs it again whenever the file or a data
//! file of it changes. What is under way then is cancelled: only the newest text counts. The page shows progress, and
//! mistakes beside their lines.
//!
//! `files` knows when something changed, `board` what the page shows, `server` who may see it, `worker` runs.
//!
//! # Examples
//! ```no_run
//! use std::path::Path;
//!
//! use qhh::{CancelToken, LoadOptions};
//! use qhh_watch::Watch;
//!
//! let watch = Watch::new(Path::new("axon.yaml"), LoadOptions::default(), 0)?;
//! println!("open {}", watch.address());
//! // Until another thread cancels the token.
//! watch.follow(&CancelToken::new(), |run| println!("{}", if run.is_ok() { "ran" } else { "failed" }));
//! # Ok::<(), qhh::Error>(())
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

mod board;
mod files;
mod server;
mod worker;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use qhh::{CancelToken, Error, LoadOptions, RunResult};

use board::Board;
use files::Files;
use server::Served;
use worker::{Job, Worker};

/// Saves that follow one another faster than this are one ..
const QUIET: Duration = Duration::from_millis(20);
/// .. unless they go on for longer than this.
const LONGEST_QUIET: Duration = Duration::from_millis(80);
/// How often a cancelled token is looked at.
const ATTENTION: Duration = Duration::from_millis(50);

/// What happens to a watch, in the order in which it does.
#[derive(Debug)]
enum Event {
    /// Something in a watched folder changed.
    Touched(Vec<PathBuf>),
    /// A run of this number has read its network, with these data files; none if it could not be read.
    Read(u64, Option<Vec<PathBuf>>),
    /// A run of this number ended.
    Ended(u64, Box<Result<RunResult, Error>>),
}

/// A network file that is followed.
#[derive(Debug)]
pub struct Watch {
    files: Files,
    served: Served,
    board: Arc<Board>,
    events: Receiver<Event>,
    sender: Sender<Event>,
    /// What came during a burst of changes.
    put_off: VecDeque<Event>,
    options: LoadOptions,
    threads: usize,
}

impl Watch {
    /// Begins to watch the network file `file`, and to serve its page at [`Watch::address`]. `options` are those it is read
    /// with, `threads` those that it is run on, 0 for one a core.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is no such file, its folder cannot be watched, or nothing can be served on this machine.
    pub fn new(file: &Path, options: LoadOptions, threads: usize) -> Result<Self, Error> {
        let (sender, events) = mpsc::channel();
        let board = Arc::new(Board::default());
        let files = Files::new(file, sender.clone())?;
        let served = Served::new(file, &board)?;
        Ok(Self { files, served, board, events, sender, put_off: VecDeque::new(), options, threads })
    }

    /// Where the page is: `http://127.0.0.1:PORT/TOKEN/`, with a port and a token that are new each time.
    pub fn address(&self) -> &str {
        self.served.address()
    }

    /// Runs the network, and again after each change, until `cancel`. `hear` is given what came out of each run that was
    /// not overtaken by the next.
    pub fn follow(mut self, cancel: &CancelToken, mut hear: impl FnMut(Result<&RunResult, &Error>)) {
        let worker = Worker::new(&self.board, &self.sender);
        let (mut number, mut current) = (0, CancelToken::new());
        let mut due = true;
        while !cancel.is_cancelled() && !worker.is_gone() {
            if std::mem::take(&mut due) {
                current.cancel();
                (number, current) = (number + 1, CancelToken::new());
                let (file, options) = (self.files.main().to_owned(), self.options.clone());
                let (threads, cancel) = (self.threads, current.clone());
                worker.begin(Job { number, file, options, threads, cancel });
            }
            let event = match self.put_off.pop_front() {
                Some(event) => Ok(event),
                None => self.events.recv_timeout(ATTENTION),
            };
            match event {
                Ok(Event::Touched(paths)) => due = self.changed(paths),
                Ok(Event::Read(of, data)) if of == number => self.files.follow(data),
                Ok(Event::Ended(of, result)) if of == number => hear(result.as_ref().as_ref()),
                // Of a run that was overtaken.
                Ok(Event::Read(..) | Event::Ended(..)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        current.cancel();
        self.served.end();
        worker.end();
    }

    /// Whether the network has to run again: waits until a burst of changes is over.
    fn changed(&mut self, mut paths: Vec<PathBuf>) -> bool {
        let begun = Instant::now();
        let mut everywhere = paths.is_empty();
        while begun.elapsed() < LONGEST_QUIET {
            match self.events.recv_timeout(QUIET) {
                Ok(Event::Touched(more)) => {
                    everywhere |= more.is_empty();
                    paths.extend(more);
                }
                Ok(other) => self.put_off.push_back(other),
                Err(_) => break,
            }
        }
        self.files.are_other(if everywhere { &[] } else { &paths })
    }
}
