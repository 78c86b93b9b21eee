//! From what a run hands over to the numbers of its measures.

use qhh_net::network::Observable;
use qhh_net::outcome::{Conduction, NeuronLoop, OutputStates, Pace, Spike};
use qhh_net::{Network, Outcome};

use super::catalogue::{Firing, Mode, Pair, Passage, Spikes, Waves};
use super::{Measure, MeasureKind, Reduction, Series, Subject};

impl Measure {
    /// Its number in a run of a network that [`Measure::require_recording`] has passed; no number where the run has none.
    pub fn of(&self, network: &Network, outcome: &Outcome) -> f64 {
        match &self.of {
            MeasureKind::Spikes(subject, which) => self.of_spikes(subject, *which, network, outcome),
            MeasureKind::Firing(subject, which) => {
                let neurons = self.numbers(subject, network);
                firing(*which, &neurons, outcome)
            }
            MeasureKind::Series(subject, series, reduction) => {
                let each = self.numbers(subject, network).into_iter();
                let each: Vec<f64> = each
                    .map(|neuron| reduced(outcome, neuron, *series, *reduction))
                    .filter(|value| !value.is_nan())
                    .collect();
                match reduction {
                    Reduction::Min => each.into_iter().fold(f64::NAN, f64::min),
                    Reduction::Max => each.into_iter().fold(f64::NAN, f64::max),
                    _ => mean(each.into_iter()),
                }
            }
            MeasureKind::Passage(entry, which) => {
                let through = outcome.conduction.iter().find(|one| one.waveguides == *entry);
                passage(*which, through)
            }
            MeasureKind::Mode(name, which) => {
                let states = outcome.states.as_ref();
                let found = states.and_then(|states| Some(of_mode(*which, states, place(states, name)?)));
                found.unwrap_or(f64::NAN)
            }
            MeasureKind::Pair([left, right], which) => {
                let states = outcome.states.as_ref();
                let found = states.and_then(|states| {
                    Some(of_pair(*which, states, [place(states, left)?, place(states, right)?]))
                });
                found.unwrap_or(f64::NAN)
            }
            MeasureKind::Waves(which) => outcome.waves.map_or(f64::NAN, |waves| match which {
                Waves::Sent => waves.sent,
                Waves::Arrived => waves.arrived,
                Waves::Lost => waves.sent - waves.arrived - waves.in_flight,
            }),
        }
    }

    fn numbers(&self, subject: &Subject, network: &Network) -> Vec<usize> {
        self.neurons(subject, network).unwrap_or_default()
    }

    fn of_spikes(&self, subject: &Subject, which: Spikes, network: &Network, outcome: &Outcome) -> f64 {
        let neurons = self.numbers(subject, network);
        let own = || outcome.spikes.iter().filter(|spike| neurons.binary_search(&spike.neuron).is_ok());
        let firsts = || neurons.iter().filter_map(|&neuron| own().find(|spike| spike.neuron == neuron));
        match which {
            Spikes::Count => own().count() as f64,
            Spikes::Fired => firsts().count() as f64,
            Spikes::First => own().next().map_or(f64::NAN, |spike| spike.time),
            Spikes::Last => own().next_back().map_or(f64::NAN, |spike| spike.time),
            Spikes::LastNeuron => {
                let last = own().map(|spike| spike.neuron).max();
                let place = last.and_then(|neuron| neurons.binary_search(&neuron).ok());
                let first = match subject {
                    Subject::Range(_, from, _) => *from,
                    _ => 0,
                };
                place.map_or(f64::NAN, |place| (first + place) as f64)
            }
            Spikes::Rate => own().count() as f64 / (neurons.len() as f64 * network.simulation.duration),
            Spikes::Interval => {
                let of =
                    |neuron: usize| own().filter(move |spike| spike.neuron == neuron).collect::<Vec<&Spike>>();
                let gaps = neurons.iter().flat_map(|&neuron| {
                    let spikes = of(neuron);
                    spikes.windows(2).map(|pair| pair[1].time - pair[0].time).collect::<Vec<f64>>()
                });
                mean(gaps)
            }
            Spikes::Spread => {
                let times: Vec<f64> = firsts().map(|spike| spike.time).collect();
                let middle = mean(times.iter().copied());
                let squares = times.iter().map(|time| (time - middle).powi(2)).sum::<f64>();
                if times.len() < 2 { f64::NAN } else { (squares / (times.len() - 1) as f64).sqrt() }
            }
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { f64::NAN } else { sum / f64::from(count) }
}

fn firing(which: Firing, neurons: &[usize], outcome: &Outcome) -> f64 {
    let known = |values: Vec<f64>| mean(values.into_iter().filter(|value| !value.is_nan()));
    let counts = outcome.ensemble.as_ref();
    let first_count =
        |neuron: usize| counts.and_then(|ensemble| ensemble.spikes.iter().find(|spike| spike.neuron == neuron));
    match which {
        Firing::Jitter => known(
            neurons
                .iter()
                .filter_map(|&neuron| match counts {
                    Some(_) => first_count(neuron).map(|spike| spike.jitter),
                    None => {
                        outcome.jitter.iter().find(|spike| spike.neuron == neuron).map(|spike| spike.deviation)
                    }
                })
                .collect(),
        ),
        Firing::Probability => known(
            neurons.iter().filter_map(|&neuron| first_count(neuron).map(|spike| spike.probability)).collect(),
        ),
        Firing::SampleSpikes => {
            let own = counts.into_iter().flat_map(|ensemble| &ensemble.neurons);
            let own: Vec<f64> =
                own.filter(|of| neurons.binary_search(&of.neuron).is_ok()).map(|of| of.spikes).collect();
            if own.is_empty() { f64::NAN } else { own.iter().sum() }
        }
    }
}

/// One number of one neuron.
fn reduced(outcome: &Outcome, neuron: usize, series: Series, reduction: Reduction) -> f64 {
    match series {
        Series::Trace(observable) => {
            let extremes = outcome.extremes.iter().find(|extremes| extremes.neuron == neuron);
            // The voltage is followed at every step, not only at the samples.
            match (observable, reduction, extremes) {
                (Observable::Voltage, Reduction::Max, Some(extremes)) => extremes.highest.0,
                (Observable::Voltage, Reduction::Min, Some(extremes)) => extremes.lowest.0,
                _ => {
                    let values = outcome.traces.get(neuron, observable).unwrap_or_default();
                    reduction.of(&outcome.traces.times, values)
                }
            }
        }
        Series::Loop(channel) => {
            let of = |one: &&NeuronLoop| one.neuron == neuron && one.channel == channel.text();
            let periods = outcome.loops.iter().find(of).map(|one| one.hysteresis.periods.as_slice());
            let (times, areas): (Vec<f64>, Vec<f64>) =
                periods.unwrap_or_default().iter().map(|period| (period.start, period.area)).unzip();
            reduction.of(&times, &areas)
        }
    }
}

impl Reduction {
    fn of(self, times: &[f64], values: &[f64]) -> f64 {
        let all = values.iter().copied();
        match self {
            Self::Min => all.fold(f64::NAN, f64::min),
            Self::Max => all.fold(f64::NAN, f64::max),
            Self::Mean => mean(all),
            Self::Last => values.last().copied().unwrap_or(f64::NAN),
            Self::At(time) => at(times, values, time),
        }
    }
}

/// The value at a time, on the straight line between the samples around it; none outside the samples.
fn at(times: &[f64], values: &[f64], time: f64) -> f64 {
    let after = times.partition_point(|&t| t < time);
    match (after.checked_sub(1), times.get(after)) {
        (_, Some(&t)) if t == time => values[after],
        (Some(before), Some(&t)) => {
            let share = (time - times[before]) / (t - times[before]);
            values[before] + share * (values[after] - values[before])
        }
        // A time typed as the run's end may lie a rounding beyond the last sample.
        (Some(before), None) if time - times[before] <= 1e-9 * time.abs() => values[before],
        _ => f64::NAN,
    }
}

fn passage(which: Passage, through: Option<&Conduction>) -> f64 {
    let of_pace =
        |of: &dyn Fn(&Pace) -> f64| through.and_then(|through| through.pace).map_or(f64::NAN, |pace| of(&pace));
    match which {
        Passage::Passed => through.map_or(f64::NAN, |through| through.passed as f64 / through.fired as f64),
        Passage::Time => of_pace(&|pace| pace.mean),
        Passage::Speed => of_pace(&|pace| 1.0 / pace.mean),
        Passage::Velocity => of_pace(&|pace| pace.velocity.unwrap_or(f64::NAN)),
    }
}

/// Place of a mode among those that were found.
fn place(states: &OutputStates, name: &str) -> Option<usize> {
    states.modes.iter().position(|mode| mode.name == name)
}

fn of_mode(which: Mode, states: &OutputStates, mode: usize) -> f64 {
    let Ok(state) = states.one_mode(mode) else { return f64::NAN };
    match which {
        Mode::Photons => states.n[(mode, mode)].re + states.means[mode].norm_sqr(),
        Mode::MeanPhotons => states.means[mode].norm_sqr(),
        Mode::Transmission => states.through.iter().map(|through| through.coefficients[mode].0.norm_sqr()).sum(),
        Mode::Purity => state.purity(),
        Mode::Squeezing => state.squeezing().decibels,
        Mode::SmallestVariance => state.squeezing().variance,
    }
}

fn of_pair(which: Pair, states: &OutputStates, modes: [usize; 2]) -> f64 {
    if !states.are_independent(&modes) {
        return f64::NAN;
    }
    let Ok(state) = states.gaussian(&modes) else { return f64::NAN };
    let number = match which {
        Pair::Negativity => state.log_negativity(&[0]),
        Pair::Information => state.mutual_information(&[0]),
    };
    number.unwrap_or(f64::NAN)
}
