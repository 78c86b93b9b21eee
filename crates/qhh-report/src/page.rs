//! The page of one run: what is said, in which order. Plots come from [`super::figures`], looks from the templates.

use minijinja::{Value, context};
use qhh_core::stop;
use qhh_core::units::Dimension;
use qhh_net::network::Observable as O;

use super::chart::Figure;
use super::figures::ensemble as samples;
use super::figures::{
    Group, Section, Subject, budget, drawn_neurons, intervals, label, memristor, raster, responses, shape,
    space_time, spread, traces, variance,
};
use super::headline::{Tile, tiles};
use super::{describe, ensemble, jitter, network, origin, output, render};
use qhh_results::FinishedRun;
use qhh_results::number::{clock, count, counted, join, number, quantity, symbol};

/// Spikes listed by time; the rest are counted.
const MOST_SPIKES: usize = 200;
/// Figures listed with their errors, those with the largest.
const MOST_ERRORS: usize = 40;
/// Bytes of the network's text that are shown.
const MOST_TEXT: usize = 200_000;
/// Neurons that get a panel of their own.
const MOST_PANELS: usize = 6;

/// The page as HTML.
pub(super) fn html(run: &FinishedRun) -> String {
    let ran = &run.network;
    let units = ran.units;
    let tiles: Vec<Value> = verdict(run).into_iter().chain(tiles(run, units).iter().map(tile)).collect();
    let set = run.set.iter().map(|set| format!("{set}, in place of the file's own value")).collect::<Vec<_>>();
    let set = (!set.is_empty()).then(|| ("Changed".to_owned(), set));
    let topics: Vec<Value> =
        set.into_iter().chain(describe::describe(ran)).map(|(name, lines)| context! { name, lines }).collect();
    let mut sections = sections(run);
    let output = output::section(run);
    // The picture that carries the finding comes first, and not again.
    let finding = if output.is_some() { None } else { finding(&mut sections, !ran.waveguides.is_empty()) };
    let sections: Vec<Value> = sections.iter().filter_map(section).collect();
    render(
        "run.html",
        &context! {
            title => ran.name.as_str(),
            description => ran.description.as_str(),
            caption => ran.caption.as_str(),
            notices => notices(run),
            version => run.version.as_str(),
            units => units.name(),
            tiles,
            topics,
            graph => network::graph(run),
            finding => finding.map(|figure| Value::from_safe_string(figure.html())),
            sections,
            conduction => network::conduction(run),
            energy => network::energy(run),
            output,
            firing => ensemble::firing(run),
            noise_spikes => ensemble::noise_spikes(run),
            origins => jitter::origins(run),
            emitted => origin::section(run),
            cutoffs => cutoffs(run),
            spikes => spikes(run),
            checks => checks(run),
            failed => run.outcome.checks.iter().any(|check| !check.holds()),
            verification => verification(run),
            approximations => approximations(run),
            cost => cost(run),
            yaml => beginning(&run.network_yaml),
            yaml_cut => run.network_yaml.len() > MOST_TEXT,
        },
    )
}

/// Ids of the figures that carry a finding, the most telling first; of neurons that are not joined, their noise before
/// where they stand.
const FINDINGS: [&str; 6] = ["last-loops", "loops", "space-time", "raster", "sampled", "voltage"];
const APART: [&str; 7] = ["last-loops", "loops", "band", "space-time", "raster", "sampled", "voltage"];

/// Takes the figure that carries the finding from its section; none without any.
fn finding<'a>(sections: &mut [Section<'a>], joined: bool) -> Option<Figure<'a>> {
    let figures =
        || sections.iter().enumerate().flat_map(|(k, s)| s.figures.iter().enumerate().map(move |f| (k, f)));
    let found = |id: &&str| figures().find(|(_, (_, figure))| figure.id == **id && !figure.is_empty());
    let (section, (place, _)) = (if joined { &FINDINGS[..] } else { &APART }).iter().find_map(found)?;
    Some(sections[section].figures.remove(place))
}

/// How many of the checks hold, as the first tile; none without any that could fail.
fn verdict(run: &FinishedRun) -> Option<Value> {
    let bounded: Vec<_> = run.outcome.checks.iter().filter(|check| check.expected_below.is_finite()).collect();
    let failed: Vec<&str> = bounded.iter().filter(|check| !check.holds()).map(|check| &*check.name).collect();
    (!bounded.is_empty()).then(|| verdict_of((failed.len(), bounded.len()), failed.join(", ")))
}

/// The tile of so many checks that fail of all; `note` says which.
pub(super) fn verdict_of((failed, all): (usize, usize), note: String) -> Value {
    let all = count(all);
    let (value, note, class) = match failed {
        0 => (format!("✓ {all} of {all}"), "checks of the physics hold".to_owned(), "holds"),
        1 => (format!("✗ 1 of {all} fails"), note, "fails"),
        n => (format!("✗ {} of {all} fail", count(n)), note, "fails"),
    };
    context! { name => "Verdict", value, note, class }
}

/// What is said at the top: that the run ended before its time, checks that fail, warnings.
pub(super) fn notices(run: &FinishedRun) -> Vec<Value> {
    let notice = |kind, text: String| context! { kind, text };
    let failed = run.outcome.checks.iter().filter(|check| !check.holds()).map(|check| {
        let (defect, expected) = (number(check.defect, 2), check.expected(|most| number(most, 2)));
        format!(
            "Check failed: {}. The defect is {defect}, {expected}: {}. Do not trust these numbers before \
             you know why.",
            check.name,
            check.meaning.trim_end_matches('.')
        )
    });
    let incomplete = incomplete(run).into_iter().chain(failed).map(|text| notice("failed", text));
    let warnings = run.warnings.iter().map(|warning| notice("warning", format!("Warning: {warning}.")));
    incomplete.chain(warnings).collect()
}

/// What is said of a run that ended before its time.
fn incomplete(run: &FinishedRun) -> Option<String> {
    let of = run.incomplete.as_ref()?;
    let until = quantity(run.network.units, of.until, Dimension::TIME, 4);
    Some(format!("Incomplete: the results end at {until}, where the run broke down: {}.", of.reason))
}

/// As much of a text as is shown.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A headline number for the template.
pub(super) fn tile(tile: &Tile) -> Value {
    context! { name => tile.name, value => tile.value.as_str(), note => tile.note.as_str() }
}

/// A section for the template; none without a figure that draws.
pub(super) fn section(section: &Section<'_>) -> Option<Value> {
    let html = |figure: &Figure<'_>| {
        stop::check();
        figure.html()
    };
    let figures: Vec<String> = section.figures.iter().map(html).collect();
    let figures: Vec<Value> =
        figures.into_iter().filter(|html| !html.is_empty()).map(Value::from_safe_string).collect();
    (!figures.is_empty()).then(|| context! { title => section.title, lead => section.lead.as_str(), figures })
}

fn sections(run: &FinishedRun) -> Vec<Section<'_>> {
    let (subjects, recorded) = drawn_neurons(run);
    let apart: Vec<Group<'_>> = spread(&subjects, MOST_PANELS)
        .into_iter()
        .map(|subject| {
            let heading = if recorded > 1 { subject.name.clone() } else { String::new() };
            // Headings tell the neurons apart, so that colours may tell the parts.
            Group { heading, subjects: vec![Subject { colour: 0, ..subject }] }
        })
        .collect();
    let runs = subjects.first().cloned().into_iter().collect::<Vec<_>>();
    let together = [Group { heading: String::new(), subjects }];
    let by_modes = run.outcome.frequencies.map(|n| {
        format!(
            "Computed by field modes: every line of every neuron whose noise reaches a recorded one was followed \
             through the network, at {} frequencies (fluctuations heisenberg).",
            count(n)
        )
    });
    let mut lead = by_modes.or_else(|| samples::lead(run)).unwrap_or_default();
    if apart.len() < recorded {
        let few = format!("Panels show {} of {} recorded neurons.", apart.len(), count(recorded));
        lead.push_str(if lead.is_empty() { "" } else { " " });
        lead.push_str(&few);
    }
    let overlay =
        |id, title, label, observables: &[O]| traces::overlay(id, title, label, observables, &together, recorded);
    let (gates, conductances, currents) = traces::of_channels(&together);
    let section = |title, figures| Section { title, lead: String::new(), figures };
    let fluctuations = if run.outcome.ensemble.is_some() {
        // Samples know no lines apart.
        vec![
            samples::courses(&apart),
            samples::times(&apart),
            samples::variance(&apart),
            shape::shape(&together, recorded),
        ]
    } else {
        let mut figures = vec![variance::band(&apart), variance::by_line(&apart), variance::parts(&apart)];
        figures.extend(budget::budgets(&apart));
        figures.push(responses::over_time(&together, recorded));
        figures.push(shape::shape(&together, recorded));
        figures
    };
    vec![
        section(
            "Voltage and spikes",
            vec![
                traces::voltage(&together, recorded),
                space_time::space_time(run),
                raster::raster(run),
                intervals::intervals(run),
            ],
        ),
        Section { title: "Quantum fluctuations", lead, figures: fluctuations },
        section(
            "Channels",
            vec![
                overlay("conductances", "Conductances", "Conductance", &conductances),
                overlay("gates", "Gates", "Open share", &gates),
                overlay("channel-currents", "Channel currents", "Current", &currents),
            ],
        ),
        section(
            "Memristors",
            vec![
                memristor::last_loops(&together),
                memristor::loops(&together),
                memristor::areas(&together),
                memristor::area_against_frequency(&runs),
            ],
        ),
        section(
            "Waves in the lines",
            vec![overlay("waves", "Waves", "Mean wave", &[O::WaveOut, O::WaveIn, O::WaveBack, O::WaveEcho])],
        ),
    ]
}

/// Rows of the table of cutoffs that stand open: those of two neurons.
const MOST_CUTOFFS: usize = 10;

fn cutoffs(run: &FinishedRun) -> Option<Value> {
    let units = run.network.units;
    let own = run.network.quantum.map(|quantum| quantum.cutoff);
    let variances: Vec<_> = run.outcome.variances.iter().filter(|v| !v.cutoff.rows.is_empty()).collect();
    let value = |v: f64| number(v, 4);
    let rows: Vec<Value> = spread(&variances, MOST_PANELS)
        .into_iter()
        .flat_map(|variance| {
            let neuron = label(&run.network, variance.neuron);
            let time = quantity(units, variance.cutoff.time, Dimension::TIME, 4);
            variance.cutoff.rows.iter().map(move |row| {
                context! {
                    neuron => neuron.as_str(),
                    time => time.as_str(),
                    cutoff => value(row.cutoff),
                    vacuum => value(row.vacuum),
                    thermal => value(row.thermal),
                    state => value(row.state),
                    total => value(row.vacuum + row.thermal + row.state),
                    own => own.is_some_and(|own| (row.cutoff - own).abs() <= 1e-9 * own),
                }
            })
        })
        .collect();
    let named = |label: &str, dimension| {
        let unit = symbol(units, dimension);
        if unit.is_empty() { label.to_owned() } else { format!("{label} ({unit})") }
    };
    (!rows.is_empty()).then(|| {
        context! {
            folded => (rows.len() > MOST_CUTOFFS).then(|| counted(rows.len(), "row")),
            rows,
            several => variances.len() > 1,
            cutoff => named("Cutoff", Dimension::FREQUENCY),
            total => named("Total", Dimension::VOLTAGE_SQUARED),
        }
    })
}

fn spikes(run: &FinishedRun) -> Value {
    let all = &run.outcome.spikes;
    let rows: Vec<Value> = all
        .iter()
        .take(MOST_SPIKES)
        .enumerate()
        .map(|(k, spike)| {
            let jitter = jitter::of_spike(run, spike.neuron, spike.time);
            context! {
                number => k + 1,
                neuron => label(&run.network, spike.neuron),
                time => number(spike.time, 7),
                variance => jitter.map(|jitter| number(jitter.variance, 4)),
                jitter => jitter.map(|jitter| number(jitter.deviation, 3)),
            }
        })
        .collect();
    let rest = all.len().saturating_sub(MOST_SPIKES);
    context! {
        rows,
        count => counted(all.len(), "spike"),
        rest => (rest > 0).then(|| counted(rest, "more spike")),
        unit => symbol(run.network.units, Dimension::TIME),
        variance_unit => symbol(run.network.units, Dimension::VOLTAGE_SQUARED),
        jittered => !run.outcome.jitter.is_empty(),
        counted => run.network.has_spikes(),
    }
}

fn checks(run: &FinishedRun) -> Vec<Value> {
    let table = run.outcome.checks.iter().map(|check| {
        context! {
            name => &check.name,
            meaning => &check.meaning,
            defect => number(check.defect, 2),
            expected => if check.expected_below.is_finite() { number(check.expected_below, 2) } else { "-".to_owned() },
            stated => check.expected_below.is_infinite(),
            holds => check.holds(),
        }
    });
    table.collect()
}

/// Figures with their numerical errors, where the run was verified.
fn verification(run: &FinishedRun) -> Option<Value> {
    let verification = run.verification.as_ref()?;
    let rows = verification.worst(MOST_ERRORS).into_iter().map(|figure| {
        context! {
            name => figure.name.as_str(),
            value => figure.text(),
            relative => figure.relative.map_or_else(|| "–".to_owned(), |error| number(error, 2)),
            twice_cutoff => figure.twice_cutoff.map(|value| number(value, 4)),
        }
    });
    Some(context! { statement => verification.statement.as_str(), rows => rows.collect::<Vec<_>>() })
}

fn approximations(run: &FinishedRun) -> Vec<Value> {
    let all = run.outcome.approximations.iter();
    all.map(|a| context! { name => a.name.as_str(), statement => a.statement.as_str() }).collect()
}

fn cost(run: &FinishedRun) -> Vec<Value> {
    let cost = &run.cost;
    let mut rows = vec![
        ("Time on the clock", clock(cost.wall_seconds)),
        ("Processor time, all threads", clock(cost.cpu_seconds)),
        ("Worker threads", count(cost.threads)),
        ("Neuron steps per second", number(cost.neuron_steps_per_second, 3)),
    ];
    if cost.peak_memory_bytes > 0 {
        rows.push(("Peak memory", join(&number(cost.peak_memory_bytes as f64 / 1e6, 3), "MB")));
    }
    if let Some(ranks) = &cost.ranks {
        let stepping = cost.mean_field_seconds.unwrap_or(cost.wall_seconds - cost.build_seconds);
        let stepping = stepping.max(ranks.exchange_seconds);
        let share = if stepping > 0.0 { 100.0 * ranks.exchange_seconds / stepping } else { 0.0 };
        let megabytes = |bytes: u64| join(&number(bytes as f64 / 1e6, 3), "MB");
        rows.push(("Ranks", count(ranks.ranks)));
        rows.push(("Waves exchanged", megabytes(ranks.exchanged_bytes)));
        rows.push(("Waves exchanged if every port sends", megabytes(ranks.expected_bytes)));
        rows.push(("Waiting for other ranks, at most", join(&number(share, 3), "% of stepping")));
        if ranks.peak_memory_bytes > 0 {
            rows.push(("Peak memory of the largest rank", megabytes(ranks.peak_memory_bytes)));
        }
    }
    rows.into_iter().map(|(name, value)| context! { name, value }).collect()
}
