//! What is read of a run: columns of numbers, symbol by symbol, each with what one measurement of it scatters by.

use nalgebra::DMatrix;
use qhh_core::channel::Conductances;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::Moments;
use qhh_core::quantum::variance::mode_response;
use qhh_core::source::ModeSource;
use qhh_core::stop;
use qhh_net::network::{Drive, Observable};
use qhh_net::outcome::OutputStates;
use qhh_net::{Network, Outcome};
use serde::{Deserialize, Serialize};

use super::LearnError;

/// A kind of feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Reading {
    /// A recorded quantity at every virtual node.
    Trace(Observable),
    /// Spikes within the symbol.
    Spikes,
    /// Time from the start of the symbol to its first spike; the symbol's length where there is none.
    FirstSpike,
    /// Covariances of the voltages of two neurons at every virtual node, as far as the sources' modes make them.
    Covariance,
    /// Means and covariances of the quadratures of the network's output modes.
    Modes,
}

/// Those that are no recorded quantity.
pub const OTHERS: [Reading; 4] = [Reading::Spikes, Reading::FirstSpike, Reading::Covariance, Reading::Modes];

/// Whether a feature is known from the mean field, or only from fluctuations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Voltages, waves, conductances, spikes, means.
    MeanField,
    /// Variances, covariances, second moments.
    Quantum,
}

/// A kind of feature of some neurons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// What is read.
    pub reading: Reading,
    /// Of which neurons, ascending; output modes have theirs.
    pub neurons: Vec<usize>,
}

impl Feature {
    /// Number of its columns, by how often a symbol is read and how many output modes there are.
    pub(crate) fn n_columns(&self, n_virtual: usize, n_modes: usize) -> usize {
        let n = self.neurons.len();
        let (pairs, quadratures) = (n * (n.saturating_sub(1)) / 2, 2 * n_modes);
        match self.reading {
            Reading::Trace(_) => n * n_virtual,
            Reading::Spikes | Reading::FirstSpike => n,
            Reading::Covariance => pairs * n_virtual,
            Reading::Modes => quadratures + quadratures * (quadratures + 1) / 2,
        }
    }
}

/// A column of features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// `pool[3] voltage @2`: neuron, quantity, virtual node.
    pub name: String,
    /// Name of the quantity.
    pub quantity: String,
    /// Where it is known from.
    pub family: Family,
}

/// Features of several rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// `[row][column]`.
    pub values: DMatrix<f64>,
    /// Variance of one measurement of each value; the mean of N has an Nth of it. No number where none is known.
    pub scatter: DMatrix<f64>,
}

impl From<Reading> for String {
    fn from(reading: Reading) -> Self {
        reading.name().to_owned()
    }
}

impl TryFrom<String> for Reading {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| format!("there is no feature `{name}`"))
    }
}

impl Reading {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace(observable) => observable.name(),
            Self::Spikes => "spikes",
            Self::FirstSpike => "first_spike",
            Self::Covariance => "covariance",
            Self::Modes => "modes",
        }
    }

    /// Reading of a name.
    pub fn named(name: &str) -> Option<Self> {
        let trace = Observable::named(name).map(Self::Trace);
        trace.or_else(|| OTHERS.into_iter().find(|reading| reading.name() == name))
    }

    /// Whether it takes fluctuations.
    pub fn is_quantum(self) -> bool {
        match self {
            Self::Trace(observable) => observable.is_variance(),
            Self::Covariance | Self::Modes => true,
            Self::Spikes | Self::FirstSpike => false,
        }
    }
}

/// A quantum source's second moments while a sequence is fed in: which source, and its moments slot by slot.
pub(crate) struct SourceMoments<'a> {
    /// The source as the network has it.
    pub(crate) source: usize,
    /// Moments of each slot.
    pub(crate) moments: &'a [Moments],
}

/// A run of some symbols, to be read.
pub(crate) struct Reader<'a> {
    /// The network with its inlets, before any source was put in place.
    pub(crate) network: &'a Network,
    pub(crate) outcome: &'a Outcome,
    pub(crate) n_symbols: usize,
    pub(crate) n_virtual: usize,
    /// Time of a slot.
    pub(crate) slot: f64,
    /// States that are not in the run, whose second moments are put in here.
    pub(crate) told: &'a [SourceMoments<'a>],
}

/// Columns being put together.
#[derive(Default)]
struct Built {
    columns: Vec<Column>,
    values: Vec<Vec<f64>>,
    scatter: Vec<Vec<f64>>,
}

impl Built {
    fn push(&mut self, name: String, quantity: &str, family: Family, values: Vec<f64>, scatter: Vec<f64>) {
        self.columns.push(Column { name, quantity: quantity.to_owned(), family });
        self.values.push(values);
        self.scatter.push(scatter);
    }
}

/// Quantities that must be recorded to read some features; `second` where second moments are put in afterwards.
pub(crate) fn recorded(network: &Network, features: &[Feature], second: bool) -> (Vec<usize>, Vec<Observable>) {
    let mut neurons: Vec<usize> = features.iter().flat_map(|feature| feature.neurons.iter().copied()).collect();
    neurons.sort_unstable();
    neurons.dedup();
    let fluctuates = network.quantum.is_some_and(|q| q.fluctuations != qhh_net::network::Fluctuations::None);
    let mut observables = vec![Observable::Voltage];
    let mut want = |observable| {
        if !observables.contains(&observable) {
            observables.push(observable);
        }
    };
    if fluctuates {
        want(Observable::Variance);
    }
    for feature in features {
        if let Reading::Trace(observable) = feature.reading {
            want(observable);
        }
    }
    if second {
        let read = network.populations.iter().filter(|population| {
            let first = network.first_of(&population.name).unwrap_or(0);
            neurons.iter().any(|neuron| (first..first + population.count).contains(neuron))
        });
        for channel in read.flat_map(|population| population.circuit.channels.iter()) {
            want(Observable::Conductance(channel.name));
        }
    }
    (neurons, observables)
}

impl Reader<'_> {
    /// Rows of all features, one for each symbol.
    pub(crate) fn read(&self, features: &[Feature]) -> Result<Table, LearnError> {
        let mut built = Built::default();
        for feature in features {
            match feature.reading {
                Reading::Trace(observable) => self.traces(observable, &feature.neurons, &mut built)?,
                Reading::Spikes | Reading::FirstSpike => self.spikes(feature, &mut built),
                Reading::Covariance => self.covariances(&feature.neurons, &mut built)?,
                Reading::Modes => self.modes(&mut built)?,
            }
        }
        let rows = self.n_symbols;
        let table = |columns: &[Vec<f64>]| {
            DMatrix::from_fn(rows, columns.len(), |row, k| {
                stop::check();
                columns[k][row]
            })
        };
        Ok(Table { values: table(&built.values), scatter: table(&built.scatter), columns: built.columns })
    }

    /// Samples at the end of every slot: the first sample is the start of the run.
    fn samples(&self, neuron: usize, observable: Observable) -> Result<Vec<f64>, LearnError> {
        let all = self.outcome.traces.get(neuron, observable).ok_or_else(|| LearnError::NotKept {
            feature: format!("`{}` of {}", observable.name(), self.network.neuron_name(neuron)),
            reason: "the neuron has no such thing",
        })?;
        let n_slots = self.n_symbols * self.n_virtual;
        Ok(all[1..=n_slots].to_vec())
    }

    fn traces(&self, observable: Observable, neurons: &[usize], built: &mut Built) -> Result<(), LearnError> {
        let family = if observable.is_variance() { Family::Quantum } else { Family::MeanField };
        let with_state = matches!(observable, Observable::Variance | Observable::VarianceState);
        for &neuron in neurons {
            stop::check();
            let mut values = self.samples(neuron, observable)?;
            let added = self.added(neuron)?;
            if with_state {
                values.iter_mut().zip(&added).for_each(|(value, added)| *value += added);
            }
            let scatter: Vec<f64> = match self.samples(neuron, Observable::Variance) {
                Ok(variance) if observable == Observable::Voltage => {
                    variance.iter().zip(&added).map(|(variance, added)| variance + added).collect()
                }
                // The spread of a sample variance of normal numbers: 2 sigma^4.
                Ok(variance) if family == Family::Quantum => {
                    variance.iter().zip(&added).map(|(variance, added)| 2.0 * (variance + added).powi(2)).collect()
                }
                _ => vec![f64::NAN; values.len()],
            };
            for node in 0..self.n_virtual {
                let of = |all: &[f64]| all.iter().skip(node).step_by(self.n_virtual).copied().collect();
                let name = self.named(&self.network.neuron_name(neuron), observable.name(), node);
                built.push(name, observable.name(), family, of(&values), of(&scatter));
            }
        }
        Ok(())
    }

    fn named(&self, of: &str, quantity: &str, node: usize) -> String {
        if self.n_virtual > 1 { format!("{of} {quantity} @{}", node + 1) } else { format!("{of} {quantity}") }
    }

    fn spikes(&self, feature: &Feature, built: &mut Built) {
        let symbol = self.slot * self.n_virtual as f64;
        let grid = self.network.grid();
        let symbols = grid.cells(0.0, symbol);
        for &neuron in &feature.neurons {
            stop::check();
            let mut counts = vec![0.0; self.n_symbols];
            let mut first = vec![symbol; self.n_symbols];
            for spike in self.outcome.spikes.iter().filter(|spike| spike.neuron == neuron) {
                let number = usize::try_from(symbols.at(grid.place(spike.time))).unwrap_or(usize::MAX);
                if number < self.n_symbols {
                    counts[number] += 1.0;
                    first[number] = first[number].min((spike.time - number as f64 * symbol).max(0.0));
                }
            }
            let values = if feature.reading == Reading::Spikes { counts } else { first };
            let quantity = feature.reading.name();
            let name = format!("{} {quantity}", self.network.neuron_name(neuron));
            built.push(name, quantity, Family::MeanField, values, vec![f64::NAN; self.n_symbols]);
        }
    }

    /// What the told states add to the variance of a neuron at the end of every slot.
    fn added(&self, neuron: usize) -> Result<Vec<f64>, LearnError> {
        let n_slots = self.n_symbols * self.n_virtual;
        let mut sum = vec![0.0; n_slots];
        for told in self.told {
            let Some(response) = self.response(told.source, neuron)? else { continue };
            for (slot, (sum, u)) in sum.iter_mut().zip(response).enumerate() {
                stop::check();
                *sum += told.moments[slot.min(told.moments.len() - 1)].variance(u);
            }
        }
        Ok(sum)
    }

    /// Response of a neuron's voltage to a source's mode at the end of every slot; none if it hears nothing of it.
    fn response(&self, source: usize, neuron: usize) -> Result<Option<Vec<Complex64>>, LearnError> {
        let source = &self.network.sources[source];
        let n_slots = self.n_symbols * self.n_virtual;
        if let Some(found) = self.outcome.responses.iter().find(|r| r.source == source.name && r.neuron == neuron)
        {
            return Ok(Some(found.values[1..=n_slots].to_vec()));
        }
        let Drive::Mode(mode) = &source.drive else { return Ok(None) };
        if !self.outcome.responses.is_empty() || source.targets.place_in_ascending(neuron).is_none() {
            return Ok(None);
        }
        let Some((circuit, _)) = self.network.neuron(neuron) else { return Ok(None) };
        let of = |observable| self.samples(neuron, observable);
        let kept: Vec<Vec<f64>> = circuit
            .channels
            .iter()
            .map(|channel| of(Observable::Conductance(channel.name)))
            .collect::<Result<_, _>>()?;
        let rule = self.network.simulation.baths;
        let (end, grid) = (self.network.simulation.duration, self.network.grid());
        let on = ModeSource { stop: if mode.stop >= end { f64::INFINITY } else { mode.stop }, ..mode.clone() };
        let at = |k: usize| {
            stop::check();
            let g: Conductances = kept.iter().map(|of_channel| of_channel[k]).collect();
            let amplitude = on.on(grid).amplitude(grid.place((k + 1) as f64 * self.slot));
            mode_response(&circuit, rule.effective_conductance(&g), on.omega, amplitude)
        };
        Ok(Some((0..n_slots).map(at).collect()))
    }

    /// `Cov(V_i, V_j)` as the sources' modes make it: `(2 n + 1) Re(u_i u_j*) + 2 Re(m u_i u_j)`.
    fn covariances(&self, neurons: &[usize], built: &mut Built) -> Result<(), LearnError> {
        if self.told.is_empty() {
            return Err(LearnError::Unsupported {
                entry: "features",
                what: "`covariance`".to_owned(),
                needs: "quantum sources whose state is encoded",
                has: "a network without".to_owned(),
            });
        }
        let n_slots = self.n_symbols * self.n_virtual;
        let responses = |neuron: usize| {
            self.told.iter().map(move |told| self.response(told.source, neuron)).collect::<Result<Vec<_>, _>>()
        };
        let of: Vec<_> = neurons.iter().map(|&neuron| responses(neuron)).collect::<Result<_, _>>()?;
        let total = |neuron: usize| -> Result<Vec<f64>, LearnError> {
            let added = self.added(neuron)?;
            let variance = self.samples(neuron, Observable::Variance)?;
            Ok(variance.iter().zip(added).map(|(variance, added)| variance + added).collect())
        };
        let totals = neurons.iter().map(|&neuron| total(neuron)).collect::<Result<Vec<_>, _>>()?;
        for (i, &first) in neurons.iter().enumerate() {
            for (j, &second) in neurons.iter().enumerate().skip(i + 1) {
                let mut values = vec![0.0; n_slots];
                for (place, told) in self.told.iter().enumerate() {
                    stop::check();
                    let (Some(a), Some(b)) = (&of[i][place], &of[j][place]) else { continue };
                    for (slot, value) in values.iter_mut().enumerate() {
                        let moments = told.moments[slot.min(told.moments.len() - 1)];
                        *value += (2.0 * moments.n + 1.0) * (a[slot] * b[slot].conj()).re
                            + 2.0 * (moments.m * a[slot] * b[slot]).re;
                    }
                }
                if values.iter().all(|value| *value == 0.0) {
                    continue;
                }
                let scatter: Vec<f64> =
                    (0..n_slots).map(|k| totals[i][k] * totals[j][k] + values[k] * values[k]).collect();
                let pair = format!("{} and {}", self.network.neuron_name(first), self.network.neuron_name(second));
                for node in 0..self.n_virtual {
                    let of = |all: &[f64]| all.iter().skip(node).step_by(self.n_virtual).copied().collect();
                    let name = self.named(&pair, "covariance", node);
                    built.push(name, "covariance", Family::Quantum, of(&values), of(&scatter));
                }
            }
        }
        Ok(())
    }

    /// Quadratures x and p of every output mode: means, variances, covariances. One row: a run has one state.
    fn modes(&self, built: &mut Built) -> Result<(), LearnError> {
        if self.n_symbols != 1 {
            return Err(LearnError::Unsupported {
                entry: "features",
                what: "`modes`".to_owned(),
                needs: "a run for each symbol: states of wavepackets as inputs, or examples of one symbol",
                has: format!("{} symbols in a run", self.n_symbols),
            });
        }
        let states = self.outcome.states.as_ref().ok_or(LearnError::NotKept {
            feature: "`modes`".to_owned(),
            reason: "the network has no `modes:`, or no `fluctuations: heisenberg`",
        })?;
        let told = self.with_told(states);
        let (n, m) = (&told.n, &told.m);
        let count = states.means.len();
        let covariance = |a: usize, b: usize| {
            let (j, k) = (a / 2, b / 2);
            let (n, m) = (n[(j, k)], m[(j, k)]);
            let vacuum = if a == b { 0.5 } else { 0.0 };
            vacuum
                + match (a % 2, b % 2) {
                    (0, 0) => m.re + n.re,
                    (1, 1) => n.re - m.re,
                    (0, _) => m.im + n.im,
                    _ => m.im - n.im,
                }
        };
        let quadrature = |a: usize| {
            let mode = &states.modes[a / 2].name;
            format!("{mode}.{}", if a.is_multiple_of(2) { "x" } else { "p" })
        };
        for a in 0..2 * count {
            let mean = std::f64::consts::SQRT_2
                * if a % 2 == 0 { states.means[a / 2].re } else { states.means[a / 2].im };
            let name = format!("{} mean", quadrature(a));
            built.push(name, "mode means", Family::MeanField, vec![mean], vec![covariance(a, a)]);
            for b in a..2 * count {
                let value = covariance(a, b);
                let scatter = covariance(a, a) * covariance(b, b) + value * value;
                let name = format!("{} {} covariance", quadrature(a), quadrature(b));
                built.push(name, "modes", Family::Quantum, vec![value], vec![scatter]);
            }
        }
        Ok(())
    }

    /// The states of the outgoing modes, the told states put in.
    fn with_told(&self, states: &OutputStates) -> OutputStates {
        let mut states = states.clone();
        for told in self.told {
            states.add_state(&self.network.sources[told.source].name, told.moments[0].n, told.moments[0].m);
        }
        states
    }
}
