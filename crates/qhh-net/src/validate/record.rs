//! What must hold of what is recorded.

use super::Mistakes;
use crate::network::fed::periodic_drive;
use crate::network::{Figure, Fluctuations, Method, Network, Observable, Precision};

/// Samples a run may keep in memory, in bytes.
const MOST_SAMPLES: f64 = 8.0 * 1024.0 * 1024.0 * 1024.0;

impl Network {
    pub(super) fn check_record(&self, mistakes: &mut Mistakes) {
        let (every, step) = (self.record.every, self.simulation.step);
        if mistakes.positive("record.every", "the time between samples", every) && step > 0.0 {
            let ratio = every / step;
            if ratio < 1.0 - 1e-6 || (ratio - ratio.round()).abs() > 1e-6 * ratio {
                mistakes.add(
                    "record.every",
                    format!(
                        "{} is no whole number of steps of {}: write `{}`",
                        self.time(every),
                        self.time(step),
                        self.time(step * ratio.round().max(1.0))
                    ),
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

    /// Numbers whose variance is split take noise, and steps to go through backwards.
    pub(super) fn check_figures(&self, mistakes: &mut Mistakes) {
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
                        let (time, end) = (self.time(time), self.time(end));
                        let message = format!(
                            "{time} is no time of the run, which ends at {end}: choose one before, or lengthen \
                             `simulation.duration`"
                        );
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
    pub(super) fn check_loops(&self, mistakes: &mut Mistakes) {
        let step = self.simulation.step;
        let period = |neuron: usize| periodic_drive(self, neuron).map(|(omega, ..)| std::f64::consts::TAU / omega);
        if !self.record.neurons.iter().any(|&neuron| period(neuron).is_some()) {
            mistakes.add(
                "record.quantities",
                "no recorded neuron is driven by a source that swings, so there is no `hysteresis`: add a `sine` or a `mode`, \
                 or leave `hysteresis` out",
            );
        }
        let short = |&neuron: &usize| period(neuron).filter(|&period| self.grid().place(period) < 1.0);
        if let Some(period) = self.record.neurons.iter().find_map(short) {
            mistakes.add(
                "record.quantities",
                format!(
                    "a period of the drive, {}, is shorter than a step, {}, which follows no loop: shorten \
                     `simulation.step` to a hundredth of the period, or leave `hysteresis` out",
                    self.time(period),
                    self.time(step)
                ),
            );
        }
    }
}
