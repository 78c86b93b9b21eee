//! States on their way to rank 0, piece by piece.

use std::io;

use crate::ranks::Ranks;

/// Bytes of a state that are on their way at once.
const PIECE: usize = 1 << 20;

/// Sends rank 0 what is written, piece by piece, so that a rank never has its part of a state in memory.
pub(super) struct Outbox<'a> {
    ranks: &'a dyn Ranks,
    piece: Vec<u8>,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(ranks: &'a dyn Ranks) -> Self {
        Self { ranks, piece: Vec::new() }
    }

    /// Sends the last piece, which is shorter than the others.
    pub(super) fn end(self) {
        self.ranks.send(0, self.piece);
    }
}

impl io::Write for Outbox<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.ranks.send(0, std::mem::take(&mut self.piece));
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Receives all that a rank writes into its [`Outbox`], and calls `write` with each piece until that fails.
pub(super) fn receive(
    ranks: &dyn Ranks,
    rank: usize,
    write: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut written = Ok(());
    loop {
        let piece = ranks.receive(rank);
        written = written.and_then(|()| write(&piece));
        if piece.len() < PIECE {
            return written;
        }
    }
}
