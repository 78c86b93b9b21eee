//! What a sweep is going to do, prepared before anything runs.

use qhh_format::yaml::experiment::{self, Experiment, Values};
use qhh_format::yaml::{Attachment, ExperimentPart, LoadError, Setting, Template, unit_at};
use qhh_lab::measure::{Condition, Measure, MeasureError};
use qhh_lab::sweep::{self, Ends, Plan, Point, Search};
use qhh_net::{Network, Warning};
use qhh_results::sweep::{MeasureColumn, SEARCH_RUNS};

use crate::{Error, resources};

/// Points whose networks are checked beforehand, at most.
const CHECKED_BEFORE: usize = 64;

/// An experiment of which the points are laid and the measures are known.
pub(super) struct Prepared {
    pub(super) experiment: Experiment,
    pub(super) points: Vec<Point>,
    pub(super) measures: Vec<Measure>,
    pub(super) threshold: Option<Threshold>,
    /// The largest of the networks that were checked.
    pub(super) network: Network,
    /// Units of the axes: as typed, or the network's own where numbers were typed without.
    pub(super) units: Vec<String>,
    /// Data files that the runs read.
    pub(super) data: Vec<Attachment>,
    /// What those have that is not taken.
    pub(super) data_warnings: Vec<Warning>,
    /// What is hardly meant of the experiment.
    pub(super) warnings: Vec<String>,
}

/// A threshold to be searched.
pub(super) struct Threshold {
    pub(super) path: String,
    /// As typed.
    pub(super) unit: String,
    /// The same, or the network's own where numbers were typed without.
    pub(super) unit_shown: String,
    pub(super) search: Search,
    pub(super) condition: Condition,
}

/// What a search leaves, before the measures: the middle, where it holds, where it does not, how many runs it took.
const SEARCHED: [&str; 4] = ["threshold", "holds_at", "fails_at", SEARCH_RUNS];

impl Prepared {
    /// Lays the points, reads the measures, and looks at the networks of some points.
    pub(super) fn new(template: &Template) -> Result<Self, Error> {
        let experiment = template.experiment().cloned().filter(Experiment::is_many).ok_or_else(|| {
            let message = format!("{} does not say what to vary", template.file().display());
            Error::Usage { message, remedy: "add an `experiment` block, or `--vary`, `--repeats` or `--find`" }
        })?;
        let base = template.at(&[])?;
        let (units, seed) = (base.network().units, base.network().simulation.seed);
        let mut mistakes = Vec::new();
        let mut measures = Vec::new();
        for (place, text) in experiment.measures.iter().enumerate() {
            match Measure::parse(text, units) {
                Ok(measure) if measures.iter().any(|other: &Measure| other.name() == measure.name()) => {
                    let message = format!("`{}` is measured twice", measure.name());
                    mistakes.push((
                        ExperimentPart::Measure(place),
                        message,
                        Some("name each measure once".to_owned()),
                    ));
                }
                Ok(measure) => measures.push(measure),
                Err(error) => mistakes.push((ExperimentPart::Measure(place), error.to_string(), None)),
            }
        }
        let threshold = experiment.find.as_ref().and_then(|find| match Condition::parse(&find.condition, units) {
            Ok(condition) => Some(Threshold {
                path: find.path.clone(),
                unit: find.unit.clone(),
                unit_shown: find.unit.clone(),
                search: Search { ends: ends(find.ends), tolerance: find.tolerance },
                condition,
            }),
            Err(error) => {
                mistakes.push((ExperimentPart::Condition, error.to_string(), None));
                None
            }
        });
        let plan = Plan {
            axes: experiment.axes.iter().map(axis).collect(),
            design: design(experiment.design),
            repeats: experiment.repeats,
            seed,
        };
        let points = plan.points().unwrap_or_else(|error| {
            mistakes.push((ExperimentPart::Axes, error.to_string(), None));
            Vec::new()
        });
        if !mistakes.is_empty() {
            return Err(template.error(mistakes).into());
        }
        let (network, data_warnings) = (base.network().clone(), base.data_warnings().to_vec());
        let units = experiment.axes.iter().map(|axis| axis.unit.clone()).collect();
        let (data, warnings) = (Vec::new(), Vec::new());
        let mut prepared =
            Self { experiment, points, measures, threshold, network, units, data, data_warnings, warnings };
        prepared.check(template)?;
        prepared.find_units(template);
        Ok(prepared)
    }

    /// Makes the networks of some points, spread evenly: at least one must be sound, and have each measure.
    fn check(&mut self, template: &Template) -> Result<(), Error> {
        let last = self.points.len().saturating_sub(1);
        let n = self.points.len().min(CHECKED_BEFORE);
        let mut places: Vec<usize> = (0..n).map(|k| k * last / (n - 1).max(1)).collect();
        places.dedup();
        let (mut largest, mut first_error, mut unsound) = (None, None, 0);
        // Of each measure, the points that lack it, and why the first does.
        let mut lacks: Vec<(usize, Option<MeasureError>)> = vec![(0, None); self.measures.len()];
        for &place in &places {
            let mut lacking = vec![None; self.measures.len()];
            let made = self.reaches(&self.points[place]).into_iter().map(|settings| {
                let mut draft = template.at(&settings)?;
                lacking = self.require_recording(template, draft.network_mut())?;
                for file in draft.data_files() {
                    if !self.data.iter().any(|known| known.name == file.name) {
                        self.data.push(file);
                    }
                }
                resources::for_run(draft.network()).map_or_else(
                    |error| Ok(Err(error)),
                    |()| draft.check_alone().map(|checked| Ok(checked.into_network())),
                )
            });
            // The last of them, or the first that fails.
            let made = made.reduce(|so_far, next| if matches!(so_far, Ok(Ok(_))) { next } else { so_far });
            let Some(made) = made else { continue };
            for ((count, first), error) in lacks.iter_mut().zip(lacking) {
                *count += usize::from(error.is_some());
                *first = first.take().or(error);
            }
            match made {
                Ok(Ok(network)) => {
                    let larger = |other: &Network| network.memory().of_run() > other.memory().of_run();
                    if largest.as_ref().is_none_or(larger) {
                        largest = Some(network);
                    }
                }
                // No memory for one run is no sweep.
                Ok(Err(error)) => return Err(error),
                Err(error) => {
                    unsound += 1;
                    first_error.get_or_insert(error);
                }
            }
        }
        let nowhere = lacks.iter().enumerate().filter(|(_, (count, _))| *count == n && n > 0);
        let nowhere = nowhere.filter_map(|(place, (_, error))| {
            Some((ExperimentPart::Measure(place), error.as_ref()?.to_string(), None))
        });
        let nowhere: Vec<_> = nowhere.collect();
        if !nowhere.is_empty() {
            return Err(template.error(nowhere).into());
        }
        let points = if n == self.points.len() { "points" } else { "points looked at" };
        for (count, error) in &lacks {
            if let Some(error) = error {
                self.warnings
                    .push(format!("{count} of {n} {points} lack a measure, whose cells stay empty: {error}"));
            }
        }
        match (largest, first_error) {
            (None, Some(error)) => return Err(error.into()),
            (Some(network), error) => {
                self.network = network;
                if let Some(error) = error {
                    let why = one_line(&error);
                    self.warnings.push(format!("{unsound} of {n} {points} make no network that can run: {why}"));
                }
            }
            (None, None) => {}
        }
        if self.experiment.repeats > 1 && !self.network.depends_on_seed() {
            let repeats = self.experiment.repeats;
            self.warnings.push(format!(
                "nothing is drawn at random, so the {repeats} repeats of a point are equal: leave `repeats` out"
            ));
        }
        Ok(())
    }

    /// Finds units for axes, and for a searched path, whose numbers were typed without one: those that the network's file has
    /// once its defaults are written out. Where it has no such number there is no unit.
    fn find_units(&mut self, template: &Template) {
        let known = self.units.iter().chain(self.threshold.iter().map(|threshold| &threshold.unit));
        let (Some(point), true) = (self.points.first(), known.into_iter().any(String::is_empty)) else { return };
        let Some(settings) = self.reaches(point).into_iter().next() else { return };
        let Some(loaded) = template.at(&settings).ok().and_then(|draft| draft.check().ok()) else { return };
        let own = |path: &str, value: f64| unit_at(&loaded.yaml, path, value).unwrap_or_default();
        let axes = self.experiment.axes.iter().zip(&point.coordinates);
        for (unit, (axis, coordinate)) in self.units.iter_mut().zip(axes) {
            let is_word =
                matches!(&axis.values, Values::List(levels) if levels.iter().any(|level| level.number.is_none()));
            if unit.is_empty() && !is_word {
                *unit = own(&axis.path, coordinate.value);
            }
        }
        if let Some(threshold) = self.threshold.as_mut().filter(|threshold| threshold.unit.is_empty()) {
            let (Ends::Between(value, _) | Ends::Around(value)) = threshold.search.ends;
            threshold.unit_shown = own(&threshold.path, value);
        }
    }

    /// Makes a network's runs record what is measured; of each measure, why the network lacks it, if it does.
    ///
    /// # Errors
    /// [`LoadError`] if it lacks what a condition is about.
    pub(super) fn require_recording(
        &self,
        template: &Template,
        network: &mut Network,
    ) -> Result<Vec<Option<MeasureError>>, LoadError> {
        if let Some(threshold) = &self.threshold
            && let Err(error) = threshold.condition.measure().require_recording(network)
        {
            return Err(template.error(vec![(ExperimentPart::Condition, error.to_string(), None)]));
        }
        Ok(self.measures.iter().map(|measure| measure.require_recording(network).err()).collect())
    }

    /// Values of a point, in place of the file's own.
    pub(super) fn settings(&self, point: &Point) -> Vec<Setting> {
        let pairs = self.experiment.axes.iter().zip(&point.coordinates);
        let mut settings: Vec<Setting> = pairs
            .map(|(axis, coordinate)| match (&axis.values, coordinate.listed) {
                (Values::List(levels), Some(place)) => Setting::level(axis, &levels[place]),
                _ => Setting::number(axis, coordinate.value),
            })
            .collect();
        // The first repeat has the file's own.
        if point.repeat > 0 {
            settings.push(Setting::seed(point.seed));
        }
        settings
    }

    /// The values to look at a point with: its own, or, where a threshold is searched between two ends, with each end.
    fn reaches(&self, point: &Point) -> Vec<Vec<Setting>> {
        let settings = self.settings(point);
        let ends = self.threshold.as_ref().and_then(|threshold| match threshold.search.ends {
            Ends::Between(from, to) => Some([from, to].map(|end| {
                let searched = Setting::searched(&threshold.path, end, &threshold.unit);
                [settings.as_slice(), &[searched]].concat()
            })),
            Ends::Around(_) => None,
        });
        ends.map_or_else(|| vec![settings], Vec::from)
    }

    /// What a row of the table is: a run, or a search of several.
    pub(super) fn noun(&self) -> &'static str {
        if self.threshold.is_some() { "search" } else { "run" }
    }

    /// A point in words: `at a = 1, b = 2`.
    pub(super) fn describe(&self, point: &Point) -> String {
        let mut words: Vec<String> = self.settings(point).iter().map(Setting::to_string).collect();
        if words.is_empty() {
            words.push(format!("repeat {}", point.repeat));
        }
        format!("at {}", words.join(", "))
    }

    /// What a row of the table holds.
    pub(super) fn columns(&self) -> Vec<MeasureColumn> {
        let units = self.network.units;
        let searched = self.threshold.iter().flat_map(|threshold| {
            SEARCHED.iter().enumerate().map(|(place, name)| MeasureColumn {
                name: (*name).to_owned(),
                unit: if place < 3 { threshold.unit_shown.clone() } else { String::new() },
            })
        });
        let own = self.measures.iter();
        let own = own.map(|measure| MeasureColumn { name: measure.name().to_owned(), unit: measure.unit(units) });
        searched.chain(own).collect()
    }
}

/// A mistake on one line, for the row of a table.
pub(super) fn one_line(error: &LoadError) -> String {
    let first = error.problems.first().map_or("", |problem| problem.message.as_str());
    match error.problems.len() {
        0 | 1 => first.to_owned(),
        n => format!("{first} (and {} more)", n - 1),
    }
}

fn axis(axis: &experiment::Axis) -> sweep::Axis {
    let values = match &axis.values {
        Values::List(levels) => {
            let numbers: Option<Vec<f64>> = levels.iter().map(|level| level.number).collect();
            sweep::Values::List(numbers.unwrap_or_else(|| (0..levels.len()).map(|place| place as f64).collect()))
        }
        &Values::Range { from, to, logarithmic, points } => sweep::Values::Range { from, to, logarithmic, points },
    };
    sweep::Axis { name: axis.path.clone(), values }
}

fn design(design: experiment::Design) -> sweep::Design {
    match design {
        experiment::Design::Grid => sweep::Design::Grid,
        experiment::Design::Zip => sweep::Design::Zip,
        experiment::Design::Random(n) => sweep::Design::Random(n),
        experiment::Design::Sobol(n) => sweep::Design::Sobol(n),
    }
}

fn ends(ends: experiment::Ends) -> Ends {
    match ends {
        experiment::Ends::Between(from, to) => Ends::Between(from, to),
        experiment::Ends::Around(value) => Ends::Around(value),
    }
}
