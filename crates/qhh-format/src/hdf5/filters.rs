//! Filters that chunks went through, undone from the last to the first.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::bytes::Cursor;
use super::{Hdf5Error, Result, unsupported};

/// The filters of a list, in the order in which they were applied.
#[derive(Debug, Clone, Default)]
pub(super) struct Filters(Vec<Filter>);

#[derive(Debug, Clone, Copy)]
enum Filter {
    Gzip,
    /// First bytes of all values, then the second ones and so on, of values of so many bytes.
    Shuffle(usize),
    /// A checksum behind the chunk.
    Fletcher,
}

impl Filters {
    pub(super) fn read(mut body: Cursor<'_>, path: &str) -> Result<Self> {
        let version = body.u8()?;
        let count = body.u8()?;
        match version {
            1 => body.skip(6)?,
            2 => {}
            other => return unsupported(format!("filters of version {other}")),
        }
        let filter = |_| {
            let id = body.u16()?;
            let name = if version == 1 || id >= 256 { usize::from(body.u16()?) } else { 0 };
            body.skip(2)?;
            let values = usize::from(body.u16()?);
            body.skip(if version == 1 { name.next_multiple_of(8) } else { name })?;
            let mut values_of = body.part(4 * values)?;
            if version == 1 && values % 2 == 1 {
                body.skip(4)?;
            }
            match id {
                1 => Ok(Filter::Gzip),
                2 => match values_of.u32()? as usize {
                    0 => Err(Hdf5Error::Damaged("values of no bytes are shuffled")),
                    size => Ok(Filter::Shuffle(size)),
                },
                3 => Ok(Filter::Fletcher),
                4 => unsupported(format!("`{path}` packed by szip")),
                5 => unsupported(format!("`{path}` packed by n-bit")),
                6 => unsupported(format!("`{path}` packed by scale-offset")),
                32000 => unsupported(format!("`{path}` packed by LZF")),
                other => unsupported(format!("`{path}` packed by filter {other}")),
            }
        };
        (0..count).map(filter).collect::<Result<_>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A chunk as it was before; `mask` has a bit for each filter that was left out, `most` is how many bytes it has.
    pub(super) fn undone<'a>(&self, packed: &'a [u8], mask: u32, most: usize) -> Result<Cow<'a, [u8]>> {
        let mut bytes = Cow::Borrowed(packed);
        for (place, filter) in self.0.iter().enumerate().rev() {
            if mask.checked_shr(u32::try_from(place).unwrap_or(u32::MAX)).is_some_and(|mask| mask & 1 != 0) {
                continue;
            }
            bytes = match *filter {
                // A checksum may be packed with it.
                Filter::Gzip => Cow::Owned(inflated(&bytes, most.saturating_add(64))?),
                Filter::Shuffle(size) => Cow::Owned(in_order(&bytes, size)),
                Filter::Fletcher => {
                    let (values, sum) =
                        bytes.split_last_chunk().ok_or(Hdf5Error::Damaged("a chunk has no checksum"))?;
                    let (sum, found) = (u32::from_le_bytes(*sum), fletcher(values));
                    // Before HDF5 1.6.3 the bytes of each half were the other way round.
                    if found != sum && found != (sum & 0x00ff_00ff) << 8 | (sum >> 8) & 0x00ff_00ff {
                        return Err(Hdf5Error::Damaged("the checksum of a chunk does not hold"));
                    }
                    Cow::Owned(values.to_vec())
                }
            };
        }
        Ok(bytes)
    }
}

fn inflated(packed: &[u8], most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(packed).take(most as u64).read_to_end(&mut bytes);
    read.map_err(|_| Hdf5Error::Damaged("a chunk does not unpack"))?;
    Ok(bytes)
}

fn in_order(shuffled: &[u8], size: usize) -> Vec<u8> {
    let count = shuffled.len() / size;
    let mut bytes = shuffled.to_vec();
    for (byte, of_all) in shuffled.chunks_exact(count.max(1)).take(size).enumerate() {
        for (value, of_one) in of_all.iter().enumerate() {
            bytes[value * size + byte] = *of_one;
        }
    }
    bytes
}

/// Fletcher's checksum of words of two bytes.
fn fletcher(bytes: &[u8]) -> u32 {
    let (mut sum, mut of_sums) = (0_u32, 0_u32);
    for word in bytes.chunks(2) {
        let word = u32::from(word[0]) << 8 | word.get(1).copied().map_or(0, u32::from);
        // Sums are kept as one's complement does it, where 0 has two forms.
        sum += word;
        sum = (sum & 0xffff) + (sum >> 16);
        of_sums += sum;
        of_sums = (of_sums & 0xffff) + (of_sums >> 16);
    }
    of_sums << 16 | sum
}
