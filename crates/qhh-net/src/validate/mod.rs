//! What a network must obey before it can run; each mistake names its place by path.

mod checked;
mod population;
mod quantum;
mod record;
mod sources;
mod voltages;
mod warnings;
mod waveguides;

use qhh_core::CircuitError;
use qhh_core::units::Dimension;

use crate::network::{Drive, Network};
pub use checked::Checked;
pub use quantum::MOST_SAMPLES;
pub use warnings::Warning;

/// Steps that a run may have.
pub const MOST_STEPS: f64 = 1e12;

/// Something the network says that cannot be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// Where, as a path into the network file: `neurons.relay.output`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Network {
    /// Every mistake of the network; empty if it can run.
    pub fn check(&self) -> Vec<Mistake> {
        let mut mistakes = Mistakes::default();
        self.check_times(&mut mistakes);
        if let Some(quantum) = &self.quantum {
            mistakes.positive("quantum.cutoff", "the cutoff", quantum.cutoff);
            mistakes.not_negative("quantum.hbar", "hbar", quantum.hbar);
            mistakes.not_negative("quantum.temperature", "the temperature", quantum.thermal_energy);
        }
        self.check_trajectories(&mut mistakes);
        self.check_counts(&mut mistakes);
        for population in &self.populations {
            self.check_population(population, &mut mistakes);
        }
        self.check_sources(&mut mistakes);
        if mistakes.0.is_empty() {
            self.check_voltages(&mut mistakes);
            self.check_waveguides(&mut mistakes);
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
        mistakes.0
    }

    fn check_times(&self, mistakes: &mut Mistakes) {
        let simulation = &self.simulation;
        let well = mistakes.positive("simulation.duration", "the duration", simulation.duration)
            & mistakes.positive("simulation.step", "the step", simulation.step);
        if simulation.spike_threshold.is_some_and(|threshold| !threshold.is_finite()) {
            mistakes.add("simulation.spike_threshold", "the spike threshold must be a finite number");
        }
        if well && simulation.step > simulation.duration {
            let (step, duration) = (self.time(simulation.step), self.time(simulation.duration));
            mistakes.add(
                "simulation.step",
                format!("the step, {step}, is longer than the duration, {duration}: choose a smaller step"),
            );
        }
        if well && simulation.duration / simulation.step > MOST_STEPS {
            let (step, duration) = (self.time(simulation.step), self.time(simulation.duration));
            mistakes.add(
                "simulation.duration",
                format!(
                    "{duration} is more than {MOST_STEPS:e} steps of {step}: shorten the run, or choose a larger step"
                ),
            );
        }
    }
}

impl Network {
    /// A time with its unit, for messages.
    fn time(&self, time: f64) -> String {
        self.units.display(time, Dimension::TIME)
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
