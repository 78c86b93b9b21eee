//! Poles and jumps of formulas, wherever they lie.

use super::Formula;

/// A divisor as small as this against its size around is 0.
const ZERO: f64 = 1e-9;
/// Where a formula is looked at on both sides of the zero of a divisor, in mV.
const BESIDE: [f64; 2] = [1e-5, 1e-6];
/// Change between these, as a part of the values, up to which it is continued through the zero.
const CHANGE: f64 = 1e-2;

/// A voltage between two others, close together, at which a formula is infinite or jumps, in mV.
///
/// Poles lie where something is divided by 0: where a divisor changes its sign, or touches 0 where its size is least. A
/// quotient of two zeros is no pole if it is continued.
pub(super) fn between(formula: &Formula, low: f64, high: f64) -> Option<f64> {
    let (below, above) = (formula.divisors(low), formula.divisors(high));
    let zero = |k: usize| {
        let (below, above) = (below[k], above[k]);
        let divisor = |v: f64| formula.divisors(v)[k];
        if below.0 * above.0 < 0.0 {
            return Some(bisect(low, high, |v| divisor(v).0));
        }
        let touches = below.0 * below.1 < 0.0 && above.0 * above.1 > 0.0;
        let least = touches.then(|| bisect(low, high, |v| divisor(v).1))?;
        (divisor(least).0.abs() <= ZERO * below.0.abs().max(above.0.abs())).then_some(least)
    };
    (0..below.len()).filter_map(zero).find(|&v| !is_continued(formula, v))
}

/// Where a function changes its sign.
fn bisect(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let sign = of(low).is_sign_positive();
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if of(middle).is_sign_positive() == sign { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn is_continued(formula: &Formula, v: f64) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= CHANGE * a.abs().max(b.abs());
    let [below, above] = [-1.0, 1.0].map(|side| BESIDE.map(|beside| formula.at(v + side * beside).0));
    near(below[0], below[1]) && near(above[0], above[1]) && near(below[1], above[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pole(text: &str) -> Option<f64> {
        let formula = Formula::new(text, &[]).unwrap();
        (-40..40).find_map(|k| between(&formula, 0.25 * f64::from(k), 0.25 * f64::from(k + 1)))
    }

    #[test]
    fn poles_between_the_voltages_looked_at_are_found() {
        for text in [
            "1/(v - 3.1)",
            "1/(v - 3.1)^2",
            "2 + 1e-9/(v - 3.1)^2",
            "1 + (v - 3.1)^-2",
            "5 - ln(abs(v - 3.1))",
            "exp(v/20)/(cosh(v - 3.1) - 1)",
            "1/(1 + exp(1/(v - 3.1)))",
            "(v - 3.1)/abs(v - 3.1)",
        ] {
            let found = pole(text).unwrap_or_else(|| panic!("{text} has a pole"));
            assert!((found - 3.1).abs() < 1e-6, "{text}: {found}");
        }
    }

    #[test]
    fn quotients_that_are_continued_and_sharp_curves_have_none() {
        for text in [
            "0.1*(v - 3.1)/(1 - exp(-(v - 3.1)/10))",
            "(v - 3.1)^2/(cosh(v - 3.1) - 1)",
            "1/(1 + exp(-(v - 3.1)/0.1))",
            "1/(1e-6 + (v - 3.1)^2)",
            "exp(-1/(v - 3.1)^2)",
            "ln(2 + v^2)",
            "0.04*cosh((v-2)/60)*(1+tanh((v-2)/30))/2",
        ] {
            assert_eq!(pole(text), None, "{text}");
        }
    }
}
