//! The state of a run as bytes: all that it needs to go on, and nothing that its network tells already.
//!
//! It is written piece by piece, wherever its observer keeps it, and read into the same network compiled afresh. The
//! stages of a run are kept each by itself: the mean field in parts, one for each block of neurons, of which no process needs
//! more than its own; then the fluctuations beside it, which need the mean field's last. Bytes are those of one version of the
//! engine; whoever keeps them keeps the version and the network's hash with them. What is read is checked for shape, not for
//! sense: a checksum is their keeper's business, too.

use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use qhh_core::stop;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Progress, RunError};

/// Watches a run.
pub trait Observer {
    /// How far it is: told before the first window and after each. [`ControlFlow::Break`] ends it.
    fn progress(&mut self, progress: Progress) -> ControlFlow<()>;

    /// Whether to hand the state over: asked after each window.
    fn wants_state(&mut self, progress: Progress) -> bool {
        let _ = progress;
        false
    }

    /// Takes the state that it wants, also of a run that it has just ended.
    fn keep(&mut self, state: &State<'_>) {
        let _ = state;
    }
}

impl<F: FnMut(Progress) -> ControlFlow<()>> Observer for F {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// The state of one stage of a run, between two windows.
pub struct State<'a> {
    /// How far it is.
    pub progress: Progress,
    write: &'a dyn Fn(&mut StateWriter<'_>) -> io::Result<()>,
}

impl<'a> State<'a> {
    pub(super) fn new(progress: Progress, write: &'a dyn Fn(&mut StateWriter<'_>) -> io::Result<()>) -> Self {
        Self { progress, write }
    }
}

impl State<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(&mut StateWriter::new(out))
    }
}

/// What comes before the blocks in the state of a mean field.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    /// Steps in a window, steps made, blocks.
    pub(super) window: u64,
    pub(super) done: u64,
    pub(super) blocks: usize,
}

/// States from which a run goes on; none of either for one that begins.
#[derive(Default)]
pub struct Checkpoint {
    /// What [`State::write_to`] wrote of the mean field, which may be as large as the network: read once, part by part.
    pub mean_field: Option<Box<dyn Read + Send>>,
    /// The same of modes or samples.
    pub fluctuations: Option<Vec<u8>>,
}

impl Checkpoint {
    /// Of states that are in memory.
    pub fn in_memory(mean_field: Option<Vec<u8>>, fluctuations: Option<Vec<u8>>) -> Self {
        let mean_field = mean_field.map(|bytes| Box::new(io::Cursor::new(bytes)) as Box<dyn Read + Send>);
        Self { mean_field, fluctuations }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean_field, fluctuations) = (self.mean_field.is_some(), self.fluctuations.is_some());
        write!(f, "Checkpoint {{ mean_field: {mean_field}, fluctuations: {fluctuations} }}")
    }
}

/// Tells the observer how far a run is, and hands over the state if it is wanted. The run ends here if the observer or a
/// token of the thread says so.
pub(super) fn tell(
    observer: &mut dyn Observer,
    progress: Progress,
    write: &dyn Fn(&mut StateWriter<'_>) -> io::Result<()>,
) -> Result<(), RunError> {
    let flow = observer.progress(progress);
    if observer.wants_state(progress) {
        observer.keep(&State { progress, write });
    }
    if flow.is_break() || stop::is_requested() { Err(RunError::Stopped { time: progress.time }) } else { Ok(()) }
}

/// Tells the observer how far a run is: whether it ends the run, and whether it wants the state.
pub(super) fn asked(observer: &mut dyn Observer, progress: Progress) -> (bool, bool) {
    let stops = observer.progress(progress).is_break() || stop::is_requested();
    (stops, observer.wants_state(progress))
}

/// What a stage that unwound for a stop ends with, its state told once more: it is stopped whatever its observer says.
pub(super) fn stopped(told: Result<(), RunError>, time: f64) -> Result<(), RunError> {
    told.and(Err(RunError::Stopped { time }))
}

/// Does work that a stop unwinds: it then ends with the time that `observer` heard of last.
pub(super) fn stoppable<T>(
    observer: &mut dyn Observer,
    work: impl FnOnce(&mut dyn Observer) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let mut clock = Clock { observer, time: 0.0 };
    let done = stop::unless_stopped(|| work(&mut clock));
    done.unwrap_or(Err(RunError::Stopped { time: clock.time }))
}

/// An observer that notes how far a run is.
struct Clock<'o> {
    observer: &'o mut dyn Observer,
    /// Time reached.
    time: f64,
}

impl Observer for Clock<'_> {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.time = progress.time;
        self.observer.progress(progress)
    }

    fn wants_state(&mut self, progress: Progress) -> bool {
        self.observer.wants_state(progress)
    }

    fn keep(&mut self, state: &State<'_>) {
        self.observer.keep(state);
    }
}

/// Where a state is written.
pub(super) struct StateWriter<'w> {
    out: &'w mut dyn Write,
    buffer: Vec<u8>,
}

impl<'w> StateWriter<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, buffer: Vec::new() }
    }

    /// Writes pieces as a part, which can be handed on by who does not know what they are.
    pub(super) fn put_part(
        &mut self,
        write: impl FnOnce(&mut StateWriter<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut part = Vec::new();
        write(&mut StateWriter::new(&mut part))?;
        write_part(self.out, &part)
    }

    /// Writes pieces that come from elsewhere.
    pub(super) fn put_all(&mut self, from: &mut dyn Read) -> io::Result<()> {
        io::copy(from, self.out).map(drop)
    }

    pub(super) fn put<T: Serialize + ?Sized>(&mut self, piece: &T) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        self.buffer = postcard::to_extend(piece, buffer).map_err(io::Error::other)?;
        self.out.write_all(&self.buffer)
    }
}

/// Reads a state, piece by piece in the order it was written.
pub(super) struct StateReader<'b> {
    rest: &'b [u8],
}

/// Writes a part of a state, its length before it.
pub(super) fn write_part(out: &mut dyn Write, part: &[u8]) -> io::Result<()> {
    out.write_all(&(part.len() as u64).to_le_bytes())?;
    out.write_all(part)
}

/// The next part of a state.
pub(super) fn next_part(source: &mut dyn Read) -> Result<Vec<u8>, StateMismatch> {
    let (mut length, mut part) = ([0; 8], Vec::new());
    source.read_exact(&mut length).map_err(|_| StateMismatch)?;
    let length = u64::from_le_bytes(length);
    // It grows with what is there, whatever a damaged length says.
    let read = source.take(length).read_to_end(&mut part).map_err(|_| StateMismatch)?;
    if read as u64 == length { Ok(part) } else { Err(StateMismatch) }
}

/// That a state has no more parts.
pub(super) fn no_more_parts(source: &mut dyn Read) -> Result<(), StateMismatch> {
    match source.read(&mut [0]) {
        Ok(0) => Ok(()),
        _ => Err(StateMismatch),
    }
}

/// A state is not one of this network.
pub(super) struct StateMismatch;

impl From<StateMismatch> for RunError {
    fn from(_: StateMismatch) -> Self {
        Self::StateMismatch
    }
}

impl<'b> StateReader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next piece, if it is one that `fits`.
    pub(super) fn take<T: DeserializeOwned>(&mut self, fits: impl Fn(&T) -> bool) -> Result<T, StateMismatch> {
        let (piece, rest) = postcard::take_from_bytes(self.rest).map_err(|_| StateMismatch)?;
        self.rest = rest;
        if fits(&piece) { Ok(piece) } else { Err(StateMismatch) }
    }

    /// How many of so many tasks are done: the first piece of a stage that is made of tasks.
    pub(super) fn tasks(&mut self, total: u64) -> Result<u64, StateMismatch> {
        let (done, _) = self.take(|(done, of): &(u64, u64)| *of == total && done <= of)?;
        Ok(done)
    }

    /// That nothing is left.
    pub(super) fn end(self) -> Result<(), StateMismatch> {
        if self.rest.is_empty() { Ok(()) } else { Err(StateMismatch) }
    }
}
