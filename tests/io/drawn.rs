//! Drawn values as a run has them.

use crate::ran::Ran;

/// tests/faults/09: currents cut off three and more deviations above their mean; means from scipy.stats.truncnorm, with
/// four standard errors of 2000 values.
#[test]
fn currents_far_above_their_mean_are_normal_up_there() {
    for (low, mean, deviation) in [(1.3, 1.328_31, 0.0266), (1.35, 1.375_14, 0.0239), (1.5, 1.518_65, 0.0181)] {
        let set = format!("sources.s.current.amplitude.normal.low={low} uA");
        let ran = Ran::fault("09-truncated-normal/net.yaml", &[&set]);
        let drawn: Vec<f64> = (0..2000).map(|k| ran.current(&format!("c[{k}]"))[0]).collect();
        assert!(drawn.iter().all(|value| *value > low), "a value at the bound of {low}");
        let got = drawn.iter().sum::<f64>() / 2000.0;
        assert!((got - mean).abs() < 4.0 * deviation / 2000_f64.sqrt(), "from {low}: mean {got}, not {mean}");
    }
}
