//! The bytes of a file: addresses, widths, checksums, and how much may be made of them.

use std::cell::Cell;

use super::{Hdf5Error, Result, checksum, unsupported};

const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// Bytes that a byte of gzip becomes at most.
const MOST_PACKED: u64 = 1032;
/// Bytes that any file may announce without having them: values that were never written.
const UNWRITTEN: u64 = 1 << 24;

/// An HDF5 file in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    all: &'a [u8],
    /// Where addresses count from: behind what may stand before the file.
    base: u64,
    widths: Widths,
    root: u64,
}

/// Bytes of an address and of a length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Widths {
    pub(super) address: usize,
    pub(super) length: usize,
}

/// Bytes that are read on and on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
    pub(super) widths: Widths,
}

/// Steps that are left of a walk through a file whose parts may lead in circles.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    /// Takes so many.
    pub(super) fn spend(&self, steps: usize) -> Result<()> {
        let left = self.0.get().checked_sub(steps).ok_or(Hdf5Error::Damaged("its parts lead in circles"))?;
        self.0.set(left);
        Ok(())
    }
}

impl<'a> File<'a> {
    /// Finds the start of a file.
    pub(crate) fn new(all: &'a [u8]) -> Result<Self> {
        let places = std::iter::once(0).chain((9..).map(|power| 1_usize << power));
        let start = places
            .take_while(|place| *place < all.len())
            .find(|place| all[*place..].starts_with(&SIGNATURE))
            .ok_or(Hdf5Error::NotHdf5)?;
        let mut at = Cursor { rest: &all[start + SIGNATURE.len()..], widths: Widths { address: 8, length: 8 } };
        let version = at.u8()?;
        match version {
            0 | 1 => at.skip(4)?,
            2 | 3 => {}
            other => return unsupported(format!("a superblock of version {other}")),
        }
        at.widths = Widths { address: at.u8()?.into(), length: at.u8()?.into() };
        if ![at.widths.address, at.widths.length].iter().all(|width| matches!(width, 2 | 4 | 8)) {
            return Err(Hdf5Error::Damaged("its addresses are of no width"));
        }
        match version {
            0 => at.skip(9)?,
            1 => at.skip(13)?,
            _ => at.skip(1)?,
        }
        // A file that was put behind something else may not know where it starts.
        at.address()?;
        let base = start as u64;
        if version < 2 {
            // Free space, end, driver; then the entry of the root: its name's place, its header.
            at.skip(4 * at.widths.address)?;
        } else {
            at.skip(2 * at.widths.address)?;
        }
        let root = at.address()?.ok_or(Hdf5Error::Damaged("it has no root"))?;
        let file = Self { all, base, widths: at.widths, root };
        if version >= 2 {
            file.sealed(0, 12 + 4 * at.widths.address)?;
        }
        Ok(file)
    }

    /// Bytes of its addresses and lengths.
    pub(super) fn widths(&self) -> Widths {
        self.widths
    }

    /// Address of the group that all others are in.
    pub(super) fn root(&self) -> u64 {
        self.root
    }

    /// What stands at an address.
    pub(super) fn at(&self, address: u64) -> Result<Cursor<'a>> {
        let place = self.base.checked_add(address).and_then(|place| usize::try_from(place).ok());
        let rest = place.and_then(|place| self.all.get(place..)).ok_or(Hdf5Error::Ends)?;
        Ok(Cursor { rest, widths: self.widths })
    }

    /// What stands at an address, so many bytes and their checksum behind them.
    pub(super) fn sealed(&self, address: u64, length: usize) -> Result<Cursor<'a>> {
        let mut cursor = self.at(address)?;
        let sealed = cursor.take(length)?;
        if cursor.u32()? != checksum(sealed) {
            return Err(Hdf5Error::Damaged("a checksum does not hold"));
        }
        Ok(Cursor { rest: sealed, widths: self.widths })
    }

    /// As many steps as there are bytes.
    pub(super) fn budget(&self) -> Budget {
        Budget(Cell::new(self.all.len()))
    }

    /// Whether so many bytes may have come from this file.
    pub(super) fn may_hold(&self, bytes: u64) -> bool {
        bytes <= UNWRITTEN.max((self.all.len() as u64).saturating_mul(MOST_PACKED))
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Hdf5Error::Ends)?;
        self.rest = rest;
        Ok(taken)
    }

    /// So many bytes, to be read by themselves.
    pub(super) fn part(&mut self, length: usize) -> Result<Self> {
        Ok(Self { rest: self.take(length)?, widths: self.widths })
    }

    pub(super) fn skip(&mut self, length: usize) -> Result<()> {
        self.take(length).map(drop)
    }

    /// A whole number of up to eight bytes, the least significant first.
    pub(super) fn number(&mut self, width: usize) -> Result<u64> {
        if width > 8 {
            return Err(Hdf5Error::Damaged("a number of more than eight bytes"));
        }
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(self.take(2)?.iter().rev().fold(0, |number, byte| number << 8 | u16::from(*byte)))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(self.take(4)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// An address, if it is one.
    pub(super) fn address(&mut self) -> Result<Option<u64>> {
        let width = self.widths.address;
        let number = self.number(width)?;
        Ok((number != u64::MAX >> (64 - 8 * width)).then_some(number))
    }

    pub(super) fn length(&mut self) -> Result<u64> {
        self.number(self.widths.length)
    }

    /// A length that memory can have.
    pub(super) fn size(&mut self) -> Result<usize> {
        usize::try_from(self.length()?).map_err(|_| Hdf5Error::Ends)
    }

    /// The four letters that open a part, and its version, which must be known.
    pub(super) fn opens(&mut self, letters: [u8; 4], version: u8) -> Result<()> {
        if *self.take(4)? != letters {
            return Err(Hdf5Error::Damaged("a part is not where it should be"));
        }
        match self.u8()? {
            found if found == version => Ok(()),
            other => unsupported(format!("a part `{}` of version {other}", letters.escape_ascii())),
        }
    }
}
