//! Finished runs made without the engine: a coarse solver of the same equations, good enough to look at.

use qhh_core::channel::Conductances;
use std::fmt::Write as _;

use qhh_core::circuit::{BathRule, Circuit, Initial};
use qhh_core::hysteresis::{Hysteresis, Period};
use qhh_core::source::{Current, Shape};
use qhh_core::time_grid::TimeGrid;
use qhh_core::units::UnitSystem;
use qhh_net::Network;
use qhh_net::network::{
    Drive, Feedback, Fluctuations, Method, Observable, Population, Precision, Quantum, Record, Source,
    TimeStepping,
};
use qhh_net::outcome::{
    Approximation, Check, CutoffDependence, CutoffRow, Extremes, LineVariance, NeuronLoop, NeuronVariance,
    Outcome, Spike, Trace, Traces,
};
use qhh_results::{Cost, FinishedRun};

/// A population.
pub(crate) fn population(name: &str, count: usize, circuit: Circuit, initial: Initial) -> Population {
    let inputs = circuit.inputs.iter().map(|_| "input".to_owned()).collect();
    Population { name: name.to_owned(), count, circuit, inputs, initial, varied: Vec::new() }
}

/// A classical source.
pub(crate) fn source(name: &str, targets: Vec<usize>, shape: Shape, start: f64, stop: f64) -> Source {
    Source {
        name: name.to_owned(),
        targets: targets.into(),
        drive: Drive::Current(Current { shape, start, stop }),
        scale: None,
    }
}

/// A network of `populations` that records everything of everyone.
pub(crate) fn network(name: &str, units: UnitSystem, duration: f64, populations: Vec<Population>) -> Network {
    let count: usize = populations.iter().map(|p| p.count).sum();
    Network {
        waveguides: Vec::new(),
        name: name.to_owned(),
        description: String::new(),
        caption: String::new(),
        units,
        simulation: TimeStepping {
            duration,
            step: duration / 4000.0,
            method: Method::Langevin,
            baths: BathRule::Independent,
            seed: 1,
            structure_seed: None,
            spike_threshold: None,
            precision: Precision::F64,
            sleep: 0.0,
        },
        quantum: Some(Quantum {
            hbar: 0.5,
            thermal_energy: 2.0,
            cutoff: 200.0,
            fluctuations: Fluctuations::Adiabatic,
            modes: None,
            samples: 0,
            feedback: Feedback::Mean,
        }),
        populations,
        sources: Vec::new(),
        states: Vec::new(),
        modes: Vec::new(),
        record: Record::new(duration / 1000.0, (0..count).collect(), Observable::ALL.to_vec()),
    }
}

/// Samples of a run, and steps between two of them.
const N_SAMPLES: usize = 1000;
const STEPS_PER_SAMPLE: usize = 4;
const N_STEPS: usize = N_SAMPLES * STEPS_PER_SAMPLE;

/// Runs a network, each neuron's outgoing wave arriving at the next of its population a tenth of the run later.
pub(crate) fn run(network: Network) -> FinishedRun {
    let sample = |k: usize| k as f64 * network.simulation.duration / N_SAMPLES as f64;
    let times: Vec<f64> = (0..=N_SAMPLES).map(sample).collect();
    let mut outcome = Outcome {
        space_time: None,
        waves: None,
        conduction: Vec::new(),
        spikes: Vec::new(),
        traces: Traces { times, columns: Vec::new() },
        extremes: Vec::new(),
        variances: Vec::new(),
        jitter: Vec::new(),
        budget: Vec::new(),
        origins: Vec::new(),
        covariances: Vec::new(),
        responses: Vec::new(),
        frequencies: None,
        ends: Vec::new(),
        states: None,
        ensemble: None,
        loops: Vec::new(),
        checks: checks(),
        warnings: Vec::new(),
        approximations: vec![Approximation {
            name: "fluctuations: adiabatic".to_owned(),
            statement:
                "Noise follows the conductances of the instant; during a spike the variance errs by up to a \
                        tenth."
                    .to_owned(),
        }],
        n_steps: N_STEPS as u64,
        n_neurons: network.n_neurons(),
    };
    let mut incoming = vec![0.0; N_STEPS + 1];
    for neuron in 0..network.n_neurons() {
        if network.locate(neuron).is_some_and(|(_, index)| index == 0) {
            incoming.fill(0.0);
        }
        let course = Course::of(&network, neuron, &incoming);
        let arrival = |k: usize| k.checked_sub(N_STEPS / 10).map_or(0.0, |sent| course.outgoing[sent]);
        incoming = (0..=N_STEPS).map(arrival).collect();
        outcome.spikes.extend(course.spikes.iter().map(|&time| Spike { neuron, time }));
        if network.record.neurons.contains(&neuron) {
            course.record(&network, neuron, &mut outcome);
        }
    }
    outcome.spikes.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron)));
    let network_yaml = yaml(&network);
    let cost = Cost {
        wall_seconds: 0.0421,
        build_seconds: 0.001,
        mean_field_seconds: Some(0.04),
        cpu_seconds: 0.0633,
        neuron_steps_per_second: 9.5e4,
        peak_memory_bytes: 31_400_000,
        threads: 2,
        ranks: None,
    };
    FinishedRun {
        warnings: network.warnings(),
        network,
        network_yaml,
        input: String::new(),
        outcome,
        cost,
        version: "0.1.0".to_owned(),
        verification: None,
        incomplete: None,
        set: Vec::new(),
    }
}

/// One check that holds and one that does not.
fn checks() -> Vec<Check> {
    vec![
        Check {
            name: "sum rule".into(),
            meaning: "The integral of the resistance over all frequencies is pi/(2C), whatever the gates do."
                .into(),
            defect: 3.2e-13,
            expected_below: 1e-9,
        },
        Check {
            name: "charge".into(),
            meaning: "Current into the node, channels and ports adds up to what the membrane gains.".into(),
            defect: 2e-6,
            expected_below: 1e-6,
        },
    ]
}

/// What one neuron did.
struct Course {
    /// At each sample, the observables in the order of [`Observable::ALL`], variances left out.
    rows: Vec<Vec<f64>>,
    /// Outgoing wave at each step.
    outgoing: Vec<f64>,
    /// Time, voltage and conductances at each step.
    track: Vec<(f64, f64, Conductances)>,
    spikes: Vec<f64>,
    extremes: Extremes,
}

impl Course {
    /// Implicit Euler, one variable after the other.
    fn of(network: &Network, neuron: usize, incoming: &[f64]) -> Self {
        let circuit = circuit_of(network, neuron);
        let units = network.rate_units();
        let dt = network.simulation.duration / N_STEPS as f64;
        let initial = network.locate(neuron).expect("the neuron exists").0.initial.clone();
        let (mut v, mut gates) = initial.resolve(&circuit, units).unwrap_or((0.0, circuit.steady(0.0, units)));
        let mut port = v;
        let (feeds, grid) = (feeds(network, neuron), TimeGrid::new(dt));
        let extremes = Extremes { neuron, highest: (v, 0.0), lowest: (v, 0.0) };
        let mut course =
            Self { rows: Vec::new(), outgoing: Vec::new(), track: Vec::new(), spikes: Vec::new(), extremes };
        for (step, &wave) in incoming.iter().enumerate() {
            let t = step as f64 * dt;
            let current: f64 = feeds.iter().map(|source| source.drive.on(grid).at(grid.place(t))).sum();
            let wave_in = circuit.inputs.iter().next().map_or(0.0, |_| wave);
            let arriving = circuit.inputs.iter().next().map_or(0.0, |p| 2.0 * wave_in / p.impedance);
            let g = circuit.conductances(&gates);
            let open = circuit.output.map_or(0.0, |p| 1.0 / p.impedance);
            let push = current + arriving + circuit.battery_current(&g) + open * port;
            let rate = dt / circuit.capacitance;
            let next = (v + rate * push) / (1.0 + rate * (g.total() + open));
            if let Some(p) = circuit.output {
                let rate = dt / (p.capacitance * p.impedance);
                port = (port + rate * next) / (1.0 + rate);
            }
            let threshold = network.spike_threshold(neuron).unwrap_or(f64::INFINITY);
            if v < threshold && next >= threshold {
                course.spikes.push(t);
            }
            let wave_out = if circuit.output.is_some() { next - port } else { 0.0 };
            let extremes = &mut course.extremes;
            if next > extremes.highest.0 {
                extremes.highest = (next, t);
            }
            if next < extremes.lowest.0 {
                extremes.lowest = (next, t);
            }
            if step.is_multiple_of(STEPS_PER_SAMPLE) {
                // Of a single-channel neuron the columns of the other two are there and not read.
                let three = |of: &dyn Fn(usize) -> f64| [0, 1, 2].map(|k| if k < g.len() { of(k) } else { 0.0 });
                let through = three(&|k| g[k] * (next - circuit.channels[k].reversal.unwrap_or(0.0)));
                let gate = |k: usize| gates.get(k).copied().unwrap_or_default();
                let mut row = vec![next, gate(0), gate(1), gate(2)];
                row.extend(three(&|k| g[k]));
                row.push(current);
                row.extend(through);
                row.extend([wave_out, wave_in, -0.4 * wave_in, 0.1 * wave_out]);
                course.rows.push(row);
            }
            course.outgoing.push(wave_out);
            course.track.push((t, next, g));
            gates = circuit.relaxed(&gates, next, dt, units);
            v = next;
        }
        course
    }

    /// Hands what the network records of this neuron to `outcome`.
    fn record(&self, network: &Network, neuron: usize, outcome: &mut Outcome) {
        outcome.extremes.push(self.extremes);
        let times = &outcome.traces.times;
        let lines = variance(network, neuron, &self.rows, times);
        let sum = |part: fn(&LineVariance) -> &Vec<f64>| -> Vec<f64> {
            (0..times.len()).map(|k| lines.iter().map(|line| part(line)[k]).sum()).collect()
        };
        let (vacuum, thermal, state) = (sum(|l| &l.vacuum), sum(|l| &l.thermal), sum(|l| &l.state));
        let total: Vec<f64> = (0..times.len()).map(|k| vacuum[k] + thermal[k] + state[k]).collect();
        let k = (0..times.len()).max_by(|&a, &b| total[a].total_cmp(&total[b])).unwrap_or(0);
        if let Some(quantum) = network.quantum {
            let row = |factor: f64| CutoffRow {
                cutoff: quantum.cutoff * factor,
                vacuum: vacuum[k] * (1.0 + 0.2 * factor.ln()),
                thermal: thermal[k],
                state: state[k],
            };
            let cutoff = CutoffDependence { time: times[k], rows: [0.25, 0.5, 1.0, 2.0, 4.0].map(row).to_vec() };
            outcome.variances.push(NeuronVariance { neuron, lines, cutoff });
        }
        for &observable in &network.record.observables {
            let place = Observable::ALL.iter().position(|o| *o == observable).expect("listed");
            let values = match observable {
                Observable::Variance => total.clone(),
                Observable::VarianceVacuum => vacuum.clone(),
                Observable::VarianceThermal => thermal.clone(),
                Observable::VarianceState => state.clone(),
                // These neurons have no sense line.
                Observable::Measured => continue,
                _ => self.rows.iter().map(|row| row[place]).collect(),
            };
            outcome.traces.columns.push(Trace { neuron, observable, values });
        }
        if network.record.hysteresis {
            outcome.loops.extend(self.loops(network, neuron));
        }
    }

    fn loops(&self, network: &Network, neuron: usize) -> Vec<NeuronLoop> {
        let circuit = circuit_of(network, neuron);
        let present = circuit.channels.iter().enumerate().filter(|(_, channel)| channel.is_gated());
        let drawn = present.filter_map(|(place, memristor)| {
            let (channel, reversal) = (memristor.name.text(), memristor.reversal.unwrap_or(0.0));
            let points = self.track.iter().map(|(t, v, g)| (*t, v - reversal, g[place] * (v - reversal)));
            let hysteresis = hysteresis(&feeds(network, neuron), points.collect())?;
            Some(NeuronLoop { neuron, channel: channel.into(), hysteresis })
        });
        drawn.collect()
    }
}

fn circuit_of(network: &Network, neuron: usize) -> Circuit {
    network.locate(neuron).expect("the neuron exists").0.circuit.clone()
}

fn feeds(network: &Network, neuron: usize) -> Vec<&Source> {
    network.sources.iter().filter(|source| source.targets.contains(neuron)).collect()
}

/// The adiabatic variance, line by line, by a plain sum over frequencies.
fn variance(network: &Network, neuron: usize, rows: &[Vec<f64>], times: &[f64]) -> Vec<LineVariance> {
    let Some(quantum) = network.quantum else { return Vec::new() };
    let circuit = &network.locate(neuron).expect("the neuron exists").0.circuit;
    let mut names: Vec<String> = ["potassium"].map(str::to_owned).to_vec();
    if circuit.channels.len() > 1 {
        names.extend(["sodium", "chloride"].map(str::to_owned));
    }
    names.extend(circuit.output.map(|_| "output".to_owned()));
    names.extend(circuit.inputs.iter().next().map(|_| "input".to_owned()));
    let modes: Vec<_> = network
        .sources
        .iter()
        .filter(|s| s.targets.contains(neuron))
        .filter_map(|s| match &s.drive {
            Drive::Mode(mode) => Some((s.name.clone(), mode)),
            Drive::Current(_) | Drive::Packet(_) => None,
        })
        .collect();
    names.extend(modes.iter().map(|(name, _)| format!("source {name}")));
    let empty = |line: String| LineVariance { line, vacuum: vec![], thermal: vec![], state: vec![] };
    let mut lines: Vec<LineVariance> = names.into_iter().map(empty).collect();
    for (row, &t) in rows.iter().zip(times) {
        let g = [row[4], row[5], row[6]];
        let total = g.iter().sum::<f64>();
        let (mut vacuum, mut thermal) = (vec![0.0; lines.len()], vec![0.0; lines.len()]);
        let n = 24;
        for k in 0..n {
            let at = |k: f64| (k * (1.0 + quantum.cutoff).ln() / f64::from(n)).exp_m1();
            let (omega, width) = (at(f64::from(k) + 0.5), at(f64::from(k) + 1.0) - at(f64::from(k)));
            let weight =
                quantum.hbar / std::f64::consts::PI * omega * width * circuit.impedance(total, omega).norm_sqr();
            let x = quantum.hbar * omega / (2.0 * quantum.thermal_energy);
            let warm = if quantum.thermal_energy > 0.0 { 1.0 / x.tanh() - 1.0 } else { 0.0 };
            let mut of: Vec<f64> = if circuit.channels.len() > 1 { g.to_vec() } else { vec![g[0]] };
            of.extend(circuit.ports().map(|(_, port)| port.admittance(omega).re));
            for (line, share) in of.into_iter().enumerate() {
                vacuum[line] += weight * share;
                thermal[line] += weight * share * warm;
            }
        }
        let first = lines.len() - modes.len();
        for (line, values) in lines.iter_mut().enumerate() {
            values.vacuum.push(vacuum[line]);
            values.thermal.push(thermal[line]);
            values.state.push(0.0);
            if let Some((_, mode)) = line.checked_sub(first).and_then(|k| modes.get(k)) {
                let grid = network.grid();
                let u = mode.on(grid).amplitude(grid.place(t)) * circuit.impedance(total, mode.omega).conj();
                *values.vacuum.last_mut().expect("just pushed") = u.norm_sqr();
                *values.state.last_mut().expect("just pushed") = mode.state.moments().variance(u);
            }
        }
    }
    lines
}

/// Loops and their areas under a periodic drive.
fn hysteresis(feeds: &[&Source], points: Vec<(f64, f64, f64)>) -> Option<Hysteresis> {
    let (omega, start) = feeds.iter().find_map(|source| match &source.drive {
        Drive::Current(Current { shape: Shape::Sine { omega, .. }, start, .. }) => Some((*omega, *start)),
        Drive::Mode(mode) => Some((mode.omega, mode.start)),
        Drive::Current(_) | Drive::Packet(_) => None,
    })?;
    let period = std::f64::consts::TAU / omega;
    let end = points.last()?.0;
    let mut periods = Vec::new();
    let mut begin = start;
    while begin + period <= end + 1e-9 {
        let inside: Vec<_> = points.iter().filter(|p| p.0 >= begin && p.0 <= begin + period).collect();
        let lobe = |sign: f64| {
            let part = inside.windows(2).filter(|w| w[0].1 * sign > 0.0);
            part.map(|w| 0.5 * (w[0].2 + w[1].2) * (w[1].1 - w[0].1)).sum::<f64>().abs()
        };
        let largest = |pick: fn(&(f64, f64, f64)) -> f64| inside.iter().map(|p| pick(p).abs()).fold(0.0, f64::max);
        periods.push(Period {
            start: begin,
            area: lobe(1.0) + lobe(-1.0),
            peak_voltage: largest(|p| p.1),
            peak_current: largest(|p| p.2),
        });
        begin += period;
    }
    let points = points.into_iter().filter(|p| p.0 >= start).collect();
    Some(Hysteresis { omega, periods, points })
}

/// A text that stands for the resolved network.
fn yaml(network: &Network) -> String {
    let mut text = format!("name: {:?}\nunits: {}\nsimulation:\n", network.name, network.units.name());
    let _ = write!(text, "  duration: {}\n  step: {}\n", network.simulation.duration, network.simulation.step);
    let _ = write!(text, "  baths: {:?}\nneurons:\n", network.simulation.baths);
    for population in &network.populations {
        let potassium = population.circuit.channels[0].conductance;
        let _ = write!(
            text,
            "  {:?}:\n    count: {}\n    channels: {{potassium: {{conductance: {potassium}}}}}\n",
            population.name, population.count
        );
    }
    text
}
