//! A measure over a grid of two axes, as a map of colours.

use super::curves::{distinct, spec};
use super::points::Point;
use crate::chart::picture::level_with_gaps;
use crate::chart::{AxisSpec, Cells, ColorMapping, Colour, Colours, Height, Mark, Panel, Picture, Series};
use qhh_format::yaml::experiment::Experiment;
use qhh_lab::sweep::Design;
use qhh_results::sweep::{AxisColumn, SweepTable};

/// Values on each axis that make a map.
const FEWEST: usize = 3;

/// The map of one measure; none of another design, or where it has no numbers.
pub(super) fn panel<'a>(
    experiment: &Experiment,
    table: &SweepTable,
    points: &[Point],
    place: usize,
) -> Option<Panel<'a>> {
    let ([first, second], Design::Grid) = (table.axes.as_slice(), experiment.design) else { return None };
    let (x, y) = (Scale::new(first, distinct(points, 0)), Scale::new(second, distinct(points, 1)));
    if x.values.len() < FEWEST || y.values.len() < FEWEST {
        return None;
    }
    let means: Vec<f64> = points.iter().map(|point| point.measures[place].mean()).collect();
    let finite = || means.iter().copied().filter(|mean| mean.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return None;
    }
    // A measure that never changes has a colour too.
    let (low, high) = if high > low { (low, high) } else { (low - 1.0, high + 1.0) };
    let mut levels = vec![0; x.values.len() * y.values.len()];
    let mut values = vec![f64::NAN; levels.len()];
    for (point, &mean) in points.iter().zip(&means) {
        let (column, row) = (x.place(point.coordinates[0]), y.place(point.coordinates[1]));
        let cell = (y.values.len() - 1 - row) * x.values.len() + column;
        if mean.is_finite() {
            levels[cell] = level_with_gaps(mean, low, high);
            values[cell] = mean;
        }
    }
    let measure = &table.measures[place];
    let scale = AxisSpec::new(&measure.name, &measure.unit).ranging(low, high).with_counts(finite());
    let picture = Picture {
        x: x.edges(),
        y: y.edges(),
        columns: x.values.len(),
        levels,
        ink: ColorMapping::Scale { axis: scale, colours: Colours::Ascending, gaps: true },
        cells: Some(Cells {
            columns: x.labels(first),
            rows: y.labels(second).into_iter().rev().collect(),
            values,
        }),
    };
    Some(Panel {
        heading: String::new(),
        x: x.spec,
        y: y.spec,
        series: vec![Series::new(&measure.name, Colour::Ink, Mark::Picture(picture)).unlisted()],
        height: Height::Tall,
    })
}

/// An axis whose cells are equally wide: by value where values lie evenly, else by place.
struct Scale {
    values: Vec<f64>,
    spec: AxisSpec,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Linear,
    Logarithmic,
    Places,
}

impl Scale {
    fn new(axis: &AxisColumn, values: Vec<f64>) -> Self {
        let mut spec = spec(axis).with_counts(values.iter().copied());
        let n = values.len();
        let (first, last) = (values[0], values[n - 1]);
        let even = |at: &dyn Fn(f64) -> f64| {
            let step = (at(last) - at(first)) / (n.max(2) - 1) as f64;
            values.iter().enumerate().all(|(k, &v)| (at(v) - at(first) - k as f64 * step).abs() < 1e-6 * step)
        };
        let kind = if axis.words.is_some() {
            Kind::Places
        } else if even(&|value| value) {
            spec.logarithmic = false;
            Kind::Linear
        } else if first > 0.0 && even(&f64::ln) && last > 4.0 * first {
            spec.logarithmic = true;
            Kind::Logarithmic
        } else {
            Kind::Places
        };
        if kind == Kind::Places && axis.words.is_none() {
            let every = n.div_ceil(8);
            let named = values.iter().enumerate().step_by(every);
            spec.named = Some(named.map(|(k, &v)| (k as f64 + 0.5, qhh_results::number::number(v, 4))).collect());
            spec.logarithmic = false;
        }
        let mut scale = Self { values, spec, kind };
        if scale.kind != Kind::Logarithmic {
            let (low, high) = scale.edges();
            scale.spec = scale.spec.ranging(low, high);
        }
        scale
    }

    /// The values as the table has them.
    fn labels(&self, axis: &AxisColumn) -> Vec<String> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "words stand for their places"
        )]
        let label = |&value: &f64| match &axis.words {
            Some(words) => words.get(value as usize).cloned().unwrap_or_default(),
            None => qhh_results::number::number(value, 6),
        };
        self.values.iter().map(label).collect()
    }

    fn place(&self, value: f64) -> usize {
        self.values.partition_point(|&known| known < value).min(self.values.len() - 1)
    }

    /// Outer edges of the first and the last cell.
    fn edges(&self) -> (f64, f64) {
        let n = self.values.len();
        let (first, last) = (self.values[0], self.values[n - 1]);
        let cells = (n.max(2) - 1) as f64;
        match self.kind {
            Kind::Places => (0.0, n as f64),
            Kind::Linear => {
                let half = (last - first) / cells / 2.0;
                (first - half, last + half)
            }
            Kind::Logarithmic => {
                let half = (last / first).powf(0.5 / cells);
                (first / half, last * half)
            }
        }
    }
}
