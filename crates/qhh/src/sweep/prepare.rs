//! What a sweep is going to do, prepared before anything runs.

use std::collections::BTreeMap;

use qhh_format::yaml::experiment::{self, Experiment, shown_unit};
use qhh_format::yaml::{Attachment, ExperimentPart, LoadError, NumberKind, Setting, Template, UncheckedNetwork};
use qhh_lab::measure::MeasureError;
use qhh_lab::sweep::{self, Ends, Plan, PlanError, Point, Values};
use qhh_net::{Network, Warning};
use qhh_results::sweep::{MeasureColumn, SEARCH_RUNS};

use crate::{Error, resources};

/// Points whose networks are checked beforehand, at most.
const CHECKED_BEFORE: usize = 64;

/// An experiment whose points are laid.
pub(super) struct Prepared {
    pub(super) experiment: Experiment,
    pub(super) points: Vec<Point>,
    /// The largest of the networks that were checked.
    pub(super) network: Network,
    /// Data files that the runs read.
    pub(super) data: Vec<Attachment>,
    /// What those have that is not taken.
    pub(super) data_warnings: Vec<Warning>,
    /// What is hardly meant of the experiment.
    pub(super) warnings: Vec<String>,
}

/// What a search leaves, before the measures: the middle, where it holds, where it does not, how many runs it took.
const SEARCHED: [&str; 4] = ["threshold", "holds_at", "fails_at", SEARCH_RUNS];

impl Prepared {
    /// Lays the points, and looks at the networks of some.
    pub(super) fn new(template: &Template) -> Result<Self, Error> {
        let experiment = template.experiment().cloned().filter(Experiment::is_many).ok_or_else(|| {
            let message = format!("{} does not say what to vary", template.file().display());
            Error::Usage { message, remedy: "add an `experiment` block, or `--vary`, `--repeats` or `--find`" }
        })?;
        let base = template.at(&[])?;
        let seed = base.network().simulation.seed;
        let on_axes =
            |error: PlanError| Error::from(template.error(vec![(ExperimentPart::Axes, error.to_string())]));
        let points = plan(&experiment, seed).points().map_err(on_axes)?;
        let (network, data_warnings) = (base.network().clone(), base.data_warnings().to_vec());
        let (data, warnings) = (Vec::new(), Vec::new());
        let mut prepared = Self { experiment, points, network, data, data_warnings, warnings };
        // Mistakes speak of numbers as they were typed, runs and tables of the network's own units.
        let kinds = prepared.check(template)?;
        prepared.in_own_units(&kinds, seed).map_err(on_axes)
    }

    /// Makes the networks of some points, spread evenly: at least one must be sound, and have each measure. What the varied
    /// numbers stand for.
    fn check(&mut self, template: &Template) -> Result<BTreeMap<String, NumberKind>, Error> {
        let last = self.points.len().saturating_sub(1);
        let n = self.points.len().min(CHECKED_BEFORE);
        let mut places: Vec<usize> = (0..n).map(|k| k * last / (n - 1).max(1)).collect();
        places.dedup();
        let (mut largest, mut first_error, mut unsound) = (None, None, 0);
        let mut kinds = None;
        // Of each measure, the points that lack it, and why the first does.
        let mut lacks: Vec<(usize, Option<MeasureError>)> = vec![(0, None); self.experiment.measures.len()];
        for &place in &places {
            let mut lacking = vec![None; self.experiment.measures.len()];
            let made = self.reaches(&self.points[place]).into_iter().map(|settings| {
                let mut draft = template.at(&settings)?;
                self.agree(&mut kinds, &draft);
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
        let nowhere = nowhere
            .filter_map(|(place, (_, error))| Some((ExperimentPart::Measure(place), error.as_ref()?.to_string())));
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
        Ok(kinds.unwrap_or_default())
    }

    /// Takes in what the varied numbers stand for in one network. What differs between two has no unit in common.
    fn agree(&self, known: &mut Option<BTreeMap<String, NumberKind>>, draft: &UncheckedNetwork) {
        let axes = self.experiment.axes.iter().map(|axis| &axis.path);
        let paths = axes.chain(self.experiment.find.iter().map(|threshold| &threshold.path));
        let kinds = paths.filter_map(|path| Some((path.clone(), draft.kind_of(path)?)));
        match known {
            None => *known = Some(kinds.collect()),
            Some(known) => known.retain(|path, kind| draft.kind_of(path) == Some(*kind)),
        }
    }

    /// The same with its numbers in the network's own units.
    fn in_own_units(mut self, kinds: &BTreeMap<String, NumberKind>, seed: u64) -> Result<Self, PlanError> {
        let experiment = self.experiment.in_own_units(kinds);
        let twice = experiment.axes.iter().filter_map(|axis| Some((&axis.path, axis.repeated()?.text())));
        let twice = twice.map(|(path, value)| {
            format!("`{path}` has the value {value} twice, and its points run twice: leave one out")
        });
        self.warnings.extend(twice);
        let points = plan(&experiment, seed).points()?;
        Ok(Self { experiment, points, ..self })
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
        if let Some(threshold) = &self.experiment.find
            && let Err(error) = threshold.condition.measure().require_recording(network)
        {
            return Err(template.error(vec![(ExperimentPart::Condition, error.to_string())]));
        }
        Ok(self.experiment.measures.iter().map(|measure| measure.require_recording(network).err()).collect())
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

    /// The values to look at a point with: its own, and, where a threshold is searched, each end, or where it begins.
    fn reaches(&self, point: &Point) -> Vec<Vec<Setting>> {
        let settings = self.settings(point);
        let Some(threshold) = &self.experiment.find else { return vec![settings] };
        let ends = match threshold.search.ends {
            Ends::Between(from, to) => vec![from, to],
            Ends::Around(value) => vec![value],
        };
        let searched = |end| Setting::searched(&threshold.path, end, &threshold.unit);
        ends.into_iter().map(|end| [settings.as_slice(), &[searched(end)]].concat()).collect()
    }

    /// What a row of the table is: a run, or a search of several.
    pub(super) fn noun(&self) -> &'static str {
        if self.experiment.find.is_some() { "search" } else { "run" }
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
        let searched = self.experiment.find.iter().flat_map(|threshold| {
            SEARCHED.iter().enumerate().map(|(place, name)| MeasureColumn {
                name: (*name).to_owned(),
                unit: if place < 3 { shown_unit(&threshold.unit).to_owned() } else { String::new() },
            })
        });
        let own = self.experiment.measures.iter();
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

fn plan(experiment: &Experiment, seed: u64) -> Plan {
    Plan {
        axes: experiment.axes.iter().map(axis).collect(),
        design: experiment.design,
        repeats: experiment.repeats,
        seed,
    }
}

fn axis(axis: &experiment::Axis) -> sweep::Axis {
    // A list of words counts by its places.
    let values = axis.values.clone().with_list(|levels| {
        let numbers: Option<Vec<f64>> = levels.iter().map(|level| level.number).collect();
        numbers.unwrap_or_else(|| (0..levels.len()).map(|place| place as f64).collect())
    });
    sweep::Axis { name: axis.path.clone(), values }
}
