//! Plots: what is drawn ([`Figure`], [`Panel`], [`Series`]), its axes ([`axis`]), colours ([`colour`]) and pictures
//! ([`picture`]), as data for the page's script ([`data`]) in its place on the page ([`html`]).
//!
//! The script draws with Apache ECharts (`vendor`). What the numbers mean is [`super::figures`]'s business.

pub(crate) mod axis;
mod colour;
mod data;
mod html;
pub(crate) mod picture;
mod thin;

use std::borrow::Cow;

pub(crate) use axis::AxisSpec;
pub(crate) use colour::{Colour, N_COLOURS, NeuronPart};
pub(crate) use picture::{Cells, ColorMapping, Colours, Picture};

/// A titled plot of one or more panels.
#[derive(Debug, Clone)]
pub(crate) struct Figure<'a> {
    /// Unique within the page; letters, digits and hyphens.
    pub(crate) id: String,
    /// Title.
    pub(crate) title: String,
    /// What is seen, in a sentence.
    pub(crate) caption: String,
    /// The panels; none and the figure is left out.
    pub(crate) panels: Vec<Panel<'a>>,
    /// How the panels stand.
    pub(crate) arrangement: Arrangement,
}

/// How the panels of a figure stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrangement {
    /// Under one another on a common x axis.
    Stacked,
    /// Beside one another where there is room, each with its own x axis.
    Beside,
}

/// One pair of axes and what is drawn between them.
#[derive(Debug, Clone)]
pub(crate) struct Panel<'a> {
    /// What sets this panel apart from the figure's others; may be empty.
    pub(crate) heading: String,
    /// Horizontal axis.
    pub(crate) x: AxisSpec,
    /// Vertical axis.
    pub(crate) y: AxisSpec,
    /// What is drawn, later ones on top.
    pub(crate) series: Vec<Series<'a>>,
    /// Height on the page.
    pub(crate) height: Height,
}

/// Height of a panel on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Height {
    /// The figure's main panel.
    Tall,
    /// One of several.
    Normal,
    /// Beside the main matter.
    Small,
    /// As high as wide, or nearly.
    Square,
    /// As high as wide: both axes are of one kind.
    Plane,
    /// A lane for each line, under one another on one scale.
    Lanes,
}

/// One thing drawn.
#[derive(Debug, Clone)]
pub(crate) struct Series<'a> {
    /// Name in the legend and in hover values.
    pub(crate) name: String,
    /// Colour.
    pub(crate) colour: Colour,
    /// How pale it is: 0 in full, each further one paler.
    pub(crate) shade: usize,
    /// Shape and data.
    pub(crate) mark: Mark<'a>,
    /// Whether the legend lists it.
    pub(crate) in_legend: bool,
    /// Which of several frames it belongs to, of which one is seen at a time; none of what is always seen.
    pub(crate) frame: Option<usize>,
    /// Pages that its points lead to, one for each; empty where they lead nowhere.
    pub(crate) links: Vec<String>,
}

/// Shapes data are drawn in.
#[derive(Debug, Clone)]
pub(crate) enum Mark<'a> {
    /// A line over an increasing `x`.
    Line(Cow<'a, [f64]>, Cow<'a, [f64]>),
    /// The space between two lines over an increasing `x`: lower, then upper.
    Band(Cow<'a, [f64]>, Cow<'a, [f64]>, Cow<'a, [f64]>, Fill),
    /// Dots joined by straight lines.
    Joined(Vec<(f64, f64)>),
    /// A curve through the plane.
    Curve(Vec<(f64, f64)>),
    /// A dashed curve to compare with.
    Outline(Vec<(f64, f64)>),
    /// Dots.
    Dots(Vec<(f64, f64)>),
    /// Bars from zero upwards, centred on the points, and how far apart these are.
    Bars(Vec<(f64, f64)>, f64),
    /// Upright strokes of the given height in units of `y`, standing on the points.
    Strokes(Vec<(f64, f64)>, f64),
    /// A horizontal line across the panel.
    Rule(f64),
    /// A picture of many cells.
    Picture(Picture),
}

/// How densely a band is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// A veil, as for a deviation around a line.
    Faint,
    /// A veil within a veil.
    Dense,
    /// One of a stack.
    Solid,
}

impl<'a> Series<'a> {
    /// A line over an increasing `x`.
    pub(crate) fn line(name: &str, colour: Colour, x: Cow<'a, [f64]>, y: Cow<'a, [f64]>) -> Self {
        Self::new(name, colour, Mark::Line(x, y))
    }

    /// Any mark, listed in the legend.
    pub(crate) fn new(name: &str, colour: Colour, mark: Mark<'a>) -> Self {
        Self { name: name.to_owned(), colour, shade: 0, mark, in_legend: true, frame: None, links: Vec::new() }
    }

    /// The same series under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The same series, paler.
    pub(crate) fn shaded(mut self, shade: usize) -> Self {
        self.shade = shade;
        self
    }

    /// The same series, seen in one frame alone.
    pub(crate) fn in_frame(mut self, frame: usize) -> Self {
        self.frame = Some(frame);
        self
    }

    /// The same series, left out of the legend.
    pub(crate) fn unlisted(mut self) -> Self {
        self.in_legend = false;
        self
    }
}

impl Mark<'_> {
    /// Whether there is anything to draw.
    fn is_empty(&self) -> bool {
        match self {
            Self::Line(x, _) | Self::Band(x, ..) => x.is_empty(),
            Self::Joined(points)
            | Self::Curve(points)
            | Self::Outline(points)
            | Self::Dots(points)
            | Self::Bars(points, _)
            | Self::Strokes(points, _) => points.is_empty(),
            Self::Picture(picture) => picture.levels.is_empty(),
            Self::Rule(_) => false,
        }
    }

    /// Calls `see` with every finite pair of coordinates that the axes should reach.
    fn visit(&self, see: &mut impl FnMut(f64, f64)) {
        match self {
            Self::Line(x, y) => x.iter().zip(y.iter()).for_each(|(&x, &y)| see(x, y)),
            Self::Band(x, lower, upper, _) => {
                for (k, &x) in x.iter().enumerate() {
                    see(x, lower.get(k).copied().unwrap_or(f64::NAN));
                    see(x, upper.get(k).copied().unwrap_or(f64::NAN));
                }
            }
            Self::Joined(points) | Self::Curve(points) | Self::Outline(points) | Self::Dots(points) => {
                for &(x, y) in points {
                    see(x, y);
                }
            }
            Self::Bars(points, width) => points.iter().for_each(|&(x, y)| {
                see(x - 0.5 * width, 0.0);
                see(x + 0.5 * width, y);
            }),
            Self::Strokes(points, height) => points.iter().for_each(|&(x, y)| {
                see(x, y);
                see(x, y + height);
            }),
            Self::Picture(Picture { x, y, .. }) => {
                see(x.0, y.0);
                see(x.1, y.1);
            }
            // A rule far from the data must not flatten it: see `Panel::keep_near_rules`.
            Self::Rule(y) => see(f64::NAN, *y),
        }
    }
}

impl Panel<'_> {
    /// Ranges of the data: x, then y. Empty ranges are upside down.
    fn ranges(&self) -> ((f64, f64), (f64, f64)) {
        let (mut x_range, mut y_range) = (EMPTY, EMPTY);
        for series in &self.series {
            series.mark.visit(&mut |x, y| {
                let level = matches!(series.mark, Mark::Rule(_));
                if y.is_finite() && (level || x.is_finite()) {
                    y_range = (y_range.0.min(y), y_range.1.max(y));
                }
                if x.is_finite() && y.is_finite() {
                    x_range = (x_range.0.min(x), x_range.1.max(x));
                }
            });
        }
        (x_range, y_range)
    }

    /// Drops horizontal lines that would more than double the height the data need.
    pub(crate) fn keep_near_rules(&mut self) {
        let rules: Vec<f64> = self.series.iter().filter_map(|s| s.mark.rule()).collect();
        if rules.is_empty() {
            return;
        }
        let all = std::mem::take(&mut self.series);
        let (rules, data): (Vec<_>, Vec<_>) = all.into_iter().partition(|s| s.mark.rule().is_some());
        self.series = data;
        let (low, high) = self.ranges().1;
        let near = |y: f64| y >= low - (high - low) && y <= high + (high - low);
        self.series.extend(rules.into_iter().filter(|s| s.mark.rule().is_some_and(near)));
    }
}

const EMPTY: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

impl Mark<'_> {
    /// The points of dots and curves; none of a mark over a common x.
    pub(crate) fn points(&self) -> &[(f64, f64)] {
        match self {
            Self::Joined(points)
            | Self::Curve(points)
            | Self::Outline(points)
            | Self::Dots(points)
            | Self::Bars(points, _)
            | Self::Strokes(points, _) => points,
            Self::Line(..) | Self::Band(..) | Self::Rule(_) | Self::Picture(_) => &[],
        }
    }

    fn rule(&self) -> Option<f64> {
        match self {
            Self::Rule(y) => Some(*y),
            _ => None,
        }
    }
}
