//! What a network is read from: its text, what replaces parts of it, and the data files beside it.

mod data;
mod files;
mod source;

pub(crate) use data::{Data, DataFile, Found, copied_name, is_hdf5, is_matrix, is_plain};
pub(crate) use files::{Files, Opened};
pub(crate) use source::{OverrideOrigin, Source};
