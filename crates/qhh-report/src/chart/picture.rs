//! Pictures of many cells within the axes of a panel: PNG in the page, so that a million values weigh little.
//!
//! A scale of colours is the same by day and by night. Counts are drawn in the colour of their series, as a mask over
//! it, so that they follow the page. Hover values are read back from the picture's own levels.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::HtmlEscape;
use png::{BitDepth, ColorType, Compression, Encoder};

use super::axis::{Axis, AxisSpec};
use super::path::place;
use super::table::brief;
use qhh_results::number::number;

/// The scale of colours, from low to high, evenly spaced: viridis by Stéfan van der Walt and Nathaniel Smith (CC0).
const SCALE: [[u8; 3]; 9] = [
    [0x44, 0x01, 0x54],
    [0x47, 0x2d, 0x7b],
    [0x3b, 0x52, 0x8b],
    [0x2c, 0x72, 0x8e],
    [0x21, 0x91, 0x8c],
    [0x28, 0xae, 0x80],
    [0x5e, 0xc9, 0x62],
    [0xad, 0xdc, 0x30],
    [0xfd, 0xe7, 0x25],
];

/// The scale for values of either sign, white at zero; its colours are those of the page's first two.
const SIGNED: [[u8; 3]; 9] = [
    [0x00, 0x3a, 0x5c],
    [0x00, 0x72, 0xb2],
    [0x5a, 0xa4, 0xcf],
    [0xb3, 0xd5, 0xe8],
    [0xff, 0xff, 0xff],
    [0xfb, 0xd3, 0xb5],
    [0xee, 0x9a, 0x5f],
    [0xd5, 0x5e, 0x00],
    [0x7a, 0x34, 0x00],
];

/// Cells in rows, each with a level from 0 to 255.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// Left and right edge.
    pub(crate) x: (f64, f64),
    /// Lower and upper edge.
    pub(crate) y: (f64, f64),
    /// Cells in a row.
    pub(crate) columns: usize,
    /// Levels, row by row from the top.
    pub(crate) levels: Vec<u8>,
    /// What a level means.
    pub(crate) ink: Ink,
    /// The cells as a table has them, where they are few enough; else hover values are those of the levels.
    pub(crate) cells: Option<Cells>,
}

/// Cells of a picture as a table has them.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// What the columns stand for, from the left.
    pub(crate) columns: Vec<String>,
    /// What the rows stand for, from the top.
    pub(crate) rows: Vec<String>,
    /// Values, row by row from the top; one that is no number is a gap.
    pub(crate) values: Vec<f64>,
}

impl Cells {
    /// Attributes of the picture, for hover values.
    fn attributes(&self) -> String {
        let lines = |texts: &[String]| HtmlEscape(&texts.join("\n")).to_string();
        let value = |value: &f64| if value.is_finite() { brief(*value) } else { "–".to_owned() };
        let values: Vec<String> = self.values.iter().map(value).collect();
        format!(
            " data-columns=\"{}\" data-rows=\"{}\" data-v=\"{}\"",
            lines(&self.columns),
            lines(&self.rows),
            values.join(" ")
        )
    }
}

/// What levels mean, and how they are drawn.
#[derive(Debug, Clone)]
pub(crate) enum Ink {
    /// A quantity, evenly from level 0 to level 255, in a scale of colours.
    Scale {
        /// The quantity and its unit, over its range.
        axis: AxisSpec,
        /// Which scale.
        colours: Colours,
        /// Whether level 0 is no value, and left blank; the range then begins at level 1.
        gaps: bool,
    },
    /// A count, by [`level_of_count`], in the series' own colour.
    Count {
        /// The count of level 255.
        most: u32,
    },
}

/// A scale of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Ever lighter from the lowest value to the highest.
    Ascending,
    /// White at zero, which is in the middle; by night, that of the page's paper.
    Signed,
}

impl Colours {
    fn stops(self) -> [[u8; 3]; 9] {
        match self {
            Self::Ascending => SCALE,
            Self::Signed => SIGNED,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Ascending => "",
            Self::Signed => " signed",
        }
    }
}

/// Lowest level of a cell that holds anything: one must show among thousands.
const FAINTEST: f64 = 90.0;

/// Level of a count of `most`: by its logarithm.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
pub(crate) fn level_of_count(count: u32, most: u32) -> u8 {
    if count == 0 {
        return 0;
    }
    let share = if most > 1 { f64::from(count).ln() / f64::from(most).ln() } else { 1.0 };
    (FAINTEST + (255.0 - FAINTEST) * share).round().min(255.0) as u8
}

/// Level, above 0, of a value between `low` and `high` in a picture with gaps.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; no number counts as low")]
pub(crate) fn level_with_gaps(value: f64, low: f64, high: f64) -> u8 {
    (1.0 + 254.0 * (value - low) / (high - low)).round().clamp(1.0, 255.0) as u8
}

/// Level of a value between `low` and `high`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; no number counts as low")]
pub(crate) fn level_of_value(value: f64, low: f64, high: f64) -> u8 {
    (255.0 * (value - low) / (high - low)).round().clamp(0.0, 255.0) as u8
}

impl Picture {
    /// The picture in its panel, whose own part of the page's names begins with `id`.
    pub(crate) fn write(&self, html: &mut String, id: &str, (name, class): (&str, &str), x: &Axis, y: &Axis) {
        let Some(file) = self.png() else { return };
        let (left, top) = place(x, y, (self.x.0, self.y.1));
        let (right, bottom) = place(x, y, (self.x.1, self.y.0));
        let place = format!(
            "x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"",
            (right - left).max(1),
            (bottom - top).max(1)
        );
        let name = HtmlEscape(name);
        let image = |told: &str| {
            let data = STANDARD.encode(&file);
            format!("<image {place} preserveAspectRatio=\"none\"{told} href=\"data:image/png;base64,{data}\"/>")
        };
        let _ = match &self.ink {
            Ink::Scale { axis, colours, gaps } => {
                let (low, high) = axis.range.unwrap_or_default();
                let low = if *gaps { low - (high - low) / 254.0 } else { low };
                let scale: Vec<String> = colours.stops().into_iter().map(hex).collect();
                html.write_str(&image(&format!(
                    " class=\"{}\" data-s=\"{name}\" data-range=\"{low} {high}\" data-scale=\"{}\"{}",
                    colours.class().trim_start(),
                    scale.join(" "),
                    self.cells.as_ref().map_or_else(String::new, Cells::attributes)
                )))
            }
            Ink::Count { most } => write!(
                html,
                "<mask id=\"{0}\">{1}</mask><rect class=\"q {class}\" {place} mask=\"url(#{0})\"/>",
                HtmlEscape(id),
                image(&format!(" data-s=\"{name}\" data-colour=\"{class}\" data-most=\"{most}\""))
            ),
        };
    }

    /// What the colours of a scale mean.
    pub(crate) fn write_bar(&self, html: &mut String) {
        let Ink::Scale { axis, colours, .. } = &self.ink else { return };
        let axis = Axis::new(axis, axis.range.unwrap_or_default(), 5, false);
        let stops: Vec<String> = colours.stops().into_iter().map(|colour| format!("#{}", hex(colour))).collect();
        let _ = write!(
            html,
            "<div class=\"bar\"><span>{}</span><div><b class=\"shades{}\" \
             style=\"background:linear-gradient(90deg,{})\"></b>",
            HtmlEscape(&axis.title),
            colours.class(),
            stops.join(",")
        );
        for (value, text) in &axis.ticks {
            let left = 100.0 * axis.position(*value);
            let _ = write!(html, "<i class=\"xt\" style=\"left:{left:.2}%\">{}</i>", HtmlEscape(text));
        }
        html.push_str("</div></div>");
    }

    /// The picture in a sentence, for those who cannot see it.
    pub(crate) fn summary(&self, name: &str) -> String {
        match &self.ink {
            Ink::Scale { axis, .. } => {
                let (low, high) = axis.range.unwrap_or_default();
                let unit = if axis.unit.is_empty() { String::new() } else { format!(" {}", axis.unit) };
                format!("{}: from {} to {}{unit}.", axis.label, number(low, 3), number(high, 3))
            }
            Ink::Count { most } => format!("{name}: at most {most} in a cell."),
        }
    }

    /// The file; none where its levels are no whole number of rows.
    fn png(&self) -> Option<Vec<u8>> {
        let rows = self.levels.len() / self.columns.max(1);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, u32::try_from(self.columns).ok()?, u32::try_from(rows).ok()?);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        match self.ink {
            Ink::Scale { colours, gaps, .. } => {
                encoder.set_color(ColorType::Indexed);
                encoder.set_palette(palette(colours.stops()));
                if gaps {
                    encoder.set_trns(vec![0]);
                }
            }
            Ink::Count { .. } => encoder.set_color(ColorType::Grayscale),
        }
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.levels).ok()?;
        writer.finish().ok()?;
        Some(file)
    }
}

/// The 256 colours of a scale: straight lines between the nine.
fn palette(scale: [[u8; 3]; 9]) -> Vec<u8> {
    let colour = |level: u16| {
        let at = f64::from(level) / 255.0 * (scale.len() - 1) as f64;
        let first = (0..scale.len() - 1).rev().find(|&k| at >= k as f64).unwrap_or(0);
        let share = at - first as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
        let mixed = |k: usize| {
            let (low, high) = (f64::from(scale[first][k]), f64::from(scale[first + 1][k]));
            (low + (high - low) * share).round() as u8
        };
        [0, 1, 2].map(mixed)
    };
    (0..256).flat_map(colour).collect()
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_keep_order_and_show_the_smallest() {
        assert_eq!([level_of_count(0, 9), level_of_count(1, 9), level_of_count(9, 9)], [0, 90, 255]);
        assert!((1..1000).all(|count| level_of_count(count, 1000) <= level_of_count(count + 1, 1000)));
        assert_eq!(
            [-9.0, -5.0, 0.0, 5.0, f64::NAN].map(|value| level_of_value(value, -5.0, 5.0)),
            [0, 0, 128, 255, 0]
        );
    }

    #[test]
    fn the_palette_passes_through_the_scale() {
        let palette = palette(SCALE);
        assert_eq!((palette.len(), &palette[..3], &palette[765..]), (768, &SCALE[0][..], &SCALE[8][..]));
    }

    #[test]
    fn the_signed_scale_is_white_at_zero_and_paler_than_its_ends_between() {
        let palette = super::palette(SIGNED);
        let colour = |level: u8| &palette[3 * usize::from(level)..][..3];
        assert!(colour(level_of_value(0.0, -2.0, 2.0)).iter().all(|&part| part > 250));
        for (low, high, strong) in [(0, 127, 2), (128, 255, 0)] {
            for level in low..=high {
                let own = colour(level);
                assert!(own[strong] >= own[2 - strong], "level {level}: {own:?}");
            }
        }
    }

    #[test]
    fn a_plain_picture_is_a_small_file() {
        let axis = AxisSpec::new("Voltage", "mV".to_owned()).ranging(-80.0, 40.0);
        let levels = vec![7; 400 * 300];
        let picture = Picture {
            x: (0.0, 1.0),
            y: (0.0, 1.0),
            columns: 400,
            levels,
            ink: Ink::Scale { axis, colours: Colours::Ascending, gaps: false },
            cells: None,
        };
        let file = picture.png().unwrap();
        assert!(file.starts_with(b"\x89PNG") && file.len() < 3000, "{} bytes", file.len());
    }
}
