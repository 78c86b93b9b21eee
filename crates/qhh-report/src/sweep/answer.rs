//! What a sweep found, in a headline: the thresholds of its search, or the power with which its first measure goes.

use super::curves::{along, curved, distinct};
use super::points::Point;
use qhh_format::yaml::experiment::Experiment;
use qhh_lab::sweep::Design;
use qhh_results::number::{join, number, printed};
use qhh_results::sweep::SweepTable;

/// Points that a power law needs at least, and by how much they may miss it, relative.
const FEWEST: usize = 5;
const MISSED: f64 = 0.05;
/// Largest over smallest value of an axis that it needs at least.
const SPAN: f64 = 9.0;

/// A headline's name, value and note.
pub(super) fn answer(experiment: &Experiment, table: &SweepTable, points: &[Point]) -> Option<[String; 3]> {
    let measure = table.measures.first()?;
    if let Some(find) = &experiment.find {
        let found = points.iter().map(|point| point.measures[0].mean()).filter(|value| value.is_finite());
        let (low, high) =
            found.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let value = match low.partial_cmp(&high)? {
            std::cmp::Ordering::Less => {
                format!("{} to {}", number(low, 3), join(&number(high, 3), &printed(&measure.unit)))
            }
            std::cmp::Ordering::Equal => join(&number(low, 4), &printed(&measure.unit)),
            std::cmp::Ordering::Greater => return None,
        };
        let path = find.path.rsplit_once('.').map_or(find.path.as_str(), |(_, last)| last);
        return Some(["Threshold".to_owned(), value, format!("of {path}, for {}", find.condition)]);
    }
    let powers = powers(experiment, table, points);
    let [(_, first), ..] = powers.as_slice() else { return None };
    // Of several curves the headline has room for their range.
    let (low, high) = powers.iter().fold((*first, *first), |(low, high), (_, p)| (low.min(*p), high.max(*p)));
    let value = if number(low, 2) == number(high, 2) {
        number(low, 2)
    } else {
        format!("{} to {}", number(low, 2), number(high, 2))
    };
    let axis = if table.axes.len() > 1 { &table.axes[along(points)] } else { &table.axes[0] };
    Some(["Power law".to_owned(), value, format!("{} goes with this power of {}", measure.name, axis.short())])
}

/// Powers with which the first measure's curves go along the axis they are drawn against, each with the other axis's value;
/// none of a curve that is no power law.
fn powers(experiment: &Experiment, table: &SweepTable, points: &[Point]) -> Vec<(Option<f64>, f64)> {
    let axes = &table.axes;
    if axes.is_empty() || !curved(experiment) {
        return Vec::new();
    }
    let single = axes.len() == 1 || experiment.design == Design::Zip;
    let place = if single { 0 } else { along(points) };
    if axes[place].words.is_some() {
        return Vec::new();
    }
    let of = |value: Option<f64>| {
        let own = points.iter().filter(|point| value.is_none_or(|value| point.coordinates[1 - place] == value));
        let curve: Vec<(f64, f64)> =
            own.map(|point| (point.coordinates[place], point.measures[0].mean())).collect();
        Some((value, power(&curve)?))
    };
    if single {
        of(None).into_iter().collect()
    } else {
        distinct(points, 1 - place).into_iter().filter_map(|v| of(Some(v))).collect()
    }
}

/// The power of `y = a x^p` by least squares in logarithms; none where it is missed by more than [`MISSED`].
fn power(curve: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> =
        curve.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0).map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let (mean_x, mean_y) = (logs.iter().map(|p| p.0).sum::<f64>() / n, logs.iter().map(|p| p.1).sum::<f64>() / n);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let (low, high) = logs
            .iter()
            .map(of)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    };
    if logs.len() < FEWEST || logs.len() < curve.len() || range(|p| p.0) < SPAN.ln() {
        return None;
    }
    let xx: f64 = logs.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let power = logs.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / xx;
    let missed = logs.iter().map(|p| (p.1 - mean_y - power * (p.0 - mean_x)).abs()).fold(0.0, f64::max);
    // A constant is no law of the axis.
    (missed < MISSED && range(|p| p.1) > 2.0 * MISSED).then_some(power)
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn a_power_law_is_found_and_nothing_else() {
        let curve = |of: fn(f64) -> f64| {
            (0..9).map(|k| 10f64.powf(0.25 * f64::from(k))).map(|x| (x, of(x))).collect::<Vec<_>>()
        };
        let root = power(&curve(|x| 3.0 * x.sqrt() * (1.0 + 0.01 * x.sin()))).unwrap();
        assert!((root - 0.5).abs() < 0.01, "{root}");
        assert_eq!(power(&curve(|x| 1.0 + x)), None, "bent");
        assert_eq!(power(&curve(|_| 2.0)), None, "constant");
        assert_eq!(power(&curve(f64::sqrt)[..4]), None, "few");
        assert_eq!(power(&curve(|x| x - 3.0)), None, "below zero in part");
    }
}
