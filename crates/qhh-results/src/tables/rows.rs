//! The rows of tables whose columns are known beforehand.
//!
//! Units are the network's; voltages are of the mean field unless a column says otherwise.

use serde::{Deserialize, Serialize};

use super::{Columns, Kind, Values};

/// What a table is called and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of its file, without the extension.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub about: &'static str,
    /// Its columns in order.
    pub columns: &'static [ColumnSpec],
}

/// What a column is called and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub about: &'static str,
    /// What its cells are.
    pub kind: Kind,
}

/// A row of a table.
pub trait Row: Sized {
    /// The table.
    const TABLE: TableSpec;

    /// Appends the row to columns of the table's kinds.
    fn push(self, columns: &mut Columns);

    /// The row at `index` of columns of the table's kinds.
    fn at(columns: &Columns, index: usize) -> Self;
}

/// A type that a cell may have.
trait Cell: Sized {
    const KIND: Kind;
    fn push(self, values: &mut Values);
    fn at(values: &Values, index: usize) -> Self;
}

macro_rules! cell {
    ($of:ty, $kind:ident) => {
        impl Cell for $of {
            const KIND: Kind = Kind::$kind;

            fn push(self, values: &mut Values) {
                if let Values::$kind(cells) = values {
                    cells.push(self);
                }
            }

            fn at(values: &Values, index: usize) -> Self {
                match values {
                    Values::$kind(cells) => cells[index].clone(),
                    _ => unreachable!("columns have the kinds of the table"),
                }
            }
        }
    };
}

cell!(String, Text);
cell!(f64, Number);
cell!(u64, Count);
cell!(Option<f64>, Optional);

/// Declares a row struct: its table's name, then its columns. Their docs are what a program can print of them, too.
macro_rules! table {
    (
        $name:literal, $(#[doc = $about:literal])+
        $row:ident { $($(#[doc = $meaning:literal])+ $column:ident: $cell:ty,)+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $row {
            $($(#[doc = $meaning])+ pub $column: $cell,)+
        }

        impl Row for $row {
            const TABLE: TableSpec = TableSpec {
                name: $name,
                about: concat!($($about),+),
                columns: &[
                    $(ColumnSpec {
                        name: stringify!($column),
                        about: concat!($($meaning),+),
                        kind: <$cell as Cell>::KIND,
                    }),+
                ],
            };

            fn push(self, columns: &mut Columns) {
                let mut columns = columns.0.iter_mut();
                $(self.$column.push(&mut columns.next().expect("a column for each field").values);)+
            }

            fn at(columns: &Columns, index: usize) -> Self {
                let mut columns = columns.0.iter();
                Self { $($column: Cell::at(&columns.next().expect("a column for each field").values, index),)+ }
            }
        }
    };
}

mod sensitivity;

pub use sensitivity::{ArmSlopeRow, EntryRow, NeuronSlopeRow};

table! { "spikes",
    /// Every spike, in time order.
    SpikeRow {
        /// Neuron that fires.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Time at which its voltage crosses the threshold upwards.
        time: f64,
        /// Variance of its voltage then, of all lines and sources; empty but for recorded neurons with field modes.
        variance: Option<f64>,
    }
}

table! { "firing_rates",
    /// How often each neuron fires over the whole run.
    FiringRateRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Number of its spikes.
        spikes: u64,
        /// Spikes per time: their number over the duration of the run.
        mean_rate: f64,
        /// Mean interval between its spikes; empty below two.
        mean_interval: Option<f64>,
        /// Coefficient of variation of the intervals, their standard deviation over their mean; empty below three spikes.
        interval_cv: Option<f64>,
        /// Time of its first spike; empty without.
        first_spike: Option<f64>,
        /// Time of its last spike; empty without.
        last_spike: Option<f64>,
    }
}

table! { "variance",
    /// Variance of the voltage of recorded neurons by noise line. The three parts add up, and so do the lines.
    VarianceRow {
        /// Time.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Line that the noise comes from: a channel, a port or a source.
        line: String,
        /// Variance with the line in vacuum; empty of samples, which know the whole alone, as this and the next two.
        vacuum: Option<f64>,
        /// What temperature adds.
        thermal: Option<f64>,
        /// What the state of a source adds to its vacuum.
        state: Option<f64>,
    }
}

table! { "hysteresis",
    /// Pinched loops of the memristors by period of the drive.
    HysteresisRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Memristive channel.
        channel: String,
        /// Angular frequency of the drive.
        frequency: f64,
        /// Number of the period, from 1 on.
        period: u64,
        /// Time at which it begins.
        start: f64,
        /// Area of the loop.
        area: f64,
        /// Largest voltage across the memristor.
        peak_voltage: f64,
        /// Largest current through it.
        peak_current: f64,
    }
}

table! { "loops",
    /// Points of the memristors' loops.
    LoopRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Memristive channel.
        channel: String,
        /// Time.
        t: f64,
        /// Voltage across the memristor.
        voltage: f64,
        /// Current through it.
        current: f64,
    }
}

table! { "jitter",
    /// Spread of the times of spikes by linear response.
    JitterRow {
        /// Neuron that fires.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Time of the spike of the mean field.
        time: f64,
        /// Standard deviation of its time.
        jitter: f64,
    }
}

table! { "noise_budget",
    /// Variance of recorded quantities split by the neuron and line that the noise comes from.
    BudgetRow {
        /// Time.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Quantity of it.
        quantity: String,
        /// Neuron that the noise comes from.
        of: String,
        /// Number of that neuron's population.
        of_population: u64,
        /// Number of that neuron within its population.
        of_index: u64,
        /// Line of that neuron.
        origin: String,
        /// Variance.
        variance: f64,
    }
}

table! { "origin",
    /// Variances of single numbers of the run split by the neuron and line that the noise comes from.
    OriginRow {
        /// The number, as the file names it.
        figure: String,
        /// Number of the population of the neuron that it is read from.
        figure_population: u64,
        /// Number of that neuron within its population.
        figure_index: u64,
        /// Neuron that the noise comes from.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Line of that neuron.
        line: String,
        /// Its part of the variance, in the square of the number's unit.
        variance: f64,
        /// The same as a part of the whole.
        share: f64,
    }
}

table! { "origin_times",
    /// The same by when the noise was emitted, of the neurons that bring most.
    OriginTimeRow {
        /// The number, as the file names it.
        figure: String,
        /// Number of the population of the neuron that it is read from.
        figure_population: u64,
        /// Number of that neuron within its population.
        figure_index: u64,
        /// Neuron that the noise comes from.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// When the stretch of time begins; empty for all that was before the run.
        from: Option<f64>,
        /// When it ends.
        to: f64,
        /// Variance with all noise from its start on, less that with all from its end on.
        variance: f64,
    }
}

table! { "covariance",
    /// Covariances of recorded voltages and waves.
    CovarianceRow {
        /// Time.
        t: f64,
        /// Quantity, such as `relay[0].voltage`.
        a: String,
        /// Number of the population of its neuron.
        a_population: u64,
        /// Number of that neuron within its population.
        a_index: u64,
        /// The other quantity.
        b: String,
        /// Number of the population of its neuron.
        b_population: u64,
        /// Number of that neuron within its population.
        b_index: u64,
        /// Their covariance.
        covariance: f64,
    }
}

table! { "responses",
    /// Responses of recorded voltages to the modes of quantum sources.
    ResponseRow {
        /// Time.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Source.
        source: String,
        /// Real part of the response.
        re_u: f64,
        /// Imaginary part.
        im_u: f64,
    }
}

table! { "moments",
    /// Moments of voltages behind sources that are not Gaussian.
    MomentsRow {
        /// Time.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Variance.
        variance: f64,
        /// Skewness.
        skewness: f64,
        /// Kurtosis above that of a normal distribution.
        kurtosis: f64,
    }
}

table! { "ensemble",
    /// Moments of voltages over samples of the fields.
    EnsembleRow {
        /// Time.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Mean.
        mean: f64,
        /// Standard error of the mean.
        mean_error: f64,
        /// Variance.
        variance: f64,
        /// Standard error of the variance.
        variance_error: f64,
        /// Skewness.
        skewness: f64,
        /// Kurtosis above that of a normal distribution.
        kurtosis: f64,
    }
}

table! { "trajectories",
    /// Voltages in single samples of the fields, and what the neuron's measurement told of them.
    TrajectoryRow {
        /// Time of the sample.
        t: f64,
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Number of the sample of the fields, from 0.
        sample: u64,
        /// Voltage of the node.
        voltage: f64,
        /// Record of the voltage that the gates follow; empty where nothing measures it.
        measured: Option<f64>,
    }
}

table! { "firing",
    /// What becomes of each spike of the mean field in the samples.
    FiringRow {
        /// Neuron that fires.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Time of the spike of the mean field.
        time: f64,
        /// Share of the samples in which it happens.
        probability: Option<f64>,
        /// Standard error of the share.
        probability_error: Option<f64>,
        /// Mean time in those samples; empty below two.
        mean_time: Option<f64>,
        /// Standard error of the mean time.
        mean_time_error: Option<f64>,
        /// Standard deviation of the time.
        jitter: Option<f64>,
        /// Standard error of the jitter.
        jitter_error: Option<f64>,
        /// Jitter by linear response: deviation of the samples' voltages over the slope of the mean field.
        linear_jitter: Option<f64>,
        /// Standard error of that.
        linear_jitter_error: Option<f64>,
    }
}

table! { "spike_times",
    /// Times of each spike of the mean field in the samples, counted in intervals.
    SpikeTimesRow {
        /// Neuron that fires.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Time of the spike of the mean field.
        time: f64,
        /// Beginning of the interval.
        from: f64,
        /// Its end.
        to: f64,
        /// Samples in which the spike falls into it.
        samples: u64,
    }
}

table! { "noise_spikes",
    /// Spikes that noise makes and erases, per sample.
    NoiseSpikesRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Its spikes in a sample, on average.
        spikes: f64,
        /// Those that none of the mean field's corresponds to.
        made: f64,
        /// Spikes of the mean field that are missing.
        erased: f64,
    }
}

table! { "snapshot",
    /// State of every neuron of a population at the end of the run, for `initial: {from: ..}`.
    SnapshotRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Voltage.
        voltage: f64,
        /// Activation of potassium.
        n: f64,
        /// Activation of sodium.
        m: f64,
        /// Inactivation of sodium.
        h: f64,
    }
}

table! { "snapshot",
    /// State of every neuron of a population of single memristors at the end of the run.
    MemristorSnapshotRow {
        /// Neuron.
        neuron: String,
        /// Number of its population in the order of the file, from 0.
        population: u64,
        /// Its number within its population, from 0.
        index: u64,
        /// Voltage.
        voltage: f64,
        /// Activation of potassium.
        n: f64,
    }
}

/// Every table of a run whose columns are known beforehand.
pub const TABLES: &[TableSpec] = &[
    SpikeRow::TABLE,
    FiringRateRow::TABLE,
    VarianceRow::TABLE,
    HysteresisRow::TABLE,
    LoopRow::TABLE,
    JitterRow::TABLE,
    BudgetRow::TABLE,
    CovarianceRow::TABLE,
    ResponseRow::TABLE,
    MomentsRow::TABLE,
    EnsembleRow::TABLE,
    TrajectoryRow::TABLE,
    FiringRow::TABLE,
    SpikeTimesRow::TABLE,
    NoiseSpikesRow::TABLE,
    SnapshotRow::TABLE,
];
