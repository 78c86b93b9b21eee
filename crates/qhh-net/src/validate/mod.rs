//! What a network must obey before it can run; each mistake names its place by path.

mod checked;
mod voltages;
mod warnings;
mod waveguides;

use qhh_core::CircuitError;
use qhh_core::circuit::{BathRule, Circuit, Initial, PortRole};
use qhh_core::quantum::State;
use qhh_core::quantum::linear_map::MAX_PHOTONS;
use qhh_core::sense::Sense;
use qhh_core::source::Packet;

use crate::coupling::Coupling;
use crate::network::Figure;
use crate::network::Precision;
use crate::network::fed::{periodic_drive, tone};
use crate::network::{
    Drive, Fluctuations, Method, Network, Observable, OutputEnvelope, PacketSource, Population, Quantum, Source,
};
use crate::network::{Parameter, PortPlace};

pub use checked::Checked;
pub use warnings::Warning;

/// Something the network says that cannot be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// Where, as a path into the network file: `neurons.relay.output`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Packets that a search for modes spans at most.
const MOST_PACKETS: usize = 200;
/// Samples a run may keep in memory, in bytes.
const MOST_SAMPLES: f64 = 8.0 * 1024.0 * 1024.0 * 1024.0;

impl Network {
    /// Every mistake of the network; empty if it can run.
    pub fn check(&self) -> Vec<Mistake> {
        self.validate().0
    }

    /// Every mistake, and the coupling where passivity had to be looked at in numbers.
    pub(crate) fn validate(&self) -> (Vec<Mistake>, Option<Coupling>) {
        let mut coupling = None;
        let mut mistakes = Mistakes::default();
        self.check_times(&mut mistakes);
        if let Some(quantum) = &self.quantum {
            mistakes.positive("quantum.cutoff", "the cutoff", quantum.cutoff);
            mistakes.not_negative("quantum.hbar", "hbar", quantum.hbar);
            mistakes.not_negative("quantum.temperature", "the temperature", quantum.thermal_energy);
        }
        self.check_trajectories(&mut mistakes);
        for population in &self.populations {
            self.check_population(population, &mut mistakes);
        }
        self.check_sources(&mut mistakes);
        if mistakes.0.is_empty() {
            self.check_voltages(&mut mistakes);
            coupling = self.check_waveguides(&mut mistakes);
        }
        if mistakes.0.is_empty() {
            for source in &self.sources {
                if let Drive::Packet(packet) = &source.drive {
                    self.check_packet(source, packet, &mut mistakes);
                }
            }
        }
        self.check_quantum(&mut mistakes);
        self.check_record(&mut mistakes);
        (mistakes.0, coupling)
    }

    fn check_times(&self, mistakes: &mut Mistakes) {
        let simulation = &self.simulation;
        let well = mistakes.positive("simulation.duration", "the duration", simulation.duration)
            & mistakes.positive("simulation.step", "the step", simulation.step);
        if simulation.spike_threshold.is_some_and(|threshold| !threshold.is_finite()) {
            mistakes.add("simulation.spike_threshold", "the spike threshold must be a finite number");
        }
        if well && simulation.step > simulation.duration {
            let (step, duration) = (simulation.step, simulation.duration);
            mistakes.add(
                "simulation.step",
                format!("the step, {step}, is longer than the duration, {duration}: choose a smaller step"),
            );
        }
        if well && simulation.duration / simulation.step > 1e12 {
            mistakes.add("simulation.step", "the run would take more than 1e12 steps: choose a larger step");
        }
    }

    fn check_population(&self, population: &Population, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("neurons.{}{rest}", population.name);
        let circuit = &population.circuit;
        let before = mistakes.0.len();
        mistakes.positive(&path(".membrane.capacitance"), "the membrane capacitance", circuit.capacitance);
        for channel in circuit.channels.iter() {
            let name = channel.name;
            let place = path(&format!(".channels.{name}.conductance"));
            mistakes.not_negative(&place, &format!("the {name} conductance"), channel.conductance);
        }
        for (role, port) in circuit.ports() {
            let (name, place) = match role {
                PortRole::Output => ("output", PortPlace::Output),
                PortRole::Input(k) => ("input", PortPlace::Input(k)),
            };
            let of = |parameter: Parameter| path(&format!(".{}", population.path_of(parameter)));
            let (capacitance, impedance) = (Parameter::PortCapacitance(place), Parameter::PortImpedance(place));
            mistakes.positive(&of(capacitance), &format!("the {name} port's capacitance"), port.capacitance);
            mistakes.positive(&of(impedance), &format!("the {name} port's impedance"), port.impedance);
        }
        if let Initial::Given { gates, .. } = &population.initial {
            for (place, gate) in gates.iter().enumerate() {
                let name = population.gate_name(place);
                if gate.is_some_and(|x| !(0.0..=1.0).contains(&x)) {
                    mistakes
                        .add(&path(&format!(".initial.{name}")), format!("the gate {name} lies between 0 and 1"));
                }
            }
        }
        if let Some(sense) = circuit.sense {
            self.check_sense(population, sense, mistakes);
        }
        if circuit.has_batteries() {
            if self.simulation.method == Method::Adiabatic {
                mistakes.add(
                    &path(".channels"),
                    "the adiabatic method has no batteries: drop `reversal`, or choose `method: langevin`",
                );
            } else if self.simulation.baths == BathRule::SharedMode {
                mistakes.add(
                    &path(".channels"),
                    "shared-mode baths make the channels one conductance to ground, which no battery fits: \
                     drop `reversal`, or choose `baths: independent`",
                );
            }
        }
        if mistakes.0.len() == before {
            self.check_varied(population, mistakes);
        }
        if mistakes.0.len() == before {
            if let Err(error) = circuit.check() {
                mistakes.add(&path(""), error.to_string());
            } else if let Err(error) = population.initial.resolve(circuit, self.rate_units()) {
                mistakes.add(&path(".initial"), error.to_string());
            } else if self.simulation.method == Method::Adiabatic && !self.adiabatic_conducts(population) {
                mistakes.add(
                    &path(".channels"),
                    "no channel conducts at the start, so the stationary response does not exist: \
                     raise a conductance, or choose `method: langevin`",
                );
            }
        }
    }

    /// Every value of what differs from neuron to neuron, and that each neuron has a rest point where it needs one.
    fn check_varied(&self, population: &Population, mistakes: &mut Mistakes) {
        for variation in &population.varied {
            let path = format!("neurons.{}.{}", population.name, population.path_of(variation.parameter));
            if let Some(count) = variation.values.listed().filter(|&count| count != population.count) {
                mistakes.add(
                    &path,
                    format!("{count} values are listed for {} neurons: give one for each", population.count),
                );
                return;
            }
            if !variation.values.is_finite() {
                mistakes.add(&path, "every value must be a finite number");
                return;
            }
        }
        if population.varied.is_empty() {
            return;
        }
        let (first, units) = (self.first_of(&population.name).unwrap_or(0), self.rate_units());
        for neuron in first..first + population.count {
            let Some((circuit, initial)) = self.neuron(neuron) else { return };
            let gates: &[Option<f64>] = match &initial {
                Initial::Given { gates, .. } => gates,
                Initial::Rest => &[],
            };
            let problem = match circuit.check() {
                Err(error) => Some(error.to_string()),
                Ok(()) if gates.iter().flatten().any(|x| !(0.0..=1.0).contains(x)) => {
                    Some("a gate lies between 0 and 1".to_owned())
                }
                Ok(()) => initial.resolve(&circuit, units).err().map(|error| error.to_string()),
            };
            if let Some(problem) = problem {
                let name = self.neuron_name(neuron);
                mistakes.add(&format!("neurons.{}", population.name), format!("`{name}`: {problem}"));
                return;
            }
        }
    }

    /// Trajectories are those of samples that there are.
    fn check_trajectories(&self, mistakes: &mut Mistakes) {
        let kept = self.record.trajectories;
        let sampled = |quantum: &Quantum| quantum.fluctuations == Fluctuations::Wigner;
        let samples = self.quantum.filter(sampled).map(|quantum| quantum.samples);
        let path = "record.trajectories";
        match samples {
            _ if kept == 0 => {}
            None => {
                mistakes.add(path, "there are no samples to keep: write `fluctuations: wigner` under `quantum`");
            }
            Some(samples) if kept > samples => {
                mistakes.add(
                    path,
                    format!("there are {samples} samples: keep fewer than {kept}, or take more of them"),
                );
            }
            Some(_) => {}
        }
    }

    /// A sense line is a quantum measurement of a voltage that moves.
    fn check_sense(&self, population: &Population, sense: Sense, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("neurons.{}.sense{rest}", population.name);
        if !mistakes.positive(&path(".impedance"), "the impedance of the sense line", sense.impedance)
            | !mistakes.positive(
                &path(".response_time"),
                "the response time of the sense line",
                sense.response_time,
            )
        {
            return;
        }
        let energy = sense.thermal_energy.unwrap_or(0.0);
        mistakes.not_negative(&path(".temperature"), "the temperature of the sense line", energy);
        if self.quantum.is_none() {
            let message = "a sense line needs a `quantum` block, because its noise scales with hbar: add `quantum: {hbar: 0.5}`";
            mistakes.add(&path(""), message);
        }
        if self.simulation.method == Method::Adiabatic {
            mistakes
                .add(&path(""), "the adiabatic method knows no record of the voltage: choose `method: langevin`");
        }
        let step = self.simulation.step;
        if sense.response_time < step {
            let message = format!(
                "the response time, {}, is below the step, {step}: choose a smaller step or a slower detector",
                sense.response_time
            );
            mistakes.add(&path(".response_time"), message);
        }
        let alone = Circuit { sense: None, ..population.circuit.clone() };
        let is_unstable = alone.rest(self.rate_units()).is_ok_and(|rest| rest.is_unstable());
        if sense.reference.is_none() && is_unstable {
            let message = "the neuron has no stable rest that the line could be referred to: give a `reference`";
            mistakes.add(&path(""), message);
        }
    }

    fn adiabatic_conducts(&self, population: &Population) -> bool {
        let start = population.initial.resolve(&population.circuit, self.rate_units());
        start.is_ok_and(|(_, gates)| population.circuit.conductances(&gates).total() > 0.0)
    }

    fn check_sources(&self, mistakes: &mut Mistakes) {
        let n_neurons = self.n_neurons();
        for source in &self.sources {
            let path = |rest: &str| format!("sources.{}{rest}", source.name);
            if source.targets.greatest().is_some_and(|neuron| neuron >= n_neurons) {
                mistakes.add(&path(".into"), "no such neuron");
            }
            let checked = match &source.drive {
                Drive::Current(current) => current.check().map_err(|error| (".current", error)),
                Drive::Mode(mode) => mode.check().map_err(|error| (place_of(&error), error)),
                Drive::Packet(packet) => packet
                    .packet
                    .check()
                    .map_err(|error| (".wavepacket", error))
                    .and_then(|()| packet.state.check().map_err(|error| (".state", error))),
            };
            if let Err((place, error)) = checked {
                mistakes.add(&path(place), error.to_string());
            }
            let photons =
                source.drive.state().and_then(State::most_photons).filter(|photons| *photons > MAX_PHOTONS);
            if let Some(photons) = photons
                && !self.modes.is_empty()
            {
                let message = format!(
                    "what it does to `modes` is computed for at most {MAX_PHOTONS} photons, it has {photons}: write a \
                     smaller number, or leave `modes` out"
                );
                mistakes.add(&path(".state"), message);
            }
            let is_packet = matches!(source.drive, Drive::Packet(_));
            if !is_packet
                && self.simulation.method == Method::Adiabatic
                && tone(&source.drive, 1.0, self.grid()).is_none()
            {
                mistakes.add(
                    &path(".current.shape"),
                    "the adiabatic method answers sinusoidal sources (sine, mode, constant) alone: \
                     choose one of them, or `method: langevin`",
                );
            }
        }
    }

    /// A wavepacket needs a quantum, the time stepping of waves, and an input port at which nothing else arrives.
    fn check_packet(&self, source: &Source, packet: &PacketSource, mistakes: &mut Mistakes) {
        let mut wrong = |rest: &str, message: String| {
            mistakes.add(&format!("sources.{}{rest}", source.name), message);
        };
        if self.quantum.is_none() {
            wrong(
                ".wavepacket",
                "a wavepacket needs a `quantum` block, because its size scales with hbar: add `quantum: {hbar: 0.5}`"
                    .to_owned(),
            );
        }
        if self.simulation.method == Method::Adiabatic {
            wrong(".wavepacket", "the adiabatic method has no waves: choose `method: langevin`".to_owned());
        }
        for neuron in source.targets.iter() {
            let name = self.neuron_name(neuron);
            let Some((circuit, _)) = self.neuron(neuron) else { continue };
            if packet.port_of(&circuit).is_none() {
                wrong(
                    ".into",
                    format!("`{name}` has no input port for a wavepacket: give its population an `input`"),
                );
                return;
            }
            let port = self.locate(neuron).and_then(|(population, _)| population.inputs.get(packet.input));
            let taken = self.waveguides.iter().find(|entry| {
                let same = entry.port.is_none() || entry.port.as_ref() == port;
                let mut arrives = false;
                if same && entry.to.contains(neuron) {
                    self.for_each_connection(entry, |arm| arrives |= arm.to == neuron);
                }
                arrives
            });
            if let Some(entry) = taken {
                let taken = &entry.name;
                wrong(
                    ".into",
                    format!(
                        "waveguides `{taken}` arrive at the input port of `{name}`: a wavepacket needs a port of its \
                         own, such as a second one under `inputs`"
                    ),
                );
                return;
            }
        }
    }

    fn check_quantum(&self, mistakes: &mut Mistakes) {
        let how = self.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let through = how.in_tasks();
        if let (false, Some(joint)) = (through, self.states.first()) {
            let message =
                "joint states take field modes or samples: write `fluctuations: heisenberg` under `quantum`";
            mistakes.add(&format!("states.{}", joint.name), message);
        }
        if let (true, Some(mode)) = (how != Fluctuations::Heisenberg, self.modes.first()) {
            let message = "outgoing modes take field modes: write `fluctuations: heisenberg` under `quantum`";
            mistakes.add(&format!("modes.{}", mode.name), message);
        }
        let Some(quantum) = self.quantum.filter(|_| through) else { return };
        if let (true, Some(mode)) = (quantum.hbar == 0.0, self.modes.first()) {
            let message = "the operator b of an outgoing mode is a wave in units of the root of hbar, which is 0: set \
                           `quantum.hbar` above 0, or leave out `modes`";
            mistakes.add(&format!("modes.{}", mode.name), message);
        }
        if self.simulation.method == Method::Adiabatic {
            mistakes.add(
                "quantum.fluctuations",
                "fields go through the network beside the langevin method: choose `method: langevin`, or \
                 `fluctuations: adiabatic`",
            );
        }
        if how == Fluctuations::Wigner {
            self.check_samples(quantum, mistakes);
        }
        let end = self.simulation.duration;
        for mode in &self.modes {
            let place = format!("modes.{}", mode.name);
            if let OutputEnvelope::Dominant(search) = &mode.envelope {
                let n = search.n_packets();
                if search.from > search.to || n > MOST_PACKETS || !(1..=n).contains(&search.count) {
                    let message = format!(
                        "{n} packets of width {} from {} to {} span the modes, of which {} are wanted: take from 1 to as many as there are \
                         packets, {MOST_PACKETS} at most, from an earlier to a later time",
                        search.width, search.from, search.to, search.count
                    );
                    mistakes.add(&place, message);
                    continue;
                }
            }
            // Four standard deviations of the amplitude.
            let packets = mode.envelope.packets();
            let reach = |packet: &Packet| 4.0 * std::f64::consts::SQRT_2 * packet.width;
            let from = packets.iter().map(|packet| packet.centre - reach(packet)).fold(f64::INFINITY, f64::min);
            let to = packets.iter().map(|packet| packet.centre + reach(packet)).fold(f64::NEG_INFINITY, f64::max);
            if from < -1e-9 * end || to > end * (1.0 + 1e-9) {
                mistakes.add(
                    &place,
                    format!(
                        "the envelope lies from {from} to {to}, not within the run, 0 to {end}: lengthen the run, or move or \
                         narrow the envelope"
                    ),
                );
            }
        }
        if quantum.modes.is_some_and(|modes| !(2..=4096).contains(&modes)) {
            mistakes.add("quantum.modes", "the number of frequencies of a line lies between 2 and 4096: write `auto` for as many as the variance takes");
        }
    }

    /// Samples are drawn of Gaussian states alone, and steps must resolve the noise.
    fn check_samples(&self, quantum: Quantum, mistakes: &mut Mistakes) {
        if !(2..=100_000_000).contains(&quantum.samples) {
            mistakes.add("quantum.samples", "the number of samples lies between 2 and 100 million");
        }
        let turn = quantum.cutoff * self.simulation.step;
        if turn > std::f64::consts::PI {
            mistakes.add(
                "quantum.cutoff",
                format!(
                    "a step of {} resolves noise up to {:.4}, not up to {}: shorten the step or lower the cutoff",
                    self.simulation.step,
                    std::f64::consts::PI / self.simulation.step,
                    quantum.cutoff
                ),
            );
        }
        for source in &self.sources {
            if source.drive.state().is_some_and(|state| !state.is_gaussian()) {
                mistakes.add(
                    &format!("sources.{}.state", source.name),
                    "this state is no probability that samples could be drawn from: use a Gaussian one, or \
                     `fluctuations: heisenberg`",
                );
            }
        }
    }

    fn check_record(&self, mistakes: &mut Mistakes) {
        let (every, step) = (self.record.every, self.simulation.step);
        if mistakes.positive("record.every", "the time between samples", every) && step > 0.0 {
            let ratio = every / step;
            if ratio < 1.0 - 1e-6 || (ratio - ratio.round()).abs() > 1e-6 * ratio {
                mistakes.add(
                    "record.every",
                    format!("{every} is no whole number of steps of {step}: choose a multiple of the step"),
                );
            }
        }
        let n_neurons = self.n_neurons();
        if self.record.neurons.iter().any(|&neuron| neuron >= n_neurons) {
            mistakes.add("record.of", "no such neuron");
        } else if self.record.hysteresis && step > 0.0 {
            self.check_loops(mistakes);
        }
        let fluctuations = self.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let untold = |observable: &&Observable| observable.is_variance() && !observable.is_told_by(fluctuations);
        if let Some(name) = self.record.observables.iter().find(untold).map(|variance| variance.name()) {
            let message = if fluctuations == Fluctuations::Wigner {
                format!("samples have no part `{name}` of a variance: record `variance`")
            } else {
                format!("`{name}` needs fluctuations: add `quantum: {{hbar: .., fluctuations: adiabatic}}`")
            };
            mistakes.add("record.quantities", message);
        }
        self.check_figures(mistakes);
        let samples = self.simulation.duration / every + 1.0;
        let columns = (self.record.neurons.len() * (self.record.observables.len() + 6)) as f64;
        let bytes = samples * columns * 8.0;
        if bytes > MOST_SAMPLES {
            mistakes.add(
                "record",
                format!(
                    "the samples would take {:.1} GiB, more than {:.0}: record fewer neurons, or less often",
                    bytes / 1024f64.powi(3),
                    MOST_SAMPLES / 1024f64.powi(3)
                ),
            );
        }
    }
}

impl Network {
    /// Numbers whose variance is split take noise, and steps to go through backwards.
    fn check_figures(&self, mistakes: &mut Mistakes) {
        let figures = &self.record.budget_of;
        if figures.is_empty() {
            return;
        }
        let path = "record.budget_of";
        match self.quantum {
            None => mistakes.add(path, "a noise budget needs noise: add `quantum: {hbar: 0.5}`"),
            Some(quantum) if quantum.hbar == 0.0 && quantum.thermal_energy == 0.0 => {
                mistakes
                    .add(path, "a noise budget needs noise, and `hbar` and `temperature` are 0: set one above 0");
            }
            Some(_) => {}
        }
        if self.simulation.method == Method::Adiabatic {
            mistakes.add(path, "`method: adiabatic` has no steps to go through backwards: use `method: langevin`");
        } else if self.simulation.precision == Precision::F32 {
            mistakes.add(path, "`precision: f32` is too coarse to go through backwards: use `precision: f64`");
        }
        for (place, figure) in figures.iter().enumerate() {
            let path = format!("{path}[{place}]");
            match *figure {
                _ if figure.neuron() >= self.n_neurons() => mistakes.add(&path, "no such neuron"),
                Figure::Voltage { time, .. } => {
                    let end = self.n_steps() as f64 * self.simulation.step;
                    if !(0.0..=end * (1.0 + 1e-9)).contains(&time) {
                        let message =
                            format!("{time} is no time of the run, which ends at {end}: choose one before");
                        mistakes.add(&path, message);
                    }
                }
                Figure::Spike { neuron, .. } => {
                    if self.spike_threshold(neuron).is_none() {
                        let message = format!(
                            "{} has no spikes: name a voltage at a time, such as `{}.voltage at ..`",
                            self.neuron_name(neuron),
                            self.neuron_name(neuron)
                        );
                        mistakes.add(&path, message);
                    }
                }
            }
        }
    }

    /// A loop of which no two steps fall into one period is none.
    fn check_loops(&self, mistakes: &mut Mistakes) {
        let step = self.simulation.step;
        let period = |neuron: usize| periodic_drive(self, neuron).map(|(omega, ..)| std::f64::consts::TAU / omega);
        let short = |&neuron: &usize| period(neuron).filter(|&period| self.grid().place(period) < 1.0);
        if let Some(period) = self.record.neurons.iter().find_map(short) {
            mistakes.add(
                "record.quantities",
                format!(
                    "a period of the drive, {period}, is shorter than a step, {step}, which follows no loop: shorten \
                     `simulation.step` to a hundredth of the period, or leave `hysteresis` out"
                ),
            );
        }
    }
}

fn place_of(error: &CircuitError) -> &'static str {
    match error {
        CircuitError::NotPositive { quantity: "zero-point current", .. } => ".current.zero_point",
        CircuitError::NotPositive { quantity: "frequency", .. } => ".current.frequency",
        CircuitError::EmptySuperposition
        | CircuitError::OddCatOfNothing
        | CircuitError::SuperpositionCancels { .. }
        | CircuitError::StateOutOfRange { .. } => ".state",
        _ => "",
    }
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(Mistake { path: path.to_owned(), message: message.into() });
    }

    fn positive(&mut self, path: &str, what: &str, value: f64) -> bool {
        let fine = value > 0.0 && value.is_finite();
        if !fine {
            self.add(path, format!("{what} must be above zero and finite, got {value}"));
        }
        fine
    }

    fn not_negative(&mut self, path: &str, what: &str, value: f64) {
        if !(value >= 0.0 && value.is_finite()) {
            self.add(path, format!("{what} must not be negative nor infinite, got {value}"));
        }
    }
}
