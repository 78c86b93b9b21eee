//! Text files as whoever opens them in an editor counts their lines: ends of lines, byte order marks, CSV rows.
//!
//! A reader of CSV skips blank lines, and takes a line end within quotes for part of a field; both count as lines of the
//! file, which messages name.

use std::io::{self, BufRead, Read};

use qhh_core::stop;

/// A text with line feeds alone for ends of lines, one behind the last line too, and no byte order mark.
pub(crate) struct Plain<R> {
    inner: R,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was read yet.
    Start,
    /// Behind a carriage return, which was handed on as a line feed.
    Return,
    /// Behind a line feed.
    Line,
    /// Within a line.
    Within,
    /// The last line feed was handed on.
    End,
}

/// Marks UTF-8 at the start of a file.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl<R: Read> Plain<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, state: State::Start }
    }

    /// The first bytes; those of a mark are left out, after which reading goes on. `buffer` has room for one.
    fn start(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < MARK.len() {
            match self.inner.read(&mut buffer[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if buffer[..length].starts_with(&MARK) {
            buffer.copy_within(MARK.len()..length, 0);
            length -= MARK.len();
            // Nothing behind the mark yet is not the end.
            if length == 0 {
                return self.inner.read(buffer);
            }
        }
        Ok(length)
    }

    /// Puts a line feed for each end of a line; the length that is left.
    fn plain(&mut self, bytes: &mut [u8]) -> usize {
        let mut length = 0;
        for place in 0..bytes.len() {
            let byte = bytes[place];
            if byte == b'\n' && self.state == State::Return {
                self.state = State::Line;
                continue;
            }
            self.state = match byte {
                b'\r' => State::Return,
                b'\n' => State::Line,
                _ => State::Within,
            };
            bytes[length] = if byte == b'\r' { b'\n' } else { byte };
            length += 1;
        }
        length
    }
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let starts = self.state == State::Start;
            let whole = starts && buffer.len() >= MARK.len();
            let read = if whole { self.start(buffer)? } else { self.inner.read(buffer)? };
            if starts {
                self.state = State::Line;
            }
            if read == 0 {
                let within = self.state == State::Within;
                self.state = State::End;
                buffer[0] = b'\n';
                return Ok(usize::from(within));
            }
            let length = self.plain(&mut buffer[..read]);
            // All of it may have been the second half of a line's end.
            if length > 0 {
                return Ok(length);
            }
        }
    }
}

/// A file whose beginning was read to see what stands between its fields.
type Begun<R> = io::Chain<io::Cursor<Vec<u8>>, io::BufReader<Plain<R>>>;

/// What the lines up to the header show.
#[derive(Clone, Copy)]
struct Head {
    /// Between fields: a semicolon where the header has one and no comma.
    delimiter: u8,
    /// Whether comments stand before the header.
    has_comment: bool,
}

/// Begins a line that is left out.
const COMMENT: u8 = b'#';
/// Bytes within which the header ends.
const LONGEST_HEAD: u64 = 1 << 20;

/// The file from its start on, and what its beginning shows.
fn begun<R: Read>(file: R) -> io::Result<(Begun<R>, Head)> {
    let mut file = io::BufReader::new(Plain::new(file));
    let mut head = Vec::new();
    let (mut delimiter, mut has_comment) = (b',', false);
    loop {
        let from = head.len();
        file.by_ref().take(LONGEST_HEAD).read_until(b'\n', &mut head)?;
        let line = head[from..].trim_ascii();
        if head.len() == from || !(line.is_empty() || line[0] == COMMENT) {
            if line.contains(&b';') && !line.contains(&b',') {
                delimiter = b';';
            }
            return Ok((io::Cursor::new(head).chain(file), Head { delimiter, has_comment }));
        }
        has_comment |= !line.is_empty();
    }
}

/// Rows of a CSV file, fields trimmed, each with its line. A `#` at the start of a line, indented or not, behind a number or
/// behind the last column begins a comment; fields stand between commas or semicolons.
pub(crate) struct Rows<R> {
    reader: csv::Reader<Begun<R>>,
    header: Vec<String>,
    has_comment: bool,
    bytes: csv::ByteRecord,
    fields: csv::StringRecord,
}

/// Why a row cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    /// Line of the file, from 1.
    pub(crate) line: u64,
    pub(crate) what: String,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    pub(crate) fn new(file: R) -> Result<Self, BadRow> {
        let (file, head) = begun(file).map_err(|error| BadRow { line: 1, what: error.to_string() })?;
        Self::between(file, head)
    }

    /// Of a table with spaces between its fields.
    pub(crate) fn spaced(file: R) -> Result<Self, BadRow> {
        let (file, head) = begun(file).map_err(|error| BadRow { line: 1, what: error.to_string() })?;
        Self::between(file, Head { delimiter: b' ', ..head })
    }

    fn between(file: Begun<R>, head: Head) -> Result<Self, BadRow> {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).comment(Some(COMMENT)).delimiter(head.delimiter);
        let reader = builder.from_reader(file);
        let (bytes, fields) = (csv::ByteRecord::new(), csv::StringRecord::new());
        let mut rows = Self { reader, header: Vec::new(), has_comment: head.has_comment, bytes, fields };
        rows.read()?;
        rows.cut_header();
        rows.header = rows.fields.iter().map(str::to_owned).collect();
        Ok(rows)
    }

    /// Names of the columns; none of an empty file.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// What is wrong with the header where it has no name that is wanted, and what to do about it: a row of numbers, or no
    /// text at all.
    pub(crate) fn no_header(&self) -> Option<(&'static str, &'static str)> {
        if self.header.iter().any(|title| title.contains(|c: char| c.is_control() && c != '\t')) {
            return Some(("it is no text", "give a CSV file: a header and rows of numbers, between commas"));
        }
        let numbers = !self.header.is_empty() && self.header.iter().all(|title| title.parse::<f64>().is_ok());
        match (numbers, self.has_comment) {
            (false, _) => None,
            (true, true) => Some((
                "its first row holds numbers, not names, and lines that begin with # are comments",
                "if the names stand behind a #, take it away; else write them into a row of their own",
            )),
            (true, false) => Some((
                "its first row holds numbers, not names",
                "write a row with the names of the columns before it",
            )),
        }
    }

    /// The next row, with as many fields as the header, and the line on which it begins; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &csv::StringRecord)>, BadRow> {
        let Some(line) = self.read()? else { return Ok(None) };
        let (length, expected) = (self.fields.len(), self.header.len());
        if length != expected {
            let fields = if length == 1 { "field" } else { "fields" };
            return Err(BadRow { line, what: format!("{length} {fields}, but the header has {expected}") });
        }
        Ok(Some((line, &self.fields)))
    }

    /// Reads a row whatever its length; the line on which it begins.
    fn read(&mut self) -> Result<Option<u64>, BadRow> {
        loop {
            let line = self.read_line()?;
            // The reader below knows comments that are not indented.
            let is_indented = |start: &str| start.starts_with([' ', '\t']) && start.trim_start().starts_with('#');
            let is_comment = line.is_some() && self.fields.get(0).is_some_and(is_indented);
            if !is_comment {
                self.fields.trim();
                self.cut_comment();
                return Ok(line);
            }
        }
    }

    /// Takes away what stands behind a number or the last column from a `#` on. Other text may hold that character.
    fn cut_comment(&mut self) {
        let columns = self.header.len();
        let number = |field: &str| {
            let (number, _) = field.split_once('#')?;
            number.trim_end().parse::<f64>().ok().map(|_| number.len())
        };
        let end = self.fields.iter().enumerate().find_map(|(place, field)| match number(field) {
            Some(length) => Some((place, length)),
            None if columns > 0 && place >= columns && field.starts_with('#') => Some((place, 0)),
            None => None,
        });
        if let Some((place, length)) = end {
            self.end_at(place, length);
        }
    }

    /// Takes away what stands behind a title from a `#` between white space on: `cell #1` is a title.
    fn cut_header(&mut self) {
        let is_comment = |field: &str, at: usize| {
            let behind = &field[at + 1..];
            field[..at].ends_with(char::is_whitespace)
                && (behind.is_empty() || behind.starts_with(char::is_whitespace))
        };
        let cut = |field: &str| field.match_indices('#').map(|(at, _)| at).find(|at| is_comment(field, *at));
        let found = self.fields.iter().enumerate().find_map(|(place, field)| Some((place, cut(field)?)));
        if let Some((place, end)) = found {
            self.end_at(place, end);
        }
    }

    /// Keeps the fields before a place, and so much of the one there, if that is anything.
    fn end_at(&mut self, place: usize, length: usize) {
        let last = self.fields[place][..length].trim_end().to_owned();
        let kept = self.fields.iter().take(place).map(str::to_owned);
        self.fields = kept.chain((!last.is_empty()).then_some(last)).collect();
    }

    /// Reads a row as it stands, comments that are indented among them.
    fn read_line(&mut self) -> Result<Option<u64>, BadRow> {
        stop::check();
        let behind = |reader: &csv::Reader<Begun<R>>| reader.position().line();
        let read = self.reader.read_byte_record(&mut self.bytes);
        let broken = |line: u64, what: String| BadRow { line, what };
        if !read.map_err(|error| broken(behind(&self.reader), error.to_string()))? {
            return Ok(None);
        }
        // Every row ends with a line feed, and has one for each line end within its quotes: fields are trimmed after.
        let within = self.bytes.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
        let line = behind(&self.reader).saturating_sub(1 + within);
        let fields = csv::StringRecord::from_byte_record(std::mem::take(&mut self.bytes));
        self.fields = fields.map_err(|_| broken(line, "this is no text in UTF-8".to_owned()))?;
        Ok(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands over a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn every_way_to_end_a_line_becomes_a_line_feed_however_it_is_cut() {
        for (text, plain) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb", "a\nb\n"),
            ("\u{feff}a\n\r\n\nb", "a\n\n\nb\n"),
            ("a\r\n\r\n\r", "a\n\n\n"),
            ("\u{feff}", ""),
            ("", ""),
            ("\r\n", "\n"),
            ("ab", "ab\n"),
        ] {
            for cut in [1, 2, 3, 100] {
                let mut read = String::new();
                Plain::new(Slow(text.as_bytes(), cut)).read_to_string(&mut read).unwrap();
                assert_eq!(read, plain, "{text:?} by {cut}");
            }
        }
    }

    /// The lines of the rows, and what the first bad one has.
    fn lines(text: &str) -> (Vec<u64>, Option<BadRow>) {
        let mut rows = Rows::new(text.as_bytes()).unwrap();
        let mut lines = Vec::new();
        loop {
            match rows.next() {
                Ok(Some((line, _))) => lines.push(line),
                Ok(None) => return (lines, None),
                Err(bad) => return (lines, Some(bad)),
            }
        }
    }

    #[test]
    fn rows_are_counted_as_an_editor_counts_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text = |text: &str| text.replace('\n', end);
            assert_eq!(lines(&text("t,x\n0,0\n\n\n\n1,1")).0, [2, 6]);
            assert_eq!(lines(&text("\n\nt,x\n0,0\n")).0, [4]);
            assert_eq!(lines(&text("t,x\n# a comment\n0,0\n\n# one\n# two\n1,1\n")).0, [3, 7]);
            assert_eq!(lines(&text("  # first, of all\nt,x\n\t# a comment\n0,0\n  # two\n1,1\n")).0, [4, 6]);
            assert_eq!(lines(&text("\u{feff}t,x\n\n\"0\n\n\",0\n1,\"a\nb\"\n2,2\n")).0, [3, 6, 8]);
        }
        assert_eq!(lines("t,x\n0,0 # first, of all\n# b\n1,1,# c\n2,2# d\n").0, [2, 4, 5]);
        assert_eq!(lines("t,x # a note, of two\n0,0\n1,1\n").0, [2, 3]);
        let header = |text: &str| Rows::new(text.as_bytes()).unwrap().header().join("|");
        assert_eq!(header("t,x # note\n"), "t|x");
        assert_eq!(header("t,x\t# note, more\n"), "t|x");
        assert_eq!(header("t,x#1,#2\n"), "t|x#1|#2");
        let (read, bad) = lines("t,x\n0,0\n\n\n\n1");
        assert_eq!(
            (read, bad),
            (vec![2], Some(BadRow { line: 6, what: "1 field, but the header has 2".to_owned() }))
        );
        let (_, bad) = lines("t,x\r\n\r\n0,0\r\n5,6,7\r\n");
        assert_eq!(bad.map(|bad| bad.line), Some(4));
    }

    #[test]
    fn semicolons_may_stand_between_fields() {
        let mut rows = Rows::new(&b"# made elsewhere, in 2024\n\nt ; x\n0;1\n2 ; 3\n"[..]).unwrap();
        assert_eq!(rows.header(), ["t", "x"]);
        assert_eq!(rows.next().unwrap().map(|(line, row)| (line, row[1].to_owned())), Some((4, "1".to_owned())));
        assert_eq!(rows.next().unwrap().map(|(line, row)| (line, row[0].to_owned())), Some((5, "2".to_owned())));
        // A comma in the header decides.
        let mut rows = Rows::new(&b"t,x;y\n0,1\n"[..]).unwrap();
        assert_eq!(rows.header(), ["t", "x;y"]);
        assert!(rows.next().unwrap().is_some());
    }

    #[test]
    fn comments_stand_behind_numbers_and_other_text_keeps_its_characters() {
        let text = "t,name,cell #1\n1,#ff0000,3 # on, then off\n2,class #2,4\n";
        let mut rows = Rows::new(text.as_bytes()).unwrap();
        assert_eq!(rows.header(), ["t", "name", "cell #1"]);
        let mut next = || rows.next().unwrap().unwrap().1.iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(next(), ["1", "#ff0000", "3"]);
        assert_eq!(next(), ["2", "class #2", "4"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_their_line() {
        let mut rows = Rows::new(&b"t,x\n\n0,1\n\n2,\xff\n"[..]).unwrap();
        assert!(rows.next().is_ok());
        assert_eq!(rows.next().unwrap_err().line, 5);
    }
}
