//! SONATA: circuits and spikes as tables in HDF5, for BMTK, libsonata, NEST, Arbor and others.
//!
//! `spikes.rs` writes a run's spikes, `edges.rs` reads edges; nodes and edges of a network are [`crate::export`]'s to write.
//! Node ids are numbers of neurons, times are in ms.
//!
//! Format: K. Dai et al., PLoS Comput. Biol. 16, e1007696 (2020), and its guide at github.com/AllenInstitute/sonata.

mod edges;
mod spikes;

use std::io::{Seek, Write};

use qhh_core::units::UnitSystem;

use crate::hdf5::{Attribute, Object, Writer};

pub use crate::hdf5::Hdf5Error;
pub(crate) use edges::TAKEN;
pub use edges::{Edges, EdgesError};
pub use spikes::write_spikes;

/// Milliseconds of a unit of time; none in raw units.
pub(crate) fn milliseconds(units: UnitSystem) -> Option<f64> {
    match units {
        UnitSystem::HodgkinHuxley => Some(1.0),
        UnitSystem::Si => Some(1e3),
        UnitSystem::Raw => None,
    }
}

/// Ends a file whose root has one group, with the marks of the format.
pub(crate) fn finish<W: Write + Seek>(mut writer: Writer<W>, name: &str, group: Object) -> std::io::Result<W> {
    let marks = [("magic", Attribute::Whole(0x0a7a)), ("version", Attribute::List(&[0, 1]))];
    let root = writer.group(&[(name, group)], &marks)?;
    writer.finish(root)
}
