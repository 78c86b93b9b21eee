//! Whose noise moves a spike: the origins of the variance at the spike's time, largest first.

use minijinja::{Value, context};
use qhh_core::units::Dimension;
use qhh_net::network::Observable;
use qhh_net::outcome::{NoiseBudget, SpikeJitter};

use super::figures::{label, origin, spread};
use qhh_results::FinishedRun;
use qhh_results::number::{counted, number, quantity};

/// Spikes told one by one.
const MOST_SPIKES: usize = 12;
/// Origins named of each; the rest are added up.
const MOST_ORIGINS: usize = 5;

/// How a spike's time is spread, if it was computed.
pub(super) fn of_spike(run: &FinishedRun, neuron: usize, time: f64) -> Option<&SpikeJitter> {
    let jitter = &run.outcome.jitter;
    let first = jitter.partition_point(|jitter| jitter.time < time);
    let same = jitter[first..].iter().take_while(|jitter| jitter.time == time);
    same.into_iter().find(|jitter| jitter.neuron == neuron)
}

/// The table; none without a noise budget or a spike.
pub(super) fn origins(run: &FinishedRun) -> Option<Value> {
    if run.outcome.budget.is_empty() {
        return None;
    }
    let told = spread(&run.outcome.jitter, MOST_SPIKES);
    let rows: Vec<Value> = told.iter().filter_map(|jitter| row(run, jitter)).collect();
    let few = told.len() < run.outcome.jitter.len();
    (!rows.is_empty()).then(|| {
        context! {
            rows,
            few => few.then(|| format!("{} of {}, evenly chosen.", told.len(), counted(run.outcome.jitter.len(), "spike"))),
        }
    })
}

fn row(run: &FinishedRun, jitter: &SpikeJitter) -> Option<Value> {
    let units = run.network.units;
    let at = Between::new(&run.outcome.traces.times, jitter.time)?;
    let of_voltage =
        |budget: &&NoiseBudget| (budget.neuron, budget.observable) == (jitter.neuron, Observable::Voltage);
    let budget = run.outcome.budget.iter().find(of_voltage)?;
    let mut parts: Vec<(String, f64)> =
        budget.shares.iter().map(|share| (origin(&run.network, share), at.of(&share.values))).collect();
    let variance = run.outcome.variances.iter().find(|variance| variance.neuron == jitter.neuron);
    let sources = variance.into_iter().flat_map(|v| &v.lines).filter(|line| line.line.starts_with("source "));
    parts.extend(sources.map(|line| (line.line.clone(), at.of(&line.vacuum) + at.of(&line.state))));
    let total: f64 = parts.iter().map(|(_, part)| part).sum();
    parts.retain(|(_, part)| *part != 0.0);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let share = |part: f64| format!("{}\u{a0}%", number(100.0 * part / total, 2));
    let mut origins: Vec<Value> = parts
        .iter()
        .take(MOST_ORIGINS)
        .map(|(name, part)| context! { name => name.replace(' ', "\u{a0}"), share => share(*part) })
        .collect();
    let rest = parts.get(MOST_ORIGINS..).unwrap_or_default();
    if !rest.is_empty() {
        let together = rest.iter().map(|(_, part)| part).sum();
        origins.push(context! { name => format!("{}\u{a0}others", rest.len()), share => share(together) });
    }
    Some(context! {
        neuron => label(&run.network, jitter.neuron),
        time => quantity(units, jitter.time, Dimension::TIME, 5),
        deviation => quantity(units, jitter.deviation, Dimension::TIME, 3),
        origins,
    })
}

/// A time between two samples.
struct Between {
    before: usize,
    part: f64,
}

impl Between {
    fn new(times: &[f64], time: f64) -> Option<Self> {
        let after = times.partition_point(|t| *t <= time);
        let before = after.checked_sub(1)?;
        let part = times.get(after).map_or(0.0, |next| (time - times[before]) / (next - times[before]));
        Some(Self { before, part })
    }

    fn of(&self, values: &[f64]) -> f64 {
        let at = |k: usize| values.get(k).copied().unwrap_or(0.0);
        if self.part == 0.0 {
            at(self.before)
        } else {
            at(self.before) + self.part * (at(self.before + 1) - at(self.before))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Between;

    #[test]
    fn between_two_samples_there_is_a_straight_line() {
        let (times, values) = ([0.0, 0.5, 1.0], [1.0, 3.0, 2.0]);
        let at = |time: f64| Between::new(&times, time).unwrap().of(&values);
        assert_eq!([at(0.0), at(0.25), at(0.5), at(0.75), at(1.0)], [1.0, 2.0, 3.0, 2.5, 2.0]);
        assert!(Between::new(&[], 1.0).is_none());
    }
}
