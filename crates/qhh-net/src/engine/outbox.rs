//! States on their way from one rank to another, piece by piece, so that no rank has more of them in memory than its own.

use std::io::{self, Read, Write};

use crate::ranks::Ranks;

/// Bytes of a state that are on their way at once.
const PIECE: usize = 1 << 20;

/// Sends a rank what is written, piece by piece.
pub(super) struct Outbox<'a> {
    ranks: &'a dyn Ranks,
    to: usize,
    piece: Vec<u8>,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(ranks: &'a dyn Ranks, to: usize) -> Self {
        Self { ranks, to, piece: Vec::new() }
    }

    /// Sends the last piece, which is shorter than the others.
    pub(super) fn end(self) {
        self.ranks.send(self.to, self.piece);
    }
}

impl Write for Outbox<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.ranks.send(self.to, std::mem::take(&mut self.piece));
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a rank writes into its [`Outbox`] for this one.
pub(super) struct Inbox<'a> {
    ranks: &'a dyn Ranks,
    from: usize,
    piece: Vec<u8>,
    /// Bytes of the piece that were read.
    read: usize,
    ended: bool,
}

impl<'a> Inbox<'a> {
    pub(super) fn new(ranks: &'a dyn Ranks, from: usize) -> Self {
        Self { ranks, from, piece: Vec::new(), read: 0, ended: false }
    }

    fn receive(&mut self) {
        self.piece = self.ranks.receive(self.from);
        (self.read, self.ended) = (0, self.piece.len() < PIECE);
    }

    /// Receives what was not read, so that the other rank is not left waiting.
    pub(super) fn end(mut self) {
        while !self.ended {
            self.receive();
        }
    }
}

impl Read for Inbox<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() && !self.ended {
            self.receive();
        }
        let read = self.piece[self.read..].as_ref().read(buffer)?;
        self.read += read;
        Ok(read)
    }
}
