//! Indices of chunks that are lists: of known length, and growing. Both have a slot for each chunk, in order, in blocks of
//! which long ones are cut into pages; a page that was never written is not there to be read.

use super::bytes::{Cursor, File};
use super::{Hdf5Error, Result};

/// One chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// Place of its first value in the list.
    pub(super) start: u64,
    pub(super) address: u64,
    /// Bytes in the file.
    pub(super) size: u64,
    /// Filters that were left out, a bit for each.
    pub(super) mask: u32,
}

/// The slots of an index, read one after the other.
pub(super) struct Slots {
    /// Chunks of the list; slots behind them are for when it grows.
    count: u64,
    /// Values of a chunk.
    length: u64,
    /// Bytes of a chunk that is not packed.
    whole: u64,
    packed: bool,
    /// Bytes of a slot.
    bytes: usize,
    /// Number of the next slot.
    next: u64,
    found: Vec<Chunk>,
}

/// What the header of a growing index says of its blocks.
struct Growing {
    /// Bytes of a slot's number.
    place: usize,
    /// Slots of a page.
    page: u64,
}

impl Slots {
    pub(super) fn new(count: u64, length: u64, whole: u64, packed: bool) -> Self {
        Self { count, length, whole, packed, bytes: 0, next: 0, found: Vec::new() }
    }

    /// Chunks of an index of known length, with its header at an address.
    pub(super) fn fixed(mut self, file: &File<'_>, address: u64) -> Result<Vec<Chunk>> {
        let widths = file.widths();
        let mut header = file.sealed(address, 8 + widths.length + widths.address)?;
        header.opens(*b"FAHD", 0)?;
        header.skip(1)?;
        self.slot_of(header.u8()?, widths.address)?;
        let page = power(header.u8()?);
        let slots = header.length()?;
        let Some(address) = header.address()? else { return Ok(self.found) };
        let before = 6 + widths.address;
        if slots <= page {
            let mut block = file.sealed(address, sum(&[before, self.size(slots)?])?)?;
            block.opens(*b"FADB", 0)?;
            block.skip(before - 5)?;
            self.read(block, slots)?;
            return Ok(self.found);
        }
        let pages = slots.div_ceil(page);
        let marks = usize::try_from(pages.div_ceil(8)).map_err(|_| Hdf5Error::Ends)?;
        let mut block = file.sealed(address, sum(&[before, marks])?)?;
        block.opens(*b"FADB", 0)?;
        block.skip(before - 5)?;
        let written = block.take(marks)?;
        let first = address.checked_add(sum(&[before, marks, 4])? as u64).ok_or(Hdf5Error::Ends)?;
        self.pages(file, first, slots, page, |number| is_marked(written, number))?;
        Ok(self.found)
    }

    /// Chunks of a growing index, with its header at an address.
    pub(super) fn extensible(mut self, file: &File<'_>, address: u64) -> Result<Vec<Chunk>> {
        let widths = file.widths();
        let mut header = file.sealed(address, 12 + 6 * widths.length + widths.address)?;
        header.opens(*b"EAHD", 0)?;
        header.skip(1)?;
        self.slot_of(header.u8()?, widths.address)?;
        let bits = header.u8()?;
        let (inside, least, pointers) = (header.u8()?, header.u8()?, header.u8()?);
        let growing = Growing { place: usize::from(bits).div_ceil(8), page: power(header.u8()?) };
        header.skip(6 * widths.length)?;
        let Some(address) = header.address()? else { return Ok(self.found) };
        if bits > 64 || !least.is_power_of_two() || !pointers.is_power_of_two() {
            return Err(Hdf5Error::Damaged("a growing index has blocks of no size"));
        }
        // Blocks come in sets, alternately of twice as many and of twice as long ones.
        let sets = (0..=u32::from(bits).saturating_sub(least.ilog2()))
            .map(|set| (1_u64 << (set / 2), u64::from(least).checked_shl(set.div_ceil(2)).unwrap_or(u64::MAX)));
        let sets: Vec<(u64, u64)> = sets.collect();
        let direct = (2 * pointers.ilog2() as usize).min(sets.len());
        let n_direct: u64 = sets[..direct].iter().map(|set| set.0).sum();
        let addresses = usize::try_from(n_direct).map_err(|_| Hdf5Error::Ends)? + sets.len() - direct;
        let before = 6 + widths.address;
        let inside = u64::from(inside);
        let size = sum(&[before, self.size(inside)?, addresses * widths.address])?;
        let mut block = file.sealed(address, size)?;
        block.opens(*b"EAIB", 0)?;
        block.skip(before - 5)?;
        let own = block.part(self.size(inside)?)?;
        self.read(own, inside)?;
        for (blocks, slots) in &sets[..direct] {
            for _ in 0..*blocks {
                self.block(file, block.address()?, *slots, &growing, &|_| true)?;
            }
        }
        for (blocks, slots) in &sets[direct..] {
            if self.is_done() {
                break;
            }
            match block.address()? {
                Some(address) => self.set(file, address, *blocks, *slots, &growing)?,
                None => self.pass(blocks.saturating_mul(*slots)),
            }
        }
        Ok(self.found)
    }

    /// A set of blocks, with the list of them at an address.
    fn set(&mut self, file: &File<'_>, address: u64, blocks: u64, slots: u64, growing: &Growing) -> Result<()> {
        let width = file.widths().address;
        let pages = if slots > growing.page { slots / growing.page } else { 0 };
        let marks = blocks.checked_mul(pages.div_ceil(8)).ok_or(Hdf5Error::Ends)?;
        let [marks, blocks] = [marks, blocks].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let before = 6 + width + growing.place;
        let addresses = blocks.checked_mul(width).ok_or(Hdf5Error::Ends)?;
        let mut list = file.sealed(address, sum(&[before, marks, addresses])?)?;
        list.opens(*b"EASB", 0)?;
        list.skip(before - 5)?;
        let written = list.take(marks)?;
        for block in 0..blocks as u64 {
            if self.is_done() {
                break;
            }
            let first = block * pages;
            self.block(file, list.address()?, slots, growing, &|page| is_marked(written, first + page))?;
        }
        Ok(())
    }

    /// One block, if it is there.
    fn block(
        &mut self,
        file: &File<'_>,
        address: Option<u64>,
        slots: u64,
        growing: &Growing,
        written: &dyn Fn(u64) -> bool,
    ) -> Result<()> {
        let Some(address) = address.filter(|_| !self.is_done()) else {
            self.pass(slots);
            return Ok(());
        };
        let before = 6 + file.widths().address + growing.place;
        let is_paged = slots > growing.page;
        let own = if is_paged { 0 } else { self.size(slots)? };
        let mut block = file.sealed(address, sum(&[before, own])?)?;
        block.opens(*b"EADB", 0)?;
        block.skip(before - 5)?;
        if !is_paged {
            return self.read(block, slots);
        }
        let first = address.checked_add(before as u64 + 4).ok_or(Hdf5Error::Ends)?;
        self.pages(file, first, slots, growing.page, written)
    }

    /// Pages of slots, each with its checksum; they have their room whether they were written or not.
    fn pages(
        &mut self,
        file: &File<'_>,
        mut address: u64,
        slots: u64,
        page: u64,
        written: impl Fn(u64) -> bool,
    ) -> Result<()> {
        for number in 0..slots.div_ceil(page) {
            if self.is_done() {
                break;
            }
            let of_page = page.min(slots - number * page);
            let size = self.size(of_page)?;
            if written(number) {
                self.read(file.sealed(address, size)?, of_page)?;
            } else {
                self.pass(of_page);
            }
            address = address.checked_add(size as u64 + 4).ok_or(Hdf5Error::Ends)?;
        }
        Ok(())
    }

    /// Takes the bytes of a slot: an address, and of a packed chunk its size and the filters left out.
    fn slot_of(&mut self, bytes: u8, address: usize) -> Result<()> {
        self.bytes = bytes.into();
        let right = match self.bytes.checked_sub(address) {
            Some(rest) if self.packed => (5..=12).contains(&rest),
            Some(rest) => rest == 0,
            None => false,
        };
        if right { Ok(()) } else { Err(Hdf5Error::Damaged("an index of chunks has slots of no size")) }
    }

    fn size(&self, slots: u64) -> Result<usize> {
        usize::try_from(slots).ok().and_then(|slots| slots.checked_mul(self.bytes)).ok_or(Hdf5Error::Ends)
    }

    fn is_done(&self) -> bool {
        self.next >= self.count
    }

    fn pass(&mut self, slots: u64) {
        self.next = self.next.saturating_add(slots);
    }

    fn read(&mut self, mut cursor: Cursor<'_>, slots: u64) -> Result<()> {
        let used = slots.min(self.count.saturating_sub(self.next));
        for slot in self.next..self.next + used {
            let address = cursor.address()?;
            let (size, mask) = if self.packed {
                (cursor.number(self.bytes - cursor.widths.address - 4)?, cursor.u32()?)
            } else {
                (self.whole, 0)
            };
            self.found.extend(address.map(|address| Chunk { start: slot * self.length, address, size, mask }));
        }
        self.pass(slots);
        Ok(())
    }
}

/// Two to a power.
fn power(exponent: u8) -> u64 {
    1_u64.checked_shl(exponent.into()).unwrap_or(u64::MAX)
}

fn sum(parts: &[usize]) -> Result<usize> {
    parts.iter().try_fold(0_usize, |sum, part| sum.checked_add(*part)).ok_or(Hdf5Error::Ends)
}

/// Whether a page was written; marks count from the most significant bit.
fn is_marked(marks: &[u8], page: u64) -> bool {
    let byte = usize::try_from(page / 8).ok().and_then(|byte| marks.get(byte));
    byte.is_some_and(|byte| byte & (0x80 >> (page % 8)) != 0)
}
