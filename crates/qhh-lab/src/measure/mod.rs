//! Measures: what a run is summed up by, one number each, by names such as `relay[4].spikes`.
//!
//! A name is `SUBJECT.QUANTITY`, or a quantity alone for the whole network. The quantities stand in
//! [`catalogue`](CATALOGUE), once; sweeps, thresholds and conditions all read them from there. A measure knows what a
//! run must record for it and asks for it itself ([`Measure::require_recording`]). What a run has none of is no number
//! ([`f64::NAN`]): the first spike of a silent neuron.

mod catalogue;
mod condition;
mod parse;
mod read;
mod slope;

use qhh_core::channel::Channel;
use qhh_core::name::Name;
use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::network::{Fluctuations, Observable, Population};

pub use catalogue::{CATALOGUE, Entry, MeasureTarget, Unit};
use catalogue::{Firing, Mode, Pair, Passage, Spikes, Waves};
pub use condition::{Comparison, Condition};
pub use slope::Sloped;

/// One number of a run, by name.
///
/// # Examples
/// ```
/// # use qhh_core::units::UnitSystem;
/// # use qhh_lab::measure::Measure;
/// let units = UnitSystem::HodgkinHuxley;
/// let measure = Measure::parse("relay[4].voltage.max", units)?;
/// assert_eq!((measure.name(), measure.unit(units)), ("relay[4].voltage.max", "mV".to_owned()));
/// assert!(Measure::parse("relay[4].spiks", units).is_err());
/// # Ok::<(), qhh_lab::measure::MeasureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    name: String,
    of: MeasureKind,
}

/// What is measured of what.
#[derive(Debug, Clone, PartialEq)]
enum MeasureKind {
    Spikes(Subject, Spikes),
    Firing(Subject, Firing),
    Series(Subject, Series, Reduction),
    Passage(String, Passage),
    Mode(String, Mode),
    Pair([String; 2], Pair),
    Waves(Waves),
}

/// Neurons by name.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    All,
    Population(String),
    /// First and last, both included.
    Range(String, usize, usize),
}

/// Numbers in a row that are reduced to one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Series {
    /// A trace.
    Trace(Observable),
    /// Areas of the I-V loop of a channel, period by period.
    Loop(Name),
}

/// How a row of numbers becomes one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reduction {
    Min,
    Max,
    Mean,
    Last,
    /// At a time, between samples on a straight line.
    At(f64),
}

/// Why a text is no measure, or no measure of this network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum MeasureError {
    #[error("there is no measure `{name}`: {hint}")]
    Unknown { name: String, hint: String },
    #[error("`{name}` is a row of numbers: write `{name}.max`, `.min`, `.mean`, `.last` or `.at(TIME)`")]
    NoReduction { name: String },
    #[error("`{name}` is one number: drop `{rest}`")]
    Reduced { name: String, rest: String },
    #[error("`{name}` is measured of {about}: write `{example}`")]
    Subject { name: String, about: &'static str, example: String },
    #[error("`{text}` names no neurons: write `relay`, `relay.3`, or `relay.0..3` for the four from 0 to 3")]
    Neurons { text: String },
    #[error("`{text}`: {cause}")]
    Time { text: String, cause: String },
    #[error("`{measure}`: the network has no {what} `{name}`: {hint}")]
    Absent { measure: String, what: &'static str, name: String, hint: String },
    #[error("`{measure}`: `{population}` has {count} neurons, so there is no `{population}[{index}]`")]
    Index { measure: String, population: String, count: usize, index: usize },
    #[error("`{measure}`: {lack}")]
    Lacking { measure: String, lack: String },
    #[error(
        "`{text}` is no condition: write a measure, `>=`, `>`, `<=` or `<`, and a number, such as `spikes >= 1`"
    )]
    Condition { text: String },
    #[error("`{text}`: {cause}")]
    Bound { text: String, cause: String },
    #[error("`{text}`: the sign is written `{meant}`, not `{typed}`")]
    Sign { text: String, typed: &'static str, meant: &'static str },
    #[error("`{text}` is a list: give each measure its own `--measure`, or its own entry of `measures`")]
    List { text: String },
    #[error("`{measure}`: the run is from 0 to {end}: name a time within it")]
    Outside { measure: String, end: String },
}

impl Measure {
    /// Its one name, whichever way it was typed: neurons in brackets, a time with its unit.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Symbol of the unit of its numbers; empty for counts and the like.
    pub fn unit(&self, units: UnitSystem) -> String {
        match self.kind() {
            Unit::MeasureKind(dimension) => units.symbol(dimension).to_owned(),
            Unit::Share => String::new(),
            Unit::PerTime => units.rate_symbol().to_owned(),
            Unit::Decibel => "dB".to_owned(),
            Unit::Nats => "nats".to_owned(),
        }
    }

    fn kind(&self) -> Unit {
        match self.of {
            MeasureKind::Series(_, Series::Trace(observable), _) => Unit::MeasureKind(observable.dimension()),
            MeasureKind::Series(_, Series::Loop(_), _) => Unit::MeasureKind(Dimension::POWER),
            MeasureKind::Spikes(_, which) => which.unit(),
            MeasureKind::Firing(_, which) => which.unit(),
            MeasureKind::Passage(_, which) => which.unit(),
            MeasureKind::Mode(_, which) => which.unit(),
            MeasureKind::Pair(_, which) => which.unit(),
            MeasureKind::Waves(which) => which.unit(),
        }
    }

    /// Checks that the network has what is measured, and makes its runs record it.
    ///
    /// # Errors
    /// [`MeasureError`] naming what the network lacks.
    pub fn require_recording(&self, network: &mut Network) -> Result<(), MeasureError> {
        match &self.of {
            MeasureKind::Spikes(subject, _) => self.neurons(subject, network).map(drop),
            MeasureKind::Firing(subject, which) => {
                let neurons = self.neurons(subject, network)?;
                let how = network.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
                let samples = how == Fluctuations::Wigner;
                match which {
                    Firing::Jitter if !(samples || how == Fluctuations::Heisenberg) => {
                        return self
                            .lacking("the time of a spike spreads with `fluctuations: heisenberg` or `wigner`");
                    }
                    Firing::Probability | Firing::SampleSpikes if !samples => {
                        return self.lacking("it takes samples: write `fluctuations: wigner` under `quantum`");
                    }
                    _ => {}
                }
                record(network, neurons, None);
                Ok(())
            }
            MeasureKind::Series(subject, series, _) => {
                self.check_ambiguous(subject, *series, network)?;
                self.check_time(network)?;
                let neurons = self.neurons(subject, network)?;
                self.ask_series(*series, &neurons, network)?;
                let observable = match series {
                    Series::Trace(observable) => Some(*observable),
                    Series::Loop(_) => {
                        network.record.hysteresis = true;
                        None
                    }
                };
                record(network, neurons, observable);
                Ok(())
            }
            MeasureKind::Passage(entry, which) => {
                let names: Vec<&str> = network.waveguides.iter().map(|entry| entry.name.as_str()).collect();
                self.present("entry of waveguides", entry, &names)?;
                let entry = network.waveguides.iter().find(|known| known.name == *entry);
                let timed = entry.is_some_and(|entry| matches!(entry.delay, qhh_net::network::Delay::Time(_)));
                if *which == Passage::Velocity && timed {
                    return self.lacking(
                        "a velocity takes `length` and `velocity` in place of `delay`; else use `speed`",
                    );
                }
                Ok(())
            }
            MeasureKind::Mode(mode, _) => self.ask_modes(std::slice::from_ref(mode), network),
            MeasureKind::Pair(modes, _) => self.ask_modes(modes, network),
            MeasureKind::Waves(_) if network.waveguides.is_empty() => {
                self.lacking("the network has no waveguides")
            }
            MeasureKind::Waves(_) => Ok(()),
        }
    }

    /// Refuses `voltage.max` where a population is called `voltage`: it may be meant of that one or of the whole network.
    fn check_ambiguous(&self, subject: &Subject, series: Series, network: &Network) -> Result<(), MeasureError> {
        let quantity = series.to_string();
        if *subject != Subject::All || network.first_of(&quantity).is_none() {
            return Ok(());
        }
        self.lacking(&format!(
            "`{quantity}` is a population and a quantity: write `{quantity}.{}` for the population, or give it another name",
            self.name
        ))
    }

    /// Refuses a time that is not within the run.
    fn check_time(&self, network: &Network) -> Result<(), MeasureError> {
        let MeasureKind::Series(.., Reduction::At(time)) = self.of else { return Ok(()) };
        let end = network.simulation.duration.max(network.simulation.step * network.n_steps() as f64);
        if (0.0..=end * (1.0 + 1e-9)).contains(&time) {
            return Ok(());
        }
        let end = network.units.display(network.simulation.duration, Dimension::TIME);
        Err(MeasureError::Outside { measure: self.name.clone(), end })
    }

    fn ask_series(&self, series: Series, neurons: &[usize], network: &Network) -> Result<(), MeasureError> {
        let any = |has: &dyn Fn(&Population) -> bool| {
            neurons.iter().any(|&neuron| network.locate(neuron).is_some_and(|(population, _)| has(population)))
        };
        match series {
            Series::Trace(observable) => {
                let how = network.quantum.map(|quantum| quantum.fluctuations);
                if observable.is_variance() && how.is_none_or(|how| how == Fluctuations::None) {
                    return self.lacking("a variance takes a `quantum` block with `fluctuations`");
                }
                if !any(&|population| observable.is_of(&population.circuit)) {
                    return self.lacking("these neurons have no such channel or port");
                }
                Ok(())
            }
            Series::Loop(channel) => {
                let gated = |population: &Population| {
                    population.circuit.channels.named(channel).is_some_and(Channel::is_gated)
                };
                if !any(&gated) {
                    return self.lacking(match channel {
                        Name::SODIUM => "these neurons have no sodium channel",
                        _ => "these neurons have no such memristor",
                    });
                }
                Ok(())
            }
        }
    }

    fn ask_modes(&self, modes: &[String], network: &Network) -> Result<(), MeasureError> {
        let names: Vec<String> = network.modes.iter().flat_map(qhh_net::network::OutputMode::names).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        modes.iter().try_for_each(|mode| self.present("mode", mode, &names))
    }

    fn present(&self, what: &'static str, name: &str, known: &[&str]) -> Result<(), MeasureError> {
        if known.contains(&name) {
            return Ok(());
        }
        let hint = parse::hint(name, known);
        Err(MeasureError::Absent { measure: self.name.clone(), what, name: name.to_owned(), hint })
    }

    fn lacking<T>(&self, lack: &str) -> Result<T, MeasureError> {
        Err(MeasureError::Lacking { measure: self.name.clone(), lack: lack.to_owned() })
    }

    /// Numbers of the neurons of a subject.
    fn neurons(&self, subject: &Subject, network: &Network) -> Result<Vec<usize>, MeasureError> {
        let of = |name: &str| {
            let names: Vec<&str> = network.populations.iter().map(|p| p.name.as_str()).collect();
            self.present("population", name, &names)?;
            let count = network.populations.iter().find(|p| p.name == name).map_or(0, |p| p.count);
            Ok((network.first_of(name).unwrap_or(0), count))
        };
        match subject {
            Subject::All => Ok((0..network.n_neurons()).collect()),
            Subject::Population(name) => of(name).map(|(first, count)| (first..first + count).collect()),
            Subject::Range(name, from, to) => {
                let (first, count) = of(name)?;
                if *to >= count {
                    return Err(MeasureError::Index {
                        measure: self.name.clone(),
                        population: name.clone(),
                        count,
                        index: *to,
                    });
                }
                Ok((first + from..=first + to).collect())
            }
        }
    }
}

/// Adds neurons, and a quantity, to what a run keeps.
fn record(network: &mut Network, neurons: Vec<usize>, observable: Option<Observable>) {
    let record = &mut network.record;
    record.neurons.extend(neurons);
    record.neurons.sort_unstable();
    record.neurons.dedup();
    if let Some(observable) = observable.filter(|observable| !record.observables.contains(observable)) {
        record.observables.push(observable);
    }
}
