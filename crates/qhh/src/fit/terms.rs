//! The objective of a fit: from names in its file to numbers of runs.

use qhh_format::fit::{Aim, Fit, Goal, Read};
use qhh_format::yaml::LoadError;
use qhh_lab::measure::Measure;
use qhh_lab::objective::Objective;
use qhh_lab::objective::readout::Reading;
use qhh_lab::objective::spikes::Smoothing;
use qhh_net::Network;

/// A part of the objective.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// Its place in the file.
    pub(super) place: usize,
    of: Of,
    aim: Aim,
    weight: f64,
}

#[derive(Debug, Clone)]
enum Of {
    /// The same of every example.
    All(Objective),
    /// Of spikes with target times for each example.
    Times { neuron: usize, times: Vec<f64>, columns: Vec<Vec<f64>>, missing: f64, width: f64 },
    /// Of classes.
    Classes { classes: Vec<Vec<usize>>, labels: Vec<usize>, reading: Reading, gain: f64 },
    /// Without a slope.
    Level(Measure),
}

impl Term {
    /// The objective of an example; none of one without a slope.
    pub(super) fn objective(&self, example: usize) -> Option<Objective> {
        Some(match &self.of {
            Of::All(objective) => objective.clone(),
            Of::Times { neuron, times, columns, missing, width } => {
                let mut target = times.clone();
                target.extend(columns.iter().map(|column| column[example]));
                target.sort_by(f64::total_cmp);
                Objective::SpikeTimes { neuron: *neuron, target, missing: *missing, width: *width }
            }
            Of::Classes { classes, labels, reading, gain } => Objective::CrossEntropy {
                classes: classes.clone(),
                label: labels[example],
                reading: *reading,
                gain: *gain,
            },
            Of::Level(_) => return None,
        })
    }

    /// The measure of one without a slope.
    pub(super) fn level(&self) -> Option<&Measure> {
        if let Of::Level(measure) = &self.of { Some(measure) } else { None }
    }

    /// What a number is worth, and the slope of that.
    pub(super) fn worth(&self, value: f64) -> (f64, f64) {
        let (worth, slope) = match self.aim {
            Aim::Least => (value, 1.0),
            Aim::Most => (-value, -1.0),
            Aim::Near(target) => ((value - target).powi(2), 2.0 * (value - target)),
        };
        (self.weight * worth, self.weight * slope)
    }

    /// Target trace of a neuron, or target times of its spikes, for the page.
    pub(super) fn target(&self, neuron: usize) -> (Vec<(f64, f64)>, Vec<f64>) {
        match self.objective(0) {
            Some(Objective::Trace { neuron: of, target }) if of == neuron => (target, Vec::new()),
            Some(Objective::SpikeTimes { neuron: of, target, .. }) if of == neuron => (Vec::new(), target),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

/// The objective of a fit of a network.
pub(super) fn parts(fit: &Fit, network: &Network) -> Result<Vec<Term>, LoadError> {
    let parts = fit.objective.iter().enumerate();
    parts
        .map(|(place, term)| {
            let (of, aim) = part(fit, network, &term.of, &place.to_string())?;
            Ok(Term { place, of, aim, weight: term.weight })
        })
        .collect()
}

fn part(fit: &Fit, network: &Network, goal: &Goal, place: &str) -> Result<(Of, Aim), LoadError> {
    let wrong = |keys: &[&str], message: &str, help: &str| {
        fit.mistake(&[&["objective", place, goal.key()], keys].concat(), message, help)
    };
    let neurons = |keys: &[&str], text: &str| {
        let measure = Measure::parse(&format!("{text}.voltage.last"), network.units);
        let neurons = measure.and_then(|measure| measure.watched(network));
        neurons.map_err(|error| {
            let message = error.to_string().replace(".voltage.last`", "`");
            let name = &network.populations[0].name;
            wrong(keys, &message, &format!("name neurons such as `{name}.0`, or `{name}` for all of it"))
        })
    };
    let one = |text: &str| match neurons(&["neuron"], text)?[..] {
        [neuron] => Ok(neuron),
        ref several => {
            let help = match several.first() {
                Some(&first) => format!("name one of them, such as `{}`", network.neuron_name(first)),
                None => "name one".to_owned(),
            };
            Err(wrong(&["neuron"], &format!("`{text}` is several neurons"), &help))
        }
    };
    let duration = network.simulation.step * network.n_steps() as f64;
    let within = |keys: &[&str], times: &[f64]| match times
        .iter()
        .find(|time| !(0.0..=duration * (1.0 + 1e-12)).contains(*time))
    {
        None => Ok(()),
        Some(time) => {
            let message = format!("the target is at {time}, but the run is from 0 to {duration}");
            Err(wrong(keys, &message, "leave times out that are not in the run, or make it longer"))
        }
    };
    let default = Smoothing::width(network.units);
    Ok(match goal {
        Goal::Trace { neuron, target } => {
            let neuron = one(neuron)?;
            within(&[], &target.iter().map(|of| of.0).collect::<Vec<f64>>())?;
            (Of::All(Objective::Trace { neuron, target: target.clone() }), Aim::Least)
        }
        Goal::SpikeTimes { neuron, times, columns, missing } => {
            let neuron = one(neuron)?;
            within(&["times"], times)?;
            within(&["columns"], &columns.concat())?;
            let (times, columns, width) = (times.clone(), columns.clone(), Smoothing::pull(network.units));
            (Of::Times { neuron, times, columns, missing: *missing, width }, Aim::Least)
        }
        Goal::SmoothSpikes { neurons: of, target, width } => {
            let neurons = neurons(&["neurons"], of)?;
            (Of::All(Objective::SmoothSpikes { neurons, width: width.unwrap_or(default) }), Aim::Near(*target))
        }
        Goal::Measure { of, aim } => {
            let help = "name a number such as `relay.4.first_spike` or `cell.variance.at(6 ms)`";
            let not = |error: qhh_lab::measure::MeasureError| wrong(&["of"], &error.to_string(), help);
            let objective = Objective::parse(of, network).map_err(not)?;
            let kind = match objective {
                Objective::Measure(measure) if measure.watched(network).is_err() => {
                    measure.require_recording(&mut network.clone()).map_err(not)?;
                    Of::Level(measure)
                }
                objective => Of::All(objective),
            };
            (kind, *aim)
        }
        Goal::CrossEntropy { classes, labels, read, gain, width } => {
            let each = classes.iter().enumerate();
            let classes =
                each.map(|(k, of)| neurons(&["classes", &k.to_string()], of)).collect::<Result<_, _>>()?;
            let width = width.unwrap_or(default);
            let reading = match read {
                Read::Spikes => Reading::Spikes { width },
                Read::Peak => Reading::Peak { width },
            };
            (Of::Classes { classes, labels: labels.clone(), reading, gain: *gain }, Aim::Least)
        }
    })
}
