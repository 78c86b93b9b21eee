//! A laid-out drawing as SVG, complete in itself: colours follow the reader's, light or dark, and programs that know
//! no such thing draw it light.

use std::fmt::Write as _;

use minijinja::HtmlEscape;
use qhh_net::Network;
use qhh_net::coupling::topology::Topology;

use super::Level;
use super::drawing::Drawing;
use super::layout::{self, Curve, LINE, LOOP_HEIGHT, Marks, Placed, Point, at, text_size};
use qhh_results::number::{count, counted};

/// The page's palette, light and dark.
pub(crate) const LIGHT: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#b85c95", "#b98100", "#3a96cf", "#6b6f1d", "#6f5aa8"];
const DARK: [&str; 8] = ["#56a9e2", "#f08a4b", "#35c39a", "#dd94be", "#e5b545", "#9ad3f5", "#c3c65e", "#ab9ae0"];

/// Room around the drawing.
const MARGIN: f64 = 14.0;
/// Least size of what it surrounds.
const LEAST: Point = at(120.0, 44.0);
/// Length of an arrow's head.
const HEAD: f64 = 8.0;
/// Arrows from which on each is drawn faintly.
const MANY: usize = 120;
/// Populations named above the drawing, at most.
const MOST_KEYS: usize = 12;

/// The whole file.
pub(crate) fn write(network: &Network, topology: &Topology, level: Level) -> String {
    let drawing = Drawing::new(network, topology, level);
    let placed = layout::place(&drawing);
    let keys = if level == Level::Neurons { keys(network) } else { Vec::new() };
    let (keys, key_size) = laid_keys(&keys, placed.size.x.max(320.0));
    let size = at(placed.size.x.max(key_size.x).max(LEAST.x), (placed.size.y + key_size.y).max(LEAST.y));
    let size = size + at(2.0, 2.0) * MARGIN;
    let mut svg = format!(
        "<svg class=\"graph\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0} {1:.0}\" width=\"{0:.0}\" \
         height=\"{1:.0}\" role=\"img\" aria-labelledby=\"graph-title graph-desc\">\n\
         <title id=\"graph-title\">{2}</title>\n<desc id=\"graph-desc\">{3}</desc>\n<style>\n{4}</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        size.x.ceil(),
        size.y.ceil(),
        text(&format!("{} as a graph", network.name)),
        text(&told(network, topology)),
        style()
    );
    for key in &keys {
        let Key { at: Point { x, y }, colour, text: named } = key;
        let (x, y) = (x + MARGIN, y + MARGIN);
        let _ = writeln!(
            svg,
            "<rect class=\"node p{0}\" x=\"{x:.1}\" y=\"{1:.1}\" width=\"16\" height=\"11\" rx=\"5\"/>\
             <text class=\"key\" x=\"{2:.1}\" y=\"{3:.1}\">{4}</text>",
            colour % LIGHT.len() + 1,
            y + 2.0,
            x + 22.0,
            y + 11.5,
            text(named)
        );
    }
    let many = if drawing.arrows.len() > MANY { " class=\"many\"" } else { "" };
    let spare = size - at(2.0, 2.0) * MARGIN - placed.size - at(0.0, key_size.y);
    let corner = at(MARGIN + spare.x / 2.0, MARGIN + key_size.y + spare.y / 2.0);
    let _ = writeln!(svg, "<g{many} transform=\"translate({:.1} {:.1})\">", corner.x, corner.y);
    draw(&mut svg, &drawing, &placed);
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The drawing in a sentence.
fn told(network: &Network, topology: &Topology) -> String {
    let entries: Vec<&str> = network.waveguides.iter().take(MOST_KEYS).map(|entry| entry.name.as_str()).collect();
    let neurons = counted(topology.n_neurons, "neuron");
    match entries.as_slice() {
        [] => format!("{neurons}, no waveguide."),
        names => format!("{neurons} and {}: {}.", counted(topology.n_arms, "waveguide"), names.join(", ")),
    }
}

fn style() -> String {
    let palette = |colours: [&str; 8]| {
        let rule =
            |(k, colour): (usize, &str)| format!(".graph .p{} {{ fill: {colour}; stroke: {colour}; }}\n", k + 1);
        colours.into_iter().enumerate().map(rule).collect::<String>()
    };
    let dark = ".graph text { fill: #e4e5e7; }\n.graph .key, .graph .small { fill: #a0a7af; }\n\
                .graph .paper { fill: #15171a; }\n";
    format!(
        "{}{}@media (prefers-color-scheme: dark) {{\n{dark}{}}}\n{}",
        palette(LIGHT),
        include_str!("style.css"),
        palette(DARK),
        // What has one colour only, whatever the palette says.
        ".graph .arm { fill: none; }\n.graph .head, .graph .dot { stroke: none; }\n"
    )
}

fn draw(svg: &mut String, drawing: &Drawing, placed: &Placed) {
    let wide = if drawing.level == Level::Populations { " wide" } else { "" };
    for (arrow, curve) in drawing.arrows.iter().zip(&placed.curves) {
        let colour = drawing.nodes[arrow.from].colour % LIGHT.len() + 1;
        let (line, heads) = drawn(curve, arrow.two_way);
        // For a page that shows spikes on their way.
        let way = arrow.delay.map_or_else(String::new, |delay| {
            let back = if arrow.two_way { " data-back=\"\"" } else { "" };
            format!(" data-from=\"{}\" data-to=\"{}\" data-delay=\"{delay}\"{back}", arrow.from, arrow.to)
        });
        let _ = writeln!(
            svg,
            "<g class=\"arrow\"{way}><title>{}</title><path class=\"arm{wide} p{colour}\" d=\"{line}\"/>\
             <path class=\"head p{colour}\" d=\"{heads}\"/></g>",
            text(&arrow.title)
        );
    }
    for (node, place) in drawing.nodes.iter().zip(&placed.nodes) {
        let (centre, half, colour) = (place.centre, place.half, node.colour % LIGHT.len() + 1);
        let round = half.y.min(13.0);
        let shape = format!(
            "x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{round:.1}\"",
            centre.x - half.x,
            centre.y - half.y,
            2.0 * half.x,
            2.0 * half.y
        );
        let kind = if drawing.level == Level::Neurons { " class=\"neuron\"" } else { "" };
        let _ = write!(svg, "<g{kind}><title>{}</title>", text(&node.name));
        if placed.marks == Marks::Dots {
            let _ = writeln!(svg, "<rect class=\"dot p{colour}\" {shape}/></g>");
            continue;
        }
        let _ = write!(svg, "<rect class=\"paper\" {shape}/><rect class=\"node p{colour}\" {shape}/>");
        let shown = if placed.marks == Marks::Named { &node.name } else { &node.short };
        let mut line = |class: &str, dy: f64, shown: &str| {
            let _ = write!(
                svg,
                "<text{class} x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                centre.x,
                centre.y + dy,
                text(shown)
            );
        };
        if node.note.is_empty() {
            line("", 4.2, shown);
        } else {
            line(" class=\"strong\"", -3.5, shown);
            line(" class=\"small\"", 13.5, &node.note);
        }
        svg.push_str("</g>\n");
    }
    labels(svg, drawing, placed);
}

/// What stands beside the arrows, no text on another.
fn labels(svg: &mut String, drawing: &Drawing, placed: &Placed) {
    let mut taken: Vec<(Point, Point)> = Vec::new();
    for (arrow, curve) in drawing.arrows.iter().zip(&placed.curves) {
        if arrow.labels.is_empty() {
            continue;
        }
        let half = text_size(&arrow.labels) * 0.5;
        let mut middle = curve.middle();
        if arrow.from == arrow.to {
            let place = placed.nodes[arrow.from];
            middle = place.centre - at(0.0, place.half.y + LOOP_HEIGHT + half.y + 3.0);
        }
        while let Some((centre, size)) = taken.iter().find(|(centre, size)| {
            let off = middle - *centre;
            off.x.abs() < half.x + size.x && off.y.abs() < half.y + size.y - 1e-6
        }) {
            middle.y = centre.y + size.y + half.y;
        }
        taken.push((middle, half));
        let corner = middle - half;
        let _ = writeln!(
            svg,
            "<rect class=\"paper\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\"/>",
            corner.x,
            corner.y,
            2.0 * half.x,
            2.0 * half.y
        );
        for (k, label) in arrow.labels.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                middle.x,
                middle.y - half.y + LINE * k as f64 + 11.0,
                text(label)
            );
        }
    }
}

/// Path of the line and of its heads; the line ends within the head.
fn drawn(curve: &Curve, both: bool) -> (String, String) {
    let mut curve = curve.clone();
    let mut heads = String::new();
    if let Some([_, control, end]) = curve.pieces.last_mut() {
        let (back, head) = head(*control, *end);
        heads.push_str(&head);
        *end = back;
    }
    if let (true, Some([control, _, _])) = (both, curve.pieces.first()) {
        let (back, head) = head(*control, curve.start);
        heads.push_str(&head);
        curve.start = back;
    }
    let mut line = format!("M{:.1} {:.1}", curve.start.x, curve.start.y);
    for [a, b, end] in &curve.pieces {
        let _ = write!(line, "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", a.x, a.y, b.x, b.y, end.x, end.y);
    }
    (line, heads)
}

/// Where the line of a head ends, and the head: a triangle with its tip at `tip`.
fn head(from: Point, tip: Point) -> (Point, String) {
    let way = tip - from;
    let along = if way.length() > 1e-9 { way * (1.0 / way.length()) } else { at(1.0, 0.0) };
    let (back, side) = (tip - along * HEAD, at(-along.y, along.x) * (0.42 * HEAD));
    let (a, b) = (back + side, back - side);
    (back + along, format!("M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z", tip.x, tip.y, a.x, a.y, b.x, b.y))
}

/// A population's colour and what is said beside it.
struct Key {
    at: Point,
    colour: usize,
    text: String,
}

/// What the colours mean, where there is more than one.
fn keys(network: &Network) -> Vec<(usize, String)> {
    let populations = network.populations.iter().enumerate();
    if network.populations.len() < 2 {
        return Vec::new();
    }
    populations
        .take(MOST_KEYS)
        .map(|(colour, population)| (colour, format!("{}, {}", population.name, count(population.count))))
        .collect()
}

/// The keys in lines of a width, and the room they take.
fn laid_keys(keys: &[(usize, String)], width: f64) -> (Vec<Key>, Point) {
    let mut laid = Vec::new();
    let (mut next, mut widest) = (at(0.0, 0.0), 0.0_f64);
    for (colour, text) in keys {
        let long = 22.0 + 6.6 * text.chars().count() as f64;
        if next.x > 0.0 && next.x + long > width {
            next = at(0.0, next.y + 20.0);
        }
        laid.push(Key { at: next, colour: *colour, text: text.clone() });
        widest = widest.max(next.x + long);
        next.x += long + 16.0;
    }
    (laid, if keys.is_empty() { at(0.0, 0.0) } else { at(widest, next.y + 34.0) })
}

/// Text of a user for XML, without characters that it forbids.
fn text(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    HtmlEscape(&plain).to_string()
}
