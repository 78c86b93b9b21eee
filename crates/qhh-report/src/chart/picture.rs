//! Pictures of many cells within the axes of a panel: their levels as a grey PNG, so that a million values weigh little.
//!
//! The script colours them: by a scale, or counts by how opaque the colour of their series is. Hover values are those of
//! the cells where they are given, else of the levels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder};
use serde_json::{Value, json};

use super::axis::AxisSpec;
use qhh_results::number::number;

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
    pub(crate) ink: ColorMapping,
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

/// What levels mean, and how they are drawn.
#[derive(Debug, Clone)]
pub(crate) enum ColorMapping {
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

/// A scale of colours; what they look like stands in `template/colours.css`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Ever lighter from the lowest value to the highest.
    Ascending,
    /// That of the page's paper at zero, which is in the middle; blue below, orange above.
    Signed,
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
    /// What the script needs to draw it, beside the name and colour of its series; none where its levels are no whole
    /// number of rows.
    pub(crate) fn data(&self) -> Option<serde_json::Map<String, Value>> {
        let mut data = serde_json::Map::new();
        let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
        put("box", json!([self.x.0, self.x.1, self.y.0, self.y.1]));
        put("columns", json!(self.columns));
        put("png", json!(STANDARD.encode(self.png()?)));
        match &self.ink {
            ColorMapping::Scale { axis, colours, gaps } => {
                put("scale", json!(axis));
                put("gaps", json!(gaps));
                put("signed", json!(*colours == Colours::Signed));
            }
            ColorMapping::Count { most } => {
                put("most", json!(most));
            }
        }
        if let Some(Cells { columns, rows, values }) = &self.cells {
            put("cells", json!({ "columns": columns, "rows": rows, "values": values }));
        }
        Some(data)
    }

    /// The picture in a sentence, for those who cannot see it.
    pub(crate) fn summary(&self, name: &str) -> String {
        match &self.ink {
            ColorMapping::Scale { axis, .. } => {
                let (low, high) = axis.range.unwrap_or_default();
                let unit = if axis.unit.is_empty() { String::new() } else { format!(" {}", axis.unit) };
                format!("{}: from {} to {}{unit}.", axis.label, number(low, 3), number(high, 3))
            }
            ColorMapping::Count { most } => format!("{name}: at most {most} in a cell."),
        }
    }

    /// The levels as a grey picture.
    fn png(&self) -> Option<Vec<u8>> {
        let rows = self.levels.len() / self.columns.max(1);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, u32::try_from(self.columns).ok()?, u32::try_from(rows).ok()?);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_compression(Compression::High);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.levels).ok()?;
        writer.finish().ok()?;
        Some(file)
    }
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
    fn a_plain_picture_is_a_small_file() {
        let axis = AxisSpec::new("Voltage", "mV").ranging(-80.0, 40.0);
        let levels = vec![7; 400 * 300];
        let picture = Picture {
            x: (0.0, 1.0),
            y: (0.0, 1.0),
            columns: 400,
            levels,
            ink: ColorMapping::Scale { axis, colours: Colours::Ascending, gaps: false },
            cells: None,
        };
        let file = picture.png().unwrap();
        assert!(file.starts_with(b"\x89PNG") && file.len() < 3000, "{} bytes", file.len());
    }
}
