//! What is to be learned: formulas with their numbers, data from files; and how its inputs stand in a file.

use std::path::Path;

use qhh_lab::learn::dataset::{Dataset, Targets, labelled};
use qhh_lab::learn::generate::Function;
use qhh_lab::learn::study::{Pool, Task};

use super::schema::{self, Task as Typed};
use super::{DataError, Layout, Table};
use crate::yaml::quantity::Scope;
use crate::yaml::wording::clip;

/// Symbols, virtual nodes and the like at most: more is a slip of the keyboard.
pub(super) const MOST: usize = 10_000_000;

/// Highest power: above, numbers between -1 and 1 are 0 or 1.
const MOST_POWER: u32 = 100;
/// Highest order of NARMA that stays bounded.
const MOST_NARMA: usize = 30;

pub(super) fn read(typed: &Typed, scope: &Scope<'_>) -> Option<(Task, Layout)> {
    let count = |key: &str, count: Option<usize>, default: usize, scope: &Scope<'_>| {
        within(count.unwrap_or(default), 1, &scope.key(key))
    };
    let task = match typed {
        Typed::Narma(narma) => {
            let scope = scope.key("narma");
            let typed = narma.order.unwrap_or(10);
            let order = scope.key("order");
            if (MOST_NARMA + 1..=MOST).contains(&typed) {
                let message = format!("NARMA of order {typed} grows without bound");
                order.wrong(message, format!("write an order up to {MOST_NARMA}"));
            } else {
                between(typed, 1, MOST_NARMA, &order);
            }
            Task::Narma { order: typed.min(MOST_NARMA), steps: count("steps", narma.steps, 2000, &scope) }
        }
        Typed::MackeyGlass(series) => {
            let scope = scope.key("mackey-glass");
            let tau = series.tau.unwrap_or(17.0);
            if !(tau > 0.0 && tau <= 1000.0) {
                scope.key("tau").wrong(format!("`tau` must be above 0 and at most 1000, got {tau}"), "write 17");
            }
            Task::MackeyGlass {
                tau,
                horizon: count("horizon", series.horizon, 1, &scope),
                steps: count("steps", series.steps, 2000, &scope),
            }
        }
        Typed::Function(function) => {
            let scope = scope.key("function");
            let steps = count("steps", function.steps, 1000, &scope);
            match (function.power, function.cycles) {
                (Some(power), None) if (1..=MOST_POWER).contains(&power) => {
                    Task::Nonlinear { function: Function::Power(power), steps }
                }
                (None, Some(cycles)) if cycles.is_finite() => {
                    Task::Nonlinear { function: Function::Sine(cycles), steps }
                }
                _ => {
                    scope.wrong(
                        "a function is one of a power and a sine",
                        "write `power: 3` (up to 100) or `cycles: 1`",
                    );
                    return None;
                }
            }
        }
        Typed::MemoryCapacity(memory) => {
            let scope = scope.key("memory-capacity");
            let delays = vec![count("delay", memory.delay, 50, &scope)];
            Task::Capacity { delays, steps: count("steps", memory.steps, 4000, &scope) }
        }
        Typed::Capacity(capacity) => {
            let scope = scope.key("capacity");
            if capacity.delays.is_empty() {
                scope.key("delays").wrong("no degree has a delay", "write a list such as `[30, 12, 6]`");
            }
            Task::Capacity { delays: capacity.delays.clone(), steps: count("steps", capacity.steps, 4000, &scope) }
        }
        Typed::CylinderBellFunnel(shapes) => {
            let scope = scope.key("cylinder-bell-funnel");
            Task::CylinderBellFunnel {
                examples: count("examples", shapes.examples, 300, &scope),
                every: count("every", shapes.every, 4, &scope),
            }
        }
        Typed::Series(typed) => return from_file("series", &typed.file, scope, |path| series(typed, path)),
        Typed::Classes(typed) => return from_file("classes", &typed.file, scope, |path| classes(typed, path)),
        Typed::Sequences(typed) if typed.label == typed.sequence => {
            let scope = scope.key("sequences").key("label");
            let message = format!("`{}` is both `sequence` and `label`", clip(&typed.label));
            scope.wrong(message, "name the column whose value tells sequences apart, and that of their classes");
            return None;
        }
        Typed::Sequences(typed) => {
            return from_file("sequences", &typed.file, scope, |path| sequences(typed, path));
        }
    };
    let layout = made(&task);
    Some((task, layout))
}

/// How new inputs for a formula would stand in a file.
fn made(task: &Task) -> Layout {
    match task {
        Task::CylinderBellFunnel { every, .. } => {
            let symbols = 128_usize.div_ceil(*every);
            Layout::Rows { columns: (0..symbols).map(|k| format!("x{k}")).collect(), symbols }
        }
        _ => Layout::Series { columns: vec!["input".to_owned()] },
    }
}

/// Names of the inputs.
pub(super) fn channels(task: &Task) -> Vec<String> {
    match task {
        Task::Data(data) => data.channels.clone(),
        _ => vec!["input".to_owned()],
    }
}

/// What becomes of symbols by default: side by side where every example has as many.
pub(super) fn pooled(task: &Task) -> Pool {
    match task {
        Task::Data(Dataset { sequences, .. })
            if sequences.windows(2).any(|pair| pair[0].nrows() != pair[1].nrows()) =>
        {
            Pool::Mean
        }
        _ => Pool::All,
    }
}

fn from_file(
    task: &str,
    file: &str,
    scope: &Scope<'_>,
    read: impl FnOnce(&Path) -> Result<(Dataset, Layout), DataError>,
) -> Option<(Task, Layout)> {
    let found = scope.key(task).key("file").locate(file)?;
    // As the user would call it.
    match read(found.strip_prefix(".").unwrap_or(&found)) {
        Ok((data, layout)) => Some((Task::Data(data), layout)),
        Err(error) => {
            let (key, help) = match &error {
                DataError::Unreadable { .. } => ("file", "the path starts at the folder of the task file"),
                DataError::Twice { .. } => ("inputs", error.remedy()),
                DataError::Uneven { .. } => ("symbols", error.remedy()),
                DataError::OneClass { .. } => ("label", error.remedy()),
                _ => ("file", error.remedy()),
            };
            scope.key(task).key(key).wrong(error.to_string(), help);
            None
        }
    }
}

fn series(typed: &schema::Series, path: &Path) -> Result<(Dataset, Layout), DataError> {
    let twice = (1..typed.inputs.len()).find(|&k| typed.inputs[..k].contains(&typed.inputs[k]));
    if let Some(k) = twice {
        return Err(DataError::Twice { column: typed.inputs[k].clone() });
    }
    let table = Table::read(path)?;
    let horizon = typed.horizon.unwrap_or(1);
    let why = "the series, with its horizon,";
    table.at_least(horizon.saturating_add(10), why, "give more rows, or a shorter `horizon`")?;
    let layout = Layout::Series { columns: typed.inputs.clone() };
    let inputs = layout.read(&table)?;
    let target = typed.target.as_ref().or(typed.inputs.first()).map_or("", String::as_str);
    let target = table.numbers(table.column(target)?)?.split_off(horizon);
    let (channels, targets) = (typed.inputs.clone(), Targets::of_numbers(&target));
    let sequences = inputs.into_iter().map(|inputs| inputs.rows(0, target.len()).into_owned()).collect();
    Ok((Dataset { channels, sequences, targets, horizon }, layout))
}

fn classes(typed: &schema::Classes, path: &Path) -> Result<(Dataset, Layout), DataError> {
    let table = Table::read(path)?;
    let label = table.column(&typed.label)?;
    let labels = table.labels(label)?;
    enough(&table, &labels)?;
    let columns: Vec<String> = table.header().iter().filter(|name| **name != typed.label).cloned().collect();
    let symbols = typed.symbols.unwrap_or(1);
    let layout = Layout::Rows { columns: columns.clone(), symbols };
    let inputs = layout.read(&table)?;
    // Cut into symbols, the columns take turns in one channel.
    let channels = match symbols {
        1 => columns,
        _ => (0..columns.len() / symbols).map(|k| format!("input{k}")).collect(),
    };
    Ok((labelled(channels, inputs, &labels), layout))
}

fn sequences(typed: &schema::Sequences, path: &Path) -> Result<(Dataset, Layout), DataError> {
    let table = Table::read(path)?;
    let (sequence, label) = (table.column(&typed.sequence)?, table.column(&typed.label)?);
    let labels = table.labels(label)?;
    table.at_least(2, "a set of sequences", "give two sequences at least")?;
    let of_input = |name: &&String| **name != typed.label && **name != typed.sequence;
    let channels: Vec<String> = table.header().iter().filter(of_input).cloned().collect();
    let layout = Layout::Sequences { columns: channels.clone(), sequence: typed.sequence.clone() };
    let inputs = layout.read(&table)?;
    let edges = table.groups(sequence);
    table.same_within(&edges, label)?;
    let labels: Vec<String> = edges.windows(2).map(|pair| labels[pair[0]].clone()).collect();
    table.two_classes(&labels)?;
    Ok((labelled(channels, inputs, &labels), layout))
}

fn enough(table: &Table, labels: &[String]) -> Result<(), DataError> {
    let mut names = labels.to_vec();
    names.sort_unstable();
    names.dedup();
    let classes = if names.len() == 1 { "1 class".to_owned() } else { format!("{} classes", names.len()) };
    let why = format!("a task of {classes}, two examples each for the least,");
    table.at_least(2 * names.len(), &why, "give more rows, or check that `label` names the column of classes")?;
    table.two_classes(labels)
}

/// A count between `least` and what any task can take.
pub(super) fn within(count: usize, least: usize, scope: &Scope<'_>) -> usize {
    between(count, least, MOST, scope)
}

fn between(count: usize, least: usize, most: usize, scope: &Scope<'_>) -> usize {
    if count < least || count > most {
        scope.wrong(
            format!("`{}` must be from {least} to {most}, got {count}", scope.path),
            "write another number",
        );
        return least;
    }
    count
}
