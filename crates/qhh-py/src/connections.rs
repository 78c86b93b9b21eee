//! The waveguides of a network one by one.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use qhh::qhh_net::coupling::connections::ConnectionValues;
use qhh::qhh_net::network::{Direction, Network, Waveguides};

/// Senders, receivers and values of an entry, an element for each waveguide.
#[derive(Default)]
struct Arms {
    from: Vec<usize>,
    to: Vec<usize>,
    /// Delay, transmission, weight, gain.
    values: [Vec<f64>; 4],
}

impl Arms {
    fn of(network: &Network, entry: &Waveguides) -> Self {
        let (mut arms, mut values) = (Self::default(), ConnectionValues::new(network, entry));
        network.for_each_connection(entry, |arm| {
            arms.from.push(arm.from);
            arms.to.push(arm.to);
            let of_arm = [
                values.delay(arm.item),
                values.transmission(arm.item),
                values.weight(arm.item),
                values.gain(arm.item),
            ];
            for (column, value) in arms.values.iter_mut().zip(of_arm) {
                column.push(value);
            }
        });
        arms
    }
}

/// A dict of columns for each entry of the network's waveguides, by name.
pub(crate) fn connections<'py>(py: Python<'py>, network: &Network) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    for entry in &network.waveguides {
        let Arms { from, to, values } = py.detach(|| Arms::of(network, entry));
        let columns = PyDict::new(py);
        columns.set_item("from", PyArray1::from_vec(py, from))?;
        columns.set_item("to", PyArray1::from_vec(py, to))?;
        for (name, column) in ["delay", "transmission", "weight", "gain"].into_iter().zip(values) {
            columns.set_item(name, PyArray1::from_vec(py, column))?;
        }
        columns.set_item("port", entry.port.as_deref())?;
        columns.set_item("two_way", entry.direction == Direction::TwoWay)?;
        found.set_item(&entry.name, columns)?;
    }
    Ok(found)
}
