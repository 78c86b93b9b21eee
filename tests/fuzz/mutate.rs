//! Inputs near the border of what is sound: good and broken files with a few bytes, words or lines changed.
//!
//! Input number k of a target is the same on every machine: its randomness is the stream k of a fixed seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Bytes of an input at most.
const MAX_BYTES: usize = 16 * 1024;
/// One input in so many is bytes without any order.
const NOISE: usize = 32;

/// What parsers stumble over.
const WORDS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1e308",
    "-1e309",
    "1e-320",
    ".inf",
    "-.inf",
    ".nan",
    "nan",
    "infinity",
    "4294967295",
    "4294967296",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999",
    "0x1f",
    "1_000",
    "1e",
    "+",
    "~",
    "null",
    "true",
    "off",
    "\"\"",
    "''",
    "\"",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "{}",
    "[]",
    ": ",
    "- ",
    ", ",
    "# ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "µ",
    "Ω",
    "²",
    "é\u{301}",
    "&a ",
    "*a",
    "*squid",
    "<<: ",
    "!!str ",
    "!",
    "%",
    "%%MatrixMarket",
    "---\n",
    "...\n",
    "|\n",
    ">-\n",
    "? ",
    "uF",
    " kOhm",
    "mV/",
    "^-2",
    "^127",
    "^-128",
    "/s",
    " ms",
    "relay",
    "relay[0]",
    "[0..1]",
    "[0..]",
    "[5..1]",
    "[4294967295]",
    "..",
    ".",
    "=",
    "$",
    "{file: {path: in.csv, column: i}}",
    "{uniform: [0, 1]}",
    "{linear: [1, 2]}",
    "{normal: {mean: 0, deviation: 1}}",
    "simulation.",
    "experiment.vary.",
];

/// The input of this number, made from a target's good and bad examples.
pub(crate) fn input(number: usize, examples: &[Vec<u8>]) -> Vec<u8> {
    let mut draw = Draw::of(number as u64);
    if draw.below(NOISE) == 0 {
        return (0..draw.below(200)).map(|_| draw.byte()).collect();
    }
    let bytes = draw.one_of(examples).clone();
    draw.changes(bytes, examples)
}

/// The randomness of one input.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn of(number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(0x9e37_79b9);
        rng.set_stream(number);
        Self(rng)
    }

    /// A number from 0, below `end`; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        let number = self.0.next_u64() % end.max(1) as u64;
        usize::try_from(number).expect("it is below a usize")
    }

    fn byte(&mut self) -> u8 {
        self.0.next_u64().to_le_bytes()[0]
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A short stretch of `bytes`.
    fn stretch(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        from..(from + self.below(24)).min(bytes.len())
    }

    /// The stretch of one line, its end included.
    fn line(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let at = self.below(bytes.len() + 1);
        let from = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let to = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
        from..to
    }

    /// The stretch of a word: letters and digits and what numbers are made of.
    fn word(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let at = self.below(bytes.len() + 1);
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.+".contains(byte);
        let from = bytes[..at].iter().rposition(|byte| !inside(byte)).map_or(0, |end| end + 1);
        let to = bytes[at..].iter().position(|byte| !inside(byte)).map_or(bytes.len(), |end| at + end);
        from..to
    }

    /// `bytes` after one to six changes.
    pub(crate) fn changes(&mut self, mut bytes: Vec<u8>, examples: &[Vec<u8>]) -> Vec<u8> {
        for _ in 0..=self.below(6) {
            self.change(&mut bytes, examples);
            bytes.truncate(MAX_BYTES);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, examples: &[Vec<u8>]) {
        let (range, new) = match self.below(9) {
            0 => {
                let at = self.below(bytes.len() + 1);
                (at..(at + 1).min(bytes.len()), vec![self.byte()])
            }
            1 => (self.stretch(bytes), Vec::new()),
            2 => (self.line(bytes), Vec::new()),
            3 | 4 => (self.word(bytes), self.one_of(WORDS).as_bytes().to_vec()),
            5 => {
                let at = self.below(bytes.len() + 1);
                (at..at, self.one_of(WORDS).as_bytes().to_vec())
            }
            6 => {
                let (line, at) = (self.line(bytes), self.line(bytes).start);
                (at..at, bytes[line].to_vec())
            }
            7 => {
                let other = self.one_of(examples);
                let (line, at) = (self.line(other), self.line(bytes).start);
                (at..at, other[line].to_vec())
            }
            _ => {
                let (from, onto) = (self.word(bytes), self.word(bytes));
                (onto, bytes[from].to_vec())
            }
        };
        bytes.splice(range, new);
    }
}
