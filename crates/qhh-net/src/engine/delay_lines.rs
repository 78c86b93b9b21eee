//! Delay lines: what ports sent, for as long as it is under way.
//!
//! Samples are kept in slabs, one for each window of steps, used in turn: `[row][step]`, a row for each sending port.
//! A window reads the slabs before it and fills its own, so blocks need no locks. A row in which nothing was sent is
//! marked, and neither written nor read.
//!
//! Slabs reach back twice the mean over the rows' own longest delays. Rows with longer ones, half of all at most, are
//! copied into rings of their own when a slab is used again, so that one long delay costs one row's memory: all together
//! take at most three times what their delays do.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::io;
use std::ops::Range;

use bytemuck::Pod;
use qhh_core::integrate::lanes::Lanes;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::pages::{Numbers, prefetch};
use super::state::{StateMismatch, StateReader, StateWriter};
use crate::coupling::scattering::{Joined, lag};

/// Bytes of waves that a cache holds.
const CACHED: usize = 32 << 20;

/// What a wave is kept as.
pub(crate) trait Sample: Pod + Default + Send + Sync + Into<f64> {}

impl Sample for f64 {}
impl Sample for f32 {}

/// What all ports sent, over the last windows.
#[derive(Debug)]
pub(crate) struct DelayLines<T: Sample = f64> {
    slabs: Vec<Slab<T>>,
    window: usize,
    /// Whether they lie in memory rather than in a cache.
    distant: bool,
    /// Number of the window that is filled next, or just now.
    number: u64,
    /// What rows sent before the slabs' time, those whose delays reach so far.
    far: Vec<Far<T>>,
    /// Place of each row among them plus one, 0 of those that are not; empty if none is.
    places: Vec<u32>,
}

/// What one row sent over the windows before those of the slabs, used in turn.
#[derive(Debug)]
struct Far<T> {
    row: usize,
    /// `[window][step]`
    samples: Vec<T>,
    /// Whether anything was sent, by window.
    active: Vec<bool>,
}

/// What all ports sent in one window: samples at the ends of its steps.
#[derive(Debug, Default)]
pub(crate) struct Slab<T: Sample = f64> {
    /// `[row][step]`
    samples: Numbers<T>,
    /// Whether anything was sent.
    active: Vec<bool>,
}

impl<T: Sample> DelayLines<T> {
    /// Lines for ports whose waves are under way for up to so many steps each, and windows of `window` steps.
    pub(crate) fn new(longest: &[usize], window: usize) -> Self {
        let rows = longest.len();
        let windows = |steps: usize| steps.div_ceil(window);
        let sum: u128 = longest.iter().map(|&steps| steps as u128).sum();
        let twice_mean = usize::try_from(2 * sum / rows.max(1) as u128).unwrap_or(usize::MAX);
        let most = longest.iter().copied().max().unwrap_or(0);
        let n_slabs = windows(most.min(twice_mean)) + 1;
        let slab = || Slab { samples: Numbers::zeros(rows * window), active: vec![false; rows] };
        let far = |(row, &steps): (usize, &usize)| {
            let more = (windows(steps) + 1).checked_sub(n_slabs).filter(|more| *more > 0)?;
            Some(Far { row, samples: vec![T::default(); more * window], active: vec![false; more] })
        };
        let far: Vec<Far<T>> = longest.iter().enumerate().filter_map(far).collect();
        let mut places = vec![0; if far.is_empty() { 0 } else { rows }];
        for (number, far) in (1..).zip(&far) {
            places[far.row] = number;
        }
        let distant = n_slabs * rows * window * size_of::<T>() > CACHED;
        Self { slabs: (0..n_slabs).map(|_| slab()).collect(), window, distant, number: 0, far, places }
    }

    /// The slab of a window, to be filled; the others can be read meanwhile. Give it back with [`DelayLines::put`].
    ///
    /// Windows are taken one after the other.
    pub(crate) fn take(&mut self, number: u64, pool: Option<&ThreadPool>) -> Slab<T> {
        self.number = number;
        let place = self.place(number);
        let slab = std::mem::take(&mut self.slabs[place]);
        if let Some(old) = number.checked_sub(self.slabs.len() as u64) {
            let window = self.window;
            let keep = |far: &mut Far<T>| far.keep(old, &slab, window);
            match pool {
                Some(pool) if !self.far.is_empty() => pool.install(|| self.far.par_iter_mut().for_each(keep)),
                _ => self.far.iter_mut().for_each(keep),
            }
        }
        slab
    }

    /// Gives the slab of the window back.
    pub(crate) fn put(&mut self, slab: Slab<T>) {
        let place = self.place(self.number);
        self.slabs[place] = slab;
        self.number += 1;
    }

    /// What was sent before the window whose slab is out.
    pub(crate) fn history(&self) -> History<'_, T> {
        self.history_at(self.number)
    }

    /// What had been sent before a window of the past, as far as that is still kept.
    pub(crate) fn history_at(&self, number: u64) -> History<'_, T> {
        History { lines: self, number, place: self.place(number) }
    }

    /// What a row sent in a window so many before that of `number`, whose slab has this `place`; none if it was silent, or
    /// before the run.
    #[inline(always)]
    fn sent(&self, row: usize, back: usize, (number, place): (u64, usize)) -> Option<&[T]> {
        let n = self.slabs.len();
        // Slabs of windows before the run have no row marked, unless they were used again since.
        if back as u64 + (self.number - number) < n as u64 {
            let slab = &self.slabs[if place >= back { place - back } else { place + n - back }];
            return slab.active[row].then(|| &slab.samples[row * self.window..][..self.window]);
        }
        let window = number.checked_sub(back as u64)?;
        let far = &self.far[(*self.places.get(row)? as usize).checked_sub(1)?];
        far.window(window, self.window)
    }

    #[expect(clippy::cast_possible_truncation, reason = "below the number of slabs")]
    fn place(&self, number: u64) -> usize {
        (number % self.slabs.len() as u64) as usize
    }
}

impl DelayLines {
    /// Bytes that [`DelayLines::new`] takes for so many ports, whose delays are `mean` on the average and `longest` at most.
    pub(crate) fn bytes(rows: f64, window: f64, (mean, longest): (f64, f64)) -> f64 {
        let near = longest.min(2.0 * mean);
        let slabs = ((near / window).ceil() + 1.0) * rows * (8.0 * window + 1.0);
        // As if as many as can had the longest delay.
        let far = if longest > near { (rows * mean / longest).max(1.0) * 8.0 * (longest - near) } else { 0.0 };
        slabs + far
    }

    /// Bytes that are reserved for waves.
    pub(crate) fn reserved(&self) -> usize {
        let slabs = self.slabs.iter().map(|slab| 8 * slab.samples.len() + slab.active.len());
        slabs.sum::<usize>() + self.far.iter().map(|far| 8 * far.samples.len()).sum::<usize>()
    }

    /// Sum of the squares of the last `steps` samples of a row, `done` steps into the run.
    pub(crate) fn energy(&self, row: usize, done: u64, steps: u64) -> f64 {
        let (mut step, mut energy, window) = (done.saturating_sub(steps), 0.0, self.window as u64);
        let n = self.slabs.len() as u64;
        while step < done {
            #[expect(clippy::cast_possible_truncation, reason = "below the window")]
            let (from, to) = ((step % window) as usize, (step % window + done - step).min(window) as usize);
            // The slab of the next window still holds an old one.
            let number = step / window;
            let sent = if number + n >= self.number {
                let slab = &self.slabs[self.place(number)];
                slab.active[row].then(|| &slab.samples[row * self.window..][..self.window])
            } else {
                let far = self.places.get(row).and_then(|place| self.far.get((*place as usize).checked_sub(1)?));
                far.and_then(|far| far.window(number, self.window))
            };
            if let Some(sent) = sent {
                energy = sent[from..to].iter().fold(energy, |energy, wave| energy + wave * wave);
            }
            step += (to - from) as u64;
        }
        energy
    }

    /// Writes what a row sent in the last windows, the latest first.
    pub(super) fn save_row(&self, sink: &mut StateWriter<'_>, row: usize, windows: usize) -> io::Result<()> {
        let at = (self.number, self.place(self.number));
        let oldest = &self.slabs[at.1];
        let sent = |back: usize| match back {
            // What is to be copied when its slab is used again.
            _ if back == self.slabs.len() => {
                oldest.active[row].then(|| &oldest.samples[row * self.window..][..self.window])
            }
            _ => self.sent(row, back, at),
        };
        sink.put(&(1..=windows).map(sent).collect::<Vec<_>>())
    }

    /// Takes window `number` for the next to be filled.
    pub(super) fn begin_at(&mut self, number: u64) {
        self.number = number;
    }

    /// Reads what a row sent into this row, which goes back for so many windows.
    pub(super) fn restore_row(
        &mut self,
        pieces: &mut StateReader<'_>,
        (row, windows): (usize, usize),
    ) -> Result<(), StateMismatch> {
        let fits = |sent: &[f64]| sent.len() == self.window;
        let sent: Vec<Option<Vec<f64>>> = pieces.take(|sent: &Vec<Option<Vec<f64>>>| {
            sent.iter().flatten().all(|sent| fits(sent)) && sent.len() >= windows
        })?;
        for (back, sent) in (1..=windows as u64).zip(sent) {
            let (Some(sent), Some(number)) = (sent, self.number.checked_sub(back)) else { continue };
            let (samples, active) = if back <= self.slabs.len() as u64 {
                let (place, window) = (self.place(number), self.window);
                let slab = &mut self.slabs[place];
                (&mut slab.samples[row * window..][..window], &mut slab.active[row])
            } else {
                let far = self.places.get(row).and_then(|place| (*place as usize).checked_sub(1));
                self.far[far.ok_or(StateMismatch)?].window_mut(number, self.window)
            };
            samples.copy_from_slice(&sent);
            *active = true;
        }
        Ok(())
    }
}

impl<T: Sample> Far<T> {
    #[expect(clippy::cast_possible_truncation, reason = "below the number of windows")]
    fn place(&self, number: u64) -> usize {
        (number % self.active.len() as u64) as usize
    }

    /// Takes in what its row sent in a window.
    fn keep(&mut self, number: u64, slab: &Slab<T>, window: usize) {
        let place = self.place(number);
        self.active[place] = slab.active[self.row];
        if self.active[place] {
            let sent = &slab.samples[self.row * window..][..window];
            self.samples[place * window..][..window].copy_from_slice(sent);
        }
    }

    /// Samples of a window, and their mark.
    fn window_mut(&mut self, number: u64, window: usize) -> (&mut [T], &mut bool) {
        let place = self.place(number);
        (&mut self.samples[place * window..][..window], &mut self.active[place])
    }

    /// What was sent in a window; none if nothing was.
    fn window(&self, number: u64, window: usize) -> Option<&[T]> {
        let place = self.place(number);
        self.active[place].then(|| &self.samples[place * window..][..window])
    }
}

impl Slab {
    /// The whole slab, to be shared out among blocks.
    pub(crate) fn fresh(&mut self, window: usize) -> SlabWriter<'_> {
        SlabWriter { samples: &mut self.samples, active: &mut self.active, window }
    }

    /// Whether anything was sent, by row.
    pub(crate) fn active(&self) -> &[bool] {
        &self.active
    }
}

impl Slab<f32> {
    /// Takes in another slab, rounded.
    #[expect(clippy::cast_possible_truncation, reason = "rounded")]
    pub(crate) fn round(&mut self, exact: &Slab, window: usize, pool: Option<&ThreadPool>) {
        self.active.copy_from_slice(&exact.active);
        let of_row = |((to, from), active): ((&mut [f32], &[f64]), &bool)| {
            if *active {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from as f32);
            }
        };
        let (to, from) = (&mut self.samples, &exact.samples);
        match pool {
            Some(pool) => pool.install(|| {
                let rows = to.par_chunks_mut(window).zip(from.par_chunks(window)).zip(&exact.active);
                rows.with_min_len(1024).for_each(of_row);
            }),
            None => to.chunks_mut(window).zip(from.chunks(window)).zip(&exact.active).for_each(of_row),
        }
    }
}

/// The part of a slab that some blocks fill.
pub(crate) struct SlabWriter<'a> {
    samples: &'a mut [f64],
    active: &'a mut [bool],
    window: usize,
}

impl SlabWriter<'_> {
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
pub(crate) struct History<'a, T: Sample = f64> {
    lines: &'a DelayLines<T>,
    /// Number of the window.
    number: u64,
    /// Place of the window's slab.
    place: usize,
}

impl<'a, T: Sample> History<'a, T> {
    /// Adds `factor` times what a row sent `lag` steps before the end of each of the window's steps, whole steps and a part of
    /// one: at least as many as are summed. `begun` says whether the sum holds anything yet: before the first addition it is
    /// cleared. `joined` is working memory.
    ///
    /// Between two samples a wave is a straight line: second order like the step, and it never grows a wave nor brings it early.
    #[inline(always)]
    pub(crate) fn add(
        &self,
        row: u32,
        (whole, part): (u32, f64),
        factor: f64,
        sum: &mut [f64],
        (begun, joined): (&mut bool, &mut Vec<f64>),
    ) {
        if part == 0.0 {
            for (at, sent) in self.stretches(row, whole, sum.len()) {
                // A whole first wave, all that a neuron of a chain receives, needs no sum cleared before.
                if !*begun && sent.len() == sum.len() {
                    *begun = true;
                    for k in 0..sent.len() {
                        let sent: f64 = sent[k].into();
                        sum[k] = 0.0 + factor * sent;
                    }
                    continue;
                }
                begin(sum, begun);
                let sum = &mut sum[at..at + sent.len()];
                for k in 0..sent.len() {
                    let sent: f64 = sent[k].into();
                    sum[k] += factor * sent;
                }
            }
        } else if let Some(sent) = self.joined(row, whole + 1, sum.len() + 1, joined) {
            begin(sum, begun);
            let (earlier, later) = (factor * part, factor * (1.0 - part));
            for k in 0..sum.len() {
                let (before, sent): (f64, f64) = (sent[k].into(), sent[k + 1].into());
                sum[k] = sum[k] + later * sent + earlier * before;
            }
        }
    }

    /// What a row sent over some steps, no more than a window and one, from `lag` steps before the end of the window's first on;
    /// none if it was silent. Where they lie in two windows, both are copied whole: loops over part of each would be of another
    /// length for every delay, which processors guess wrong.
    #[inline(always)]
    fn joined<'b>(&self, row: u32, lag: u32, n_steps: usize, room: &'b mut Vec<f64>) -> Option<&'b [T]>
    where
        'a: 'b,
    {
        let (window, (back, step)) = (self.lines.window, self.start(lag));
        let first = self.lines.sent(row as usize, back, (self.number, self.place));
        if step + n_steps <= window {
            return first.map(|first| &first[step..step + n_steps]);
        }
        let second = self.lines.sent(row as usize, back - 1, (self.number, self.place));
        if first.is_none() && second.is_none() {
            return None;
        }
        if room.len() < 2 * window {
            room.resize(2 * window, 0.0);
        }
        let room: &mut [T] = &mut bytemuck::cast_slice_mut(room)[..2 * window];
        for (room, sent) in room.chunks_exact_mut(window).zip([first, second]) {
            match sent {
                Some(sent) => room.copy_from_slice(sent),
                None => room.fill(T::default()),
            }
        }
        Some(&room[step..step + n_steps])
    }

    /// Sums over steps, from the window's first, of what a row sent `lag` steps before the end of each, times either weight; of
    /// windows of the past, `lag` may be anything. Eight steps side by side, whose sums are added up at the end.
    #[inline(always)]
    pub(crate) fn dots(&self, row: u32, lag: u32, weights: [&[f64]; 2]) -> [f64; 2] {
        let (mut first, mut second) = (Lanes::<8>::default(), Lanes::<8>::default());
        for (at, sent) in self.stretches(row, lag, weights[0].len()) {
            let (eights, rest) = sent.as_chunks::<8>();
            let until = at + sent.len();
            let (of_first, last_first) = weights[0][at..until].as_chunks::<8>();
            let (of_second, last_second) = weights[1][at..until].as_chunks::<8>();
            for ((sent, of_first), of_second) in eights.iter().zip(of_first).zip(of_second) {
                let mut waves = Lanes::<8>::default();
                for (wave, sent) in waves.0.iter_mut().zip(sent) {
                    *wave = (*sent).into();
                }
                first = waves.mul_add(Lanes(*of_first), first);
                second = waves.mul_add(Lanes(*of_second), second);
            }
            for k in 0..rest.len() {
                let sent: f64 = rest[k].into();
                first.0[k] += sent * last_first[k];
                second.0[k] += sent * last_second[k];
            }
        }
        [first.0.iter().sum(), second.0.iter().sum()]
    }

    /// Whether what was sent lies in memory rather than in a cache.
    #[inline(always)]
    pub(crate) fn is_distant(&self) -> bool {
        self.lines.distant
    }

    /// Prefetches what [`History::add`] and [`History::dots`] will read for some arms, of what left before the step `sent`: rows
    /// that lie far apart come side by side, where otherwise each is waited for before the next.
    #[inline(always)]
    pub(crate) fn fetch(&self, arms: &Joined, which: Range<usize>, (sent, n_steps): (u64, usize)) {
        for (delay, sender) in which.clone().map(|arm| arms.delays.get(arm)).zip(&arms.senders()[which]) {
            let (whole, part) = lag(delay);
            if u64::from(whole) >= sent {
                continue;
            }
            let beyond = u32::from(part > 0.0);
            for (_, sent) in self.stretches(*sender, whole + beyond, n_steps + beyond as usize) {
                prefetch(sent);
            }
        }
    }

    /// What a row sent `lag` steps before the end of each of `n_steps` steps of the window.
    #[inline(always)]
    fn stretches(&self, row: u32, lag: u32, n_steps: usize) -> Stretches<'_, T> {
        let (back, step) = self.start(lag);
        Stretches { history: self, row: row as usize, back, step, at: 0, n_steps }
    }

    /// The sample `lag` steps before the end of the window's first step, counted in windows back and steps onward.
    #[inline(always)]
    fn start(&self, lag: u32) -> (usize, usize) {
        let back = (lag as usize).div_ceil(self.lines.window);
        (back, back * self.lines.window - lag as usize)
    }
}

/// Clears a sum before the first addition.
#[inline(always)]
fn begin(sum: &mut [f64], begun: &mut bool) {
    if !*begun {
        sum.fill(0.0);
        *begun = true;
    }
}

/// Samples of a row over some steps, stretch by stretch, each with its place; stretches in which it was silent are left out.
struct Stretches<'a, T: Sample> {
    history: &'a History<'a, T>,
    row: usize,
    back: usize,
    step: usize,
    at: usize,
    n_steps: usize,
}

impl<'a, T: Sample> Iterator for Stretches<'a, T> {
    type Item = (usize, &'a [T]);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let History { lines, number, place } = self.history;
        while self.at < self.n_steps {
            let (at, step, back) = (self.at, self.step, self.back);
            let length = (self.n_steps - at).min(lines.window - step);
            // Of the window being filled nothing is read: no sum is longer than a lag.
            (self.at, self.step, self.back) = (at + length, 0, back.wrapping_sub(1));
            if let Some(sent) = lines.sent(self.row, back, (*number, *place)) {
                return Some((at, &sent[step..step + length]));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of very different delays against a list of all that was ever sent; and how much they keep.
    #[test]
    fn every_row_reaches_back_as_far_as_its_own_delay() {
        let (window, longest) = (8, [3, 8, 21, 2000, 0, 17, 40, 9]);
        let mut lines = DelayLines::new(&longest, window);
        let kept: usize = lines.far.iter().map(|far| far.samples.len()).sum();
        assert!(lines.far.len() == 1 && (1400..2000).contains(&kept), "{} rows, {kept} steps", lines.far.len());
        let value = |row: usize, step: usize| if step % 5 == row % 5 { 0.0 } else { (step * (row + 1)) as f64 };
        // A row is silent in some windows.
        let silent = |row: usize, number: usize| (number + row).is_multiple_of(3);
        let sent = |row: usize, step: Option<usize>| {
            step.filter(|step| !silent(row, step / window)).map_or(0.0, |step| value(row, step))
        };
        let (n_windows, mut joined) = (700, Vec::new());
        for number in 0..n_windows {
            let mut slab = lines.take(number as u64, None);
            let history = lines.history();
            for (row, &longest) in longest.iter().enumerate() {
                for lag in
                    [window, longest / 2, longest].into_iter().filter(|lag| (window..=longest).contains(lag))
                {
                    let (mut sum, mut begun) = (vec![f64::NAN; window], false);
                    history.add(
                        u32::try_from(row).unwrap(),
                        (u32::try_from(lag).unwrap(), 0.0),
                        2.0,
                        &mut sum,
                        (&mut begun, &mut joined),
                    );
                    if !begun {
                        sum.fill(0.0);
                    }
                    for (k, sum) in sum.into_iter().enumerate() {
                        let expected = 2.0 * sent(row, (number * window + k).checked_sub(lag));
                        assert_eq!(sum, expected, "row {row}, lag {lag}, step {k} of window {number}");
                    }
                }
            }
            let mut fresh = slab.fresh(window);
            for row in 0..longest.len() {
                let (samples, active) = fresh.row(row);
                *active = !silent(row, number);
                // What is not marked is never read.
                (0..window)
                    .for_each(|k| samples[k] = if *active { value(row, number * window + k) } else { f64::NAN });
            }
            lines.put(slab);
        }
        let done = n_windows * window;
        for (row, &longest) in longest.iter().enumerate() {
            let expected: f64 = (done - longest..done).map(|step| sent(row, Some(step)).powi(2)).sum();
            let energy = lines.energy(row, done as u64, longest as u64);
            assert!((energy - expected).abs() <= 1e-12 * expected, "row {row}: {energy}, not {expected}");
        }
    }
}
