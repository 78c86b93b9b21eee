//! Links: names of a group and what they stand for.

use super::bytes::Cursor;
use super::{Hdf5Error, Result, unsupported};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Link {
    /// The object with its header at this address.
    Object(u64),
    /// Another path, or another file.
    Elsewhere,
}

/// The name and the aim of a link.
pub(super) fn link(mut body: Cursor<'_>) -> Result<(String, Link)> {
    if body.u8()? != 1 {
        return unsupported("a link of another version");
    }
    let flags = body.u8()?;
    let kind = if flags & 8 == 0 { 0 } else { body.u8()? };
    if flags & 4 != 0 {
        body.skip(8)?;
    }
    if flags & 0x10 != 0 {
        body.skip(1)?;
    }
    let length = usize::try_from(body.number(1 << (flags & 3))?).map_err(|_| Hdf5Error::Ends)?;
    let name = String::from_utf8_lossy(body.take(length)?).into_owned();
    let link = match (kind, body.address()) {
        (0, Ok(Some(address))) => Link::Object(address),
        _ => Link::Elsewhere,
    };
    Ok((name, link))
}
