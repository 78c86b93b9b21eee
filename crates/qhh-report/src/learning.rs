//! The page of a study.

use std::borrow::Cow;

use minijinja::{Value, context};

use crate::chart::{Arrangement, AxisSpec, Colour, Figure, Height, Mark, Panel, Series};
use crate::figures::traces::listed;
use crate::render;
use qhh_lab::learn::features::Family;
use qhh_lab::learn::scores::Mean;
use qhh_lab::learn::study::{CurvePoint, Importance, Learner, Predicted, ScoreKind, Summary};
use qhh_results::learning::Learned;
use qhh_results::number::{count, number, within};

/// Rows of a series that are drawn.
const MOST_ROWS: usize = 300;

pub(super) fn html(learned: &Learned<'_>) -> String {
    let summary = &learned.summary;
    let finding = Value::from_safe_string(scores(summary).html());
    let figures = [
        ("Prediction against truth", "The first seed.", predictions(learned)),
        (
            "Learning curve",
            "How much more data would help: the same readout trained on part of the rows.",
            curve(summary),
        ),
        (
            "Shots",
            "Every feature as the mean of a finite number of measurements, in training as in the test.",
            shots(summary),
        ),
        (
            "Capacity by delay",
            "How well past inputs can be read off the features linearly; products of several count at their longest \
             delay.",
            capacity(summary),
        ),
    ];
    let sections: Vec<Value> = figures
        .into_iter()
        .map(|(title, lead, figures)| {
            let drawn: Vec<String> = figures.iter().map(Figure::html).filter(|html| !html.is_empty()).collect();
            (title, lead, drawn)
        })
        .filter(|(.., figures)| !figures.is_empty())
        .map(|(title, lead, figures)| {
            let figures: Vec<Value> = figures.into_iter().map(Value::from_safe_string).collect();
            context! { title, lead, figures }
        })
        .collect();
    let facts: Vec<Value> = learned
        .facts
        .iter()
        .map(|(name, text)| context! { name => (*name).to_owned(), lines => vec![text.clone()] })
        .collect();
    render(
        "learn.html",
        &context! {
            title => learned.name.as_str(),
            description => learned.description.as_str(),
            caption => compared(summary),
            tiles => tiles(summary),
            version => learned.version.as_str(),
            score => summary.score.title(),
            better => if summary.score.less_is_better() { "less is better" } else { "more is better" },
            seconds => number(learned.seconds, 2),
            capacity => summary.score == ScoreKind::Capacity,
            learners => learners(summary),
            facts,
            importances => importances(summary),
            confusion => confusion(summary),
            classes => &summary.classes,
            degrees => degrees(summary),
            names => summary.learners.iter().map(|learner| learner.name.clone()).collect::<Vec<_>>(),
            finding,
            sections,
        },
    )
}

/// How the network stands to a learner: 1 where it is better, -1 where worse, 0 where they do not differ significantly.
fn stands(summary: &Summary, difference: Mean) -> i8 {
    let sign = if summary.score.less_is_better() { -1.0 } else { 1.0 };
    // Twice the standard error parts them.
    if difference.mean.abs() <= 2.0 * difference.error.unwrap_or(0.0) {
        0
    } else if sign * difference.mean > 0.0 {
        1
    } else {
        -1
    }
}

/// Whom the network beats, in a sentence; empty without others.
fn compared(summary: &Summary) -> String {
    let of = |wanted: i8| -> Vec<&str> {
        let standing = |learner: &&Learner| learner.difference.map(|difference| stands(summary, difference));
        summary.learners.iter().filter(|l| standing(l) == Some(wanted)).map(|l| l.name.as_ref()).collect()
    };
    let parts: Vec<String> =
        [(1, "is better than"), (0, "does not differ significantly from"), (-1, "is worse than")]
            .into_iter()
            .map(|(wanted, words)| (of(wanted), words))
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, words)| format!("{words} {}", listed(&names)))
            .collect();
    if parts.is_empty() { String::new() } else { format!("The network {}.", parts.join("; it ")) }
}

/// The network's score, the best other's, and the difference from the network without quantum fluctuations.
fn tiles(summary: &Summary) -> Vec<Value> {
    let (what, better) =
        (summary.score.title(), if summary.score.less_is_better() { "less is better" } else { "more is better" });
    let tile = |name: &str, value: String, note: String| context! { name, value, note };
    let mut tiles = Vec::new();
    let network = summary.learners.iter().find(|learner| learner.difference.is_none());
    tiles.extend(network.map(|own| tile("Network", shown(own.test), format!("{what}, {better}"))));
    let sign = if summary.score.less_is_better() { 1.0 } else { -1.0 };
    let others = summary.learners.iter().filter(|learner| learner.difference.is_some());
    let scored = others.filter_map(|learner| Some((learner, sign * learner.test?.mean)));
    let best = scored.min_by(|a, b| a.1.total_cmp(&b.1));
    tiles.extend(best.map(|(best, _)| tile("Best of the others", shown(best.test), best.name.to_string())));
    let classical = summary.learners.iter().find(|learner| learner.name == "hbar = 0");
    if let Some(difference) = classical.and_then(|learner| learner.difference) {
        let verdict = match stands(summary, difference) {
            1 => "the network is better",
            -1 => "the network is worse",
            _ => "less than twice the error: not significant",
        };
        tiles.push(tile("Minus hbar = 0", shown(Some(difference)), verdict.to_owned()));
    }
    tiles
}

/// `0.4120 ± 0.0083`.
fn shown(score: Option<Mean>) -> String {
    match score {
        None => "nothing to learn from".to_owned(),
        // Rounding is no error of the mean.
        Some(Mean { mean, error: Some(error) }) if error < 1e-9 * mean.abs() => number(mean, 3),
        Some(Mean { mean, error: Some(error) }) => within(mean, error),
        Some(Mean { mean, error: None }) => number(mean, 3),
    }
}

fn learners(summary: &Summary) -> Vec<Value> {
    let row = |learner: &Learner| {
        context! {
            name => &*learner.name,
            features => count(learner.features),
            varying => count(learner.varying),
            strength => learner.strength.map(|strength| number(strength, 2)),
            train => learner.train.map(|score| shown(Some(score))),
            validation => learner.validation.map(|score| shown(Some(score))),
            test => shown(learner.test),
            difference => learner.difference.map(|score| shown(Some(score))),
        }
    };
    summary.learners.iter().map(row).collect()
}

/// The score of every learner as a dot with its standard error to either side, a row each.
fn scores(summary: &Summary) -> Figure<'static> {
    let (mut series, mut named) = (Vec::new(), Vec::new());
    for (row, learner) in summary.learners.iter().enumerate() {
        let height = -(row as f64);
        named.push((height, learner.name.to_string()));
        let Some(score) = learner.test else { continue };
        let colour = Colour::Palette(row);
        if let Some(error) = score.error.filter(|error| *error > 0.0) {
            let ends = vec![(score.mean - error, height), (score.mean + error, height)];
            series.push(Series::new("standard error", colour, Mark::Curve(ends)).unlisted());
        }
        series.push(Series::new(&learner.name, colour, Mark::Dots(vec![(score.mean, height)])).unlisted());
    }
    let mut rows = plain("Learner").ranging(0.5 - named.len() as f64, 0.5);
    (rows.named, rows.rows) = (Some(named), true);
    let caption = format!(
        "On the test part, means over the seeds with their standard errors; {}.",
        if summary.score.less_is_better() { "less is better" } else { "more is better" }
    );
    let height = if summary.learners.len() > 6 { Height::Tall } else { Height::Normal };
    let panel = panel(plain(summary.score.title()), rows, series, height);
    figure("scores", "Scores of the learners", &caption, vec![panel])
}

fn importances(summary: &Summary) -> Vec<Value> {
    let row = |group: &Importance| {
        context! {
            group => group.group.as_str(),
            family => if group.family == Family::Quantum { "quantum" } else { "mean field" },
            columns => count(group.columns),
            alone => shown(group.alone),
            without => shown(group.without),
        }
    };
    summary.importances.iter().map(row).collect()
}

/// Rows of the confusion matrix, each cell with its share of its row.
fn confusion(summary: &Summary) -> Vec<Value> {
    let row = |(class, counts): (usize, &Vec<usize>)| {
        let total = counts.iter().sum::<usize>().max(1);
        let cells: Vec<Value> = counts
            .iter()
            .enumerate()
            .map(|(predicted, &n)| {
                let share = 100 * n / total;
                context! { n, share, right => predicted == class }
            })
            .collect();
        context! { name => summary.classes.get(class), cells }
    };
    summary.confusion.iter().enumerate().map(row).collect()
}

/// Capacity of each learner by degree.
fn degrees(summary: &Summary) -> Vec<Value> {
    let mut degrees: Vec<u32> = summary.capacities.iter().map(|row| row.degree).collect();
    degrees.dedup();
    let row = |degree: u32| {
        let of = |place: usize| {
            let rows = summary.capacities.iter().filter(|row| row.degree == degree);
            number(rows.map(|row| row.capacities[place].mean).sum(), 3)
        };
        context! { degree, cells => (0..summary.learners.len()).map(of).collect::<Vec<_>>() }
    };
    degrees.into_iter().map(row).collect()
}

fn figure(id: &str, title: &str, caption: &str, panels: Vec<Panel<'static>>) -> Figure<'static> {
    Figure {
        id: id.to_owned(),
        title: title.to_owned(),
        caption: caption.to_owned(),
        panels,
        arrangement: Arrangement::Stacked,
    }
}

fn panel(x: AxisSpec, y: AxisSpec, series: Vec<Series<'static>>, height: Height) -> Panel<'static> {
    Panel { heading: String::new(), x, y, series, height }
}

fn plain(label: &str) -> AxisSpec {
    AxisSpec::new(label, "")
}

fn predictions(learned: &Learned<'_>) -> Vec<Figure<'static>> {
    if !learned.summary.classes.is_empty() || learned.predictions.is_empty() {
        return Vec::new();
    }
    let test: Vec<_> = learned.predictions.iter().filter(|row| row.part == "test").collect();
    let some = &test[..test.len().min(MOST_ROWS)];
    let line = |name: &str, colour, of: fn(&Predicted) -> f64| {
        let x: Vec<f64> = some.iter().map(|row| row.row as f64).collect();
        let y: Vec<f64> = some.iter().map(|row| of(row)).collect();
        Series::line(name, colour, Cow::Owned(x), Cow::Owned(y))
    };
    let series = vec![
        line("truth", Colour::Ink, |row| row.truth),
        line("prediction", Colour::Palette(0), |row| row.prediction),
    ];
    let dots: Vec<(f64, f64)> = test.iter().map(|row| (row.truth, row.prediction)).collect();
    let (low, high) =
        dots.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), dot| (low.min(dot.0), high.max(dot.0)));
    let against = vec![
        Series::new("perfect", Colour::Ink, Mark::Curve(vec![(low, low), (high, high)])),
        Series::new("test rows", Colour::Palette(0), Mark::Dots(dots)),
    ];
    vec![
        figure(
            "prediction",
            "Over the symbols",
            "The beginning of the test part.",
            vec![panel(plain("Symbol"), plain("Target"), series, Height::Tall)],
        ),
        figure(
            "against",
            "Against each other",
            "All of the test part: on the line where the prediction is right.",
            vec![panel(plain("Truth"), plain("Prediction"), against, Height::Square)],
        ),
    ]
}

fn joined(name: &str, colour: Colour, points: Vec<(f64, f64)>) -> Series<'static> {
    Series::new(name, colour, Mark::Joined(points))
}

fn curve(summary: &Summary) -> Vec<Figure<'static>> {
    if summary.curve.len() < 2 {
        return Vec::new();
    }
    let line = |name: &str, colour, of: fn(&CurvePoint) -> f64| {
        joined(name, colour, summary.curve.iter().map(|point| (point.rows as f64, of(point))).collect())
    };
    let series = vec![
        line("on the rows trained on", Colour::Palette(1), |point| point.train.mean),
        line("on the validation part", Colour::Palette(0), |point| point.validation.mean),
    ];
    let panel = panel(plain("Training rows"), plain(summary.score.title()), series, Height::Normal);
    vec![figure("curve", "Score against training rows", "Means over the seeds.", vec![panel])]
}

fn shots(summary: &Summary) -> Vec<Figure<'static>> {
    if summary.shots.is_empty() {
        return Vec::new();
    }
    let points = summary.shots.iter().map(|row| (row.shots as f64, row.test.mean)).collect();
    let mut series = vec![joined("network, measured", Colour::Palette(0), points)];
    for (name, colour, shown) in
        [("network", Colour::Ink, "exact expectation values"), ("hbar = 0", Colour::Palette(2), "hbar = 0")]
    {
        let found = summary.learners.iter().find(|learner| learner.name == name).and_then(|learner| learner.test);
        if let Some(test) = found {
            series.push(Series::new(shown, colour, Mark::Rule(test.mean)));
        }
    }
    let x = AxisSpec { logarithmic: true, ..plain("Measurements of each feature") };
    let panel = panel(x, plain(summary.score.title()), series, Height::Normal);
    vec![figure("shots", "Score against measurements", "On the test part, means over the seeds.", vec![panel])]
}

fn capacity(summary: &Summary) -> Vec<Figure<'static>> {
    let mut degrees: Vec<u32> = summary.capacities.iter().map(|row| row.degree).collect();
    degrees.dedup();
    let of = |degree: u32| {
        let rows = || summary.capacities.iter().filter(move |row| row.degree == degree);
        let series = summary.learners.iter().enumerate().map(|(place, learner)| {
            let points = rows().map(|row| (row.delay as f64, row.capacities[place].mean)).collect();
            joined(&learner.name, Colour::Palette(place), points)
        });
        Panel {
            heading: format!("Degree {degree}"),
            ..panel(plain("Longest delay"), plain("Capacity").with_zero(), series.collect(), Height::Normal)
        }
    };
    let panels: Vec<_> = degrees.into_iter().map(of).collect();
    if panels.is_empty() {
        return Vec::new();
    }
    vec![figure(
        "capacity",
        "Capacity",
        "Means over the seeds; below the threshold of chance it counts as none.",
        panels,
    )]
}
