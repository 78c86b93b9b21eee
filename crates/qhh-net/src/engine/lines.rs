//! Delay lines: what ports sent, for as long as it is under way.
//!
//! Samples are kept in slabs, one for each window of steps, used in turn: `[row][step]`, a row for each sending port.
//! A window reads the slabs before it and fills its own, so blocks need no locks. A row in which nothing was sent is
//! marked, and neither written nor read.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::io;

use super::state::{Misfit, Pieces, Sink};

/// What all ports sent, over the last windows.
#[derive(Debug)]
pub(crate) struct Lines {
    slabs: Vec<Slab>,
    window: usize,
}

/// What all ports sent in one window: samples at the ends of its steps.
#[derive(Debug, Default)]
pub(crate) struct Slab {
    /// `[row][step]`
    samples: Vec<f64>,
    /// Whether anything was sent.
    active: Vec<bool>,
}

impl Lines {
    /// Lines for `rows` ports, windows of `window` steps, and waves under way for up to `longest` steps.
    pub(crate) fn new(rows: usize, window: usize, longest: usize) -> Self {
        let n_slabs = if rows == 0 { 1 } else { longest.div_ceil(window) + 1 };
        let slab = || Slab { samples: vec![0.0; rows * window], active: vec![false; rows] };
        Self { slabs: (0..n_slabs).map(|_| slab()).collect(), window }
    }

    /// Bytes that [`Lines::new`] takes.
    pub(crate) fn bytes(rows: f64, window: f64, longest: f64) -> f64 {
        ((longest / window).ceil() + 1.0) * rows * (8.0 * window + 1.0)
    }

    /// The slab of a window, to be filled; the others can be read meanwhile. Give it back with [`Lines::put`].
    pub(crate) fn take(&mut self, number: u64) -> Slab {
        let place = self.place(number);
        std::mem::take(&mut self.slabs[place])
    }

    /// Gives the slab of a window back.
    pub(crate) fn put(&mut self, number: u64, slab: Slab) {
        let place = self.place(number);
        self.slabs[place] = slab;
    }

    /// What was sent before window `number`.
    pub(crate) fn history(&self, number: u64) -> History<'_> {
        History { lines: self, place: self.place(number) }
    }

    /// Sum of the squares of the last `steps` samples of a row, `done` steps into the run.
    pub(crate) fn energy(&self, row: usize, done: u64, steps: u64) -> f64 {
        let (mut step, mut energy, window) = (done.saturating_sub(steps), 0.0, self.window as u64);
        while step < done {
            let slab = &self.slabs[self.place(step / window)];
            #[expect(clippy::cast_possible_truncation, reason = "below the window")]
            let (from, to) = ((step % window) as usize, (step % window + done - step).min(window) as usize);
            if slab.active[row] {
                let sent = &slab.samples[row * self.window..][from..to];
                energy = sent.iter().fold(energy, |energy, wave| energy + wave * wave);
            }
            step += (to - from) as u64;
        }
        energy
    }

    /// Writes what is under way.
    pub(super) fn save(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        for slab in &self.slabs {
            sink.put(&slab.active)?;
            for (row, samples) in slab.samples.chunks_exact(self.window).enumerate() {
                if slab.active[row] {
                    sink.put(samples)?;
                }
            }
        }
        Ok(())
    }

    /// Reads it into lines made alike.
    pub(super) fn restore(&mut self, pieces: &mut Pieces<'_>) -> Result<(), Misfit> {
        for slab in &mut self.slabs {
            slab.active = pieces.take(|active: &Vec<bool>| active.len() == slab.active.len())?;
            for (row, samples) in slab.samples.chunks_exact_mut(self.window).enumerate() {
                if slab.active[row] {
                    let sent: Vec<f64> = pieces.take(|sent: &Vec<f64>| sent.len() == self.window)?;
                    samples.copy_from_slice(&sent);
                }
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "below the number of slabs")]
    fn place(&self, number: u64) -> usize {
        (number % self.slabs.len() as u64) as usize
    }
}

impl Slab {
    /// The whole slab, to be shared out among blocks.
    pub(crate) fn fresh(&mut self, window: usize) -> Fresh<'_> {
        Fresh { samples: &mut self.samples, active: &mut self.active, window }
    }
}

/// The part of a slab that some blocks fill.
pub(crate) struct Fresh<'a> {
    samples: &'a mut [f64],
    active: &'a mut [bool],
    window: usize,
}

impl Fresh<'_> {
    /// The first `rows` rows and the rest.
    pub(crate) fn split(self, rows: usize) -> (Self, Self) {
        let (samples, more_samples) = self.samples.split_at_mut(rows * self.window);
        let (active, more_active) = self.active.split_at_mut(rows);
        let window = self.window;
        (Self { samples, active, window }, Self { samples: more_samples, active: more_active, window })
    }

    /// Samples of a row and its mark.
    #[inline(always)]
    pub(crate) fn row(&mut self, row: usize) -> (&mut [f64], &mut bool) {
        (&mut self.samples[row * self.window..(row + 1) * self.window], &mut self.active[row])
    }

    /// Marks every row as silent.
    pub(crate) fn silence(self) {
        self.active.fill(false);
    }
}

/// What was sent before a window.
#[derive(Clone, Copy)]
pub(crate) struct History<'a> {
    lines: &'a Lines,
    /// Place of the window's slab.
    place: usize,
}

impl History<'_> {
    /// Adds `factor` times what a row sent `lag` steps before the end of each of the window's steps; `lag` is at least
    /// the number of steps. Whether there was anything to add.
    #[inline(always)]
    pub(crate) fn add(&self, row: u32, lag: u32, factor: f64, sum: &mut [f64]) -> bool {
        let Lines { slabs, window, .. } = self.lines;
        let (row, lag) = (row as usize, lag as usize);
        // The first sample, counted in windows back and steps onward.
        let back = lag.div_ceil(*window);
        let mut step = back * window - lag;
        let mut slab = if self.place >= back { self.place - back } else { self.place + slabs.len() - back };
        // Slabs of windows before the run have no row marked.
        let (mut any, mut at) = (false, 0);
        while at < sum.len() {
            let length = (sum.len() - at).min(window - step);
            if slabs[slab].active[row] {
                any = true;
                let sent = &slabs[slab].samples[row * window + step..][..length];
                let sum = &mut sum[at..at + length];
                for k in 0..length {
                    sum[k] += factor * sent[k];
                }
            }
            (at, step, slab) = (at + length, 0, if slab + 1 == slabs.len() { 0 } else { slab + 1 });
        }
        any
    }
}
