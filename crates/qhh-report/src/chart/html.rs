//! A figure as HTML: stretched SVG for the data, positioned text for the ticks, a list for the legend.
//!
//! Hover values over time come from the samples beside each path ([`table`]), those in the plane from the path itself,
//! for which the panel carries its ranges.

use std::fmt::Write as _;

use minijinja::HtmlEscape;

use super::axis::Axis;
use super::path::{self, SPAN, place};
use super::{Arrangement, Colour, Figure, Fill, Height, Mark, N_COLOURS, Panel, Series, table};
use qhh_results::number::number;

/// Most points a curve in the plane is drawn with.
const MOST_IN_PLANE: usize = 1200;

impl Figure<'_> {
    /// The figure as HTML, every text escaped; nothing without panels that hold data.
    pub(crate) fn html(&self) -> String {
        let panels: Vec<&Panel<'_>> =
            self.panels.iter().filter(|p| p.series.iter().any(|s| !s.mark.is_empty())).collect();
        if panels.is_empty() {
            return String::new();
        }
        let mut html = String::with_capacity(1 << 15);
        let _ = write!(
            html,
            "<figure class=\"chart\" id=\"{id}\"><figcaption><h3>{title}</h3><p>{caption}</p></figcaption>",
            id = HtmlEscape(&self.id),
            title = HtmlEscape(&self.title),
            caption = HtmlEscape(&self.caption)
        );
        legend(&mut html, &panels);
        let pictures = panels.iter().flat_map(|panel| &panel.series).filter_map(|series| match &series.mark {
            Mark::Picture(picture) => Some(picture),
            _ => None,
        });
        pictures.take(1).for_each(|picture| picture.write_bar(&mut html));
        let beside = self.arrangement == Arrangement::Beside;
        let drawn: Vec<(&Panel<'_>, Axis, Axis)> = panels.iter().map(|panel| axes(panel, beside)).collect();
        let widest = drawn.iter().flat_map(|(_, _, y)| &y.ticks).map(|tick| tick.1.chars().count()).max();
        let class = if beside && drawn.len() > 1 { "panels beside" } else { "panels" };
        let _ = write!(html, "<div class=\"{class}\" style=\"--gutter:{}ch\">", widest.unwrap_or(1) + 1);
        for (k, (panel, x, y)) in drawn.iter().enumerate() {
            let id = format!("{}-{k}", self.id);
            let with_x = beside || k + 1 == drawn.len();
            panel.write(&mut html, &id, &self.title, x, y, with_x);
        }
        html.push_str("</div></figure>");
        html
    }
}

fn axes<'p, 'a>(panel: &'p Panel<'a>, beside: bool) -> (&'p Panel<'a>, Axis, Axis) {
    let (x, y) = panel.ranges();
    let in_plane = panel.series.iter().any(|s| matches!(s.mark, Mark::Curve(_) | Mark::Joined(_)));
    let n_y = match panel.height {
        Height::Tall => 6,
        Height::Normal | Height::Square | Height::Plane => 5,
        Height::Small => 3,
    };
    let x = Axis::new(&panel.x, x, if beside { 5 } else { 8 }, in_plane);
    (panel, x, Axis::new(&panel.y, y, n_y, true))
}

/// One entry for each name, colour and kind; none where a single series needs no telling apart.
fn legend(html: &mut String, panels: &[&Panel<'_>]) {
    let mut entries: Vec<(&str, Colour, &str)> = Vec::new();
    for series in panels.iter().flat_map(|panel| &panel.series) {
        let entry = (series.name.as_str(), series.colour, kind(&series.mark));
        if series.in_legend && !series.mark.is_empty() && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    if entries.is_empty() {
        return;
    }
    html.push_str("<ul class=\"legend\">");
    for (name, colour, kind) in entries {
        let _ = write!(html, "<li class=\"{kind} {}\">{}</li>", class(colour), HtmlEscape(name));
    }
    html.push_str("</ul>");
}

fn kind(mark: &Mark<'_>) -> &'static str {
    match mark {
        Mark::Line(..) | Mark::Curve(_) => "l",
        Mark::Band(_, _, _, Fill::Faint) => "b",
        Mark::Band(_, _, _, Fill::Dense) => "b dense",
        Mark::Band(_, _, _, Fill::Solid) | Mark::Picture(_) => "b solid",
        Mark::Joined(_) => "l j",
        Mark::Dots(_) => "d",
        Mark::Strokes(..) => "s",
        Mark::Rule(_) | Mark::Outline(_) => "r",
    }
}

fn class(colour: Colour) -> String {
    match colour {
        Colour::Ink => "c0".to_owned(),
        Colour::Palette(k) => format!("c{}", k % N_COLOURS + 1),
    }
}

impl Panel<'_> {
    fn write(&self, html: &mut String, id: &str, figure: &str, x: &Axis, y: &Axis, with_x: bool) {
        let height = match self.height {
            Height::Tall => "tall",
            Height::Normal => "normal",
            Height::Small => "small",
            Height::Square => "square",
            Height::Plane => "plane",
        };
        html.push_str("<div class=\"panel\">");
        let heading = |html: &mut String| {
            if !self.heading.is_empty() {
                let _ = write!(html, "<b>{}</b> ", HtmlEscape(&self.heading));
            }
        };
        html.push_str("<p class=\"yl\">");
        heading(html);
        let _ = write!(html, "<span>{}</span></p>", HtmlEscape(&y.title));
        let in_plane = self.series.iter().any(|s| matches!(s.mark, Mark::Curve(_) | Mark::Strokes(..)));
        let pictured = self.series.iter().any(|s| matches!(s.mark, Mark::Picture(_)));
        let _ = write!(
            html,
            "<div class=\"frame {height}\" data-x=\"{} {} {}\" data-y=\"{} {} {}\" data-by=\"{}\" \
             data-xl=\"{}\" data-yl=\"{}\">",
            x.low,
            x.high,
            u8::from(x.logarithmic),
            y.low,
            y.high,
            u8::from(y.logarithmic),
            if pictured && self.height == Height::Plane {
                "plane"
            } else if pictured && !self.y.rows {
                "map"
            } else if pictured {
                "picture"
            } else if in_plane {
                "xy"
            } else {
                "x"
            },
            HtmlEscape(&x.title),
            HtmlEscape(&y.title),
        );
        let _ = write!(
            html,
            "<svg viewBox=\"0 0 {SPAN} {SPAN}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            HtmlEscape(&self.name(figure)),
            HtmlEscape(&self.summary(x, y)),
            id = HtmlEscape(id)
        );
        html.push_str("<path class=\"grid\" d=\"");
        for (value, _) in &y.ticks {
            let _ = write!(html, "M0 {}H{SPAN}", place(x, y, (x.low, *value)).1);
        }
        html.push_str("\"/>");
        if !y.logarithmic && y.low < 0.0 && y.high > 0.0 {
            let _ = write!(html, "<path class=\"zero\" d=\"M0 {}H{SPAN}\"/>", place(x, y, (x.low, 0.0)).1);
        }
        if !x.logarithmic && x.low < 0.0 && x.high > 0.0 {
            let _ = write!(html, "<path class=\"zero\" d=\"M{} 0V{SPAN}\"/>", place(x, y, (0.0, y.low)).0);
        }
        for (k, series) in self.series.iter().enumerate() {
            match &series.mark {
                Mark::Picture(picture) => {
                    picture.write(html, &format!("{id}-{k}"), (&series.name, &class(series.colour)), x, y);
                }
                _ => series.write(html, x, y),
            }
        }
        html.push_str("</svg>");
        for (value, text) in &y.ticks {
            let top = 100.0 * (1.0 - y.position(*value));
            let _ = write!(html, "<i class=\"yt\" style=\"top:{top:.2}%\">{}</i>", HtmlEscape(text));
        }
        // Where all would not fit on a phone, every other one is left out there.
        let crowded = x.ticks.iter().map(|tick| tick.1.chars().count() + 3).sum::<usize>() > 40;
        for (k, (value, text)) in x.ticks.iter().enumerate() {
            let left = 100.0 * x.position(*value);
            let odd = if crowded && k % 2 == 1 { " o" } else { "" };
            let text = if with_x { text.as_str() } else { "" };
            let _ = write!(html, "<i class=\"xt{odd}\" style=\"left:{left:.2}%\">{}</i>", HtmlEscape(text));
        }
        html.push_str("</div>");
        if with_x {
            let _ = write!(html, "<p class=\"xl\">{}</p>", HtmlEscape(&x.title));
        }
        html.push_str("</div>");
    }

    fn name(&self, figure: &str) -> String {
        if self.heading.is_empty() { figure.to_owned() } else { format!("{figure}: {}", self.heading) }
    }

    /// The plot in a sentence, for those who cannot see it.
    fn summary(&self, x: &Axis, y: &Axis) -> String {
        let mut text = format!("{} against {}.", y.title, x.title);
        let told = self
            .series
            .iter()
            .filter(|s| !s.mark.is_empty() && !matches!(s.mark, Mark::Dots(_) | Mark::Outline(_)));
        for series in told.take(N_COLOURS) {
            let (mut low, mut high) = super::EMPTY;
            let mut see = |y: f64| {
                if y.is_finite() {
                    (low, high) = (low.min(y), high.max(y));
                }
            };
            match &series.mark {
                // Of a stack, a layer is told by its own height.
                Mark::Band(_, lower, upper, Fill::Solid) => {
                    lower.iter().zip(upper.iter()).for_each(|(lower, upper)| see(upper - lower));
                }
                mark => mark.visit(&mut |_, y| see(y)),
            }
            if let Mark::Picture(picture) = &series.mark {
                let _ = write!(text, " {}", picture.summary(&series.name));
                continue;
            }
            let range = if high > low {
                format!("from {} to {}", number(low, 3), number(high, 3))
            } else {
                format!("at {}", number(low, 3))
            };
            let _ = write!(text, " {}: {range}.", series.name);
        }
        text
    }
}

impl Series<'_> {
    fn write(&self, html: &mut String, x: &Axis, y: &Axis) {
        if self.mark.is_empty() {
            return;
        }
        let at = |point: (f64, f64)| place(x, y, point);
        let finite = |points: &[(f64, f64)]| -> Vec<(i32, i32)> {
            points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).map(|&p| at(p)).collect()
        };
        let mut told = String::new();
        let (d, readable) = match &self.mark {
            Mark::Line(xs, ys) => {
                let n = xs.len().min(ys.len());
                let kept = path::thinned(n, |k| ys[k]);
                told = table::attributes(&xs[..n], &kept, |k| ys[k]);
                // A value that is no number leaves a gap between two stretches.
                let stretches = kept.split(|&k| !ys[k].is_finite()).map(|stretch| {
                    let points: Vec<_> = stretch.iter().map(|&k| at((xs[k], ys[k]))).collect();
                    path::line(path::straightened(&points).into_iter().map(|k| points[k]))
                });
                (stretches.collect(), true)
            }
            Mark::Band(xs, lower, upper, fill) => {
                let n = xs.len().min(lower.len()).min(upper.len());
                let kept = path::thinned(n, |k| upper[k] - lower[k]);
                let kept: Vec<usize> =
                    kept.into_iter().filter(|&k| lower[k].is_finite() && upper[k].is_finite()).collect();
                // Of a stack, a layer is told by its own height; of a veil, how far it reaches to either side.
                told = if *fill == Fill::Solid {
                    table::attributes(&xs[..n], &table::of_a_layer(&kept), |k| upper[k] - lower[k])
                } else {
                    table::attributes(&xs[..n], &kept, |k| 0.5 * (upper[k] - lower[k]))
                };
                let edge = |values: &[f64]| -> Vec<_> { kept.iter().map(|&k| at((xs[k], values[k]))).collect() };
                let (upper, lower) = (edge(upper), edge(lower));
                let mut corners = [path::straightened(&upper), path::straightened(&lower)].concat();
                corners.sort_unstable();
                corners.dedup();
                let edge = |points: &[(i32, i32)]| corners.iter().map(|&k| points[k]).collect::<Vec<_>>();
                (path::band(&edge(&upper), &edge(&lower)), true)
            }
            Mark::Joined(points) => {
                let xs: Vec<f64> = points.iter().map(|point| point.0).collect();
                let kept: Vec<usize> = (0..xs.len()).collect();
                told = table::attributes(&xs, &kept, |k| points[k].1);
                (path::line(finite(points).into_iter()), true)
            }
            Mark::Curve(points) => {
                let kept = path::spaced(finite(points).into_iter(), MOST_IN_PLANE);
                (path::line(kept.into_iter()), true)
            }
            Mark::Outline(points) => (path::line(finite(points).into_iter()), false),
            Mark::Dots(points) => (path::strokes(finite(points).into_iter(), 0), false),
            Mark::Strokes(points, height) => {
                let high = (at((x.low, y.low + height)).1 - at((x.low, y.low)).1).abs().max(60);
                (path::strokes(finite(points).into_iter(), high), true)
            }
            Mark::Picture(_) => return,
            Mark::Rule(level) => (format!("M0 {}H{SPAN}", at((x.low, *level)).1), false),
        };
        let (kind, class) = (kind(&self.mark), class(self.colour));
        if readable {
            let name = HtmlEscape(&self.name);
            let _ = write!(html, "<path class=\"{kind} {class}\" data-s=\"{name}\"{told} d=\"{d}\"/>");
        } else {
            let _ = write!(html, "<path class=\"{kind} {class}\" d=\"{d}\"/>");
        }
        if let Mark::Joined(points) = &self.mark {
            let dots = path::strokes(finite(points).into_iter(), 0);
            let _ = write!(html, "<path class=\"d {class}\" d=\"{dots}\"/>");
        }
    }
}
