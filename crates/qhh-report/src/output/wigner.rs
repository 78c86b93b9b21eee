//! Wigner functions of output modes as colour maps.

use std::f64::consts::{SQRT_2, TAU};
use std::fmt::Write as _;

use qhh_net::Network;

use super::sent;
use crate::chart::picture::level_of_value;
use crate::chart::{
    Arrangement, AxisSpec, ColorMapping, Colour, Colours, Figure, Height, Mark, Panel, Picture, Series,
};
use qhh_results::{StatesSummary, WignerSummary};

/// Cells along each side of a picture.
const CELLS: usize = 160;
/// Part of the largest value below which a Wigner function counts as zero when its extent is sought.
const FAINT: f64 = 4e-3;
/// How much smaller than its own window a mode may be shown, so that all have one.
const MOST_SHRUNK: f64 = 3.0;
/// Corners of a circle.
const CORNERS: u32 = 90;

/// Something with a Wigner function: a source's state, or a mode.
struct Shown {
    heading: String,
    is_source: bool,
    mean: [f64; 2],
    wigner: WignerSummary,
}

/// A colour map for each mode whose Wigner function is known, before them that of the source they carry, all with one scale.
pub(super) fn figure(network: &Network, states: &StatesSummary) -> Figure<'static> {
    let shown = shown(network, states);
    let n_modes = shown.iter().filter(|one| !one.is_source).count();
    let with_sources = n_modes < shown.len();
    let largest = |wigner: &WignerSummary| {
        let values = wigner.values.iter().flatten();
        values.fold(0.0f64, |most, value| most.max(f64::from(value.abs())))
    };
    let most = shown.iter().map(|one| largest(&one.wigner)).fold(0.0, f64::max);
    let negative =
        shown.iter().any(|one| one.wigner.values.iter().flatten().any(|w| f64::from(*w) < -FAINT * most));
    let mut seen: Vec<(Shown, Window)> = shown
        .into_iter()
        .filter_map(|one| {
            let window = Window::around(&one.wigner, FAINT * largest(&one.wigner))?;
            Some((one, window))
        })
        .collect();
    // To one measure, unless the smallest could no longer be read.
    let (least, widest) =
        seen.iter().fold((f64::INFINITY, 0.0f64), |(low, high), one| (low.min(one.1.half), high.max(one.1.half)));
    if widest < MOST_SHRUNK * least {
        for one in &mut seen {
            one.1.half = widest;
        }
    }
    let panels: Vec<Panel<'static>> = seen
        .into_iter()
        .map(|(one, window)| {
            let picture = Picture {
                x: window.x(),
                y: window.p(),
                columns: CELLS,
                levels: window.levels(&one.wigner, most),
                ink: ColorMapping::Scale {
                    axis: AxisSpec::new("W(x,\u{a0}p)", "").ranging(-most, most),
                    colours: Colours::Signed,
                    gaps: false,
                },
                cells: None,
            };
            Panel {
                heading: one.heading,
                x: AxisSpec::new("x", "").ranging(window.x().0, window.x().1),
                y: AxisSpec::new("p", "").ranging(window.p().0, window.p().1),
                series: vec![
                    Series::new("W", Colour::Ink, Mark::Picture(picture)).unlisted(),
                    Series::new(
                        "a coherent state of the same mean, where it has fallen to 1/e",
                        Colour::Ink,
                        Mark::Outline(circle(one.mean)),
                    ),
                ],
                height: Height::Plane,
            }
        })
        .collect();
    let mut few = String::new();
    if with_sources {
        few.push_str(" What a source sends stands before the modes that carry it.");
    }
    if n_modes < states.modes.len() {
        let _ = write!(few, " {n_modes} of {} modes are shown.", states.modes.len());
    }
    let caption = format!(
        "Distribution of the quadratures x = (b + b*)/√2 and p = (b − b*)/(i√2) of each mode, in units in which the \
         vacuum's variance is 1/2. {}{few}",
        if negative {
            "Blue is negative, which no distribution of classical waves is."
        } else {
            "Blue would be negative; none of them is, so that a classical wave with the same noise would look the same."
        }
    );
    Figure {
        id: "wigner".to_owned(),
        title: "Wigner functions".to_owned(),
        caption,
        panels,
        arrangement: Arrangement::Beside,
    }
}

/// The sources, each with the modes that carry it behind it, then modes that carry none.
fn shown(network: &Network, states: &StatesSummary) -> Vec<Shown> {
    let mut groups: Vec<(Option<String>, Vec<Shown>)> = Vec::new();
    for mode in &states.modes {
        let Some(wigner) = mode.wigner.clone() else { continue };
        let source = mode.input.as_ref().map(|input| input.source.clone());
        let place = groups.iter().position(|group| group.0 == source).unwrap_or_else(|| {
            let sent = sent(network, mode).and_then(|sent| {
                let (wigner, [re, im]) = (WignerSummary::new(&sent.state.wigner()?), sent.state.mean());
                let heading = format!("sent by {}", sent.source);
                Some(Shown { heading, is_source: true, mean: [re, im], wigner })
            });
            groups.push((source, sent.into_iter().collect()));
            groups.len() - 1
        });
        groups[place].1.push(Shown { heading: mode.name.clone(), is_source: false, mean: mode.mean, wigner });
    }
    groups.sort_by_key(|group| group.0.is_none());
    groups.into_iter().flat_map(|group| group.1).collect()
}

/// A circle of radius 1 around the quadratures of an amplitude.
fn circle([re, im]: [f64; 2]) -> Vec<(f64, f64)> {
    let (x, p) = (SQRT_2 * re, SQRT_2 * im);
    let corner = |k: u32| (TAU * f64::from(k) / f64::from(CORNERS)).sin_cos();
    (0..=CORNERS).map(corner).map(|(sin, cos)| (x + cos, p + sin)).collect()
}

/// A square of phase space.
struct Window {
    centre: (f64, f64),
    half: f64,
}

impl Window {
    /// The smallest square around everything larger than `faint`, with some room.
    fn around(wigner: &WignerSummary, faint: f64) -> Option<Self> {
        let (mut x, mut p) = ((f64::INFINITY, f64::NEG_INFINITY), (f64::INFINITY, f64::NEG_INFINITY));
        for (i, row) in wigner.values.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                if f64::from(value.abs()) > faint {
                    let at = (point(wigner.x, i, wigner.values.len()), point(wigner.p, j, row.len()));
                    x = (x.0.min(at.0), x.1.max(at.0));
                    p = (p.0.min(at.1), p.1.max(at.1));
                }
            }
        }
        let half = 0.55 * (x.1 - x.0).max(p.1 - p.0);
        (half > 0.0).then_some(Self { centre: (0.5 * (x.0 + x.1), 0.5 * (p.0 + p.1)), half })
    }

    fn x(&self) -> (f64, f64) {
        (self.centre.0 - self.half, self.centre.0 + self.half)
    }

    fn p(&self) -> (f64, f64) {
        (self.centre.1 - self.half, self.centre.1 + self.half)
    }

    /// Cells from the top left.
    fn levels(&self, wigner: &WignerSummary, most: f64) -> Vec<u8> {
        let at = |k: usize| self.half * ((2 * k + 1) as f64 / CELLS as f64 - 1.0);
        let cells = (0..CELLS).rev().flat_map(|row| (0..CELLS).map(move |column| (column, row)));
        let value = |(column, row)| value(wigner, self.centre.0 + at(column), self.centre.1 + at(row));
        cells.map(|cell| level_of_value(value(cell), -most, most)).collect()
    }
}

fn point(range: [f64; 2], k: usize, n: usize) -> f64 {
    range[0] + (range[1] - range[0]) * k as f64 / (n - 1) as f64
}

/// Linear between the four points of the grid around a place; zero beyond the grid, which reaches to where nothing is.
fn value(wigner: &WignerSummary, x: f64, p: f64) -> f64 {
    let place = |range: [f64; 2], n: usize, at: f64| {
        let place = (at - range[0]) / (range[1] - range[0]) * (n as f64 - 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the grid")]
        let inside = (place >= 0.0 && place <= n as f64 - 1.0).then(|| (place as usize).min(n - 2));
        inside.map(|first| (first, place - first as f64))
    };
    let n_p = wigner.values.first().map_or(0, Vec::len);
    if wigner.values.len() < 2 || n_p < 2 {
        return 0.0;
    }
    let (Some((i, s)), Some((j, t))) = (place(wigner.x, wigner.values.len(), x), place(wigner.p, n_p, p)) else {
        return 0.0;
    };
    let at = |i: usize, j: usize| wigner.values[i].get(j).map_or(0.0, |value| f64::from(*value));
    (1.0 - s) * ((1.0 - t) * at(i, j) + t * at(i, j + 1)) + s * ((1.0 - t) * at(i + 1, j) + t * at(i + 1, j + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tilted() -> WignerSummary {
        // W = 3x - 2p + 1 is linear, so that nothing is lost between points.
        let values = (0..5).map(|i| (0..3).map(|j| 3.0 * i as f32 - 2.0 * j as f32 + 1.0).collect()).collect();
        WignerSummary { x: [0.0, 4.0], p: [0.0, 2.0], values }
    }

    #[test]
    fn between_the_points_of_the_grid_there_is_a_plane_and_beyond_them_nothing() {
        let wigner = tilted();
        for (x, p) in [(0.0, 0.0), (0.25, 1.9), (3.99, 0.5), (4.0, 2.0)] {
            assert!((value(&wigner, x, p) - (3.0 * x - 2.0 * p + 1.0)).abs() < 1e-6, "at {x}, {p}");
        }
        assert_eq!([value(&wigner, -0.01, 1.0), value(&wigner, 2.0, 2.01)], [0.0, 0.0]);
    }

    #[test]
    fn the_window_is_a_square_around_what_is_to_be_seen_with_x_to_the_right_and_p_upwards() {
        let mut wigner = WignerSummary { x: [-8.0, 8.0], p: [-4.0, 4.0], values: vec![vec![0.0; 81]; 81] };
        // x = 4, p = 3 alone.
        wigner.values[60][70] = 1.0;
        wigner.values[59][70] = 1.0;
        let window = Window::around(&wigner, 0.1).unwrap();
        assert!((window.centre.0 - 3.9).abs() < 1e-9 && (window.centre.1 - 3.0).abs() < 1e-9);
        assert!((window.half - 0.55 * 0.2).abs() < 1e-9);
        let wide = Window { centre: (0.0, 0.0), half: 8.0 };
        let levels = wide.levels(&wigner, 1.0);
        let brightest = levels.iter().enumerate().max_by_key(|cell| cell.1).unwrap().0;
        let (row, column) = (brightest / CELLS, brightest % CELLS);
        assert!(row < CELLS / 2 && column > CELLS / 2, "x > 0 lies right, p > 0 up: {row}, {column}");
        assert_eq!(levels[0], 128, "zero is the middle of the scale");
    }
}
