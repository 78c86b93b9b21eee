//! The checks that a finished outcome can be put to by itself, long after the run: its tables against one another and
//! against the physics, computed anew.

use nalgebra::DMatrix;
use qhh_core::channel::Conductances;
use qhh_core::quantum::variance::commutator_defect;

use crate::engine::heisenberg;
use crate::network::{Network, Observable};
use crate::outcome::checks::{no_gain, not_negative, worst};
use crate::outcome::{Check, Covariance, LineVariance, NeuronVariance, NoiseBudget, Outcome, SpikeJitter, Trace};

impl Outcome {
    /// Checks what was kept: that numbers are finite, spikes in order and where the voltage crosses the threshold,
    /// gates between 0 and 1, parts of variances equal to the whole, covariances positive, commutators kept, waves
    /// without gain. What was not recorded is not checked. `network` is the one that ran.
    ///
    /// A check that the run itself made has the same name here.
    pub fn recheck(&self, network: &Network) -> Vec<Check> {
        let mut checks = vec![self.finite(), self.order(network)];
        checks.extend(self.crossings(network));
        checks.extend(self.ranges());
        checks.extend(self.gates(network));
        checks.extend(self.commutator(network));
        checks.extend(self.parts());
        checks.extend(self.budget());
        checks.extend(self.covariance());
        checks.extend(self.outgoing(network));
        checks.extend(self.energy());
        checks
    }

    fn finite(&self) -> Check {
        let traces = self.traces.columns.iter().flat_map(|trace| &trace.values).chain(&self.traces.times);
        let lines = self.variances.iter().flat_map(|variance| &variance.lines);
        let lines = lines.flat_map(|line| [&line.vacuum, &line.thermal, &line.state].into_iter().flatten());
        let spikes = self.spikes.iter().map(|spike| &spike.time);
        let jitter = self.jitter.iter();
        let jitter = jitter.flat_map(|SpikeJitter { time, variance, deviation, .. }| [time, variance, deviation]);
        let budget = self.budget.iter().flat_map(|budget| &budget.shares).flat_map(|share| &share.values);
        let covariances = self.covariances.iter().flat_map(|covariance| &covariance.values);
        let all = traces.chain(lines).chain(spikes).chain(jitter).chain(budget).chain(covariances);
        count(
            "numbers are finite",
            "numbers of the tables that are infinite or NaN",
            all.filter(|x| !x.is_finite()),
        )
    }

    fn order(&self, network: &Network) -> Check {
        let end = network.simulation.duration * (1.0 + 1e-9);
        let early = self.spikes.windows(2).filter(|pair| pair[1].time < pair[0].time).count();
        let outside = self.spikes.iter().filter(|spike| !(0.0..=end).contains(&spike.time)).count();
        count(
            "spikes in time order",
            "spikes before the one above them, or outside the run",
            std::iter::repeat_n((), early + outside),
        )
    }

    /// A voltage that is above the threshold at a sample and below at the one before has crossed it in between; with a
    /// sample at every step each spike is such a crossing.
    fn crossings(&self, network: &Network) -> Option<Check> {
        let mut columns = self.traces.columns.iter().filter(|t| t.observable == Observable::Voltage).peekable();
        columns.peek()?;
        let times = &self.traces.times;
        let slack = 1e-6 * network.simulation.step;
        let mut wrong = 0;
        for trace in columns {
            // Without a threshold nothing may cross it.
            let threshold = network.spike_threshold(trace.neuron).unwrap_or(f64::INFINITY);
            let own: Vec<f64> = self.spikes.iter().filter(|s| s.neuron == trace.neuron).map(|s| s.time).collect();
            for (v, t) in trace.values.windows(2).zip(times.windows(2)) {
                let crosses = v[0] < threshold && v[1] >= threshold;
                let inside = || own.iter().any(|time| (t[0] - slack..=t[1] + slack).contains(time));
                wrong += usize::from(crosses && !inside());
            }
            if network.steps_per_sample() == 1 {
                let is_crossing = |time: f64| {
                    let after = times.partition_point(|t| *t < time).clamp(1, times.len().max(2) - 1);
                    // A crossing at a sample itself may have been rounded to either side of it.
                    (after.saturating_sub(1)..=after + 1).any(|k| {
                        k > 0 && k < times.len() && trace.values[k - 1] < threshold && trace.values[k] >= threshold
                    })
                };
                wrong += own.iter().filter(|time| !is_crossing(**time)).count();
            }
        }
        Some(count(
            "spikes where the voltage crosses",
            "recorded voltages that cross the threshold upwards without a spike, or spikes without such a crossing",
            std::iter::repeat_n((), wrong),
        ))
    }

    fn ranges(&self) -> Option<Check> {
        let mut compared = false;
        let mut defect = 0.0_f64;
        for extremes in &self.extremes {
            let Some(voltage) = self.traces.get(extremes.neuron, Observable::Voltage) else { continue };
            compared = true;
            let ((highest, _), (lowest, _)) = (extremes.highest, extremes.lowest);
            let scale = highest.abs().max(lowest.abs()).max(f64::MIN_POSITIVE);
            for v in voltage {
                defect = worst(defect, (v - highest).max(lowest - v).max(0.0) / scale);
            }
        }
        compared.then(|| Check {
            name: "voltages within their range".into(),
            meaning: "how far a recorded voltage lies above the highest or below the lowest of the run, relative"
                .into(),
            defect,
            expected_below: 1e-12,
        })
    }

    fn gates(&self, network: &Network) -> Option<Check> {
        let is_gate = |trace: &&Trace| matches!(trace.observable, Observable::Gate(..));
        let mut columns = self.traces.columns.iter().filter(is_gate).peekable();
        columns.peek()?;
        let highest = |trace: &Trace| {
            let Observable::Gate(channel, gate) = trace.observable else { return 1.0 };
            let of = network.locate(trace.neuron).and_then(|(of, _)| of.circuit.channels.named(channel));
            let of = of.and_then(|channel| channel.gating.gates().iter().find(|of| of.name == gate));
            of.map_or(1.0, qhh_core::gating::Gate::highest)
        };
        let beyond = columns.flat_map(|trace| {
            let most = highest(trace);
            trace.values.iter().map(move |x| (x - most).max(-x))
        });
        let defect = beyond.fold(0.0, worst);
        Some(Check {
            name: "gates between 0 and 1".into(),
            meaning: "how far a recorded gating variable left the range from 0 to 1".into(),
            defect,
            expected_below: 1e-9,
        })
    }

    fn commutator(&self, network: &Network) -> Option<Check> {
        let rule = network.simulation.baths;
        let mut defect = None;
        let of = |neuron, observable| self.traces.get(neuron, observable);
        for &neuron in &network.record.neurons {
            let Some((circuit, _)) = network.neuron(neuron) else { continue };
            let kept: Option<Vec<Option<&[f64]>>> = circuit
                .channels
                .iter()
                .map(|channel| match of(neuron, Observable::Conductance(channel.name)) {
                    None if channel.is_gated() => None,
                    kept => Some(kept),
                })
                .collect();
            let Some(kept) = kept.filter(|kept| kept.iter().any(Option::is_some)) else { continue };
            let n_samples = kept.iter().flatten().map(|values| values.len()).min().unwrap_or(0);
            for k in [0, n_samples.saturating_sub(1)] {
                let g: Conductances = circuit
                    .channels
                    .iter()
                    .zip(&kept)
                    .map(|(channel, kept)| match kept {
                        Some(values) if channel.is_gated() => values.get(k).copied().unwrap_or(0.0),
                        _ => channel.conductance,
                    })
                    .collect();
                let g = rule.effective_conductance(&g);
                let most: &mut f64 = defect.get_or_insert(0.0);
                if g > 0.0 {
                    *most = worst(*most, commutator_defect(&circuit, g));
                } else if g.is_nan() || g < 0.0 {
                    *most = f64::NAN;
                }
            }
        }
        defect.map(|defect| Check {
            name: "commutator [phi, V] = i hbar/C".into(),
            meaning:
                "relative defect of int Re z dw = pi/(2C), at the first and the last sample of every neuron whose \
                      conductances are recorded"
                    .into(),
            defect,
            expected_below: 1e-9,
        })
    }

    fn parts(&self) -> Vec<Check> {
        if self.variances.is_empty() {
            return Vec::new();
        }
        let mut checks = vec![not_negative(&self.variances)];
        let mut defect = None;
        for variance in &self.variances {
            let part =
                |of: fn(&LineVariance) -> &Vec<f64>, k: usize| variance.lines.iter().map(|line| of(line)[k]).sum();
            let columns: [(Observable, &dyn Fn(usize) -> f64); 4] = [
                (Observable::Variance, &|k| variance.total(k)),
                (Observable::VarianceVacuum, &|k| part(|line| &line.vacuum, k)),
                (Observable::VarianceThermal, &|k| part(|line| &line.thermal, k)),
                (Observable::VarianceState, &|k| part(|line| &line.state, k)),
            ];
            for (observable, whole) in columns {
                let Some(trace) = self.traces.get(variance.neuron, observable) else { continue };
                let most: &mut f64 = defect.get_or_insert(0.0);
                *most = worst(*most, difference(variance, trace, whole));
            }
        }
        checks.extend(defect.map(|defect| Check {
            name: "variances are the sum of their lines".into(),
            meaning: "largest difference between a recorded variance and its lines' together, as a part of the largest \
                      variance"
                .into(),
            defect,
            expected_below: 1e-9,
        }));
        checks
    }

    fn budget(&self) -> Option<Check> {
        let mut defect = None;
        for NoiseBudget { neuron, observable, shares } in &self.budget {
            let Some(variance) = self.variances.iter().find(|variance| variance.neuron == *neuron) else {
                continue;
            };
            // A budget is of noise: what sources' modes bring in is no part of it.
            if variance.lines.iter().any(|line| line.line.starts_with("source ")) {
                continue;
            }
            let whole: Vec<f64> =
                (0..variance.n_samples()).map(|k| shares.iter().map(|share| share.values[k]).sum()).collect();
            if *observable == Observable::Voltage {
                let most: &mut f64 = defect.get_or_insert(0.0);
                *most = worst(*most, difference(variance, &whole, &|k| variance.total(k)));
                continue;
            }
            // Of waves the variance is known where covariances are.
            let own = (*neuron, *observable);
            let known = self.covariances.iter().find(|covariance| covariance.a == own && covariance.b == own);
            if let Some(Covariance { values, .. }) = known.filter(|known| known.values.len() == whole.len()) {
                let largest = values.iter().fold(0.0f64, |most, value| most.max(value.abs()));
                let gap = values.iter().zip(&whole).fold(0.0, |gap, (a, b)| worst(gap, (a - b).abs()));
                let most: &mut f64 = defect.get_or_insert(0.0);
                *most = worst(*most, if largest > 0.0 { gap / largest } else { gap });
            }
        }
        defect.map(|defect| Check {
            name: "noise budgets add up".into(),
            meaning: "largest difference between a variance and its origins' together, as a part of the largest \
                      variance"
                .into(),
            defect,
            expected_below: 1e-9,
        })
    }

    fn covariance(&self) -> Option<Check> {
        let mut names = Vec::new();
        for covariance in &self.covariances {
            for quantity in [covariance.a, covariance.b] {
                if !names.contains(&quantity) {
                    names.push(quantity);
                }
            }
        }
        let place = |quantity| names.iter().position(|name| *name == quantity);
        let n_samples = self.covariances.iter().map(|covariance| covariance.values.len()).min()?;
        let mut defect = 0.0;
        for k in 0..n_samples {
            let mut matrix = DMatrix::zeros(names.len(), names.len());
            for covariance in &self.covariances {
                let (Some(a), Some(b)) = (place(covariance.a), place(covariance.b)) else { continue };
                (matrix[(a, b)], matrix[(b, a)]) = (covariance.values[k], covariance.values[k]);
            }
            defect = worst(defect, negative_direction(&matrix));
        }
        Some(Check {
            name: "covariances are positive".into(),
            meaning: "how far the smallest eigenvalue of the recorded quantities' correlations is below zero"
                .into(),
            defect,
            expected_below: 1e-9,
        })
    }

    fn outgoing(&self, network: &Network) -> Vec<Check> {
        self.states.as_ref().map_or_else(Vec::new, |states| {
            states.checks(!heisenberg::has_loops(network), !network.lacks_noise_of_measurement())
        })
    }

    fn energy(&self) -> Option<Check> {
        self.waves.filter(|waves| !waves.amplified).map(|waves| no_gain(&waves))
    }
}

/// A check of which every case is one too many.
fn count<T>(name: &'static str, meaning: &'static str, cases: impl Iterator<Item = T>) -> Check {
    Check { name: name.into(), meaning: meaning.into(), defect: cases.count() as f64, expected_below: 0.0 }
}

/// Largest difference of `trace` and `whole` at any sample, as a part of the largest variance.
fn difference(variance: &NeuronVariance, trace: &[f64], whole: &dyn Fn(usize) -> f64) -> f64 {
    let samples = trace.iter().take(variance.n_samples()).enumerate();
    let scale = samples.clone().map(|(k, _)| variance.total(k).abs()).fold(f64::MIN_POSITIVE, f64::max);
    samples.map(|(k, x)| (x - whole(k)).abs() / scale).fold(0.0, worst)
}

/// How far the smallest eigenvalue of a covariance is below zero once every quantity has a variance of 1; a variance
/// below zero counts in full.
fn negative_direction(covariance: &DMatrix<f64>) -> f64 {
    if covariance.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let n = covariance.nrows();
    if (0..n).any(|k| covariance[(k, k)] < 0.0) {
        return 1.0;
    }
    // What does not fluctuate is correlated with nothing.
    let scale = |k: usize| covariance[(k, k)].sqrt().max(f64::MIN_POSITIVE);
    let correlation = DMatrix::from_fn(n, n, |a, b| covariance[(a, b)] / scale(a) / scale(b));
    if correlation.iter().any(|x| !x.is_finite()) {
        return 1.0;
    }
    (-correlation.symmetric_eigenvalues().min()).max(0.0)
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::negative_direction;

    #[test]
    fn a_correlation_above_one_has_a_negative_direction() {
        assert!(negative_direction(&DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 4.0])) < 1e-12);
        assert!((negative_direction(&DMatrix::from_row_slice(2, 2, &[1.0, 2.2, 2.2, 4.0])) - 0.1).abs() < 1e-12);
        assert_eq!(negative_direction(&DMatrix::from_row_slice(2, 2, &[-1.0, 0.0, 0.0, 1.0])), 1.0);
        assert_eq!(negative_direction(&DMatrix::from_row_slice(2, 2, &[0.0, 0.0, 0.0, 1.0])), 0.0);
        assert!(negative_direction(&DMatrix::from_row_slice(2, 2, &[f64::NAN, 0.0, 0.0, 1.0])).is_nan());
    }
}
