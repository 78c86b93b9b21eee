//! Entanglement between output modes as a graph: a node for each mode, a line for each entangled pair.

use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::fmt::Write as _;

use minijinja::HtmlEscape;

use crate::chart::N_COLOURS;
use qhh_results::StatesSummary;
use qhh_results::number::number;

/// Modes drawn, and pairs whose figure is written beside their line.
const MOST_MODES: usize = 32;
const MOST_WRITTEN: usize = 10;
/// Logarithmic negativity below which a pair counts as not entangled: rounding.
pub(super) const NONE: f64 = 1e-6;
/// Negativity whose line is as broad as any, where none is larger.
const BROAD: f64 = 0.1;
/// Characters of a name.
const MOST_CHARACTERS: usize = 16;
/// Least height to either side of the middle.
const LEAST: f64 = 28.0;
/// Room around the drawing, and width of a character of its labels.
const MARGIN: f64 = 8.0;
const CHARACTER: f64 = 7.0;

/// The drawing; none where no two modes are entangled.
pub(super) fn svg(states: &StatesSummary) -> Option<String> {
    let modes = &states.modes[..states.modes.len().min(MOST_MODES)];
    let place = |name: &str| modes.iter().position(|mode| mode.name == name);
    let edges: Vec<(usize, usize, f64)> = states
        .pairs
        .iter()
        .filter_map(|pair| Some((place(&pair.modes[0])?, place(&pair.modes[1])?, pair.log_negativity?)))
        .filter(|edge| edge.2 > NONE)
        .collect();
    if edges.is_empty() {
        return None;
    }
    let most = edges.iter().map(|edge| edge.2).fold(BROAD, f64::max);
    let radius = 70.0 + 6.4 * (modes.len() - 2) as f64;
    let nodes: Vec<Node> = (0..modes.len()).map(|k| Node::new(k, modes.len(), radius)).collect();
    let mut neurons: Vec<&str> = modes.iter().map(|mode| mode.neuron.as_str()).collect();
    neurons.dedup();
    neurons.sort_unstable();
    neurons.dedup();
    let names: Vec<String> = modes.iter().map(|mode| short(&mode.name)).collect();
    let reach = |k: usize| {
        let wide = CHARACTER * names[k].chars().count().max(short(&modes[k].neuron).chars().count()) as f64;
        nodes[k].label.0.abs() + if nodes[k].anchor == "middle" { wide / 2.0 } else { wide }
    };
    let half = (0..modes.len()).map(reach).fold(radius, f64::max) + MARGIN;
    let top = nodes.iter().map(|node| (node.label.1 - 12.0).min(node.at.1 - 12.0)).fold(-LEAST, f64::min) - MARGIN;
    let bottom =
        nodes.iter().map(|node| (node.label.1 + 20.0).max(node.at.1 + 12.0)).fold(LEAST, f64::max) + MARGIN;
    let mut svg = format!(
        "<svg class=\"net\" viewBox=\"{:.0} {top:.0} {:.0} {:.0}\" width=\"{1:.0}\" height=\"{2:.0}\" role=\"img\" \
         aria-labelledby=\"net-title net-desc\"><title id=\"net-title\">Entanglement of the output modes</title>\
         <desc id=\"net-desc\">{}</desc>",
        -half,
        2.0 * half,
        bottom - top,
        HtmlEscape(&told(states, &edges))
    );
    for &(j, k, value) in &edges {
        let (from, to) = (nodes[j].at, nodes[k].at);
        let title = format!("{} and {}: {} nats", modes[j].name, modes[k].name, number(value, 3));
        let _ = write!(
            svg,
            "<g><title>{}</title><path class=\"tie\" style=\"stroke-width:{:.1}px\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/></g>",
            HtmlEscape(&title),
            1.0 + 8.0 * value / most,
            from.0,
            from.1,
            to.0,
            to.1
        );
    }
    for (k, mode) in modes.iter().enumerate() {
        let Node { at, label, anchor } = nodes[k];
        let colour = neurons.iter().position(|name| *name == mode.neuron).unwrap_or(0) % N_COLOURS + 1;
        let _ = write!(
            svg,
            "<g class=\"c{colour}\"><title>{}</title><circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"9\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}<tspan x=\"{:.1}\" dy=\"1.2em\">{}</tspan></text></g>",
            HtmlEscape(&format!("{}, of {}", mode.name, mode.neuron)),
            at.0,
            at.1,
            label.0,
            label.1,
            HtmlEscape(&names[k]),
            label.0,
            HtmlEscape(&short(&mode.neuron)),
        );
    }
    if edges.len() <= MOST_WRITTEN {
        for &(j, k, value) in &edges {
            // Not in the middle where lines cross there.
            let part = if modes.len() > 3 { 0.36 } else { 0.5 };
            let on = |a: f64, b: f64| a + part * (b - a);
            let (x, y) = (on(nodes[j].at.0, nodes[k].at.0), on(nodes[j].at.1, nodes[k].at.1));
            let text = number(value, 2);
            let wide = CHARACTER * text.chars().count() as f64 + 6.0;
            let _ = write!(
                svg,
                "<rect class=\"value\" x=\"{:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"17\" rx=\"4\"/>\
                 <text class=\"value\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>",
                x - wide / 2.0,
                y - 8.5,
                y + 4.0
            );
        }
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// The graph in a sentence.
fn told(states: &StatesSummary, edges: &[(usize, usize, f64)]) -> String {
    let name = |k: usize| states.modes[k].name.as_str();
    let pairs: Vec<String> = edges
        .iter()
        .take(MOST_WRITTEN)
        .map(|&(j, k, value)| format!("{} and {} by {}", name(j), name(k), number(value, 3)))
        .collect();
    format!("Entangled, in nats of logarithmic negativity: {}.", pairs.join("; "))
}

/// Where a mode stands and its name.
#[derive(Clone, Copy)]
struct Node {
    at: (f64, f64),
    label: (f64, f64),
    anchor: &'static str,
}

impl Node {
    /// Clockwise from the upper left, so that two stand beside and four in the corners of a square.
    fn new(k: usize, n: usize, radius: f64) -> Self {
        let angle = -FRAC_PI_2 - PI / n as f64 + TAU * k as f64 / n as f64;
        let (sin, cos) = angle.sin_cos();
        let anchor = if cos > 0.3 {
            "start"
        } else if cos < -0.3 {
            "end"
        } else {
            "middle"
        };
        let out = radius + 17.0;
        // Two lines of text: above the upper nodes, below the lower ones.
        let rise = if sin < 0.0 { 16.0 * sin - 2.0 } else { 11.0 * sin - 2.0 };
        Self { at: (radius * cos, radius * sin), label: (out * cos, out * sin + rise), anchor }
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= MOST_CHARACTERS {
        return name.to_owned();
    }
    name.chars().take(MOST_CHARACTERS - 1).chain(['…']).collect()
}
