//! A network as a reservoir: sequences in, features out, symbol by symbol.
//!
//! Three ways, chosen by what is encoded, the cheapest that is exact:
//!
//! - *driven*: a sequence is one run, symbol after symbol; the network remembers. Currents and the paper's quantum
//!   source, whose second moments follow the conductances of the instant (`fluctuations: adiabatic`).
//! - *linear*: only second moments of quantum sources are encoded, through field modes. The responses do not depend on
//!   them, so one run serves all; every symbol is a run of its own, without memory.
//! - *one by one*: means of wavepackets are encoded, so the trajectory differs: a run for every symbol.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use nalgebra::DMatrix;
use qhh_core::quantum::{Moments, State};
use qhh_core::stop;
use qhh_net::network::{Drive, Fluctuations, Record};
use qhh_net::tasks::{self, in_order};
use qhh_net::{Network, Outcome, RunError};
use serde::{Deserialize, Serialize};

use super::dataset::Sequence;
use super::drive::driven;
use super::encode::{Course, Encoder, Encoding, InputRange};
use super::features::{Feature, Reader, Reading, SourceMoments, Table, recorded};
use super::{LearnError, Observer, Watch};

/// A network, its inputs and its features.
#[derive(Debug, Clone, PartialEq)]
pub struct Reservoir {
    /// The network as its file has it; duration and record are set as needed.
    pub network: Network,
    /// How it is read and told.
    pub plan: Plan,
}

/// How a network is fed and read: all of a reservoir but the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// How inputs enter.
    pub encodings: Vec<Encoding>,
    /// What is read.
    pub features: Vec<Feature>,
    /// Steps of a symbol, a multiple of the virtual nodes.
    pub symbol_steps: usize,
    /// Times at which a symbol is read, evenly apart, the last at its end.
    pub virtual_nodes: usize,
    /// Whether it matters how a measurement of each feature scatters ([`super::shots`]), beside its mean.
    pub scatter: bool,
}

/// Which way a network is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Driven,
    Linear,
    OneByOne,
}

impl Reservoir {
    /// The features of every symbol of every sequence, scaled inputs by `range`; random weights by `seed`, which is
    /// also that of the network.
    ///
    /// # Errors
    /// [`LearnError`] where an encoding or a feature does not fit the network, a run fails, or `watch` breaks.
    pub fn respond(
        &self,
        sequences: &[Sequence],
        range: &InputRange,
        seed: u64,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Table>, LearnError> {
        let mut network = self.network.clone();
        network.reseed(seed);
        let encoder = Encoder::new(&network, &self.plan.encodings, self.plan.virtual_nodes, seed)?;
        let way = self.way(&network)?;
        let second = way == Way::Driven && self.tells_states(&network);
        self.record(&mut network, second);
        let courses = |sequence: &Sequence| encoder.courses(sequence, range);
        match way {
            Way::Driven => self.drive(&network, sequences, &courses, watch),
            Way::Linear => self.read_linear(&network, sequences, &courses, watch),
            Way::OneByOne => self.run_each(&network, sequences, &courses, watch),
        }
    }

    /// Whether every symbol is a run of its own.
    ///
    /// # Errors
    /// As [`Reservoir::respond`].
    pub fn is_memoryless(&self) -> Result<bool, LearnError> {
        Ok(self.way(&self.network)? != Way::Driven)
    }

    /// Whether anything that is read could depend on hbar: mean fields do not, but for the waves of wavepackets.
    pub fn feels_hbar(&self) -> bool {
        let packet = |source: &qhh_net::network::Source| matches!(source.drive, Drive::Packet(_));
        let read = self.plan.features.iter().any(|feature| feature.reading.is_quantum());
        self.network.quantum.is_some() && (read || self.network.sources.iter().any(packet))
    }

    /// Whether moments of outgoing modes are read.
    pub(super) fn reads_modes(&self) -> bool {
        self.plan.features.iter().any(|feature| feature.reading == Reading::Modes)
    }

    /// Number of features of a symbol.
    pub fn n_columns(&self) -> usize {
        let columns = |feature: &Feature| feature.n_columns(self.plan.virtual_nodes, self.network.modes.len());
        self.plan.features.iter().map(columns).sum()
    }

    /// Bytes that a run over so many symbols takes, field modes aside.
    pub(super) fn run_bytes(&self, symbols: usize) -> f64 {
        let mut network = self.network.clone();
        self.record(&mut network, self.tells_states(&self.network));
        network.simulation.duration = symbols as f64 * self.plan.symbol_steps as f64 * network.simulation.step;
        network.memory().of_run()
    }

    fn tells_states(&self, network: &Network) -> bool {
        let quantum = |source: &usize| !matches!(network.sources[*source].drive, Drive::Current(_));
        self.plan.encodings.iter().any(|encoding| encoding.sources.iter().any(quantum))
    }

    fn way(&self, network: &Network) -> Result<Way, LearnError> {
        let fluctuations = network.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let wrong = |entry, what: &str, needs, has: &str| {
            Err(LearnError::Unsupported { entry, what: what.to_owned(), needs, has: has.to_owned() })
        };
        if network.simulation.method == qhh_net::network::Method::Adiabatic {
            return wrong("network", "learning", "`method: langevin`", "`method: adiabatic`");
        }
        if fluctuations == Fluctuations::Wigner {
            return wrong(
                "network",
                "learning",
                "`fluctuations: adiabatic` or `heisenberg`",
                "`fluctuations: wigner`",
            );
        }
        let sources = || self.plan.encodings.iter().flat_map(|encoding| &encoding.sources);
        let drives = || sources().map(|&source| &network.sources[source].drive);
        let packets = drives().filter(|drive| matches!(drive, Drive::Packet(_))).count();
        let currents = drives().filter(|drive| matches!(drive, Drive::Current(_))).count();
        let modes = drives().count() - packets - currents;
        let means = self.plan.encodings.iter().any(|encoding| {
            use super::encode::Encoded as E;
            matches!(encoding.quantity, E::Amplitude | E::Phase)
        });
        match (fluctuations, packets, modes) {
            (Fluctuations::Heisenberg, 0, 0) | (Fluctuations::Adiabatic | Fluctuations::None, 0, _) => {
                Ok(Way::Driven)
            }
            (Fluctuations::Heisenberg, ..) if currents > 0 => wrong(
                "encode",
                "encoding into currents and into quantum sources together",
                "`fluctuations: adiabatic`",
                "field modes",
            ),
            (Fluctuations::Heisenberg, ..) => Ok(if means { Way::OneByOne } else { Way::Linear }),
            _ => wrong(
                "encode",
                "encoding into wavepackets",
                "`fluctuations: heisenberg`",
                "other fluctuations or none",
            ),
        }
    }

    fn record(&self, network: &mut Network, second: bool) {
        let quantum = self.plan.scatter || self.plan.features.iter().any(|feature| feature.reading.is_quantum());
        match &mut network.quantum {
            // Means do not depend on it.
            Some(about) if !quantum => about.fluctuations = Fluctuations::None,
            _ => {}
        }
        let (neurons, observables) = recorded(network, &self.plan.features, second);
        let slot = self.slot_steps();
        let neurons = if neurons.is_empty() { network.record.neurons.clone() } else { neurons };
        // None of the tables that the file may ask for: nobody would read them.
        network.record = Record::new(slot as f64 * network.simulation.step, neurons, observables);
    }

    fn slot_steps(&self) -> usize {
        (self.plan.symbol_steps / self.plan.virtual_nodes).max(1)
    }

    fn drive(
        &self,
        network: &Network,
        sequences: &[Sequence],
        courses: &(dyn Fn(&Sequence) -> Vec<Course> + Sync),
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Table>, LearnError> {
        let one = |sequence: &Sequence, threads: usize, observer: &mut Observer<'_>| {
            let courses = courses(sequence);
            let n_slots = sequence.nrows() * self.plan.virtual_nodes;
            let told_network = driven(network, &courses, n_slots, self.slot_steps());
            let outcome = run(&told_network, threads, observer)?;
            let moments = Self::moments(network, &courses, n_slots);
            self.read(network, &outcome, sequence.nrows(), &moments)
        };
        match sequences {
            [only] => {
                if let Some(known) = watch.recall() {
                    return Ok(vec![known]);
                }
                let threads = watch.threads;
                let answer = one(only, threads, &mut |done, total| watch.tell(done, total))?;
                watch.keep(&answer);
                Ok(vec![answer])
            }
            several => each(several, watch, |sequence, stop| one(sequence, 1, &mut unless(stop))),
        }
    }

    fn read_linear(
        &self,
        network: &Network,
        sequences: &[Sequence],
        courses: &(dyn Fn(&Sequence) -> Vec<Course> + Sync),
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Table>, LearnError> {
        let mut network = network.clone();
        network.simulation.duration = self.plan.symbol_steps as f64 * network.simulation.step;
        let mut vacuum = network.clone();
        for &source in self.plan.encodings.iter().flat_map(|encoding| &encoding.sources) {
            if let Some(state) = vacuum.sources[source].drive.state_mut() {
                // Its mean stays; only what is encoded is taken out.
                *state = State::Coherent(state.moments().mean);
            }
        }
        let threads = watch.threads;
        let outcome = run(&vacuum, threads, &mut |done, total| watch.tell(done, total))?;
        each(sequences, watch, |sequence, _| {
            let courses = courses(sequence);
            let moments = Self::moments(&network, &courses, sequence.nrows() * self.plan.virtual_nodes);
            let rows = (0..sequence.nrows()).map(|symbol| {
                // A run has one state: the symbol's, in its first slot.
                let slot = symbol * self.plan.virtual_nodes;
                let moments: Vec<_> = moments.iter().map(|(source, all)| (*source, vec![all[slot]])).collect();
                self.read(&network, &outcome, 1, &moments)
            });
            stacked(&rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    fn run_each(
        &self,
        network: &Network,
        sequences: &[Sequence],
        courses: &(dyn Fn(&Sequence) -> Vec<Course> + Sync),
        watch: &mut Watch<'_>,
    ) -> Result<Vec<Table>, LearnError> {
        each(sequences, watch, |sequence, stop| {
            let courses = courses(sequence);
            let rows = (0..sequence.nrows()).map(|symbol| {
                let mut told = network.clone();
                told.simulation.duration = self.plan.symbol_steps as f64 * network.simulation.step;
                for course in &courses {
                    if let Some(state) = told.sources[course.source].drive.state_mut() {
                        *state = state_of(course.moments(state, symbol * self.plan.virtual_nodes))?;
                    }
                }
                let outcome = run(&told, 1, &mut unless(stop))?;
                self.read(&told, &outcome, 1, &[])
            });
            stacked(&rows.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Second moments of the quantum sources that carry inputs, slot by slot.
    fn moments(network: &Network, courses: &[Course], n_slots: usize) -> Vec<(usize, Vec<Moments>)> {
        let of = |course: &Course| {
            let state = network.sources[course.source].drive.state()?;
            let moments = |slot| {
                stop::check();
                course.moments(state, slot)
            };
            Some((course.source, (0..n_slots).map(moments).collect()))
        };
        courses.iter().filter_map(of).collect()
    }

    fn read(
        &self,
        network: &Network,
        outcome: &Outcome,
        n_symbols: usize,
        moments: &[(usize, Vec<Moments>)],
    ) -> Result<Table, LearnError> {
        let told: Vec<_> =
            moments.iter().map(|(source, moments)| SourceMoments { source: *source, moments }).collect();
        let slot = self.slot_steps() as f64 * network.simulation.step;
        let n_virtual = self.plan.virtual_nodes;
        Reader { network, outcome, n_symbols, n_virtual, slot, told: &told }.read(&self.plan.features)
    }
}

/// A displaced squeezed or thermal state of these moments.
fn state_of(moments: Moments) -> Result<State, LearnError> {
    let Moments { mean, n, m } = moments;
    let pure = (m.norm_sqr() - n * (n + 1.0)).abs() <= 1e-9 * (1.0 + n * (n + 1.0));
    match (pure, n > 0.0) {
        (true, false) => Ok(State::Coherent(mean)),
        (true, true) => Ok(State::Squeezed { r: n.sqrt().asinh(), phase: (-m).arg(), displacement: mean }),
        (false, _) if mean.norm() == 0.0 && m.norm() == 0.0 => Ok(State::Thermal { photons: n }),
        _ => Err(LearnError::Unsupported {
            entry: "encode",
            what: "thermal photons together with a mean or squeezing".to_owned(),
            needs: "encodings of second moments alone",
            has: "an encoded mean".to_owned(),
        }),
    }
}

fn run(network: &Network, threads: usize, observer: &mut Observer<'_>) -> Result<Outcome, LearnError> {
    qhh_net::run(network, threads, &mut |progress| observer(progress.done, progress.total)).map_err(|error| {
        match error {
            RunError::Stopped { .. } => LearnError::Stopped,
            error => LearnError::Run(error),
        }
    })
}

fn unless(stop: &AtomicBool) -> impl FnMut(u64, u64) -> ControlFlow<()> + '_ {
    |_, _| if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Rows of several runs of one network.
fn stacked(tables: &[Table]) -> Result<Table, LearnError> {
    let columns = tables.first().ok_or(LearnError::NoFeatures)?.columns.clone();
    let stack = |of: fn(&Table) -> &DMatrix<f64>| {
        let rows: Vec<_> = tables.iter().flat_map(|table| of(table).row_iter()).collect();
        DMatrix::from_rows(&rows)
    };
    let (values, scatter) = (stack(|table| &table.values), stack(|table| &table.scatter));
    Ok(Table { columns, values, scatter })
}

/// Answers to sequences that are in hand or wait for those before them, for each thread.
const AHEAD: usize = 8;

/// Answers to sequences in parallel, in order.
fn each(
    sequences: &[Sequence],
    watch: &mut Watch<'_>,
    of: impl Fn(&Sequence, &AtomicBool) -> Result<Table, LearnError> + Sync,
) -> Result<Vec<Table>, LearnError> {
    let pool = tasks::pool(watch.threads);
    let threads = watch.threads;
    let pool = pool.map_err(|error| RunError::Threads { threads, cause: error.to_string() })?;
    let stop = AtomicBool::new(false);
    let mut all = Vec::with_capacity(sequences.len());
    while all.len() < sequences.len()
        && let Some(known) = watch.recall()
    {
        all.push(known);
    }
    let (left, ahead) = (&sequences[all.len()..], AHEAD * pool.current_num_threads());
    in_order(
        Some(&pool),
        left,
        ahead,
        |sequence| of(sequence, &stop),
        |_, answer| {
            let answer = answer?;
            watch.keep(&answer);
            all.push(answer);
            if watch.tell(all.len() as u64, sequences.len() as u64).is_break() {
                // Those under way need not be waited for.
                stop.store(true, Ordering::Relaxed);
                return Err(LearnError::Stopped);
            }
            Ok(())
        },
    )?;
    Ok(all)
}
