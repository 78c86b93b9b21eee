//! Colours by meaning. What each looks like by day and by night stands in `template/colours.css` alone.

/// Number of colours of the palette.
pub(crate) const N_COLOURS: usize = 8;

/// One of the colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// That of the text.
    Ink,
    /// Number `k` of the palette, counted round; those from the fifth on also dash their lines.
    Palette(usize),
    /// That of a part of a neuron, the same in every figure.
    Of(NeuronPart),
}

/// Parts of a neuron that have a colour of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NeuronPart {
    Potassium,
    Sodium,
    Chloride,
    Output,
    Input,
    Source,
    Sense,
}

/// Words by which a name shows which part it is of; the first that is found counts.
const WORDS: [(&str, NeuronPart); 10] = [
    ("source", NeuronPart::Source),
    ("potassium", NeuronPart::Potassium),
    ("sodium", NeuronPart::Sodium),
    ("chloride", NeuronPart::Chloride),
    ("sense", NeuronPart::Sense),
    ("record", NeuronPart::Sense),
    ("output", NeuronPart::Output),
    ("outgoing", NeuronPart::Output),
    ("input", NeuronPart::Input),
    ("incoming", NeuronPart::Input),
];

impl Colour {
    /// The colour of the part that `name` is of, else number `k` of the palette.
    pub(crate) fn of(name: &str, k: usize) -> Self {
        let word = |word: &str| name.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        let part = WORDS.iter().find(|entry| word(entry.0)).map(|entry| entry.1);
        part.map_or(Self::Palette(k), Self::Of)
    }

    /// As [`Colour::of`], but unlike any of `used`: a second part of one channel has the one colour that means nothing.
    pub(crate) fn apart(name: &str, k: usize, used: &[Self]) -> Self {
        let own = Self::of(name, k);
        if used.contains(&own) { Self::Palette(N_COLOURS - 1) } else { own }
    }

    /// Its name in the page's style and scripts.
    pub(crate) fn class(self) -> &'static str {
        const CLASSES: [&str; N_COLOURS] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
        match self {
            Self::Ink => "c0",
            Self::Palette(k) => CLASSES[k % N_COLOURS],
            Self::Of(part) => match part {
                NeuronPart::Potassium => "potassium",
                NeuronPart::Sodium => "sodium",
                NeuronPart::Chloride => "chloride",
                NeuronPart::Output => "output",
                NeuronPart::Input => "input",
                NeuronPart::Source => "source",
                NeuronPart::Sense => "sense",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("../template/colours.css");

    #[test]
    fn every_colour_stands_in_the_style() {
        let parts = WORDS.map(|entry| Colour::Of(entry.1));
        for colour in [Colour::Ink].into_iter().chain((0..N_COLOURS).map(Colour::Palette)).chain(parts) {
            let class = colour.class();
            assert!(STYLE.contains(&format!("--{class}:")), "{class}");
            assert!(STYLE.contains(&format!(".{class} {{ --k: var(--{class}); }}")), "{class}");
        }
    }

    #[test]
    fn names_show_what_they_are_of() {
        for (name, part) in [
            ("potassium", NeuronPart::Potassium),
            ("n (potassium activation)", NeuronPart::Potassium),
            ("outgoing wave", NeuronPart::Output),
            ("source mode", NeuronPart::Source),
            ("relay[0] sodium", NeuronPart::Sodium),
        ] {
            assert_eq!(Colour::of(name, 3), Colour::Of(part), "{name}");
        }
        assert_eq!(Colour::of("leak", 3), Colour::Palette(3));
        assert_eq!(Colour::of("inputs", 3), Colour::Palette(3));
    }

    /// Contrast with the paper, by day and by night, as WCAG computes it: 3 for lines, 4.5 for text.
    #[test]
    fn colours_stand_out_from_the_paper() {
        let themes: Vec<&str> = STYLE.split("--paper:").skip(1).collect();
        assert_eq!(themes.len(), 2, "one by day and one by night");
        for theme in themes {
            let theme = format!("--paper:{theme}");
            let luminance = |name: &str| {
                let (_, rest) = theme.split_once(&format!("--{name}: #")).unwrap_or_else(|| panic!("{name}"));
                let part = |k: usize| {
                    let value = f64::from(u8::from_str_radix(&rest[k..k + 2], 16).unwrap()) / 255.0;
                    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
                };
                0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
            };
            let contrast = |name: &str| {
                let (a, b) = (luminance(name), luminance("paper"));
                (a.max(b) + 0.05) / (a.min(b) + 0.05)
            };
            for (names, least) in [
                (&["ink", "soft", "good", "bad"][..], 4.5),
                (&["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"][..], 3.0),
            ] {
                for name in names {
                    assert!(contrast(name) >= least, "{name}: {:.2}, at least {least}", contrast(name));
                }
            }
        }
    }
}
