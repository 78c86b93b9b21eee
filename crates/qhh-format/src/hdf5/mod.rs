//! HDF5 files, as far as tables in SONATA's manner need them: groups, and lists of numbers in them.
//!
//! Read: every version of superblock, object header and group up to HDF5 2.0; whole numbers, floats and enumerations of any
//! width and byte order; compact, contiguous and chunked lists, packed by gzip, shuffled, with checksums. All else is refused
//! by name ([`Hdf5Error::Unsupported`]): other filters, virtual and external data, tables of several dimensions. Written: what
//! HDF5 1.8 and later opens, contiguous.
//!
//! Format: "HDF5 File Format Specification Version 3.0", The HDF Group. Ours: the crates that know all of it take 26 s of a
//! processor and more to build, and a checkout builds its first program in about 3 minutes of two.
//!
//! A file may be anybody's: nothing here trusts a number in it, and what is made of it is at most as large as its packed bytes
//! can become.

mod bytes;
mod chunks;
mod dataset;
mod dense;
mod filters;
mod group;
mod link;
mod object;
mod slots;
mod write;

pub(crate) use bytes::File;
pub(crate) use dataset::Dataset;
pub(crate) use group::Group;
pub(crate) use write::{Attribute, Object, Values, Writer};

/// Why a file cannot be read; each message goes on from the name of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hdf5Error {
    /// It is something else.
    #[error("is no HDF5 file")]
    NotHdf5,
    /// Something in it lies beyond its end.
    #[error("ends before what it announces")]
    Ends,
    /// It contradicts itself.
    #[error("is damaged: {0}")]
    Damaged(&'static str),
    /// It holds something that this program does not read.
    #[error("has {0}, which this program does not read")]
    Unsupported(String),
    /// Something is not in it.
    #[error("has no `{path}`")]
    Missing {
        /// What.
        path: String,
        /// What is in its place.
        known: Vec<String>,
    },
}

type Result<T> = std::result::Result<T, Hdf5Error>;

fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Hdf5Error::Unsupported(what.into()))
}

/// The checksum of metadata, Bob Jenkins' lookup3 of 2006 with a seed of 0.
fn checksum(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len().try_into().unwrap_or(u32::MAX));
    let (mut a, mut b, mut c) = (start, start, start);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word: u32, byte| word << 8 | u32::from(*byte));
    let mut rest = bytes;
    while rest.len() > 12 {
        let (block, behind) = rest.split_at(12);
        rest = behind;
        a = a.wrapping_add(word(&block[..4]));
        b = b.wrapping_add(word(&block[4..8]));
        c = c.wrapping_add(word(&block[8..]));
        for (shift, into, from) in [(4, 0, 2), (6, 1, 0), (8, 2, 1), (16, 0, 2), (19, 1, 0), (4, 2, 1)] {
            let mut words = [a, b, c];
            let other = 3 - into - from;
            words[into] = words[into].wrapping_sub(words[from]) ^ words[from].rotate_left(shift);
            words[from] = words[from].wrapping_add(words[other]);
            [a, b, c] = words;
        }
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(&rest[..rest.len().min(4)]));
    b = b.wrapping_add(word(rest.get(4..rest.len().min(8)).unwrap_or_default()));
    c = c.wrapping_add(word(rest.get(8..).unwrap_or_default()));
    for (shift, into, from) in [(14, 2, 1), (11, 0, 2), (25, 1, 0), (16, 2, 1), (4, 0, 2), (14, 1, 0), (24, 2, 1)]
    {
        let mut words = [a, b, c];
        words[into] = (words[into] ^ words[from]).wrapping_sub(words[from].rotate_left(shift));
        [a, b, c] = words;
    }
    c
}

#[cfg(test)]
mod tests;
