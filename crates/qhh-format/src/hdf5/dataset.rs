//! Datasets: lists of numbers, wherever their bytes lie.

use super::bytes::{Cursor, File};
use super::chunks::{self, Chunked};
use super::filters::Filters;
use super::object::{self, kind};
use super::{Hdf5Error, Result, unsupported};

/// A list of numbers in a file.
#[derive(Debug, Clone)]
pub(crate) struct Dataset<'a> {
    file: File<'a>,
    path: String,
    length: u64,
    number: Number,
    layout: Layout<'a>,
    filters: Filters,
    /// What stands where nothing was written; zeros if empty.
    fill: &'a [u8],
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    kind: NumberKind,
    size: usize,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberKind {
    Unsigned,
    Signed,
    Float,
}

/// Where the numbers lie.
#[derive(Debug, Clone)]
enum Layout<'a> {
    /// In the header.
    Compact(&'a [u8]),
    /// In a row at an address; nowhere yet if nothing was written.
    Contiguous(Option<u64>),
    Chunked(Chunked),
}

impl<'a> Dataset<'a> {
    pub(super) fn new(file: File<'a>, address: u64, path: String) -> Result<Self> {
        let messages = object::messages(&file, address)?;
        let find = |kind| object::message(&messages, kind);
        let (Some(space), Some(datatype), Some(layout)) =
            (find(kind::DATASPACE)?, find(kind::DATATYPE)?, find(kind::LAYOUT)?)
        else {
            return unsupported(format!("`{path}` as a group, not a list of numbers"));
        };
        if find(kind::EXTERNAL)?.is_some() {
            return unsupported(format!("`{path}` in other files"));
        }
        let length = length(space, &path)?;
        let number = number(datatype, &path)?;
        let layout = read_layout(layout, &path)?;
        if let Layout::Chunked(chunked) = &layout
            && chunked.value_size != number.size as u64
        {
            return Err(Hdf5Error::Damaged("chunks of values of another size"));
        }
        let filters = find(kind::FILTERS)?.map(|body| Filters::read(body, &path)).transpose()?.unwrap_or_default();
        let fill = find(kind::FILL_VALUE)?.map(fill).transpose()?.unwrap_or_default();
        let whole = length.checked_mul(number.size as u64).filter(|bytes| file.may_hold(*bytes));
        if whole.is_none() || !(fill.is_empty() || fill.len() == number.size) {
            return Err(Hdf5Error::Damaged("a list is longer than the file can hold"));
        }
        Ok(Self { file, path, length, number, layout, filters, fill })
    }

    /// Its numbers; whole ones beyond 2^53 lose digits.
    pub(crate) fn numbers(&self) -> Result<Vec<f64>> {
        let Number { kind, size, .. } = self.number;
        let of = |bits: u64| match kind {
            NumberKind::Unsigned => bits as f64,
            NumberKind::Signed => signed(bits, size) as f64,
            #[expect(clippy::cast_possible_truncation, reason = "of four bytes there are 32 bits")]
            NumberKind::Float if size == 4 => f32::from_bits(bits as u32).into(),
            NumberKind::Float => f64::from_bits(bits),
        };
        Ok(self.bits()?.map(of).collect())
    }

    /// Its whole numbers; those beyond the range become its ends.
    pub(crate) fn whole(&self) -> Result<Vec<i64>> {
        let Number { kind, size, .. } = self.number;
        if kind == NumberKind::Float {
            return unsupported(format!("`{}` as numbers with a fraction", self.path));
        }
        let of = |bits: u64| match kind {
            NumberKind::Signed => signed(bits, size),
            _ => i64::try_from(bits).unwrap_or(i64::MAX),
        };
        Ok(self.bits()?.map(of).collect())
    }

    fn bits(&self) -> Result<impl Iterator<Item = u64>> {
        let Number { size, big_endian, .. } = self.number;
        let bits = move |bytes: &[u8]| {
            let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
            if big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
        };
        let bytes = self.bytes()?;
        let count = bytes.len() / size;
        Ok((0..count).map(move |place| bits(&bytes[place * size..(place + 1) * size])))
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let size = self.number.size;
        // `new` has seen that it is no more than memory holds.
        let length = usize::try_from(self.length).map_err(|_| Hdf5Error::Ends)? * size;
        let row = match &self.layout {
            Layout::Compact(bytes) => Some(*bytes),
            Layout::Contiguous(Some(address)) => Some(self.file.at(*address)?.take(length)?),
            _ => None,
        };
        if let Some(row) = row {
            return Ok(row.get(..length).ok_or(Hdf5Error::Ends)?.to_vec());
        }
        let mut bytes = vec![0; length];
        if !self.fill.is_empty() {
            bytes.chunks_exact_mut(size).for_each(|value| value.copy_from_slice(self.fill));
        }
        let Layout::Chunked(chunked) = &self.layout else { return Ok(bytes) };
        let whole = usize::try_from(chunked.length).ok().and_then(|length| length.checked_mul(size));
        let whole = whole.filter(|whole| self.file.may_hold(*whole as u64)).ok_or(Hdf5Error::Ends)?;
        for chunk in chunks::chunks(&self.file, chunked, self.length, whole as u64, !self.filters.is_empty())? {
            let stored = usize::try_from(chunk.size).map_err(|_| Hdf5Error::Ends)?;
            let packed = self.file.at(chunk.address)?.take(stored)?;
            let values = self.filters.undone(packed, chunk.mask, whole)?;
            // The last chunk goes beyond the end of the list.
            let start = usize::try_from(chunk.start).map_err(|_| Hdf5Error::Ends)?.saturating_mul(size);
            let Some(into) = bytes.get_mut(start..).filter(|into| !into.is_empty()) else { continue };
            let used = into.len().min(whole);
            into[..used].copy_from_slice(values.get(..used).ok_or(Hdf5Error::Damaged("a chunk is too short"))?);
        }
        Ok(bytes)
    }
}

/// A number in two's complement of so many bytes.
fn signed(bits: u64, size: usize) -> i64 {
    let unused = 64 - 8 * size;
    (bits << unused).cast_signed() >> unused
}

fn length(mut space: Cursor<'_>, path: &str) -> Result<u64> {
    let version = space.u8()?;
    let rank = space.u8()?;
    space.u8()?;
    match version {
        1 => space.skip(5)?,
        2 => space.skip(1)?,
        other => return unsupported(format!("a dataspace of version {other}")),
    }
    if rank != 1 {
        return unsupported(format!("`{path}` of {rank} dimensions"));
    }
    space.length()
}

fn number(mut datatype: Cursor<'_>, path: &str) -> Result<Number> {
    let class = datatype.u8()? & 0xf;
    let flags = datatype.u8()?;
    datatype.skip(2)?;
    let size = datatype.u32()? as usize;
    let other = || unsupported(format!("`{path}` of values that are no numbers of up to eight bytes"));
    let kind = match class {
        0 if flags & 8 == 0 => NumberKind::Unsigned,
        0 => NumberKind::Signed,
        1 => NumberKind::Float,
        // What an enumeration counts with follows.
        8 => return number(datatype, path).and_then(|base| if base.size == size { Ok(base) } else { other() }),
        _ => return other(),
    };
    let (offset, precision) = (datatype.u16()?, usize::from(datatype.u16()?));
    let whole = offset == 0 && precision == 8 * size && (1..=8).contains(&size);
    let known = match kind {
        NumberKind::Float => {
            let parts = datatype.take(4)?;
            flags & 0x40 == 0 && matches!((size, parts), (4, [23, 8, 0, 23]) | (8, [52, 11, 0, 52]))
        }
        _ => true,
    };
    if !(whole && known) {
        return other();
    }
    Ok(Number { kind, size, big_endian: flags & 1 != 0 })
}

fn fill(mut body: Cursor<'_>) -> Result<&[u8]> {
    let version = body.u8()?;
    let defined = if version == 3 {
        body.u8()? & 0x20 != 0
    } else {
        body.skip(2)?;
        body.u8()? != 0 || version == 1
    };
    if !defined {
        return Ok(&[]);
    }
    let size = body.u32()?;
    // Of no size in the first two versions, it is the default.
    if size == u32::MAX { Ok(&[]) } else { body.take(size as usize) }
}

fn read_layout<'a>(mut body: Cursor<'a>, path: &str) -> Result<Layout<'a>> {
    let version = body.u8()?;
    let class = match version {
        1 | 2 => {
            let rank = body.u8()?;
            let class = body.u8()?;
            body.skip(5)?;
            return first_layout(body, class, rank, path);
        }
        3..=5 => body.u8()?,
        other => return unsupported(format!("a layout of version {other}")),
    };
    Ok(match class {
        0 => {
            let size = body.u16()?;
            Layout::Compact(body.take(size.into())?)
        }
        1 => Layout::Contiguous(body.address()?),
        2 if version == 3 => {
            let rank = body.u8()?;
            let tree = body.address()?;
            Layout::Chunked(Chunked::of_tree(body, rank, tree, path)?)
        }
        2 => Layout::Chunked(Chunked::indexed(body, path)?),
        _ => return unsupported(format!("`{path}` as a view of other datasets")),
    })
}

/// The layout of files before HDF5 1.6.
fn first_layout<'a>(mut body: Cursor<'a>, class: u8, rank: u8, path: &str) -> Result<Layout<'a>> {
    Ok(match class {
        0 => {
            body.skip(4 * usize::from(rank))?;
            let size = body.u32()?;
            Layout::Compact(body.take(size as usize)?)
        }
        1 => Layout::Contiguous(body.address()?),
        2 => {
            let tree = body.address()?;
            Layout::Chunked(Chunked::of_tree(body, rank, tree, path)?)
        }
        _ => return unsupported(format!("`{path}` as a view of other datasets")),
    })
}
