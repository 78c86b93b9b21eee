//! The rows of what a number depends on.

use serde::{Deserialize, Serialize};

use super::{Cell, ColumnSpec, Columns, Row, TableSpec};

table! { "sensitivity",
    /// Derivatives of a number by each number of the network file, those first whose change of one per cent does most.
    EntryRow {
        /// Where the number stands in the file.
        entry: String,
        /// Its value; empty for a list.
        value: Option<f64>,
        /// Its unit.
        unit: String,
        /// Derivative by it, in the measure's unit over its own; empty for a list, whose numbers differ.
        slope: Option<f64>,
        /// What one per cent more of it adds, to first order; of a number that is 0, nothing.
        of_one_percent: f64,
        /// The derivative by differences of runs, where they were made.
        by_differences: Option<f64>,
    }
}

table! { "neurons",
    /// Derivatives of a number by each parameter of each neuron that it depends on, in the units of the network.
    NeuronSlopeRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// The parameter, as in the network file.
        parameter: String,
        /// Its value.
        value: f64,
        /// Derivative by it.
        slope: f64,
        /// What one per cent more of it adds, to first order.
        of_one_percent: f64,
    }
}

table! { "waveguides",
    /// Derivatives of a number by the values of each waveguide that it depends on, in the units of the network.
    ArmSlopeRow {
        /// Entry of waveguides.
        waveguides: String,
        /// Place among the waveguides of the entry, from 0.
        item: u64,
        /// Neuron that the waveguide leaves.
        from: String,
        /// Number of that neuron's population.
        from_population: u64,
        /// Number of that neuron within its population.
        from_index: u64,
        /// Neuron at which it ends.
        to: String,
        /// Number of that neuron's population.
        to_population: u64,
        /// Number of that neuron within its population.
        to_index: u64,
        /// Derivative by its power transmission; empty for an opaque one, where it has none.
        transmission: Option<f64>,
        /// By its weight.
        weight: f64,
        /// By the power gain of its amplifier.
        gain: f64,
        /// By its delay.
        delay: f64,
    }
}
