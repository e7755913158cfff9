//! The lines of an NDJSON file, each within the limit; a longer one is passed over without being held.

use std::io::BufRead;

use crate::delivery::Fault;

/// How much of a line that is too long is kept, so that a person can see what it was.
pub(super) const KEPT_OF_TOO_LONG: usize = 64 << 10;

/// One line that is not blank.
pub(super) struct Line<'a> {
    /// Which one, from 1; blank lines count.
    pub(super) number: u64,
    /// Where its content begins, in bytes from the file's beginning.
    pub(super) offset: u64,
    /// Its content without blanks around it; its beginning where it is too long.
    pub(super) bytes: &'a [u8],
    /// Whether it is longer than the limit.
    pub(super) too_long: bool,
}

/// Reads a file line by line.
pub(super) struct Lines<R> {
    reader: R,
    limit: usize,
    line: Vec<u8>,
    number: u64,
    consumed: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, line: Vec::new(), number: 0, consumed: 0 }
    }

    /// How many bytes have been read.
    pub(super) const fn consumed(&self) -> u64 {
        self.consumed
    }

    /// The next line that is not blank.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, Fault> {
        loop {
            let begin = self.consumed;
            let Some(too_long) = self.fill()? else { return Ok(None) };
            let mark = if begin == 0 && self.line.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let unmarked = self.line.get(mark..).unwrap_or(&[]);
            let lead = mark + (unmarked.len() - unmarked.trim_ascii_start().len());
            if !too_long && unmarked.trim_ascii().is_empty() {
                continue;
            }
            let bytes = self.line.get(mark..).unwrap_or(&[]).trim_ascii();
            return Ok(Some(Line { number: self.number, offset: begin + lead as u64, bytes, too_long }));
        }
    }

    /// Reads up to the end of a line; says whether it was too long, or `None` at the end of the file.
    fn fill(&mut self) -> Result<Option<bool>, Fault> {
        self.line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let bytes = self.reader.fill_buf().map_err(|error| Fault::io(&error))?;
            if bytes.is_empty() {
                self.number += u64::from(any);
                return Ok(any.then_some(too_long));
            }
            any = true;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (used, text) = match end {
                Some(end) => (end + 1, bytes.get(..end)),
                None => (bytes.len(), Some(bytes)),
            };
            let text = text.unwrap_or(&[]);
            if !too_long && self.line.len() + text.len() > self.limit {
                too_long = true;
                let room = KEPT_OF_TOO_LONG.min(self.limit).saturating_sub(self.line.len());
                self.line.extend_from_slice(text.get(..room.min(text.len())).unwrap_or(&[]));
                self.line.truncate(KEPT_OF_TOO_LONG);
                self.line.shrink_to(KEPT_OF_TOO_LONG);
            } else if !too_long {
                self.line.extend_from_slice(text);
            }
            self.reader.consume(used);
            self.consumed += used as u64;
            if end.is_some() {
                self.number += 1;
                return Ok(Some(too_long));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn read(text: &[u8], limit: usize) -> Vec<(u64, u64, String, bool)> {
        let mut lines = Lines::new(BufReader::with_capacity(4, text), limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push((line.number, line.offset, String::from_utf8_lossy(line.bytes).into_owned(), line.too_long));
        }
        assert_eq!(lines.consumed(), text.len() as u64);
        found
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_left_out() {
        let text = b"\xef\xbb\xbf{}\r\n\n  \r\n {\"a\":1} \n{}";
        assert_eq!(
            read(text, 100),
            [(1, 3, "{}".into(), false), (4, 13, "{\"a\":1}".into(), false), (5, 22, "{}".into(), false)]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let text = format!("{{}}\n{}\n{{}}\n", "x".repeat(1000));
        let found = read(text.as_bytes(), 20);
        assert_eq!(found.len(), 3);
        assert_eq!((found[1].3, found[1].2.len()), (true, 20));
        assert_eq!(found[2], (3, 1004, "{}".into(), false));
        assert_eq!(read(b"12345678901", 10).len(), 1);
    }
}
