//! Lines of a text file as an editor counts them, for messages about its rows.

/// Where the lines of a text begin.
pub(crate) struct Lines<'t> {
    text: &'t [u8],
    /// Place of the first byte of each line.
    begins: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Of a text whose lines end with `\n`, `\r\n` or `\r`.
    pub(crate) fn of(text: &'t [u8]) -> Self {
        let ends = |&at: &usize| match text[at] {
            b'\n' => true,
            b'\r' => text.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        Self { text, begins: std::iter::once(0).chain((0..text.len()).filter(ends).map(|at| at + 1)).collect() }
    }

    /// Number, from 1, of the line in which the record at a position of a CSV reader begins.
    ///
    /// The reader's own count is of where it began to look: before blank lines, notes (`#`) and the second half of a
    /// `\r\n`.
    pub(crate) fn of_record(&self, position: &csv::Position) -> u64 {
        let mut at = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(self.text.len());
        let mut line = self.begins.partition_point(|&begin| begin <= at).max(1);
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'\r' | b'\n' => at += 1,
                b'#' if self.begins[line - 1] == at => at = self.next(line),
                _ => break,
            }
            line = self.begins.partition_point(|&begin| begin <= at);
        }
        line as u64
    }

    /// Where the line behind one begins; the end of the text behind the last.
    fn next(&self, line: usize) -> usize {
        self.begins.get(line).copied().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of the rows behind the header.
    fn lines(text: &str) -> Vec<u64> {
        let lines = Lines::of(text.as_bytes());
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        reader.records().map(|record| lines.of_record(record.unwrap().position().unwrap())).collect()
    }

    #[test]
    fn rows_are_on_the_lines_that_an_editor_shows() {
        assert_eq!(lines("a\n1\n2\n"), [2, 3]);
        assert_eq!(lines("a\r\n1\r\n2\r\n"), [2, 3]);
        assert_eq!(lines("a\r1\r2"), [2, 3]);
        assert_eq!(lines("a\n1\n\n\n2\n"), [2, 5]);
        assert_eq!(lines("\r\n\r\na\r\n\r\n1\r\n\r\n2"), [5, 7]);
        assert_eq!(lines("# note\na\n# another\n1\n\n# a third\n\n2\n"), [4, 8]);
        assert_eq!(lines("# note\r\na\r\n# another\r\n1\r\n"), [4]);
        assert_eq!(lines("a,b\n\"of two\nlines\",1\n\"x\",2\n"), [2, 4]);
    }
}
