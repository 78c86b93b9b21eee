//! Where the chunks of a list lie: five kinds of index.

use super::bytes::{Budget, Cursor, File};
use super::slots::{Chunk, Slots};
use super::{Hdf5Error, Result, unsupported};

/// Levels of a tree at most.
const DEEPEST: u8 = 32;

/// A list in chunks.
#[derive(Debug, Clone)]
pub(super) struct Chunked {
    /// Values of a chunk.
    pub(super) length: u64,
    /// Bytes of a value.
    pub(super) value_size: u64,
    index: Index,
    /// Where the index lies; nowhere yet if nothing was written.
    address: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Index {
    /// A tree of the first version.
    Tree,
    /// One chunk; if it is packed with its bytes and the filters left out.
    Single(Option<(u64, u32)>),
    /// Chunks in a row.
    Row,
    /// A list of known length, in pages of `1 << bits` entries.
    Fixed,
    /// A list that grows.
    Extensible,
}

impl Chunked {
    /// Of versions up to 3, whose chunks are always in a tree; `rank` counts the bytes of a value as a dimension.
    pub(super) fn of_tree(mut body: Cursor<'_>, rank: u8, tree: Option<u64>, path: &str) -> Result<Self> {
        if rank != 2 {
            return unsupported(format!("`{path}` of {} dimensions", rank.saturating_sub(1)));
        }
        let (length, value_size) = (body.u32()?.into(), body.u32()?.into());
        Self { length, value_size, index: Index::Tree, address: tree }.checked()
    }

    /// Of later versions, which have an index for each use.
    pub(super) fn indexed(mut body: Cursor<'_>, path: &str) -> Result<Self> {
        let flags = body.u8()?;
        if body.u8()? != 2 {
            return unsupported(format!("`{path}` of several dimensions"));
        }
        let width = body.u8()?.into();
        let (length, value_size) = (body.number(width)?, body.number(width)?);
        let index = match body.u8()? {
            1 if flags & 2 == 0 => Index::Single(None),
            1 => Index::Single(Some((body.length()?, body.u32()?))),
            2 => Index::Row,
            3 => {
                body.skip(1)?;
                Index::Fixed
            }
            4 => {
                body.skip(5)?;
                Index::Extensible
            }
            _ => return unsupported(format!("`{path}` with chunks in a tree of the second version")),
        };
        Self { length, value_size, index, address: body.address()? }.checked()
    }

    fn checked(self) -> Result<Self> {
        if self.length == 0 { Err(Hdf5Error::Damaged("chunks of no length")) } else { Ok(self) }
    }
}

/// The chunks of a list of `length` values; `whole` are the bytes of one that is not packed.
pub(super) fn chunks(
    file: &File<'_>,
    chunked: &Chunked,
    length: u64,
    whole: u64,
    packed: bool,
) -> Result<Vec<Chunk>> {
    let Some(address) = chunked.address else { return Ok(Vec::new()) };
    let count = length.div_ceil(chunked.length);
    let slots = || Slots::new(count, chunked.length, whole, packed);
    match chunked.index {
        Index::Tree => {
            let mut found = Vec::new();
            tree(file, address, DEEPEST, &file.budget(), &mut found)?;
            Ok(found)
        }
        Index::Single(entry) => {
            let (size, mask) = entry.unwrap_or((whole, 0));
            Ok(vec![Chunk { start: 0, address, size, mask }])
        }
        Index::Row => {
            let there = file.at(address)?.rest.len() as u64;
            if count.checked_mul(whole).is_none_or(|bytes| bytes > there) {
                return Err(Hdf5Error::Ends);
            }
            let chunk = |number| Chunk {
                start: number * chunked.length,
                address: address + number * whole,
                size: whole,
                mask: 0,
            };
            Ok((0..count).map(chunk).collect())
        }
        Index::Fixed => slots().fixed(file, address),
        Index::Extensible => slots().extensible(file, address),
    }
}

/// Chunks of a tree of the first version whose levels lie `below` one.
fn tree(file: &File<'_>, address: u64, below: u8, budget: &Budget, found: &mut Vec<Chunk>) -> Result<()> {
    let mut node = file.at(address)?;
    node.opens(*b"TREE", 1)?;
    let level = node.u8()?;
    if level >= below {
        return Err(Hdf5Error::Damaged("a tree of chunks has no end"));
    }
    let count = node.u16()?;
    node.skip(2 * node.widths.address)?;
    for _ in 0..count {
        budget.spend(1)?;
        let (size, mask, start) = (node.u32()?.into(), node.u32()?, node.number(8)?);
        // The place within a value.
        node.skip(8)?;
        let address = node.address()?.ok_or(Hdf5Error::Damaged("a tree of chunks has a loose end"))?;
        if level == 0 {
            found.push(Chunk { start, address, size, mask });
        } else {
            tree(file, address, level, budget, found)?;
        }
    }
    Ok(())
}
