//! Files that people write: network files, learning tasks and fits, read with every mistake's place, and written back.
//!
//! # Examples
//! Every mistake of a text at once, each with its place:
//! ```
//! use std::path::Path;
//!
//! let text = "
//! name: leak
//! simulation: {duration: 5 mV}
//! neurons:
//!   cell:
//!     circuit: single-channel
//!     membrane: {capacitance: 1 uA}
//!     channels: {potassium: {conductance: 36 mS}}
//! ";
//! let error = qhh_format::yaml::load_text(Path::new("leak.yaml"), text, &[]).unwrap_err();
//! let said = error.to_string();
//! assert!(said.contains("leak.yaml:3:24") && said.contains("leak.yaml:7:29"), "{said}");
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

pub mod export;
pub mod fit;
pub mod hash;
mod hdf5;
mod rows;
pub mod sonata;
pub mod task;
pub mod yaml;
