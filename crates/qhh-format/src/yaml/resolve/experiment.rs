//! The `experiment:` block: ranges with units, defaults, what fits together. Numbers of ranges keep the unit they were typed
//! with: what they are, the varied entry tells.

use std::collections::BTreeMap;

use qhh_core::units::{number, rounded};
use qhh_lab::measure::{Condition, Measure, MeasureError};
use qhh_lab::sweep::{Design, Ends, Search, Values};
use serde_yaml::Value;

use crate::yaml::elsewhere::at;
use crate::yaml::experiment::{Axis, Experiment, Find, Level, Shown};
use crate::yaml::forms::allows_type;
use crate::yaml::number_kind::converted;
use crate::yaml::place::{Highlight, Path, PathSegment};
use crate::yaml::quantity::Scope;
use crate::yaml::schema::Quantity;
use crate::yaml::schema::{SCHEMA, experiment as typed};
use crate::yaml::wording::clip;

/// Part of its interval that a threshold is found to by default.
const DEFAULT_TOLERANCE: f64 = 1e-3;
/// Values of one axis at most.
const MOST_VALUES: f64 = 1e6;
/// What a run is summed up by if the file names no measure.
const DEFAULT_MEASURE: &str = "spikes";

/// Reads the block of a document; what is wrong with it goes to the list.
pub(super) fn read(typed: &typed::Experiment, document: &Value, scope: &Scope<'_>) -> Experiment {
    let points = typed.points.map(|points| points as usize);
    let drawn = matches!(typed.design, Some(typed::Design::Random | typed::Design::Sobol));
    let design = match (typed.design, points) {
        (Some(typed::Design::Random), Some(points)) => Design::Random(points),
        (Some(typed::Design::Sobol), Some(points)) => Design::Sobol(points),
        (Some(typed::Design::Random | typed::Design::Sobol), None) => {
            let scope = scope.key("design");
            scope.wrong(
                "a random or sobol design needs a number of points",
                "add `points: 64` beside `design`, or `--points 64`",
            );
            Design::Grid
        }
        (design, points) => {
            if points.is_some() {
                scope.key("points").wrong(
                    "`experiment.points` goes with `design: random` and `design: sobol`",
                    "give the number of values of each axis in its own `points`",
                );
            }
            if matches!(design, Some(typed::Design::Zip)) { Design::Zip } else { Design::Grid }
        }
    };
    if points == Some(0) {
        scope.key("points").wrong("`experiment.points` must be above zero", "write `points: 64`");
    }
    let repeats = typed.repeats.unwrap_or(1) as usize;
    if repeats == 0 {
        scope.key("repeats").wrong("`experiment.repeats` must be above zero", "write `repeats: 1`");
    }
    let vary = scope.key("vary");
    let axes = typed.vary.iter().flat_map(|named| &named.0);
    let mut seen: Vec<Axis> = Vec::new();
    for (path, values) in axes {
        let settled = settled(path, document);
        let axis = axis(path, values, (drawn, is_count(&settled)), &vary.key(path));
        let axis = Axis { path: settled, ..axis };
        if seen.iter().any(|other| other.path == axis.path) {
            vary.key(path).wrong(format!("`{}` is varied twice", clip(&axis.path)), "give it all its values once");
        }
        seen.push(axis);
    }
    let axes = seen;
    if design == Design::Zip {
        zipped(&axes, scope);
    }
    let find = typed.find.as_ref().and_then(|typed| {
        let path = settled(&typed.path, document);
        let own = Path::parse(&path).and_then(|path| path.look_up(document));
        find(path, typed, &axes, own, &scope.key("find"))
    });
    let varies_seed = axes.iter().any(|axis| axis.path == "simulation.seed");
    if varies_seed && repeats > 1 {
        scope.key("repeats").wrong(
            "`repeats` and the axis `simulation.seed` both set the seed of each run",
            "drop one of the two",
        );
    }
    let (measures, shown) = measured(typed.measures.as_deref().unwrap_or_default(), &scope.key("measures"));
    Experiment { axes, design, repeats, measures, shown, find }
}

/// The measures, and how they are shown where the file says so.
fn measured(typed: &[typed::Measure], scope: &Scope<'_>) -> (Vec<Measure>, BTreeMap<String, Shown>) {
    let by_default = [typed::Measure::Name(DEFAULT_MEASURE.to_owned())];
    let typed = if typed.is_empty() { &by_default } else { typed };
    let (mut measures, mut shown) = (Vec::<Measure>::new(), BTreeMap::new());
    for (index, typed) in typed.iter().enumerate() {
        let scope = scope.index(index);
        let (text, how) = match typed {
            typed::Measure::Name(text) => (text, None),
            typed::Measure::Shown(of) => {
                (&of.measure, Some(Shown { label: of.label.clone(), caption: of.caption.clone() }))
            }
        };
        let Some(measure) = found(Measure::parse(text, scope.units), &scope) else { continue };
        if measures.iter().any(|other| other.name() == measure.name()) {
            scope.wrong(format!("`{}` is measured twice", clip(measure.name())), "name each measure once");
        }
        shown.extend(how.map(|how| (measure.name().to_owned(), how)));
        measures.push(measure);
    }
    (measures, shown)
}

/// What was made of a text, unless it is wrong.
fn found<T>(parsed: Result<T, MeasureError>, scope: &Scope<'_>) -> Option<T> {
    let wrong = |error: MeasureError| _ = scope.problems.at(&scope.path, Highlight::Value, error.to_string());
    parsed.map_err(wrong).ok()
}

fn zipped(axes: &[Axis], scope: &Scope<'_>) {
    let count = |axis: &Axis| match &axis.values {
        Values::List(list) => list.len(),
        Values::Range { points, .. } => *points,
    };
    let Some(first) = axes.first() else { return };
    for other in axes.iter().filter(|axis| count(axis) != count(first)) {
        let message = format!(
            "zipped axes have as many values, but `{}` has {} and `{}` has {}",
            other.path,
            count(other),
            first.path,
            count(first)
        );
        scope.key("vary").key(&other.path).wrong(message, "give each as many values, or choose the design `grid`");
    }
}

/// Whether whole numbers alone may stand at a path.
fn is_count(path: &str) -> bool {
    let branches = Path::parse(path).map_or_else(Vec::new, |path| {
        let hop = |hop: &PathSegment| match hop {
            PathSegment::Key(key) => key.clone(),
            PathSegment::Index(_) => "*".to_owned(),
        };
        let hops: Vec<String> = path.0.iter().map(hop).collect();
        at(&SCHEMA, hops.iter().map(String::as_str))
    });
    let allows = |kind: &str| branches.iter().any(|branch| allows_type(branch, kind));
    allows("integer") && !allows("number")
}

/// The one name of a path, whichever way it was typed.
fn settled(path: &str, document: &Value) -> String {
    Path::parse(path).map_or_else(|| path.to_owned(), |path| path.settled(document).to_string())
}

/// Whether a text is the path of something that may be varied.
fn check_path(path: &str, scope: &Scope<'_>, aim: Highlight) {
    let hops = Path::parse(path);
    let message = match hops.as_ref().map(|hops| hops.0.first()) {
        None => format!("`{}` is not a path", clip(path)),
        Some(first) if first.is_some_and(|first| *first == PathSegment::Key("experiment".to_owned())) => {
            "an experiment cannot vary its own block".to_owned()
        }
        _ => return,
    };
    scope.problems.at(&scope.path, aim, message).help("write a path such as `waveguides.axon.transmission`");
}

fn axis(path: &str, typed: &typed::Vary, (drawn, is_count): (bool, bool), scope: &Scope<'_>) -> Axis {
    check_path(path, scope, Highlight::Key);
    let (values, unit) = match typed {
        typed::Vary::List(list) => listed(list, scope),
        typed::Vary::Range(range) => match (&range.values, &range.linear, &range.log) {
            (Some(list), None, None) => {
                let scope = scope.key("values");
                if range.points.is_some() || range.step.is_some() {
                    scope.wrong("a list of `values` has neither points nor a step", "drop `points` and `step`");
                }
                listed(list, &scope)
            }
            (None, Some(ends), None) => ranged(ends, false, range, (drawn, is_count), scope),
            (None, None, Some(ends)) => ranged(ends, true, range, (drawn, is_count), scope),
            _ => {
                let message = format!("`{}` needs exactly one of `values`, `linear` and `log`", scope.path);
                scope
                    .problems
                    .at(&scope.path, Highlight::Key, message)
                    .help("write `{linear: [0.1, 1], points: 10}`");
                (Values::List(Vec::new()), String::new())
            }
        },
    };
    Axis { path: path.to_owned(), values, unit }
}

fn listed(list: &[typed::Any], scope: &Scope<'_>) -> (Values<Level>, String) {
    if list.is_empty() {
        scope.wrong("an axis needs at least one value", "write `[1, 2, 5]`");
    }
    let amounts: Option<Vec<(f64, &str)>> = list.iter().map(|value| amount_of(&value.0)).collect();
    let unit = amounts.as_ref().and_then(|amounts| amounts.first()).map_or("", |amount| amount.1);
    let one_unit = amounts.as_ref().is_some_and(|amounts| amounts.iter().all(|amount| amount.1 == unit));
    let number = |place: usize| amounts.as_ref().filter(|_| one_unit).map(|amounts| amounts[place].0);
    let levels = list.iter().enumerate();
    let levels = levels.map(|(place, value)| Level { value: value.0.clone(), number: number(place) }).collect();
    (Values::List(levels), if one_unit { unit.to_owned() } else { String::new() })
}

fn ranged(
    ends: &[Quantity; 2],
    logarithmic: bool,
    range: &typed::Range,
    (drawn, is_count): (bool, bool),
    scope: &Scope<'_>,
) -> (Values<Level>, String) {
    let key = if logarithmic { "log" } else { "linear" };
    let at = scope.key(key);
    let (from, unit) = amount(&ends[0], &at.index(0));
    let to = amount_in(unit, &ends[1], &at.index(1));
    if logarithmic && from * to <= 0.0 {
        at.wrong(
            format!("a logarithmic range needs ends of one sign, not zero: got {from} and {to}"),
            "write `linear` in place of `log`, or let both ends be above zero",
        );
    }
    let shown = EvenRange { from, to, unit, is_count };
    let points = match (&range.points, &range.step) {
        _ if drawn => {
            if range.points.is_some() || range.step.is_some() {
                let help = "drop `points` and `step`, or list the values that it may take: `--vary PATH=1,2,5` as an option";
                scope.wrong("a drawn design takes any value of the range", help);
            }
            0
        }
        (Some(points), None) => {
            if *points == 0 || (*points == 1 && from != to) {
                let help = format!("write `points: 2`; as an option, `--vary PATH={key}:{}:2`", shown.ends());
                scope.key("points").wrong("a range with both its ends needs at least 2 points", help);
            }
            *points as usize
        }
        (None, Some(step)) if !logarithmic => {
            let step = amount_in(unit, step, &scope.key("step"));
            steps(&shown, step, &scope.key("step"))
        }
        (None, Some(_)) => {
            let help = format!("write `points: 10`; as an option, `--vary PATH=log:{}:10`", shown.ends());
            scope.key("step").wrong("a logarithmic range has no even step", help);
            0
        }
        (Some(_), Some(_)) => {
            scope.key("step").wrong("`step` and `points` say the same", "drop one of the two");
            0
        }
        (None, None) if !(from.is_finite() && to.is_finite()) => 0,
        (None, None) => {
            let message = format!("`{}` does not say how many values the range has", scope.path);
            let ends = shown.ends();
            let help = if logarithmic || from == to {
                format!("add `points: 10`; as an option, `--vary PATH={key}:{ends}:10`")
            } else {
                let step = shown.step();
                if is_count {
                    format!("add `step: {step}`; as an option, `--vary PATH={ends}:{step}`")
                } else {
                    format!(
                        "add `points: 10` or `step: {step}`; as an option, `--vary PATH=linear:{ends}:10` or `PATH={ends}:{step}`"
                    )
                }
            };
            scope.problems.at(&scope.path, Highlight::Key, message).help(help);
            0
        }
    };
    (Values::Range { from, to, logarithmic, points }, unit.to_owned())
}

/// A range of values, shown as the option `--vary` takes it.
struct EvenRange<'a> {
    from: f64,
    to: f64,
    unit: &'a str,
    /// Whether whole numbers alone may stand there.
    is_count: bool,
}

impl EvenRange<'_> {
    fn show(&self, value: f64) -> String {
        format!("{} {}", number(rounded(value, 12)), self.unit).trim_end().to_owned()
    }

    /// Both ends, as the option has them.
    fn ends(&self) -> String {
        format!("{}:{}", self.show(self.from), self.show(self.to))
    }

    /// A step that divides it.
    fn step(&self) -> String {
        let width = self.to - self.from;
        let is_count = self.is_count && self.unit.is_empty() && width.fract() == 0.0;
        self.show(if is_count { width.signum() } else { width / 10.0 })
    }
}

/// Values from one end to the other at a distance that divides it.
fn steps(range: &EvenRange<'_>, step: f64, scope: &Scope<'_>) -> usize {
    let &EvenRange { from, to, .. } = range;
    if !(from.is_finite() && to.is_finite() && step.is_finite()) {
        return 0;
    }
    let exact = (to - from) / step;
    let whole = exact.round();
    let [shown, start, end] = [step, from, to].map(|value| range.show(value));
    if step != 0.0 && exact >= MOST_VALUES {
        let message =
            format!("steps of {shown} from {start} to {end} are {exact:.1e} values, more than {MOST_VALUES}");
        scope.wrong(message, format!("write a longer step, such as `{}`", range.step()));
        return 0;
    }
    if !(step != 0.0 && exact > 0.0 && (exact - whole).abs() < 1e-6 * whole.max(1.0)) {
        let help = if from == to {
            format!(
                "write ends that differ, or the one value in a list: `[{start}]`; as an option, `--vary PATH={start}`"
            )
        } else if step == 0.0 || exact < 1.0 {
            format!("write a step that leads there, such as `{}`", range.step())
        } else {
            let last = range.show(from + exact.floor() * step);
            let count = exact.floor() + 1.0;
            format!(
                "end at `{last}`, or give `points: {count}` in place of the step; as an option, `--vary PATH={start}:{last}:{shown}` or \
                 `PATH=linear:{}:{count}`",
                range.ends()
            )
        };
        scope.wrong(format!("steps of {shown} do not lead from {start} to {end}"), help);
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a count")]
    let steps = whole as usize;
    steps + 1
}

fn find(path: String, typed: &typed::Find, axes: &[Axis], own: Option<&Value>, scope: &Scope<'_>) -> Option<Find> {
    check_path(&path, &scope.key("path"), Highlight::Value);
    if axes.iter().any(|axis| axis.path == path) {
        scope
            .key("path")
            .wrong(format!("`{}` is varied already", clip(&path)), "search along a value that is no axis");
    }
    let (ends, unit, width) = match (&typed.from, &typed.to) {
        (Some(from), Some(to)) => {
            let (from, unit) = amount(from, &scope.key("from"));
            let to = amount_in(unit, to, &scope.key("to"));
            if from == to {
                scope.key("to").wrong("the search needs two ends that differ", "write another `to`");
            }
            (Ends::Between(from, to), unit, (to - from).abs())
        }
        (None, None) => {
            let own = own.and_then(amount_of).filter(|(value, _)| *value != 0.0);
            let (value, unit) = own.unwrap_or_else(|| {
                let message = format!("`{}` has no number in the file to begin the search at", clip(&path));
                scope
                    .key("path")
                    .wrong(message, "give both ends: `from: 0.1` and `to: 1`; as an option, `--find PATH=0.1:1`");
                (f64::NAN, "")
            });
            (Ends::Around(value), unit, value.abs())
        }
        (Some(end), None) | (None, Some(end)) => {
            let given = scope.key(if typed.from.is_some() { "from" } else { "to" });
            scope
                .problems
                .at(&given.path, Highlight::Key, "the search has one end")
                .help("give `from` and `to`, or neither; as an option, `--find PATH=FROM:TO` or `--find PATH`");
            (Ends::Around(f64::NAN), amount(end, scope).1, f64::NAN)
        }
    };
    let tolerance = match &typed.tolerance {
        None => DEFAULT_TOLERANCE * width,
        Some(typed) => {
            let scope = scope.key("tolerance");
            let tolerance = amount_in(unit, typed, &scope);
            if tolerance <= 0.0 {
                scope.wrong(format!("`{}` must be above zero, got {tolerance}", scope.path), "write `0.001`");
            }
            tolerance
        }
    };
    let search = Search { ends, tolerance };
    let condition = found(Condition::parse(&typed.condition, scope.units), &scope.key("where"))?;
    Some(Find { path, search, unit: unit.to_owned(), condition })
}

/// A quantity as its number and the unit that stands behind it; which dimension it has the varied entry tells.
fn amount<'t>(quantity: &'t Quantity, scope: &Scope<'_>) -> (f64, &'t str) {
    let found = match quantity {
        Quantity::Number(number) => Some((*number, "")),
        Quantity::Text(text) => split(text),
    };
    found.filter(|(number, _)| number.is_finite()).unwrap_or_else(|| {
        scope.wrong(format!("`{}` must be a number, or a number and a unit", scope.path), "write `0.3 uF`");
        (f64::NAN, "")
    })
}

fn amount_of(value: &Value) -> Option<(f64, &str)> {
    match value {
        Value::Number(number) => number.as_f64().map(|number| (number, "")),
        Value::String(text) => split(text),
        _ => None,
    }
}

/// `0.3 uF` as its two parts: the longest beginning that is a number, and the rest.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let number = |end: usize| text[..end].parse::<f64>().ok().map(|number| (number, text[end..].trim()));
    ends.filter_map(number).next_back()
}

/// The number of a quantity in the unit that a range began with; not a number, and on the list, if it cannot be converted.
fn amount_in(first: &str, quantity: &Quantity, scope: &Scope<'_>) -> f64 {
    let (number, unit) = amount(quantity, scope);
    if let Some(converted) = converted(number, unit, first) {
        return converted;
    }
    if scope.problems.none_within(&scope.path) {
        let said = |unit: &str| if unit.is_empty() { "no unit".to_owned() } else { format!("`{}`", clip(unit)) };
        scope.wrong(
            format!("`{}` has {}, where the range began with {}", scope.path, said(unit), said(first)),
            "give all numbers of a range in the same unit",
        );
    }
    f64::NAN
}
