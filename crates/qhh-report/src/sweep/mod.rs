//! The page of a sweep: what was varied, curves and maps of each measure, how thresholds spread, every run.

mod answer;
mod curves;
mod map;
mod points;

use minijinja::{Value, context};

use super::chart::{Arrangement, Figure, Height};
use super::page::section;
use super::render;
use crate::figures::Section;
use points::{Point, points};
use qhh_format::yaml::experiment::Experiment;
use qhh_lab::sweep::Design;
use qhh_net::Network;
use qhh_results::REPORT;
use qhh_results::number::{count, counted, join, number, printed};
use qhh_results::sweep::{AxisColumn, MeasureColumn, SEARCH_RUNS, Status, SweepTable};

/// Runs that are listed.
const MOST_ROWS: usize = 1000;
/// Failed runs whose reasons are listed.
const MOST_FAILED: usize = 20;

/// The page as HTML.
pub(super) fn html(network: &Network, experiment: &Experiment, table: &SweepTable) -> String {
    let points = points(table);
    let done = table.count(Status::Done);
    let tile = |name: &str, value: String, note: String| context! { name, value, note };
    // What failed comes first.
    let (lost, all) = (table.rows.len() - done, count(table.rows.len()));
    let noun = if table.search_runs().is_some() { "searches" } else { "runs" };
    let verdict = if lost == 0 {
        context! { name => "Verdict", value => format!("✓ {all} of {all}"), note => format!("{noun} measured"), class => "holds" }
    } else {
        let note = format!("{noun} without measures, for the reasons below");
        context! { name => "Verdict", value => format!("✗ {} of {all}", count(lost)), note, class => "fails" }
    };
    let mut tiles = vec![verdict];
    if let Some([name, value, note]) = answer::answer(experiment, table, &points) {
        tiles.push(tile(&name, value, note));
    }
    tiles.push(tile("Points", count(points.len()), design(experiment)));
    tiles.push(match table.search_runs() {
        None => tile("Runs", all, format!("{} each", counted(experiment.repeats, "run"))),
        // Of searches that found nothing the table has no number.
        Some(0) => tile("Searches", all, String::new()),
        Some(runs) if lost == 0 => tile("Searches", all, format!("{} in all", counted(runs, "run"))),
        Some(runs) => tile("Searches", all, format!("{} where something was found", counted(runs, "run"))),
    });
    let mut sections = sections(experiment, table, &points);
    // The first measure is what the sweep was made for.
    let finding = sections.first_mut().and_then(|section| {
        let place = section.figures.iter().position(|figure| !figure.is_empty())?;
        Some(section.figures.remove(place))
    });
    let sections: Vec<Value> = sections.iter().filter_map(section).collect();
    render(
        "sweep.html",
        &context! {
            title => format!("{}: sweep", network.name),
            description => network.description.as_str(),
            caption => network.caption.as_str(),
            version => env!("CARGO_PKG_VERSION"),
            tiles,
            axes => table.axes.iter().enumerate().map(|(k, axis)| told_axis(k, axis, table)).collect::<Vec<_>>(),
            find => experiment.find.as_ref().map(|find| context! {
                path => find.path.as_str(),
                condition => find.condition.to_string(),
                tolerance => join(&number(find.search.tolerance, 3), &printed(&find.unit)),
            }),
            repeats => (experiment.repeats > 1).then(|| count(experiment.repeats)),
            finding => finding.map(|figure| Value::from_safe_string(figure.html())),
            sections,
            statistics => statistics(table, &points),
            failed => failed(table),
            header => header(table),
            rows => rows(table),
            rest => table.rows.len().saturating_sub(MOST_ROWS),
        },
    )
}

fn design(experiment: &Experiment) -> String {
    match experiment.design {
        _ if experiment.axes.is_empty() => "nothing is varied".to_owned(),
        Design::Grid if experiment.axes.len() == 1 => "on one axis".to_owned(),
        Design::Grid => {
            format!("on a grid of {} axes", count(experiment.axes.len()))
        }
        Design::Zip => "axes side by side".to_owned(),
        Design::Random(_) => "drawn evenly".to_owned(),
        Design::Sobol(_) => "of a Sobol sequence".to_owned(),
    }
}

fn told_axis(place: usize, axis: &AxisColumn, table: &SweepTable) -> Value {
    let mut values: Vec<f64> = table.rows.iter().map(|row| row.coordinates[place]).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let text = |value: f64| match axis.words {
        Some(_) => axis.text(value),
        None => join(&number(value, 6), &printed(&axis.unit)),
    };
    let told = match values.as_slice() {
        [] => String::new(),
        few if few.len() <= 6 => few.iter().map(|&value| text(value)).collect::<Vec<_>>().join(", "),
        [first, .., last] => format!("{} values from {} to {}", count(values.len()), text(*first), text(*last)),
        [only] => text(*only),
    };
    context! { path => axis.path.as_str(), values => told }
}

fn sections<'a>(experiment: &Experiment, table: &'a SweepTable, points: &[Point]) -> Vec<Section<'a>> {
    let measures = table.measures.iter().enumerate().filter(|(_, measure)| is_shown(measure));
    let figures: Vec<Figure<'a>> = measures
        .flat_map(|(place, measure)| {
            let id = format!("measure-{place}");
            let shown = experiment.shown.get(&measure.name);
            let title = shown.and_then(|shown| shown.label.clone()).unwrap_or_else(|| {
                sought(experiment, measure)
                    .map_or_else(|| measure.name.clone(), |what| format!("Threshold of {what}"))
            });
            let said = shown
                .and_then(|shown| shown.caption.as_deref())
                .map_or_else(String::new, |said| format!("{said} "));
            let panels = curves::panels(experiment, table, points, place);
            let curved = panels.iter().any(|panel| panel.height == Height::Tall);
            let arrangement = if panels.len() > 1 && !curved { Arrangement::Beside } else { Arrangement::Stacked };
            let curves = Figure {
                id: id.clone(),
                title: title.clone(),
                caption: format!("{said}{}", curves::caption(experiment, table, points)).trim().to_owned(),
                panels,
                arrangement,
            };
            let map = map::panel(experiment, table, points, place).map(|panel| Figure {
                id: format!("{id}-map"),
                title: format!("{title}, as a map"),
                caption: if experiment.repeats > 1 {
                    "Means over repeats; blank where no run has such a number.".to_owned()
                } else {
                    "Blank where the run has no such number.".to_owned()
                },
                panels: vec![panel],
                arrangement: Arrangement::Stacked,
            });
            std::iter::once(curves).chain(map)
        })
        .collect();
    vec![Section { title: "All measures", lead: String::new(), figures }]
}

/// What a search varies, by the end of its path, where the measure is its threshold.
fn sought<'a>(experiment: &'a Experiment, measure: &MeasureColumn) -> Option<&'a str> {
    let find = experiment.find.as_ref().filter(|_| measure.name == "threshold")?;
    Some(find.path.rsplit_once('.').map_or(&*find.path, |(_, last)| last))
}

/// Where a search ended says no more than its threshold.
fn is_shown(measure: &MeasureColumn) -> bool {
    !matches!(measure.name.as_str(), "holds_at" | "fails_at" | SEARCH_RUNS)
}

/// How each measure spreads over the repeats of a single point.
fn statistics(table: &SweepTable, points: &[Point]) -> Option<Vec<Value>> {
    let [point] = points else { return None };
    if point.runs < 2 {
        return None;
    }
    let row = |(place, measure): (usize, &MeasureColumn)| {
        let summary = &point.measures[place];
        let shown = |value: f64| if value.is_nan() { "–".to_owned() } else { number(value, 5) };
        context! {
            name => printed(&measure.title()),
            runs => summary.values.len(),
            mean => shown(summary.mean()),
            error => shown(summary.error()),
            deviation => shown(summary.deviation()),
            quantiles => [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| shown(summary.quantile(share))).to_vec(),
        }
    };
    Some(table.measures.iter().enumerate().filter(|(_, measure)| is_shown(measure)).map(row).collect())
}

fn failed(table: &SweepTable) -> Vec<Value> {
    let failed = table.rows.iter().filter(|row| row.finished.status != Status::Done);
    let told = failed.take(MOST_FAILED).map(|row| {
        let at = table.axes.iter().zip(&row.coordinates);
        let at: Vec<String> = at.map(|(axis, &value)| format!("{} = {}", axis.path, axis.text(value))).collect();
        context! {
            point => row.place,
            repeat => row.repeat,
            at => at.join(", "),
            status => row.finished.status.name(),
            error => row.finished.error.as_str(),
        }
    });
    told.collect()
}

fn header(table: &SweepTable) -> Vec<String> {
    let axes = table.axes.iter().map(AxisColumn::title);
    axes.chain(table.measures.iter().map(MeasureColumn::title)).map(|title| printed(&title)).collect()
}

fn rows(table: &SweepTable) -> Vec<Value> {
    let row = |row: &qhh_results::sweep::SweepRow| {
        let axes = table.axes.iter().zip(&row.coordinates).map(|(axis, &value)| match axis.words {
            Some(_) => axis.text(value),
            None => number(value, 6),
        });
        let value = |place| row.value(place).map_or_else(|| "–".to_owned(), |value| number(value, 5));
        context! {
            number => row.finished.number,
            repeat => row.repeat,
            status => row.finished.status.name(),
            done => row.finished.status == Status::Done,
            link => row.folder.as_ref().map(|folder| format!("{folder}/{REPORT}")),
            cells => axes.chain((0..table.measures.len()).map(value)).collect::<Vec<_>>(),
        }
    };
    table.rows.iter().take(MOST_ROWS).map(row).collect()
}
