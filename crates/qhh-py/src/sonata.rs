//! Edges of SONATA files, for `qhh.sonata`.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qhh::qhh_core::units::UnitSystem;
use qhh::qhh_format::sonata::{Edges, EdgesError};

/// Why there are no pairs.
enum Trouble {
    Edges(EdgesError),
    File(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// Writes edges as a CSV file of pairs; returns their number and the attributes that were not taken.
pub(crate) fn pairs(
    py: Python<'_>,
    edges: &Path,
    out: &Path,
    population: Option<&str>,
    types: Option<&Path>,
    units: &str,
) -> PyResult<(usize, Vec<String>)> {
    let units = match units {
        "hodgkin-huxley" => UnitSystem::HodgkinHuxley,
        "si" => UnitSystem::Si,
        other => {
            let message = format!("the units of a network file with edges are hodgkin-huxley or si, not {other}");
            return Err(PyValueError::new_err(message));
        }
    };
    let made = py.detach(|| -> Result<_, Trouble> {
        let bytes = fs::read(edges)?;
        let types = types.map(File::open).transpose()?;
        let read = Edges::read(&bytes, population, types).and_then(|edges| edges.in_units(units));
        let read = read.map_err(Trouble::Edges)?;
        read.write_pairs(BufWriter::new(File::create(out)?))?;
        Ok((read.sources.len(), read.others))
    });
    made.map_err(|trouble| match trouble {
        Trouble::Edges(error) => PyValueError::new_err(format!("{} {error}: {}", edges.display(), error.remedy())),
        Trouble::File(error) => error.into(),
    })
}
