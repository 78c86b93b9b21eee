//! What samples of the fields leave: moments over samples, counts of spikes, single trajectories.

/// Fewest and most intervals.
const INTERVALS: (usize, usize) = (8, 80);

/// What samples of the fields came to. Every figure has its standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Number of samples.
    pub samples: usize,
    /// The recorded neurons.
    pub neurons: Vec<EnsembleNeuron>,
    /// Spikes of the mean field in time order, with what became of them.
    pub spikes: Vec<SpikeCount>,
    /// Samples that were kept whole, by neuron.
    pub trajectories: Vec<Trajectory>,
}

/// One neuron in one sample, at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Number of the neuron.
    pub neuron: usize,
    /// Number of the sample, from 0.
    pub sample: usize,
    /// Voltages of the node.
    pub voltage: Vec<f64>,
    /// Records of the voltage that the gates follow; empty where nothing measures it.
    pub measured: Vec<f64>,
}

/// Moments of one neuron's voltage over samples, at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct EnsembleNeuron {
    /// Number of the neuron.
    pub neuron: usize,
    /// Mean.
    pub mean: Vec<f64>,
    /// Its standard error.
    pub mean_error: Vec<f64>,
    /// Variance.
    pub variance: Vec<f64>,
    /// Its standard error.
    pub variance_error: Vec<f64>,
    /// Skewness; its standard error is about the root of 6 over the number of samples.
    pub skewness: Vec<f64>,
    /// Kurtosis above that of a normal distribution; its standard error is about the root of 24 over the number of
    /// samples.
    pub kurtosis: Vec<f64>,
    /// Spikes of a sample on average.
    pub spikes: f64,
    /// Spikes of a sample, on average, that belong to none of the mean field's: made by noise.
    pub made: f64,
    /// Spikes of the mean field, on average, that a sample has not: erased by noise.
    pub erased: f64,
}

impl EnsembleNeuron {
    pub(crate) fn empty(neuron: usize) -> Self {
        let none = Vec::new;
        Self {
            neuron,
            mean: none(),
            mean_error: none(),
            variance: none(),
            variance_error: none(),
            skewness: none(),
            kurtosis: none(),
            spikes: 0.0,
            made: 0.0,
            erased: 0.0,
        }
    }
}

/// What became of one spike of the mean field in the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeCount {
    /// Number of the neuron.
    pub neuron: usize,
    /// Time of the spike of the mean field.
    pub time: f64,
    /// Part of the samples in which it happens.
    pub probability: f64,
    /// Standard error of that.
    pub probability_error: f64,
    /// Mean time in those samples, and its standard error; no number where there are less than two.
    pub mean_time: f64,
    /// Standard error of the mean time.
    pub mean_time_error: f64,
    /// Standard deviation of the time, and its standard error.
    pub jitter: f64,
    /// Standard error of the jitter.
    pub jitter_error: f64,
    /// The same by linear response: the deviation of the samples' voltage over the mean field's slope, where that crosses
    /// the threshold; no number where that was not looked at.
    pub linear_jitter: f64,
    /// Standard error of that.
    pub linear_jitter_error: f64,
    /// The times in those samples, counted.
    pub histogram: TimeHistogram,
}

/// Times counted in intervals of equal width, from the first time to the last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeHistogram {
    /// Where the intervals begin and end, one more than there are; none without times.
    pub edges: Vec<f64>,
    /// Times in each, its beginning included, the last one's end too.
    pub counts: Vec<u32>,
}

impl TimeHistogram {
    /// Counts times. Twice the cubic root of their number is the number of intervals (Rice's rule), which leaves the
    /// shape of a distribution to be seen and its noise not.
    pub(crate) fn new(times: &[f64]) -> Self {
        let (low, high) = (
            times.iter().copied().fold(f64::INFINITY, f64::min),
            times.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        if low > high {
            return Self::default();
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let rice = (2.0 * (times.len() as f64).cbrt()).ceil() as usize;
        let n = if high > low { rice.clamp(INTERVALS.0, INTERVALS.1) } else { 1 };
        let edge = |k: usize| if k == n { high } else { low + (high - low) * k as f64 / n as f64 };
        let edges: Vec<f64> = (0..=n).map(edge).collect();
        let mut counts = vec![0; n];
        for time in times {
            counts[edges[1..n].partition_point(|edge| edge <= time)] += 1;
        }
        Self { edges, counts }
    }
}

impl SpikeCount {
    pub(crate) fn new(
        neuron: usize,
        time: f64,
        times: &[f64],
        samples: usize,
        linear: Option<(f64, f64)>,
    ) -> Self {
        let (linear_jitter, linear_jitter_error) = linear.unwrap_or((f64::NAN, f64::NAN));
        let (n, all) = (times.len() as f64, samples as f64);
        let probability = n / all;
        let mean = times.iter().map(|t| t - time).sum::<f64>() / n;
        let square = times.iter().map(|t| (t - time - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let jitter = square.sqrt();
        let (mean_time, jitter) = if n < 2.0 { (f64::NAN, f64::NAN) } else { (time + mean, jitter) };
        Self {
            neuron,
            time,
            probability,
            probability_error: (probability * (1.0 - probability) / all).sqrt(),
            mean_time,
            mean_time_error: jitter / n.sqrt(),
            jitter,
            // Of a normal distribution.
            jitter_error: jitter / (2.0 * (n - 1.0)).sqrt(),
            linear_jitter,
            linear_jitter_error,
            histogram: TimeHistogram::new(times),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TimeHistogram;

    #[test]
    fn a_histogram_counts_every_time_once_from_the_first_to_the_last() {
        let times: Vec<f64> = (0..1000).map(|k| 5.0 + (f64::from(k) * 0.618_033_988_75).fract().powi(2)).collect();
        let TimeHistogram { edges, counts } = TimeHistogram::new(&times);
        assert_eq!((counts.len(), edges.len()), (20, 21));
        for (k, count) in counts.iter().enumerate() {
            let last = k + 1 == counts.len();
            let inside = |t: &&f64| **t >= edges[k] && (**t < edges[k + 1] || last);
            assert_eq!(*count as usize, times.iter().filter(inside).count(), "interval {k}");
        }
        assert_eq!(counts.iter().sum::<u32>(), 1000);
        let (first, last) = (times.iter().copied().fold(9.0, f64::min), times.iter().copied().fold(0.0, f64::max));
        assert_eq!((edges[0], edges[20]), (first, last));
    }

    #[test]
    fn a_histogram_of_one_time_or_none_is_one_interval_or_none() {
        assert_eq!(TimeHistogram::new(&[]), TimeHistogram::default());
        let same = TimeHistogram::new(&[2.5, 2.5]);
        assert_eq!((same.edges, same.counts), (vec![2.5, 2.5], vec![2]));
    }
}
