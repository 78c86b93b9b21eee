//! Drawn values against the distribution they are drawn from.

use qhh_net::network::{ParameterValues, random};

const N: usize = 200_000;

/// Mean and variance of a normal distribution between bounds, from scipy.stats.truncnorm.stats.
struct Case {
    normal: [f64; 2],
    bounds: [f64; 2],
    mean: f64,
    variance: f64,
    /// Excess kurtosis, for the error of a variance.
    kurtosis: f64,
}

const OPEN: f64 = f64::INFINITY;

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { normal: [1.0, 0.1], bounds: [1.3, OPEN], mean: 1.328_309_865_493_043_4, variance: 7.055_918_678_527_785e-4, kurtosis: 3.80 },
    Case { normal: [1.0, 0.1], bounds: [1.35, OPEN], mean: 1.375_139_126_485_770_6, variance: 5.693_300_495_127_541e-4, kurtosis: 4.11 },
    Case { normal: [1.0, 0.1], bounds: [1.5, OPEN], mean: 1.518_650_396_712_585, variance: 3.269_643_461_706_185e-4, kurtosis: 4.76 },
    Case { normal: [0.0, 1.0], bounds: [-1.0, 2.0], mean: 0.229_637_179_091_329_02, variance: 0.519_762_541_239_211_5, kurtosis: -0.72 },
    Case { normal: [0.0, 1.0], bounds: [8.0, OPEN], mean: 8.121_368_112_236_18, variance: 0.014_324_883_442_787_484, kurtosis: 5.39 },
    Case { normal: [0.0, 1.0], bounds: [5.0, 5.05], mean: 5.023_954_311_749_549, variance: 2.076_602_038_432_184_8e-4, kurtosis: -1.19 },
    Case { normal: [0.0, 1.0], bounds: [-0.2, 0.3], mean: 0.048_966_998_541_879_914, variance: 0.020_659_605_384_467_65, kurtosis: -1.19 },
    Case { normal: [0.0, 1.0], bounds: [-OPEN, -3.0], mean: -3.283_098_654_930_44, variance: 0.070_559_186_785_255_86, kurtosis: 3.80 },
    Case { normal: [0.0, 1.0], bounds: [0.5, 1.5], mean: 0.920_644_605_222_035_7, variance: 0.076_942_097_942_448_44, kurtosis: -1.01 },
    Case { normal: [2.0, 3.0], bounds: [2.0, 10.0], mean: 4.343_228_681_479_729, variance: 2.958_049_174_471_680_6, kurtosis: 0.06 },
];

/// The moments of many draws are those of the distribution, within four standard errors, and none lies at a bound.
#[test]
fn normal_values_between_bounds_have_the_moments_of_the_truncated_normal() {
    for Case { normal: [mean, deviation], bounds: [low, high], mean: wanted, variance, kurtosis } in CASES {
        let spread = ParameterValues::Normal { mean: *mean, deviation: *deviation, low: *low, high: *high };
        let mut random = random::stream(17, "sources.s.amplitude");
        let drawn: Vec<f64> = (0..N).map(|item| spread.value(item, N, &mut random)).collect();
        let case = format!("{mean} +- {deviation} from {low} to {high}");
        assert!(drawn.iter().all(|x| low < x && x < high), "{case}: values at a bound or beyond");
        let n = N as f64;
        let got = drawn.iter().sum::<f64>() / n;
        assert!((got - wanted).abs() < 4.0 * (variance / n).sqrt(), "{case}: mean {got}, not {wanted}");
        let spread = drawn.iter().map(|x| (x - got).powi(2)).sum::<f64>() / n;
        let error = variance * ((2.0 + kurtosis) / n).sqrt();
        assert!((spread - variance).abs() < 4.0 * error, "{case}: variance {spread}, not {variance}");
    }
}

/// Bounds that leave next to nothing, or nothing: the draw ends, within them.
#[test]
fn draws_end_whatever_the_bounds() {
    for (mean, deviation, low, high) in [
        (0.0, 1.0, 1e6, f64::INFINITY),
        (0.0, 1e-300, 1e10, f64::INFINITY),
        (0.0, 1.0, -1e200, -1e199),
        (0.0, 1.0, 40.0, 40.0 + 1e-14),
        (0.0, 1.0, 3.0, 3.0),
        (1.0, 0.0, 1.3, 2.0),
        (1.0, 1e3, 0.999, 1.001),
    ] {
        let spread = ParameterValues::Normal { mean, deviation, low, high };
        let mut random = random::stream(1, "x");
        for item in 0..1000 {
            let value = spread.value(item, 1000, &mut random);
            assert!((low..=high).contains(&value), "{value} from {low} to {high}");
        }
        if let Some(same) = spread.same() {
            assert_eq!(same, spread.value(0, 1, &mut random));
        }
    }
}

/// Where the bounds leave most of it, values are the same as without them.
#[test]
fn bounds_far_away_change_no_value() {
    let with = ParameterValues::Normal { mean: 1.0, deviation: 0.05, low: 0.5, high: 1.5 };
    let without =
        ParameterValues::Normal { mean: 1.0, deviation: 0.05, low: f64::NEG_INFINITY, high: f64::INFINITY };
    let (mut a, mut b) = (random::stream(3, "c"), random::stream(3, "c"));
    assert!((0..1000).all(|item| with.value(item, 1000, &mut a) == without.value(item, 1000, &mut b)));
}
