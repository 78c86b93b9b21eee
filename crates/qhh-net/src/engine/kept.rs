//! The state of a mean field, which blocks of any number of ranks write one after the other, and any number goes on from.
//!
//! A part says how far it is, and each block's state is a part. Rank 0 reads them, and hands each rank those of its blocks. What
//! ports of other ranks have under way is then said by these.

use std::cell::RefCell;
use std::io::{self, Read};

use super::drive::{Drive, Stepped};
use super::outbox::{Inbox, Outbox};
use super::state::{Head, StateMismatch, StateReader, StateWriter, next_part, no_more_parts, write_part};
use super::{RunError, Stepper};
use crate::coupling::own::stretch;

impl Drive<'_> {
    /// Writes how far it is, before all blocks.
    pub(super) fn save_head<B: Stepper>(
        &self,
        sink: &mut StateWriter<'_>,
        stepped: &Stepped<B>,
    ) -> io::Result<()> {
        let blocks = self.share.coupling.layout.n_blocks();
        sink.put_part(|part| part.put(&Head { window: stepped.window, done: stepped.done, blocks }))
    }

    /// Writes what its blocks need to go on: of each its state, and what its rows of the delay lines have under way.
    pub(super) fn save<B: Stepper>(&self, sink: &mut StateWriter<'_>, stepped: &Stepped<B>) -> io::Result<()> {
        let width = stepped.width();
        let first = self.share.coupling.scattering.border.own_rows().start;
        for block in &stepped.blocks {
            sink.put_part(|part| {
                part.put(&block.kept())?;
                let (start, count) = block.rows();
                part.put(&count)?;
                for (row, steps) in stepped.longest.iter().enumerate().skip(first + start).take(count) {
                    stepped.lines.save_row(part, row, windows_under_way(*steps, width, stepped.done))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Goes on from a state that any number of ranks wrote, which rank 0 reads.
    pub(super) fn restore<B: Stepper>(
        &self,
        mut state: Option<Box<dyn Read + Send>>,
        total: u64,
        stepped: &mut Stepped<B>,
    ) -> Result<(), RunError> {
        let ranks = self.ranks;
        let has_state = ranks.broadcast(vec![state.is_some().into()]) == [1];
        if !has_state {
            return Ok(());
        }
        let done = state.as_mut().map_or(Ok(0), |source| self.done(source, (stepped.window, total)));
        let done = self.agreed(done.map_err(RunError::from), RunError::StateMismatch)?;
        stepped.done = ranks.broadcast(done.to_le_bytes().to_vec()).try_into().map_or(0, u64::from_le_bytes);
        let restored = if let Some(source) = &mut state {
            self.hand_out(source, stepped)
        } else {
            let mut inbox = Inbox::new(ranks, 0);
            let restored = self.read(&mut inbox, stepped);
            inbox.end();
            restored
        };
        self.agreed(restored.map_err(RunError::from), RunError::StateMismatch)?;
        let heard = self.hear(stepped);
        self.agreed(heard.map_err(RunError::from), RunError::StateMismatch)
    }

    /// Steps made, as a state says.
    fn done(&self, source: &mut dyn Read, (window, total): (u64, u64)) -> Result<u64, StateMismatch> {
        let is_border = |done: u64| done == total || (done < total && done.is_multiple_of(window));
        let n_blocks = self.share.coupling.layout.n_blocks();
        let fits = |head: &Head| head.window == window && head.blocks == n_blocks && is_border(head.done);
        StateReader::new(&next_part(source)?).take(fits).map(|head| head.done)
    }

    /// Reads the parts of its own blocks and hands the others to their ranks, which wait for them to end even where one is amiss.
    fn hand_out<B: Stepper>(&self, source: &mut dyn Read, stepped: &mut Stepped<B>) -> Result<(), StateMismatch> {
        let (n_blocks, size) = (self.share.coupling.layout.n_blocks(), self.ranks.size());
        let mut handed = self.read(source, stepped);
        for rank in 1..size {
            let mut outbox = Outbox::new(self.ranks, rank);
            for _ in stretch(n_blocks, rank, size) {
                handed = handed.and_then(|()| {
                    let part = next_part(source)?;
                    write_part(&mut outbox, &part).map_err(|_| StateMismatch)
                });
            }
            outbox.end();
        }
        handed.and_then(|()| no_more_parts(source))
    }

    /// Reads the parts of its own blocks, after the steps that are done.
    fn read<B: Stepper>(&self, source: &mut dyn Read, stepped: &mut Stepped<B>) -> Result<(), StateMismatch> {
        let width = stepped.width();
        let Stepped { blocks, lines, done, window, longest, .. } = stepped;
        lines.begin_at(done.div_ceil(*window));
        let mut row = self.share.coupling.scattering.border.own_rows().start;
        for block in blocks {
            let part = next_part(source)?;
            let mut pieces = StateReader::new(&part);
            if !block.restore(pieces.take(|_: &B::Saved| true)?, *done) {
                return Err(StateMismatch);
            }
            let rows = block.rows().1;
            for _ in 0..pieces.take(|count: &usize| *count == rows)? {
                lines.restore_row(&mut pieces, (row, windows_under_way(longest[row], width, *done)))?;
                row += 1;
            }
            pieces.end()?;
        }
        Ok(())
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
