//! The state of a mean field, which blocks of any number of ranks write one after the other, and any number goes on from.
//!
//! Rank 0 has it, and sends each rank the part of its blocks. What ports of other ranks have under way is then said by these.

use std::cell::RefCell;
use std::io;
use std::ops::Range;

use super::drive::{Drive, Stepped};
use super::state::{Head, StateMismatch, StateReader, StateWriter};
use super::{RunError, Stepper};
use crate::coupling::own::stretch;

impl Drive<'_> {
    /// Writes what its blocks need to go on: of each its state, and what its rows of the delay lines have under way.
    pub(super) fn save<B: Stepper>(&self, sink: &mut StateWriter<'_>, stepped: &Stepped<B>) -> io::Result<()> {
        let width = stepped.width();
        let first = self.share.coupling.scattering.border.own_rows().start;
        for block in &stepped.blocks {
            sink.put(&block.kept())?;
            let (start, count) = block.rows();
            sink.put(&count)?;
            for (row, steps) in stepped.longest.iter().enumerate().skip(first + start).take(count) {
                stepped.lines.save_row(sink, row, windows_under_way(*steps, width, stepped.done))?;
            }
        }
        Ok(())
    }

    /// Goes on from a state that any number of ranks wrote, which rank 0 has.
    pub(super) fn restore<B: Stepper>(
        &self,
        state: Option<Vec<u8>>,
        total: u64,
        stepped: &mut Stepped<B>,
    ) -> Result<(), RunError> {
        let ranks = self.ranks;
        let has_state = ranks.broadcast(vec![state.is_some().into()]) == [1];
        if !has_state {
            return Ok(());
        }
        let parts = state.as_deref().map(|bytes| self.parts::<B>(bytes, (stepped.window, total))).transpose();
        let parts = self.agreed(parts.map_err(RunError::from), RunError::StateMismatch)?;
        let own = match state.zip(parts) {
            Some((bytes, (done, parts))) => {
                for (rank, part) in parts.iter().enumerate().skip(1) {
                    ranks.send(rank, bytes[part.clone()].to_vec());
                }
                stepped.done = done;
                bytes[parts[0].clone()].to_vec()
            }
            None => ranks.receive(0),
        };
        let done = ranks.broadcast(stepped.done.to_le_bytes().to_vec());
        stepped.done = done.try_into().map_or(0, u64::from_le_bytes);
        let restored = self.read(&own, stepped);
        self.agreed(restored.map_err(RunError::from), RunError::StateMismatch)?;
        let heard = self.hear(stepped);
        self.agreed(heard.map_err(RunError::from), RunError::StateMismatch)
    }

    /// Steps made, and where in a state the part of each rank is.
    fn parts<B: Stepper>(
        &self,
        bytes: &[u8],
        (window, total): (u64, u64),
    ) -> Result<(u64, Vec<Range<usize>>), StateMismatch> {
        let (n_blocks, size) = (self.share.coupling.layout.n_blocks(), self.ranks.size());
        let mut pieces = StateReader::new(bytes);
        let is_border = |done: u64| done == total || (done < total && done.is_multiple_of(window));
        let Head { done, .. } =
            pieces.take(|head: &Head| head.window == window && head.blocks == n_blocks && is_border(head.done))?;
        let place = |pieces: &StateReader<'_>| bytes.len() - pieces.left();
        if size == 1 {
            return Ok((done, std::iter::once(place(&pieces)..bytes.len()).collect()));
        }
        let mut parts = Vec::with_capacity(size);
        for rank in 0..size {
            let start = place(&pieces);
            for _ in stretch(n_blocks, rank, size) {
                pieces.take(|_: &B::Saved| true)?;
                for _ in 0..pieces.take(|_: &usize| true)? {
                    pieces.take(|_: &Vec<Option<Vec<f64>>>| true)?;
                }
            }
            parts.push(start..place(&pieces));
        }
        pieces.end()?;
        Ok((done, parts))
    }

    /// Reads the part of its own blocks, after the steps that it says are done.
    fn read<B: Stepper>(&self, part: &[u8], stepped: &mut Stepped<B>) -> Result<(), StateMismatch> {
        let width = stepped.width();
        let Stepped { blocks, lines, done, window, longest, .. } = stepped;
        lines.begin_at(done.div_ceil(*window));
        let mut pieces = StateReader::new(part);
        let mut row = self.share.coupling.scattering.border.own_rows().start;
        for block in blocks {
            if !block.restore(pieces.take(|_: &B::Saved| true)?, *done) {
                return Err(StateMismatch);
            }
            let rows = block.rows().1;
            for _ in 0..pieces.take(|count: &usize| *count == rows)? {
                lines.restore_row(&mut pieces, (row, windows_under_way(longest[row], width, *done)))?;
                row += 1;
            }
        }
        pieces.end()
    }

    /// Brings what rows heard of other ranks have under way from there.
    fn hear<B: Stepper>(&self, stepped: &mut Stepped<B>) -> Result<(), StateMismatch> {
        let width = stepped.width();
        let Stepped { lines, done, longest, .. } = stepped;
        let windows = |row: usize| windows_under_way(longest[row], width, *done);
        let (lines, mut heard) = (RefCell::new(lines), Ok(()));
        let say = |rows: &[u32]| {
            let (mut bytes, lines) = (Vec::new(), lines.borrow());
            let mut sink = StateWriter::new(&mut bytes);
            for row in rows.iter().map(|row| *row as usize) {
                lines.save_row(&mut sink, row, windows(row)).expect("memory takes every write");
            }
            bytes
        };
        let hear = |rows: &[u32], bytes: &[u8]| {
            let (mut pieces, mut lines) = (StateReader::new(bytes), lines.borrow_mut());
            for row in rows.iter().map(|row| *row as usize) {
                lines.restore_row(&mut pieces, (row, windows(row)))?;
            }
            pieces.end()
        };
        let border = &self.share.coupling.scattering.border;
        border.swap(
            self.ranks,
            |of| say(&of.heard),
            |of, bytes: Vec<u8>| {
                let restored = hear(&of.heeded, &bytes);
                heard = std::mem::replace(&mut heard, Ok(())).and(restored);
            },
        );
        heard
    }
}

/// Windows back to the oldest wave of a row that is under way for so many steps, from the end of step `done`: one more where
/// that is within a window, as the end of a run may be.
fn windows_under_way(steps: usize, width: usize, done: u64) -> usize {
    steps.div_ceil(width) + usize::from(!done.is_multiple_of(width as u64))
}
