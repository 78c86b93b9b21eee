//! The runs of a sweep by point: mean, standard error and quantiles over repeats.

use qhh_results::REPORT;
use qhh_results::sweep::SweepTable;

/// One point of the design.
pub(super) struct Point {
    /// Its value on each axis.
    pub(super) coordinates: Vec<f64>,
    /// Number of its runs.
    pub(super) runs: usize,
    /// The page of its first run, where runs were kept.
    pub(super) page: Option<String>,
    /// Each measure over the runs that have it.
    pub(super) measures: Vec<Spread>,
}

/// One measure over the repeats of a point.
#[derive(Default)]
pub(super) struct Spread {
    /// The numbers, ascending.
    pub(super) values: Vec<f64>,
}

/// The points in the order of the design.
pub(super) fn points(table: &SweepTable) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for row in &table.rows {
        if points.len() <= row.place {
            let measures = table.measures.iter().map(|_| Spread::default()).collect();
            let page = row.folder.as_ref().map(|folder| format!("{folder}/{REPORT}"));
            points.push(Point { coordinates: row.coordinates.clone(), runs: 0, page, measures });
        }
        if let Some(point) = points.last_mut() {
            point.runs += 1;
            for (place, spread) in point.measures.iter_mut().enumerate() {
                spread.values.extend(row.value(place));
            }
        }
    }
    for spread in points.iter_mut().flat_map(|point| &mut point.measures) {
        spread.values.sort_by(f64::total_cmp);
    }
    points
}

impl Spread {
    /// Mean; none of no numbers.
    pub(super) fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Standard deviation of one number; none of less than two.
    pub(super) fn deviation(&self) -> f64 {
        let (mean, n) = (self.mean(), self.values.len());
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        if n < 2 { f64::NAN } else { (squares / (n - 1) as f64).sqrt() }
    }

    /// Standard error of the mean.
    pub(super) fn error(&self) -> f64 {
        self.deviation() / (self.values.len() as f64).sqrt()
    }

    /// The number below which a share of them lies, between two of them on a straight line.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let Some(last) = self.values.len().checked_sub(1) else { return f64::NAN };
        let at = share * last as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let below = (at.floor() as usize).min(last);
        let above = (below + 1).min(last);
        self.values[below] + (at - below as f64) * (self.values[above] - self.values[below])
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_spread_tells_mean_error_and_quantiles() {
        let spread = Spread { values: vec![1.0, 2.0, 3.0, 4.0] };
        assert_eq!((spread.mean(), spread.quantile(0.5), spread.quantile(1.0)), (2.5, 2.5, 4.0));
        assert!((spread.deviation() - (5.0f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((spread.error() - (5.0f64 / 12.0).sqrt()).abs() < 1e-15);
        assert!(Spread::default().mean().is_nan() && Spread::default().quantile(0.5).is_nan());
        assert!(Spread { values: vec![1.0] }.error().is_nan());
    }
}
