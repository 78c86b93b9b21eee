//! Sparse matrices in the Matrix Market format: row is sender, column is receiver, value is weight.
//!
//! ```text
//! %%MatrixMarket matrix coordinate real general
//! % a comment
//! 3 3 2
//! 1 2 0.5
//! 2 3 -1
//! ```
//!
//! Format: R. Boisvert, R. Pozo, K. Remington, NISTIR 5935 (1996). Fields real, integer and pattern; general or
//! symmetric, where an entry off the diagonal stands for its mirror image as well.

use std::io::{BufRead, BufReader, Read};

use qhh_core::stop;
use qhh_net::network::Ends;

use super::filled::Pairs;
use crate::rows::Plain;
use crate::yaml::input::Opened;
use crate::yaml::quantity::Scope;
use crate::yaml::wording::clip;

/// Bytes of a line at most.
const MAX_LINE: u64 = 4096;

/// What the first line says.
struct Header {
    /// Whether there are places alone, without values.
    pattern: bool,
    symmetric: bool,
}

/// The lines that are no comments, with their numbers.
struct DataLines<'a> {
    reader: BufReader<Plain<Opened>>,
    text: String,
    number: usize,
    shown: String,
    scope: &'a Scope<'a>,
}

/// Reads pairs and, unless the file has none, weights; `scope` is that of the file's `path`.
pub(super) fn read(
    file: Opened,
    path: &str,
    ends: Ends<'_>,
    scope: &Scope<'_>,
) -> Option<(Pairs, Option<Vec<f64>>)> {
    let reader = BufReader::new(Plain::new(file));
    let mut lines = DataLines { reader, text: String::new(), number: 0, shown: clip(path), scope };
    let header = lines.header()?;
    let count = lines.sizes(&header, ends)?;
    let (mut pairs, mut weights) = (Pairs::new(), Vec::new());
    for read in 0..count {
        if !lines.next()? {
            let what = format!("{count} entries are announced, and the file ends after {read}");
            return lines.wrong(&what, "correct the third number of the size line, or add the entries");
        }
        let (i, j, weight) = lines.entry(&header, ends)?;
        pairs.push((i, j));
        weights.push(weight);
        if header.symmetric && i != j {
            pairs.push((j, i));
            weights.push(weight);
        }
    }
    if lines.next()? {
        let what = format!("there are more entries than the {count} announced");
        return lines.wrong(&what, "correct the third number of the size line");
    }
    Some((pairs, (!header.pattern).then_some(weights)))
}

impl DataLines<'_> {
    /// Goes to the next line that says something; false at the end.
    fn next(&mut self) -> Option<bool> {
        loop {
            if !self.line()? {
                return Some(false);
            }
            if !self.text.starts_with('%') && !self.text.trim().is_empty() {
                return Some(true);
            }
        }
    }

    fn line(&mut self) -> Option<bool> {
        stop::check();
        self.text.clear();
        self.number += 1;
        let read = self.reader.by_ref().take(MAX_LINE).read_line(&mut self.text);
        match read {
            Ok(0) => {
                // What is wrong with the end is said of the last line.
                self.number = (self.number - 1).max(1);
                Some(false)
            }
            Ok(bytes) if bytes as u64 == MAX_LINE => {
                self.wrong("this line is too long", "a line holds three numbers, or a comment after `%`")
            }
            Ok(_) => Some(true),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                self.wrong("this is no text in UTF-8", "write the file anew as plain text")
            }
            Err(error) => self.wrong(&error.to_string(), "check the file"),
        }
    }

    fn header(&mut self) -> Option<Header> {
        self.line()?;
        let words: Vec<String> = self.text.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ["%%matrixmarket", "matrix", "coordinate", field, symmetry] = words.as_slice() else {
            return self.wrong(
                "this begins no Matrix Market file of coordinates",
                "the first line is `%%MatrixMarket matrix coordinate real general`",
            );
        };
        let (field, symmetry) = (*field, *symmetry);
        if !matches!(field, "real" | "integer" | "pattern") || !matches!(symmetry, "general" | "symmetric") {
            return self.wrong(
                &format!("no waveguides are made from a matrix that is `{} {}`", clip(field), clip(symmetry)),
                "write `real`, `integer` or `pattern`, then `general` or `symmetric`",
            );
        }
        Some(Header { pattern: field == "pattern", symmetric: symmetry == "symmetric" })
    }

    /// The number of entries; rows and columns must be those of the entry's lists.
    fn sizes(&mut self, header: &Header, ends: Ends<'_>) -> Option<u64> {
        self.next()?;
        let numbers: Option<Vec<u64>> = self.text.split_whitespace().map(|word| word.parse().ok()).collect();
        let Some(&[rows, columns, count]) = numbers.as_deref() else {
            let help = "write three whole numbers: rows, columns, entries";
            return self.wrong("here the size of the matrix should stand", help);
        };
        let (from, to) = (ends.from.len(), ends.to.len());
        if (rows, columns) != (from as u64, to as u64) {
            return self.wrong(
                &format!("the matrix is {rows} by {columns}, and `from` names {from} neurons, `to` {to}"),
                "a matrix has a row for each sender and a column for each receiver",
            );
        }
        if header.symmetric && rows != columns {
            let what = format!("a matrix of {rows} by {columns} cannot be symmetric");
            return self.wrong(&what, "write `general` in the first line");
        }
        Some(count)
    }

    fn entry(&self, header: &Header, ends: Ends<'_>) -> Option<(u32, u32, f64)> {
        let mut words = self.text.split_whitespace();
        let (row, column, value) = (words.next(), words.next(), words.next());
        let place = |word: Option<&str>, count: usize| {
            let place: usize = word?.parse().ok()?;
            u32::try_from(place.checked_sub(1).filter(|&place| place < count)?).ok()
        };
        let value = match value {
            None if header.pattern => Some(1.0),
            Some(word) if !header.pattern => word.parse().ok().filter(|value: &f64| value.is_finite()),
            _ => None,
        };
        let (from, to) = (ends.from.len(), ends.to.len());
        let (Some(i), Some(j), Some(value), None) = (place(row, from), place(column, to), value, words.next())
        else {
            let line = clip(self.text.trim());
            let fields = if header.pattern { "" } else { ", then a finite number" };
            return self.wrong(
                &format!("`{line}` is no entry of this matrix"),
                &format!("write a row from 1 to {from} and a column from 1 to {to}{fields}"),
            );
        };
        if !ends.allow_self && ends.from.at(i as usize) == ends.to.at(j as usize) {
            return self.wrong("this joins a neuron to itself", "take the entry out, or write `allow_self: true`");
        }
        Some((i, j, value))
    }

    fn wrong<T>(&self, what: &str, help: &str) -> Option<T> {
        self.scope.wrong(format!("`{}`, line {}: {what}", self.shown, self.number), help);
        None
    }
}
