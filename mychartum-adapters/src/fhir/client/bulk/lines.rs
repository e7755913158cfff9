//! Cutting a stream into lines, with a limit.

/// How much of a line that is too long is kept, so that a person can see what it was.
const KEPT: usize = 64 << 10;

/// A line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// Counted from 1, blank ones too.
    pub(super) number: u64,
    /// It was longer than the limit; its beginning is here.
    pub(super) too_long: bool,
}

/// Cuts pieces of a stream into lines.
#[derive(Debug)]
pub(super) struct Cutter {
    most: usize,
    open: Vec<u8>,
    too_long: bool,
    number: u64,
}

impl Cutter {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, open: Vec::new(), too_long: false, number: 0 }
    }

    /// The lines that a piece ends.
    pub(super) fn push(&mut self, mut piece: &[u8], lines: &mut Vec<Line>) {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = piece.split_at(end);
            self.take(line);
            lines.extend(self.end());
            piece = rest.get(1..).unwrap_or_default();
        }
        self.take(piece);
    }

    /// The last line, which may have no end.
    pub(super) fn finish(&mut self) -> Option<Line> {
        if self.open.is_empty() { None } else { self.end() }
    }

    fn take(&mut self, piece: &[u8]) {
        if self.too_long {
            return;
        }
        self.open.extend_from_slice(piece);
        if self.open.len() > self.most {
            self.too_long = true;
            self.open.truncate(KEPT.min(self.most));
        }
    }

    /// Ends a line; `None` for a blank one.
    fn end(&mut self) -> Option<Line> {
        self.number += 1;
        let bytes = core::mem::take(&mut self.open);
        let too_long = core::mem::replace(&mut self.too_long, false);
        let blank = bytes.trim_ascii().is_empty() && !too_long;
        (!blank).then(|| Line { bytes: bytes.trim_ascii().to_vec(), number: self.number, too_long })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(most: usize, pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>, bool)> {
        let (mut cutter, mut lines) = (Cutter::new(most), Vec::new());
        pieces.iter().for_each(|piece| cutter.push(piece, &mut lines));
        lines.extend(cutter.finish());
        lines.into_iter().map(|line| (line.number, line.bytes, line.too_long)).collect()
    }

    #[test]
    fn long_and_blank_lines_are_told() {
        let lines = cut(4, &[b"ab\r\n\n", b"12345", b"6789\nxy"]);
        assert_eq!(lines, [(1, b"ab".to_vec(), false), (3, b"1234".to_vec(), true), (4, b"xy".to_vec(), false)]);
    }

    proptest! {
        #[test]
        fn where_a_stream_is_cut_makes_no_difference(text in "[a\n\r ]{0,60}", at in 0usize..60) {
            let at = at.min(text.len());
            let (one, two) = text.as_bytes().split_at(at);
            prop_assert_eq!(cut(5, &[one, two]), cut(5, &[text.as_bytes()]));
        }
    }
}
