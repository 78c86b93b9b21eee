//! Voltages of a run, and slopes by them.

/// Voltages of some neurons at the start of a run and after each step.
#[derive(Debug, Clone)]
pub struct Traces<'a> {
    /// The step.
    pub step: f64,
    /// Voltage above which a neuron spikes.
    pub threshold: f64,
    /// Numbers of the neurons, ascending.
    pub neurons: &'a [usize],
    /// Their voltages.
    pub voltages: Vec<&'a [f64]>,
}

/// Slopes of a number by the voltages of [`Traces`]: `[neuron][step]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slopes(pub Vec<Vec<f64>>);

impl Slopes {
    /// Of a number that depends on nothing.
    pub fn level(traces: &Traces<'_>) -> Self {
        Self(traces.voltages.iter().map(|of| vec![0.0; of.len()]).collect())
    }
}

impl<'a> Traces<'a> {
    /// Place of a neuron and its voltages; none of one that is not watched.
    pub(super) fn of(&self, neuron: usize) -> Option<(usize, &'a [f64])> {
        let place = self.neurons.binary_search(&neuron).ok()?;
        Some((place, self.voltages[place]))
    }

    /// The steps around a time within the run and the part of the way from one to the other.
    pub(super) fn around(&self, time: f64, n_voltages: usize) -> (usize, f64) {
        let place = (time / self.step).clamp(0.0, n_voltages.saturating_sub(1) as f64);
        let near = place.round();
        let (before, part) =
            if (place - near).abs() < 1e-9 { (near, 0.0) } else { (place.floor(), place.fract()) };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a length")]
        let before = before as usize;
        // The last step has none after it.
        if before + 1 < n_voltages || before == 0 { (before, part) } else { (before - 1, 1.0) }
    }
}

/// Mean over some neurons and the steps of a span of time.
pub(super) fn mean(traces: &Traces<'_>, neurons: &[usize], (from, to): (f64, f64), slopes: &mut Slopes) -> f64 {
    let mut sum = 0.0;
    for (place, voltages) in neurons.iter().filter_map(|neuron| traces.of(*neuron)) {
        let inside = |k: &usize| {
            let time = *k as f64 * traces.step;
            from - 1e-9 * traces.step <= time && time <= to + 1e-9 * traces.step
        };
        let steps: Vec<usize> = (0..voltages.len()).filter(inside).collect();
        // A span between two steps has the voltage of the nearer one.
        let steps = if steps.is_empty() { vec![traces.around(from, voltages.len()).0] } else { steps };
        let share = 1.0 / (steps.len() * neurons.len()) as f64;
        for k in steps {
            sum += share * voltages[k];
            slopes.0[place][k] += share;
        }
    }
    sum
}

/// Mean squared distance of a voltage from targets at some times.
pub(super) fn distance(traces: &Traces<'_>, neuron: usize, target: &[(f64, f64)], slopes: &mut Slopes) -> f64 {
    let Some((place, voltages)) = traces.of(neuron) else { return 0.0 };
    let share = 1.0 / target.len().max(1) as f64;
    let mut sum = 0.0;
    for (time, wanted) in target {
        let (k, part) = traces.around(*time, voltages.len());
        let off = (1.0 - part) * voltages[k] + part * voltages[k + 1] - wanted;
        sum += share * off * off;
        slopes.0[place][k] += 2.0 * share * off * (1.0 - part);
        slopes.0[place][k + 1] += 2.0 * share * off * part;
    }
    sum
}
