//! Numerical errors of a run's figures, from runs of the same network made otherwise: at half the step, with more field
//! modes, with twice the cutoff, on other threads. Making those runs is the caller's business.
//!
//! With a method of order p the error of a figure f(h) is about `(f(h) - f(h/2)) 2^p/(2^p - 1)` (Richardson): 4/3 of the
//! difference for langevin, which is of second order, and twice the difference for adiabatic, of which no more than
//! the first is taken for granted. It is an estimate and no bound, of the figure in the folder, not of the finer run's.

use std::fmt::{self, Write as _};

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::network::Method;
use qhh_net::outcome::Outcome;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::number::{short, within};
use qhh_format::hash::hexadecimal;

/// One number that a run comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    name: String,
    unit: String,
    value: f64,
    /// What an error is compared with.
    scale: f64,
    /// Standard error, of a figure from samples.
    samples: Option<f64>,
    /// Whether it is a count.
    whole: bool,
}

/// The errors of a run's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// How the errors were found.
    pub statement: String,
    /// Numbers of threads that gave the same outcome, bit by bit; null if they did not.
    pub threads: Option<[usize; 2]>,
    /// Largest relative error wanted; null without one.
    pub tolerance: Option<f64>,
    /// The figures.
    pub figures: Vec<FigureError>,
}

/// A figure of the run and its error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureError {
    /// What it is.
    pub name: String,
    /// Its unit; empty for plain numbers.
    pub unit: String,
    /// The value, as everywhere in the folder.
    pub value: f64,
    /// Error of the step; null if the run at half the step has no such figure.
    pub step: Option<f64>,
    /// Error of the number of field modes: the difference to twice as many; null without.
    pub modes: Option<f64>,
    /// Standard error of the samples; null without.
    pub samples: Option<f64>,
    /// Those together; null if one of them is not known.
    pub error: Option<f64>,
    /// The error as a part of the figure: of a voltage, of its range; of a photon number, of half a photon more.
    pub relative: Option<f64>,
    /// Value with twice the cutoff, which is a choice of the model and no error; null where nothing depends on it.
    pub twice_cutoff: Option<f64>,
}

/// Figures of the runs that a run is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Others {
    /// At half the step.
    pub half_step: Vec<Figure>,
    /// With twice as many field modes.
    pub more_modes: Option<Vec<Figure>>,
    /// With twice the cutoff.
    pub twice_cutoff: Option<Vec<Figure>>,
    /// Numbers of threads that gave the same bits.
    pub threads: Option<[usize; 2]>,
}

/// The figures of a run: spikes, ranges of voltages, largest variances, jitter, states of outgoing modes.
pub fn figures(network: &Network, outcome: &Outcome) -> Vec<Figure> {
    let unit = |dimension| network.units.symbol(dimension).to_owned();
    let count = |name: String, count: usize| {
        let value = count as f64;
        Figure { name, unit: String::new(), value, scale: value.max(1.0), samples: None, whole: true }
    };
    let number = |name: String, dimension, value: f64, scale: f64| Figure {
        name,
        unit: unit(dimension),
        value,
        scale,
        samples: None,
        whole: false,
    };
    let mut all = vec![count("spikes".to_owned(), outcome.spikes.len())];
    for extremes in &outcome.extremes {
        let name = network.neuron_name(extremes.neuron);
        let own = || outcome.spikes.iter().filter(|spike| spike.neuron == extremes.neuron);
        all.push(count(format!("spikes of {name}"), own().count()));
        all.extend(
            own().next().map(|s| number(format!("first spike of {name}"), Dimension::TIME, s.time, s.time)),
        );
        let (high, low) = (extremes.highest.0, extremes.lowest.0);
        for (what, value) in [("highest", high), ("lowest", low)] {
            all.push(number(format!("{what} voltage of {name}"), Dimension::VOLTAGE, value, high - low));
        }
    }
    for variance in outcome.variances.iter().filter(|variance| variance.n_samples() > 0) {
        let (name, sample) = (network.neuron_name(variance.neuron), variance.largest());
        let value = variance.total(sample);
        let ensemble =
            outcome.ensemble.as_ref().and_then(|e| e.neurons.iter().find(|n| n.neuron == variance.neuron));
        let samples = ensemble.and_then(|of| of.variance_error.get(sample)).copied();
        let figure = number(format!("largest variance of {name}"), Dimension::VOLTAGE_SQUARED, value, value);
        all.push(Figure { samples, ..figure });
    }
    for jitter in &outcome.jitter {
        let first = outcome.jitter.iter().find(|other| other.neuron == jitter.neuron);
        if first.is_some_and(|first| std::ptr::eq(first, jitter)) {
            let name = format!("jitter of the first spike of {}", network.neuron_name(jitter.neuron));
            all.push(number(name, Dimension::TIME, jitter.deviation, jitter.deviation));
        }
    }
    if let Some(states) = &outcome.states {
        for (mode, of) in states.modes.iter().enumerate() {
            let photons = states.n[(mode, mode)].re + states.means[mode].norm_sqr();
            all.push(number(format!("photons of {}", of.name), Dimension::NUMBER, photons, photons + 0.5));
            let squeezing = states.gaussian(&[mode]).ok().and_then(|state| state.squeezing(0).ok());
            all.extend(squeezing.map(|s| {
                let name = format!("smallest quadrature variance of {}", of.name);
                number(name, Dimension::NUMBER, s.variance, s.variance)
            }));
        }
    }
    all
}

impl Verification {
    /// Compares the figures of a run of `network` with those of other runs.
    pub fn new(network: &Network, own: Vec<Figure>, others: &Others, tolerance: Option<f64>) -> Self {
        let (factor, order) = match network.simulation.method {
            Method::Langevin => (4.0 / 3.0, "4/3 of the difference, the method being of second order"),
            Method::Adiabatic => (2.0, "twice the difference, as of a method of first order"),
        };
        let mut statement = format!(
            "Errors are those of the results in this folder, estimated and not bounded. Step: from a run at half the \
             step, {order}."
        );
        if others.more_modes.is_some() {
            statement += " Modes: the difference to a run with twice as many field modes.";
        }
        if own.iter().any(|figure| figure.samples.is_some()) {
            statement += " Samples: the standard error.";
        }
        if others.twice_cutoff.is_some() {
            statement +=
                " The cutoff is a choice of the model and no error; values with twice the cutoff stand beside.";
        }
        let figures = own.into_iter().map(|figure| FigureError::new(figure, others, factor)).collect();
        Self { statement, threads: others.threads, tolerance, figures }
    }

    /// Figures whose error is not known to be below the tolerance; none without a tolerance.
    pub fn beyond(&self) -> impl Iterator<Item = &FigureError> {
        let within = |figure: &FigureError, tolerance| figure.relative.is_some_and(|error| error <= tolerance);
        self.figures
            .iter()
            .filter(move |figure| self.tolerance.is_some_and(|tolerance| !within(figure, tolerance)))
    }

    /// At most so many figures in their order, those with the largest relative errors.
    pub fn worst(&self, most: usize) -> Vec<&FigureError> {
        let error = |k: &usize| self.figures[*k].relative.unwrap_or(f64::INFINITY);
        let mut places: Vec<usize> = (0..self.figures.len()).collect();
        places.sort_by(|a, b| error(b).total_cmp(&error(a)));
        places.truncate(most);
        places.sort_unstable();
        places.into_iter().map(|place| &self.figures[place]).collect()
    }
}

impl FigureError {
    fn new(figure: Figure, others: &Others, factor: f64) -> Self {
        let value_in =
            |run: &[Figure]| run.iter().find(|other| other.name == figure.name).map(|other| other.value);
        let difference = |run: &[Figure]| Some((value_in(run)? - figure.value).abs());
        let step = difference(&others.half_step).map(|d| if figure.whole { d } else { factor * d });
        let more = others.more_modes.as_deref();
        let modes = more.and_then(difference);
        let known = step.is_some() && modes.is_some() == more.is_some();
        let error = [step, modes, figure.samples].into_iter().flatten().sum::<f64>();
        let error = (known && error.is_finite()).then_some(error);
        let part = |error: f64| if error == 0.0 { 0.0 } else { error / figure.scale.abs() };
        let cutoff = others.twice_cutoff.as_deref().and_then(value_in);
        Self {
            step,
            modes,
            samples: figure.samples,
            error,
            relative: error.map(part).filter(|part| part.is_finite()),
            twice_cutoff: cutoff.filter(|value| *value != figure.value),
            name: figure.name,
            unit: figure.unit,
            value: figure.value,
        }
    }

    /// The value, its error and unit, in plain characters: `40.120 ± 0.013 mV`.
    pub fn text(&self) -> String {
        let text = self.error.map_or_else(
            || format!("{} ± unknown: the other run has none", short(self.value)),
            |error| {
                // Beyond what decimals can show side by side.
                let tiny = error > 0.0 && error < 1e-9 * self.value.abs();
                if tiny { format!("{} ± {}", self.value, short(error)) } else { within(self.value, error) }
            },
        );
        let plain = text.replace('\u{a0}', " ").replace('\u{2212}', "-").replace('\u{202f}', "");
        format!("{plain} {}", self.unit).trim_end().to_owned()
    }
}

/// A checksum of everything that came out, bit by bit.
pub fn digest(outcome: &Outcome) -> String {
    struct Hashing(Sha256);
    impl fmt::Write for Hashing {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.update(text);
            Ok(())
        }
    }
    let mut hashing = Hashing(Sha256::new());
    // The shortest text that reads back to the same bits; hashing cannot fail.
    let _ = write!(hashing, "{outcome:?}");
    hexadecimal(&hashing.0.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: f64) -> Figure {
        Figure { name: name.to_owned(), unit: "mV".to_owned(), value, scale: value, samples: None, whole: false }
    }

    fn network(method: &str) -> qhh_net::Checked {
        let text = format!(
            "name: a\nsimulation: {{duration: 1 ms, method: {method}}}\nneurons: {{cell: {{circuit: single-channel, \
             membrane: {{capacitance: 1 uF}}, channels: {{potassium: {{conductance: 1 mS}}}}}}}}\n"
        );
        qhh_format::yaml::load_text(std::path::Path::new("a.yaml"), &text, &[]).unwrap().network
    }

    /// f(h) = f0 + c h^2: the estimate is the error itself.
    #[test]
    fn the_error_of_a_second_order_figure_is_found_exactly() {
        let f = |h: f64| 40.0 + 3.0 * h * h;
        let others = Others {
            half_step: vec![figure("peak", f(0.05))],
            more_modes: None,
            twice_cutoff: Some(vec![figure("peak", 50.0)]),
            threads: Some([2, 1]),
        };
        let own = vec![figure("peak", f(0.1)), figure("lost", 1.0)];
        let found = Verification::new(&network("langevin"), own.clone(), &others, Some(1e-3));
        assert!((found.figures[0].error.unwrap() - 0.03).abs() < 1e-12, "{found:?}");
        assert_eq!(
            (found.figures[0].text().as_str(), found.figures[0].twice_cutoff),
            ("40.030 ± 0.030 mV", Some(50.0))
        );
        assert_eq!(found.beyond().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["lost"]);
        assert_eq!(found.worst(1)[0].name, "lost");
        let found = Verification::new(&network("adiabatic"), own, &others, Some(1e-3));
        assert!((found.figures[0].error.unwrap() - 0.045).abs() < 1e-12, "{found:?}");
        assert_eq!(found.beyond().count(), 2);
    }

    #[test]
    fn errors_of_step_modes_and_samples_add_up() {
        let others = Others {
            half_step: vec![figure("variance", 1.3)],
            more_modes: Some(vec![figure("variance", 1.1)]),
            twice_cutoff: None,
            threads: None,
        };
        let own = vec![Figure { samples: Some(0.2), ..figure("variance", 1.0) }];
        let found = Verification::new(&network("langevin"), own, &others, None);
        assert!((found.figures[0].error.unwrap() - 0.7).abs() < 1e-12, "{found:?}");
        assert_eq!(found.beyond().count(), 0);
    }
}
