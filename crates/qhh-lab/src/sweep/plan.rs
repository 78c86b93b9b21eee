//! Where the points of a sweep lie.

use std::sync::Arc;

use qhh_core::units::rounded;
use qhh_net::network::random;
use rand_chacha::rand_core::Rng;

/// Points at most: more would be months.
const MOST_POINTS: usize = 1_000_000;
/// Axes that a Sobol sequence is laid for.
const MOST_SOBOL: usize = 256;
/// Points that its scrambling is good for.
const MOST_SOBOL_POINTS: usize = 1 << 16;

/// Axes and how points are laid between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is varied; the last varies fastest.
    pub axes: Vec<Axis>,
    /// How points are laid.
    pub design: Design,
    /// Runs of each point, each with a seed of its own; at least 1.
    pub repeats: usize,
    /// Seed of the first repeat, and of the design where it is drawn.
    pub seed: u64,
}

/// One value that is varied.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Name, by which points tell its value.
    pub name: String,
    /// The values it takes.
    pub values: Values,
}

/// Values of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<V = f64> {
    /// These, in this order.
    List(Vec<V>),
    /// From the first to the last, both included, at even distances or, of a logarithmic range, at even ratios.
    Range {
        /// First.
        from: f64,
        /// Last.
        to: f64,
        /// Whether ratios are even in place of distances; both ends are then of one sign and not zero.
        logarithmic: bool,
        /// How many, on a grid; a drawn design takes any value in between.
        points: usize,
    },
}

impl<V> Values<V> {
    /// The same with another list, if it is one.
    pub fn with_list<W>(self, list: impl FnOnce(Vec<V>) -> Vec<W>) -> Values<W> {
        match self {
            Self::List(values) => Values::List(list(values)),
            Self::Range { from, to, logarithmic, points } => Values::Range { from, to, logarithmic, points },
        }
    }
}

/// How points are laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// Every value of each axis with every value of the others.
    Grid,
    /// The first values of all axes, then the second, and so on.
    Zip,
    /// So many points drawn evenly.
    Random(usize),
    /// So many points of a scrambled Sobol sequence (Burley 2020), which fill the space more evenly.
    Sobol(usize),
}

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Number of the run, from 0: repeats of a point follow one another.
    pub number: usize,
    /// Number of the point, from 0.
    pub place: usize,
    /// Number of the repeat, from 0.
    pub repeat: usize,
    /// Seed of the repeat: the plan's own of the first. All points of a repeat have the same, so that two points differ
    /// by what is varied alone.
    pub seed: u64,
    /// Value on each axis, in their order.
    pub coordinates: Vec<Coordinate>,
    names: Arc<[String]>,
}

/// Value of a point on one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinate {
    /// The value.
    pub value: f64,
    /// Its place in the list of a listed axis.
    pub listed: Option<usize>,
}

/// Why no points can be laid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum PlanError {
    #[error("the axis `{axis}` has no values")]
    Empty { axis: String },
    #[error("the range of `{axis}` goes from {from} to {to}: a logarithmic one needs ends of one sign, not zero")]
    NoLogarithm { axis: String, from: f64, to: f64 },
    #[error("axes that are zipped have as many values, but `{axis}` has {count} and `{first}` has {expected}")]
    Unequal { axis: String, count: usize, first: String, expected: usize },
    #[error("{points} points with {repeats} repeats are more than the {MOST_POINTS} runs a sweep may have")]
    TooMany { points: f64, repeats: usize },
    #[error(
        "a Sobol sequence is laid for at most {MOST_SOBOL} axes and {MOST_SOBOL_POINTS} points: use a random design"
    )]
    Sobol,
    #[error("a sweep takes at least 1 repeat")]
    NoRepeats,
}

impl Axis {
    /// Values at even distances, both ends included.
    pub fn linear(name: &str, from: f64, to: f64, points: usize) -> Self {
        Self { name: name.to_owned(), values: Values::Range { from, to, logarithmic: false, points } }
    }

    /// Values at even ratios, both ends included.
    pub fn logarithmic(name: &str, from: f64, to: f64, points: usize) -> Self {
        Self { name: name.to_owned(), values: Values::Range { from, to, logarithmic: true, points } }
    }

    /// These values.
    pub fn list(name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        Self { name: name.to_owned(), values: Values::List(values.into_iter().collect()) }
    }

    fn count(&self) -> usize {
        match &self.values {
            Values::List(values) => values.len(),
            Values::Range { points, .. } => *points,
        }
    }

    /// Its value at a place of a grid.
    fn at(&self, place: usize) -> Coordinate {
        match &self.values {
            Values::List(values) => Coordinate { value: values[place], listed: Some(place) },
            Values::Range { points, .. } => {
                let share = if *points > 1 { place as f64 / (points - 1) as f64 } else { 0.0 };
                self.between(share)
            }
        }
    }

    /// Its value at a share of its range, or the value of a list that this share falls on.
    fn between(&self, share: f64) -> Coordinate {
        match &self.values {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
            Values::List(values) => self.at(((share * values.len() as f64) as usize).min(values.len() - 1)),
            &Values::Range { from, to, logarithmic, .. } => {
                let value = match share {
                    0.0 => from,
                    1.0 => to,
                    _ if logarithmic => from * (to / from).powf(share),
                    _ => from + share * (to - from),
                };
                Coordinate { value: without_dust(value, from.abs().max(to.abs())), listed: None }
            }
        }
    }

    fn check(&self, drawn: bool) -> Result<(), PlanError> {
        let name = || self.name.clone();
        match &self.values {
            Values::List(values) if values.is_empty() => Err(PlanError::Empty { axis: name() }),
            Values::Range { points: 0, .. } if !drawn => Err(PlanError::Empty { axis: name() }),
            &Values::Range { from, to, logarithmic: true, .. } if from * to <= 0.0 => {
                Err(PlanError::NoLogarithm { axis: name(), from, to })
            }
            _ => Ok(()),
        }
    }
}

/// A number without the dust that arithmetic leaves: 0.15, not 0.150000000000002; nothing below 1e-12 of `scale`.
fn without_dust(value: f64, scale: f64) -> f64 {
    if value.abs() < 1e-14 * scale { 0.0 } else { rounded(value, 12) }
}

impl Plan {
    /// Every run of the sweep in order: point by point, each with its repeats.
    ///
    /// # Errors
    /// [`PlanError`] if the axes do not fit the design, or there would be too many.
    pub fn points(&self) -> Result<Vec<Point>, PlanError> {
        let drawn = matches!(self.design, Design::Random(_) | Design::Sobol(_));
        self.axes.iter().try_for_each(|axis| axis.check(drawn))?;
        if self.repeats == 0 {
            return Err(PlanError::NoRepeats);
        }
        let counts = self.axes.iter().map(Axis::count);
        let n_points = match self.design {
            Design::Grid => counts.map(|count| count as f64).product(),
            Design::Zip => counts.max().unwrap_or(1) as f64,
            Design::Random(n) | Design::Sobol(n) => n as f64,
        };
        if n_points * self.repeats as f64 > MOST_POINTS as f64 {
            return Err(PlanError::TooMany { points: n_points, repeats: self.repeats });
        }
        let laid = match self.design {
            Design::Grid => self.grid(),
            Design::Zip => self.zip()?,
            Design::Random(n) => self.random(n),
            Design::Sobol(n) => self.sobol(n)?,
        };
        let names: Arc<[String]> = self.axes.iter().map(|axis| axis.name.clone()).collect();
        let seeds: Vec<u64> = (0..self.repeats).map(|repeat| self.seed_of(repeat)).collect();
        let repeated = laid.into_iter().enumerate().flat_map(|(place, coordinates)| {
            let names = Arc::clone(&names);
            seeds.iter().enumerate().map(move |(repeat, &seed)| Point {
                number: place * self.repeats + repeat,
                place,
                repeat,
                seed,
                coordinates: coordinates.clone(),
                names: Arc::clone(&names),
            })
        });
        Ok(repeated.collect())
    }

    /// Seed of a repeat, below 2^53 so that every reader of a table gets it whole.
    fn seed_of(&self, repeat: usize) -> u64 {
        if repeat == 0 {
            self.seed
        } else {
            random::stream(self.seed, &format!("repeat {repeat}")).next_u64() >> 11
        }
    }

    fn grid(&self) -> Vec<Vec<Coordinate>> {
        let longer = |points: Vec<Vec<Coordinate>>, axis: &Axis| {
            let with = |point: Vec<Coordinate>| {
                (0..axis.count()).map(move |place| [point.as_slice(), &[axis.at(place)]].concat())
            };
            points.into_iter().flat_map(with).collect()
        };
        self.axes.iter().fold(vec![Vec::new()], longer)
    }

    fn zip(&self) -> Result<Vec<Vec<Coordinate>>, PlanError> {
        let Some(first) = self.axes.first() else { return Ok(vec![Vec::new()]) };
        if let Some(other) = self.axes.iter().find(|axis| axis.count() != first.count()) {
            return Err(PlanError::Unequal {
                axis: other.name.clone(),
                count: other.count(),
                first: first.name.clone(),
                expected: first.count(),
            });
        }
        Ok((0..first.count()).map(|place| self.axes.iter().map(|axis| axis.at(place)).collect()).collect())
    }

    fn random(&self, n: usize) -> Vec<Vec<Coordinate>> {
        // An axis has a stream of its own, so that another beside it moves none of its values.
        let mut streams: Vec<_> =
            self.axes.iter().map(|axis| random::stream(self.seed, &format!("vary {}", axis.name))).collect();
        let mut share = |axis: usize| (streams[axis].next_u64() >> 11) as f64 * 0.5_f64.powi(53);
        (0..n).map(|_| self.axes.iter().enumerate().map(|(k, axis)| axis.between(share(k))).collect()).collect()
    }

    fn sobol(&self, n: usize) -> Result<Vec<Vec<Coordinate>>, PlanError> {
        if self.axes.len() > MOST_SOBOL || n > MOST_SOBOL_POINTS {
            return Err(PlanError::Sobol);
        }
        #[expect(clippy::cast_possible_truncation, reason = "both are bounded; of a seed the lower half does")]
        let share = |point: usize, axis: usize| {
            f64::from(sobol_burley::sample(point as u32, axis as u32, self.seed as u32))
        };
        Ok((0..n)
            .map(|point| self.axes.iter().enumerate().map(|(k, axis)| axis.between(share(point, k))).collect())
            .collect())
    }
}

impl Point {
    /// Value on the axis `name`.
    ///
    /// # Panics
    /// If there is no such axis.
    pub fn value(&self, name: &str) -> f64 {
        let place = self.names.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| panic!("there is no axis `{name}`: the axes are {:?}", self.names));
        self.coordinates[place].value
    }
}
