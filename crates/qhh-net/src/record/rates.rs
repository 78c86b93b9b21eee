//! How often neurons fire, from the times of their spikes.

use super::{Outcome, Spike};

/// How often one neuron fires over a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FiringRate {
    /// Number of its spikes.
    pub spikes: usize,
    /// Spikes per time: their number over the duration of the run.
    pub mean_rate: f64,
    /// Mean interval between its spikes; none below two.
    pub mean_interval: Option<f64>,
    /// Coefficient of variation of the intervals, their standard deviation over their mean; none below three spikes.
    pub interval_cv: Option<f64>,
    /// Time of its first spike.
    pub first: Option<f64>,
    /// Time of its last spike.
    pub last: Option<f64>,
}

impl Outcome {
    /// How often each neuron fires, `[neuron]`, in a run of this duration.
    pub fn firing_rates(&self, duration: f64) -> Vec<FiringRate> {
        let mut times = vec![Vec::new(); self.n_neurons];
        for &Spike { neuron, time } in &self.spikes {
            times[neuron].push(time);
        }
        times.iter().map(|times| FiringRate::new(times, duration)).collect()
    }
}

impl FiringRate {
    /// Of a neuron that fires at these ascending times.
    fn new(times: &[f64], duration: f64) -> Self {
        let intervals = || times.windows(2).map(|pair| pair[1] - pair[0]);
        let n = intervals().len() as f64;
        let mean = intervals().sum::<f64>() / n;
        let variance = intervals().map(|interval| (interval - mean).powi(2)).sum::<f64>() / n;
        Self {
            spikes: times.len(),
            mean_rate: times.len() as f64 / duration,
            mean_interval: (times.len() >= 2).then_some(mean),
            interval_cv: (times.len() >= 3).then(|| variance.sqrt() / mean),
            first: times.first().copied(),
            last: times.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FiringRate;

    #[test]
    fn few_spikes_have_no_intervals_and_even_ones_do_not_vary() {
        let silent = FiringRate::new(&[], 50.0);
        assert_eq!(silent, FiringRate::default());
        let one = FiringRate::new(&[3.0], 50.0);
        assert_eq!((one.mean_rate, one.mean_interval, one.first, one.last), (0.02, None, Some(3.0), Some(3.0)));
        let two = FiringRate::new(&[3.0, 5.5], 50.0);
        assert_eq!((two.mean_interval, two.interval_cv), (Some(2.5), None));
        let uneven = FiringRate::new(&[1.0, 2.0, 5.0], 10.0);
        // Intervals 1 and 3: mean 2, standard deviation 1.
        assert_eq!((uneven.mean_rate, uneven.mean_interval, uneven.interval_cv), (0.3, Some(2.0), Some(0.5)));
    }
}
