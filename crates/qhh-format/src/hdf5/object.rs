//! Headers of objects: the messages that say what a group or a dataset is.

use super::bytes::{Cursor, File};
use super::{Hdf5Error, Result, unsupported};

/// What a message is about.
pub(super) mod kind {
    pub(in crate::hdf5) const DATASPACE: u16 = 0x01;
    pub(in crate::hdf5) const LINK_INFO: u16 = 0x02;
    pub(in crate::hdf5) const DATATYPE: u16 = 0x03;
    pub(in crate::hdf5) const FILL_VALUE: u16 = 0x05;
    pub(in crate::hdf5) const LINK: u16 = 0x06;
    pub(in crate::hdf5) const EXTERNAL: u16 = 0x07;
    pub(in crate::hdf5) const LAYOUT: u16 = 0x08;
    pub(in crate::hdf5) const GROUP_INFO: u16 = 0x0a;
    pub(in crate::hdf5) const FILTERS: u16 = 0x0b;
    pub(in crate::hdf5) const ATTRIBUTE: u16 = 0x0c;
    pub(in crate::hdf5) const CONTINUATION: u16 = 0x10;
    pub(in crate::hdf5) const SYMBOL_TABLE: u16 = 0x11;
}

/// The message lies elsewhere.
const SHARED: u8 = 2;
/// Letters of a header of the second version.
pub(super) const HEADER: &[u8; 4] = b"OHDR";

/// A message of a header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    shared: bool,
    body: Cursor<'a>,
}

impl<'a> Message<'a> {
    /// What it says.
    pub(super) fn body(&self) -> Result<Cursor<'a>> {
        if self.shared { unsupported("a type that is kept by itself and shared") } else { Ok(self.body) }
    }
}

/// The messages of the object at an address.
pub(super) fn messages<'a>(file: &File<'a>, address: u64) -> Result<Vec<Message<'a>>> {
    let budget = file.budget();
    let mut start = file.at(address)?;
    let (mut blocks, second) = if start.rest.starts_with(HEADER) {
        start.opens(*HEADER, 2)?;
        let flags = start.u8()?;
        let times = if flags & 0x20 == 0 { 0 } else { 16 };
        let phases = if flags & 0x10 == 0 { 0 } else { 4 };
        start.skip(times + phases)?;
        let width = 1 << (flags & 3);
        let size = usize::try_from(start.number(width)?).map_err(|_| Hdf5Error::Ends)?;
        let before = 6 + times + phases + width;
        let mut whole = file.sealed(address, before.checked_add(size).ok_or(Hdf5Error::Ends)?)?;
        whole.skip(before)?;
        (vec![whole], Some(flags))
    } else {
        if start.u8()? != 1 {
            return Err(Hdf5Error::Damaged("an object has no header"));
        }
        start.skip(7)?;
        let size = start.u32()? as usize;
        start.skip(4)?;
        (vec![start.part(size)?], None)
    };
    let mut found = Vec::new();
    while let Some(mut block) = blocks.pop() {
        budget.spend(block.rest.len().max(1))?;
        while let Some(message) = next(&mut block, second)? {
            if message.kind != kind::CONTINUATION {
                found.push(message);
                continue;
            }
            let mut body = message.body()?;
            let place = body.address()?.ok_or(Hdf5Error::Damaged("a header goes on nowhere"))?;
            let size = body.size()?;
            blocks.push(if second.is_some() {
                let mut part = file.sealed(place, size.checked_sub(4).ok_or(Hdf5Error::Ends)?)?;
                if part.take(4)? != b"OCHK" {
                    return Err(Hdf5Error::Damaged("a header goes on nowhere"));
                }
                part
            } else {
                file.at(place)?.part(size)?
            });
        }
    }
    Ok(found)
}

/// The next message of a block; `second` has the flags of a header of the second version.
fn next<'a>(block: &mut Cursor<'a>, second: Option<u8>) -> Result<Option<Message<'a>>> {
    let order = second.is_some_and(|flags| flags & 4 != 0);
    let head = if second.is_none() { 8 } else { 4 + 2 * usize::from(order) };
    // Less than a message is a gap.
    if block.rest.len() < head {
        return Ok(None);
    }
    let kind = if second.is_none() { block.u16()? } else { block.u8()?.into() };
    let size = block.u16()?.into();
    let flags = block.u8()?;
    block.skip(if second.is_none() { 3 } else { 2 * usize::from(order) })?;
    Ok(Some(Message { kind, shared: flags & SHARED != 0, body: block.part(size)? }))
}

/// The message of a kind.
pub(super) fn message<'a>(messages: &[Message<'a>], kind: u16) -> Result<Option<Cursor<'a>>> {
    messages.iter().find(|message| message.kind == kind).map(Message::body).transpose()
}
