//! Links of groups with many: names in a tree, and the links themselves in a heap.

use std::collections::BTreeMap;

use super::bytes::{Budget, Cursor, File};
use super::link::{Link, link};
use super::{Hdf5Error, Result, unsupported};

/// Bytes of what a tree of names has for each: a hash, and the link's place in the heap.
const RECORD: usize = 11;
/// Levels of a heap at most.
const DEEPEST: u32 = 16;

/// The links' own heap, whose blocks come in rows of one size.
struct Heap<'a> {
    file: &'a File<'a>,
    /// Blocks of a row.
    width: u64,
    /// Bytes of the blocks of the first two rows, twice as many with each further row.
    first: u64,
    /// Bytes of a block with links itself, at most; larger ones have blocks in them.
    largest: u64,
    /// Bytes of a place in the heap, and of a length.
    place: usize,
    length: usize,
    root: u64,
    /// Rows of the root; none where it is a block with links.
    rows: u64,
}

/// Adds the links that a message about them leads to; `file` has no others of that group.
pub(super) fn links(file: &File<'_>, mut info: Cursor<'_>, links: &mut BTreeMap<String, Link>) -> Result<()> {
    if info.u8()? != 0 {
        return unsupported("links of another version");
    }
    if info.u8()? & 1 != 0 {
        info.skip(8)?;
    }
    let (Some(heap), Some(tree)) = (info.address()?, info.address()?) else { return Ok(()) };
    let heap = Heap::new(file, heap)?;
    let mut header = file.sealed(tree, 18 + file.widths().address + file.widths().length)?;
    header.opens(*b"BTHD", 0)?;
    let kind = header.u8()?;
    let node = header.u32()? as usize;
    let (record, depth) = (usize::from(header.u16()?), header.u16()?);
    header.skip(2)?;
    let Some(root) = header.address()? else { return Ok(()) };
    let count = header.u16()?.into();
    if kind != 5 || record != RECORD || depth > 8 || node < 64 {
        return Err(Hdf5Error::Damaged("a tree of names is none"));
    }
    let names = Names { file, node, budget: file.budget() };
    names.node(root, depth.into(), count, &mut |record| {
        let (name, link) = link(heap.object(record)?)?;
        links.insert(name, link);
        Ok(())
    })
}

/// A tree of names.
struct Names<'a> {
    file: &'a File<'a>,
    /// Bytes of a node.
    node: usize,
    budget: Budget,
}

impl Names<'_> {
    /// Goes through the records of a node of so many, `depth` levels above the leaves, and of all below it.
    fn node(
        &self,
        address: u64,
        depth: usize,
        count: usize,
        see: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.budget.spend(count + 1)?;
        let records = count * RECORD;
        if depth == 0 {
            let mut leaf = self.file.sealed(address, 6 + records)?;
            leaf.opens(*b"BTLF", 0)?;
            leaf.skip(1)?;
            return leaf.take(records)?.chunks_exact(RECORD).try_for_each(see);
        }
        let (own, all) = self.widths(depth);
        let width = self.file.widths().address;
        let mut node = self.file.sealed(address, 6 + records + (count + 1) * (width + own + all))?;
        node.opens(*b"BTIN", 0)?;
        node.skip(1)?;
        node.take(records)?.chunks_exact(RECORD).try_for_each(&mut *see)?;
        for _ in 0..=count {
            let child = node.address()?.ok_or(Hdf5Error::Damaged("a tree of names has a loose end"))?;
            let count = usize::try_from(node.number(own)?).map_err(|_| Hdf5Error::Ends)?;
            node.skip(all)?;
            self.node(child, depth - 1, count, see)?;
        }
        Ok(())
    }

    /// Bytes of the number of a child's records and of all below it, in a node `depth` levels above the leaves.
    fn widths(&self, depth: usize) -> (usize, usize) {
        let bytes = |number: u64| (64 - number.leading_zeros() as usize).div_ceil(8).max(1);
        // What a node takes besides: letters, version, kind, checksum.
        let room = self.node.saturating_sub(10);
        let in_leaf = (room / RECORD) as u64;
        let own = bytes(in_leaf);
        let (mut most, mut all) = (in_leaf, 0);
        for _ in 1..depth {
            let pointer = self.file.widths().address + own + all;
            let in_node = (room.saturating_sub(pointer) / (RECORD + pointer)) as u64;
            most = (in_node + 1).saturating_mul(most).saturating_add(in_node);
            all = bytes(most);
        }
        (own, all)
    }
}

impl<'a> Heap<'a> {
    fn new(file: &'a File<'a>, address: u64) -> Result<Self> {
        let widths = file.widths();
        let mut header = file.sealed(address, 22 + 12 * widths.length + 3 * widths.address)?;
        header.opens(*b"FRHP", 0)?;
        header.skip(2)?;
        let filters = header.u16()?;
        header.skip(1)?;
        let largest_object = header.u32()?.into();
        header.skip(widths.length + widths.address + widths.length + widths.address + 8 * widths.length)?;
        let width = header.u16()?.into();
        let (first, largest) = (header.length()?, header.length()?);
        let bits = usize::from(header.u16()?);
        header.skip(2)?;
        let root = header.address()?.ok_or(Hdf5Error::Damaged("a heap of links is empty"))?;
        let rows = header.u16()?.into();
        if filters != 0 {
            return unsupported("packed links");
        }
        if width == 0 || first == 0 || largest < first || bits > 64 {
            return Err(Hdf5Error::Damaged("a heap has blocks of no size"));
        }
        let of_block = (largest.ilog2() as usize).div_ceil(8);
        let length = of_block.min((64 - u64::leading_zeros(largest_object) as usize).div_ceil(8));
        Ok(Self { file, width, first, largest, place: bits.div_ceil(8), length, root, rows })
    }

    /// The object that a record of the tree names.
    fn object(&self, record: &[u8]) -> Result<Cursor<'a>> {
        let mut id = Cursor { rest: record, widths: self.file.widths() };
        id.skip(4)?;
        if id.u8()? & 0x30 != 0 {
            return unsupported("a link with a very long name");
        }
        let place = id.number(self.place)?;
        let length = usize::try_from(id.number(self.length)?).map_err(|_| Hdf5Error::Ends)?;
        let (mut address, mut place, mut rows) = (self.root, place, self.rows);
        for _ in 0..DEEPEST {
            if rows == 0 {
                return self.file.at(address.checked_add(place).ok_or(Hdf5Error::Ends)?)?.part(length);
            }
            let mut block = self.file.at(address)?;
            block.opens(*b"FHIB", 0)?;
            block.skip(block.widths.address + self.place)?;
            let (mut row, mut start) = (0, 0_u64);
            let size = loop {
                let size = self.size(row);
                let end = size.checked_mul(self.width).and_then(|size| size.checked_add(start));
                let end = end.filter(|_| row < rows).ok_or(Hdf5Error::Ends)?;
                if place < end {
                    break size;
                }
                (row, start) = (row + 1, end);
            };
            let number = row * self.width + (place - start) / size;
            let before = usize::try_from(number).ok().and_then(|number| number.checked_mul(block.widths.address));
            block.skip(before.ok_or(Hdf5Error::Ends)?)?;
            address = block.address()?.ok_or(Hdf5Error::Damaged("a link is not in its heap"))?;
            place = (place - start) % size;
            // A block of blocks has as many rows as make up its size.
            rows = if size <= self.largest { 0 } else { self.rows_of(size) };
        }
        Err(Hdf5Error::Damaged("a heap of links has no end"))
    }

    /// Bytes of the blocks of a row.
    fn size(&self, row: u64) -> u64 {
        let doublings = u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX);
        1_u64.checked_shl(doublings).and_then(|times| self.first.checked_mul(times)).unwrap_or(u64::MAX)
    }

    /// Rows of a block of blocks of so many bytes.
    fn rows_of(&self, size: u64) -> u64 {
        u64::from((size / self.width / self.first).max(1).ilog2()) + 1
    }
}
