//! Pages to look at, and drawings of networks: a page is one self-contained HTML file that opens without a network.
//!
//! `describe` puts the network into words, `figures` choose what is plotted, `chart` makes it data for the page's
//! script, `page` and `compare` set it all in order, the templates give it its looks. Every text of a user is escaped.
//!
//! # Examples
//! The page around a run that follows its file; pages of runs are made of a [`FinishedRun`]:
//! ```
//! let page = qhh_report::live_page("axon.yaml");
//! assert!(page.starts_with("<!doctype html>") && page.contains("axon.yaml"));
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

mod chart;
mod compare;
mod describe;
mod dry_run;
mod ensemble;
mod figures;
mod fitting;
pub mod graph;
mod headline;
mod jitter;
mod learning;
mod network;
mod origin;
mod output;
mod page;
mod sensitivity;
mod sweep;

pub use compare::Compared;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value, context};

use qhh_format::yaml::experiment::Experiment;
use qhh_net::Network;
use qhh_results::FinishedRun;
use qhh_results::dry_run::DryRun;
use qhh_results::fitting::Fitted;
use qhh_results::learning::Learned;
use qhh_results::sensitivity::Sensitivity;
use qhh_results::sweep::SweepTable;

/// The report of one run: an HTML page.
pub fn run_page(run: &FinishedRun) -> String {
    page::html(run)
}

/// One page that overlays several runs, each under the name of its folder, or of its network where it has none.
///
/// Values are shown in the units of the first run, and differences are from it.
pub fn compare_page<'a>(runs: impl IntoIterator<Item = impl Into<Compared<'a>>>) -> String {
    let runs: Vec<Compared<'a>> = runs.into_iter().map(Into::into).collect();
    compare::html(&runs)
}

/// The page of a sweep of a network: what was varied, what came out.
pub fn sweep_page(network: &Network, experiment: &Experiment, table: &SweepTable) -> String {
    sweep::html(network, experiment, table)
}

/// The page of what a number depends on.
pub fn sensitivity_page(of: &Sensitivity) -> String {
    sensitivity::html(of)
}

/// The page of a dry run.
pub fn dry_run_page(of: &DryRun) -> String {
    dry_run::html(of)
}

/// The page of a fit.
pub fn fit_page(fit: &Fitted) -> String {
    fitting::html(fit)
}

/// The page of a study.
pub fn learned_page(learned: &Learned<'_>) -> String {
    learning::html(learned)
}

/// The page around the page of a run that follows the network file called `file`. It takes states as events from `events`
/// and the run's page from `report`, both beside its own address.
pub fn live_page(file: &str) -> String {
    render("live.html", &context! { file, script => Value::from_safe_string(LIVE_SCRIPT.to_owned()) })
}

const LIVE_SCRIPT: &str = include_str!("template/live.js");

const TEMPLATES: [(&str, &str); 14] = [
    ("base.html", include_str!("template/base.html")),
    ("run.html", include_str!("template/run.html")),
    ("output.html", include_str!("template/output.html")),
    ("entanglement.html", include_str!("template/entanglement.html")),
    ("compare.html", include_str!("template/compare.html")),
    ("sweep.html", include_str!("template/sweep.html")),
    ("sensitivity.html", include_str!("template/sensitivity.html")),
    ("dry_run.html", include_str!("template/dry_run.html")),
    ("fit.html", include_str!("template/fit.html")),
    ("learn.html", include_str!("template/learn.html")),
    ("live.html", include_str!("template/live.html")),
    ("parts.html", include_str!("template/parts.html")),
    ("style.css", include_str!("template/style.css")),
    ("colours.css", include_str!("template/colours.css")),
];

/// What draws the figures: the plotting library, and the page's own scripts around it. None of it is a template.
const SCRIPTS: &str = concat!(
    include_str!("../vendor/echarts.min.js"),
    "(() => {\n\"use strict\";\n",
    include_str!("template/numbers.js"),
    include_str!("template/pictures.js"),
    include_str!("template/panel.js"),
    include_str!("template/view.js"),
    include_str!("template/page.js"),
    include_str!("template/motion.js"),
    "})();",
);

/// A template filled in; `.html` templates escape what they are given.
fn render(template: &str, values: &Value) -> String {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("the templates are part of the program and parse");
    }
    environment.add_global("scripts", Value::from_safe_string(SCRIPTS.to_owned()));
    let template = environment.get_template(template).expect("the template is one of those above");
    template.render(values).expect("the templates use only what they are given")
}
