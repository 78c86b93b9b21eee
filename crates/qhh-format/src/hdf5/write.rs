//! Writes a file from its leaves to its root: numbers go out as they come, so that no more than one list is in memory.

use std::io::{self, Seek, SeekFrom, Write};

use super::checksum;
use super::object::{HEADER, kind};

/// Bytes of the superblock.
const SUPERBLOCK: usize = 48;
/// What stands for an address where there is none.
const NOWHERE: u64 = u64::MAX;

/// A file being written.
pub(crate) struct Writer<W> {
    out: W,
    /// Where the next part goes.
    end: u64,
}

/// A group or dataset that was written: the address of its header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object(u64);

/// Numbers of a dataset.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values<'a> {
    Whole(&'a [u64]),
    Numbers(&'a [f64]),
}

/// What is said of a group or dataset beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attribute<'a> {
    Text(&'a str),
    /// One whole number.
    Whole(u32),
    /// A list of them.
    List(&'a [u32]),
    /// A word of a few, each with its number.
    Word(&'a str, &'a [&'a str]),
}

impl<W: Write + Seek> Writer<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&[0; SUPERBLOCK])?;
        Ok(Self { out, end: SUPERBLOCK as u64 })
    }

    /// Writes numbers.
    pub(crate) fn dataset(
        &mut self,
        values: Values<'_>,
        attributes: &[(&str, Attribute<'_>)],
    ) -> io::Result<Object> {
        let (length, datatype) = match values {
            Values::Whole(values) => (values.len(), unsigned(8)),
            Values::Numbers(values) => (values.len(), double()),
        };
        let address = if length == 0 { NOWHERE } else { self.end };
        match values {
            Values::Whole(values) => self.numbers(values.iter().map(|value| value.to_le_bytes()))?,
            Values::Numbers(values) => self.numbers(values.iter().map(|value| value.to_le_bytes()))?,
        }
        let mut layout = vec![3, 1];
        layout.extend(address.to_le_bytes());
        layout.extend((8 * length as u64).to_le_bytes());
        let mut messages = vec![
            (kind::DATASPACE, dataspace(Some(length as u64))),
            (kind::DATATYPE, datatype),
            // Where nothing is written, nothing is filled in.
            (kind::FILL_VALUE, vec![3, 0x0a]),
            (kind::LAYOUT, layout),
        ];
        messages.extend(attributes.iter().map(|(name, value)| (kind::ATTRIBUTE, attribute(name, *value))));
        self.header(&messages)
    }

    /// Writes a group of what was written before.
    pub(crate) fn group(
        &mut self,
        links: &[(&str, Object)],
        attributes: &[(&str, Attribute<'_>)],
    ) -> io::Result<Object> {
        let mut info = vec![0, 0];
        info.extend([NOWHERE.to_le_bytes(), NOWHERE.to_le_bytes()].concat());
        let mut messages = vec![(kind::LINK_INFO, info), (kind::GROUP_INFO, vec![0, 0])];
        for (name, object) in links {
            // A name in UTF-8, its length in two bytes.
            let mut link = vec![1, 0x11, 1];
            link.extend(short(name.len())?);
            link.extend(name.as_bytes());
            link.extend(object.0.to_le_bytes());
            messages.push((kind::LINK, link));
        }
        messages.extend(attributes.iter().map(|(name, value)| (kind::ATTRIBUTE, attribute(name, *value))));
        self.header(&messages)
    }

    /// Writes the start of the file, whose root is this group.
    pub(crate) fn finish(mut self, root: Object) -> io::Result<W> {
        let mut start = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
        start.extend([0, NOWHERE, self.end, root.0].map(u64::to_le_bytes).concat());
        start.extend(checksum(&start).to_le_bytes());
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&start)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn numbers(&mut self, values: impl ExactSizeIterator<Item = [u8; 8]>) -> io::Result<()> {
        self.end += 8 * values.len() as u64;
        for value in values {
            self.out.write_all(&value)?;
        }
        Ok(())
    }

    fn header(&mut self, messages: &[(u16, Vec<u8>)]) -> io::Result<Object> {
        let mut body = Vec::new();
        for (kind, message) in messages {
            // Kinds are below 256, and there is nothing to say of a message.
            body.push(kind.to_le_bytes()[0]);
            body.extend(short(message.len())?);
            body.push(0);
            body.extend(message);
        }
        let size = u32::try_from(body.len()).map_err(|_| too_long())?;
        let mut header = HEADER.to_vec();
        header.extend([2, 2]);
        header.extend(size.to_le_bytes());
        header.extend(body);
        header.extend(checksum(&header).to_le_bytes());
        // Every part begins at a multiple of eight.
        header.resize(header.len().next_multiple_of(8), 0);
        self.out.write_all(&header)?;
        let object = Object(self.end);
        self.end += header.len() as u64;
        Ok(object)
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a name or a list of names is too long for HDF5")
}

/// A length in two bytes.
fn short(length: usize) -> io::Result<[u8; 2]> {
    u16::try_from(length).map(u16::to_le_bytes).map_err(|_| too_long())
}

/// Of one value, or of a list.
fn dataspace(length: Option<u64>) -> Vec<u8> {
    let Some(length) = length else { return vec![2, 0, 0, 0] };
    let mut space = vec![2, 1, 0, 1];
    space.extend(length.to_le_bytes());
    space
}

/// Whole numbers without a sign.
fn unsigned(bytes: u8) -> Vec<u8> {
    vec![0x10, 0, 0, 0, bytes, 0, 0, 0, 0, 0, 8 * bytes, 0]
}

/// Numbers of IEEE 754, double precision.
fn double() -> Vec<u8> {
    let mut datatype = vec![0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52];
    datatype.extend(1023_u32.to_le_bytes());
    datatype
}

fn attribute(name: &str, value: Attribute<'_>) -> Vec<u8> {
    let (datatype, space, data) = match value {
        Attribute::Text(text) => {
            // Padded with zeros, in UTF-8.
            let mut datatype = vec![0x13, 0x11, 0, 0];
            datatype.extend(length(text.len().max(1)));
            (datatype, None, if text.is_empty() { vec![0] } else { text.as_bytes().to_vec() })
        }
        Attribute::Whole(number) => (unsigned(4), None, number.to_le_bytes().to_vec()),
        Attribute::List(list) => {
            (unsigned(4), Some(list.len() as u64), list.iter().flat_map(|number| number.to_le_bytes()).collect())
        }
        Attribute::Word(word, words) => {
            let mut datatype = vec![0x38];
            datatype.extend(&length(words.len())[..3]);
            datatype.extend(length(1));
            datatype.extend(unsigned(1));
            for word in words {
                datatype.extend([word.as_bytes(), &[0]].concat());
            }
            datatype.extend(0..length(words.len())[0]);
            let number = words.iter().position(|other| *other == word).unwrap_or_default();
            (datatype, None, length(number)[..1].to_vec())
        }
    };
    let space = dataspace(space);
    let mut message = vec![3, 0];
    for part in [name.len() + 1, datatype.len(), space.len()] {
        message.extend(&length(part)[..2]);
    }
    // The name is in UTF-8.
    message.push(1);
    message.extend(name.as_bytes());
    message.push(0);
    message.extend([datatype, space, data].concat());
    message
}

/// A length in four bytes; names and words of attributes are far shorter than those can say.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}
