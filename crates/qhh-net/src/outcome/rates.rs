//! How often neurons fire, from the times of their spikes.

use std::collections::HashMap;

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
    /// How often each neuron fires, by number, in a run of this duration.
    pub fn firing_rates(&self, duration: f64) -> impl Iterator<Item = FiringRate> {
        let mut tallies: HashMap<usize, Tally> = HashMap::new();
        for &Spike { neuron, time } in &self.spikes {
            tallies.entry(neuron).or_default().add(time);
        }
        (0..self.n_neurons).map(move |neuron| tallies.get(&neuron).copied().unwrap_or_default().rate(duration))
    }
}

/// Spikes of one neuron so far, in time order.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    spikes: usize,
    first: f64,
    last: f64,
    /// Mean of the intervals, and the sum of their squared deviations from it (Welford).
    mean: f64,
    squares: f64,
}

impl Tally {
    fn add(&mut self, time: f64) {
        if self.spikes == 0 {
            self.first = time;
        } else {
            let interval = time - self.last;
            let off = interval - self.mean;
            self.mean += off / self.spikes as f64;
            self.squares += off * (interval - self.mean);
        }
        self.last = time;
        self.spikes += 1;
    }

    fn rate(self, duration: f64) -> FiringRate {
        let n_intervals = self.spikes.saturating_sub(1) as f64;
        FiringRate {
            spikes: self.spikes,
            mean_rate: self.spikes as f64 / duration,
            mean_interval: (self.spikes >= 2).then_some(self.mean),
            interval_cv: (self.spikes >= 3).then(|| (self.squares / n_intervals).sqrt() / self.mean),
            first: (self.spikes > 0).then_some(self.first),
            last: (self.spikes > 0).then_some(self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(times: &[f64], duration: f64) -> FiringRate {
        let mut tally = Tally::default();
        for &time in times {
            tally.add(time);
        }
        tally.rate(duration)
    }

    #[test]
    fn few_spikes_have_no_intervals_and_even_ones_do_not_vary() {
        assert_eq!(rate(&[], 50.0), FiringRate::default());
        let one = rate(&[3.0], 50.0);
        assert_eq!((one.mean_rate, one.mean_interval, one.first, one.last), (0.02, None, Some(3.0), Some(3.0)));
        let two = rate(&[3.0, 5.5], 50.0);
        assert_eq!((two.mean_interval, two.interval_cv), (Some(2.5), None));
        let even = rate(&[1.0, 3.0, 5.0, 7.0], 10.0);
        assert_eq!((even.mean_interval, even.interval_cv), (Some(2.0), Some(0.0)));
        let uneven = rate(&[1.0, 2.0, 5.0], 10.0);
        // Intervals 1 and 3: mean 2, standard deviation 1.
        assert_eq!((uneven.mean_rate, uneven.mean_interval, uneven.interval_cv), (0.3, Some(2.0), Some(0.5)));
    }
}
