//! Slopes of measures: how a number that is read from voltages depends on each of them.

use qhh_net::Network;
use qhh_net::engine::adjoint::Tape;
use qhh_net::network::Observable;
use qhh_net::outcome::Spike;

use super::{Measure, MeasureError, MeasureKind, Reduction, Series, Spikes};

/// A number with its slope by every voltage it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Sloped {
    /// The number.
    pub value: f64,
    /// Its slopes, step by step from the start, for each neuron that the tape watches.
    pub slopes: Vec<Vec<f64>>,
}

impl Sloped {
    fn level(tape: &Tape) -> Self {
        let slopes = tape.watched().iter().map(|neuron| vec![0.0; tape.voltages(*neuron).len()]);
        Self { value: 0.0, slopes: slopes.collect() }
    }

    /// Adds the voltage of a neuron after a step, `factor` times.
    fn add_voltage(&mut self, tape: &Tape, neuron: usize, step: usize, factor: f64) {
        if let (Ok(place), Some(v)) = (tape.watched().binary_search(&neuron), tape.voltages(neuron).get(step)) {
            self.value += factor * v;
            self.slopes[place][step] += factor;
        }
    }

    /// Adds the time of a spike, `factor` times: where the straight line between two steps meets the threshold.
    fn add_spike(&mut self, tape: &Tape, spike: &Spike, factor: f64) {
        self.value += factor * spike.time;
        let Ok(place) = tape.watched().binary_search(&spike.neuron) else { return };
        let Some((k, [before, after])) = tape.crossing(spike) else { return };
        self.slopes[place][k] += factor * before;
        self.slopes[place][k + 1] += factor * after;
    }
}

impl Measure {
    /// Neurons whose voltages the number is read from, ascending.
    ///
    /// # Errors
    /// [`MeasureError`] where the network has no such neurons, or the number has no slope: counts jump, and variances are
    /// not read from voltages.
    pub fn watched(&self, network: &Network) -> Result<Vec<usize>, MeasureError> {
        let has = match &self.of {
            MeasureKind::Spikes(_, which) => matches!(which, Spikes::First | Spikes::Last | Spikes::Interval),
            MeasureKind::Series(_, Series::Trace(Observable::Voltage), _) => true,
            _ => false,
        };
        match &self.of {
            MeasureKind::Spikes(subject, _) | MeasureKind::Series(subject, ..) if has => {
                self.check_time(network)?;
                self.neurons(subject, network)
            }
            _ => self.lacking(
                "it has no slope; those that have one are `first_spike`, `last_spike`, `interval`, and `voltage` with `.max`, \
                 `.min`, `.mean`, `.last` or `.at(TIME)`",
            ),
        }
    }

    /// The number in a run that is on tape, with its slopes; the same number as [`Measure::of`] the outcome of the run.
    ///
    /// # Errors
    /// [`MeasureError::Lacking`] where the run has no such number: a spike that does not happen.
    pub fn sloped(&self, network: &Network, tape: &Tape) -> Result<Sloped, MeasureError> {
        let mut sloped = Sloped::level(tape);
        match &self.of {
            MeasureKind::Spikes(subject, which) => {
                let neurons = self.neurons(subject, network)?;
                self.of_spikes_on(tape, &neurons, *which, &mut sloped)?;
            }
            MeasureKind::Series(subject, _, reduction) => {
                let neurons = self.neurons(subject, network)?;
                self.of_voltages_on(tape, network, &neurons, *reduction, &mut sloped)?;
            }
            _ => {}
        }
        Ok(sloped)
    }

    fn of_spikes_on(
        &self,
        tape: &Tape,
        neurons: &[usize],
        which: Spikes,
        sloped: &mut Sloped,
    ) -> Result<(), MeasureError> {
        let each: Vec<Vec<Spike>> = neurons.iter().map(|&neuron| tape.spikes(neuron)).collect();
        let by_time = |a: &&Spike, b: &&Spike| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron));
        if which == Spikes::Interval {
            let pairs: Vec<&[Spike]> = each.iter().flat_map(|spikes| spikes.windows(2)).collect();
            for pair in &pairs {
                sloped.add_spike(tape, &pair[1], 1.0 / pairs.len() as f64);
                sloped.add_spike(tape, &pair[0], -1.0 / pairs.len() as f64);
            }
            return if pairs.is_empty() { self.lacking("no neuron spikes twice") } else { Ok(()) };
        }
        let all = each.iter().flatten();
        let found = if which == Spikes::First { all.min_by(by_time) } else { all.max_by(by_time) };
        match found {
            Some(spike) => sloped.add_spike(tape, spike, 1.0),
            None => return self.lacking("there is no spike in this run"),
        }
        Ok(())
    }

    fn of_voltages_on(
        &self,
        tape: &Tape,
        network: &Network,
        neurons: &[usize],
        reduction: Reduction,
        sloped: &mut Sloped,
    ) -> Result<(), MeasureError> {
        let every = usize::try_from(network.steps_per_sample()).unwrap_or(usize::MAX);
        let extreme = |of: &dyn Fn(f64, f64) -> bool| {
            let mut best: Option<(usize, usize, f64)> = None;
            for &neuron in neurons {
                for (step, &v) in tape.voltages(neuron).iter().enumerate() {
                    if best.is_none_or(|(.., known)| of(v, known)) {
                        best = Some((neuron, step, v));
                    }
                }
            }
            best
        };
        let share = 1.0 / neurons.len() as f64;
        match reduction {
            Reduction::Max | Reduction::Min => {
                let of: &dyn Fn(f64, f64) -> bool =
                    if reduction == Reduction::Max { &|v, known| v > known } else { &|v, known| v < known };
                if let Some((neuron, step, _)) = extreme(of) {
                    sloped.add_voltage(tape, neuron, step, 1.0);
                }
            }
            Reduction::Mean => {
                for &neuron in neurons {
                    let samples = tape.voltages(neuron).len().div_ceil(every);
                    for sample in 0..samples {
                        sloped.add_voltage(tape, neuron, sample * every, share / samples as f64);
                    }
                }
            }
            Reduction::Last => {
                for &neuron in neurons {
                    let last = (tape.voltages(neuron).len() - 1) / every * every;
                    sloped.add_voltage(tape, neuron, last, share);
                }
            }
            Reduction::At(time) => {
                // On the straight line between two samples, as for measures.
                let place = time / (network.simulation.step * every as f64);
                let near = place.round();
                let (before, part) =
                    if (place - near).abs() < 1e-9 { (near, 0.0) } else { (place.floor(), place.fract()) };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked below")]
                let first = before.max(0.0) as usize * every;
                let last = if part > 0.0 { first + every } else { first };
                if time < 0.0 || neurons.iter().any(|neuron| tape.voltages(*neuron).len() <= last) {
                    return self.lacking("the run does not last until then");
                }
                for &neuron in neurons {
                    sloped.add_voltage(tape, neuron, first, share * (1.0 - part));
                    if part > 0.0 {
                        sloped.add_voltage(tape, neuron, last, share * part);
                    }
                }
            }
        }
        Ok(())
    }
}
