//! Cuts one JSON document into the entries of a bundle and the rest, in flat memory.
//!
//! It only finds where things begin and end; whether they are JSON is decided by `serde_json`, which reads each part. What
//! surrounds the entries is kept as the frame, each entry replaced by `0`, so that the whole document is checked.

use std::io::BufRead;

use crate::delivery::{Fault, FileErrorKind};

use super::limits::Limits;

/// One entry of a bundle.
pub(super) struct Part<'a> {
    /// Which one, from 0.
    pub(super) entry: u64,
    /// Where it begins, in bytes from the document's beginning.
    pub(super) offset: u64,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
}

/// What is left of a document when its entries are taken out.
pub(super) struct Frame {
    /// The document with each entry replaced by `0`.
    pub(super) text: Vec<u8>,
    /// How many entries there were.
    pub(super) entries: u64,
    /// Where the document begins, after a byte order mark and blanks.
    pub(super) begin: u64,
    /// Where the document ends.
    pub(super) end: u64,
    /// Whether it goes over several lines.
    pub(super) multi_line: bool,
    /// What follows it.
    pub(super) tail: Tail,
}

/// What follows the end of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing but blanks.
    Blank,
    /// Something on the same line.
    SameLine,
    /// Something on a later line.
    LaterLine,
}

/// Reads a document entry by entry.
pub(super) struct Splitter<R> {
    reader: R,
    machine: Machine,
    consumed: u64,
    limits: Limits,
}

impl<R: BufRead> Splitter<R> {
    pub(super) fn new(reader: R, limits: Limits) -> Self {
        Self { reader, machine: Machine::new(limits), consumed: 0, limits }
    }

    /// How many bytes have been read.
    pub(super) const fn consumed(&self) -> u64 {
        self.consumed
    }

    /// How long the frame is so far.
    pub(super) const fn frame_length(&self) -> usize {
        self.machine.frame.len()
    }

    /// The next entry; `None` at the end of the document.
    pub(super) fn next_part(&mut self) -> Result<Option<Part<'_>>, Fault> {
        if self.machine.complete {
            self.machine.part.clear();
            self.machine.complete = false;
        }
        loop {
            if self.consumed > self.limits.document {
                return Err(Fault::at(FileErrorKind::TooLarge, self.consumed));
            }
            let bytes = self.reader.fill_buf().map_err(|error| Fault::io(&error))?;
            if bytes.is_empty() {
                return self.machine.at_end(self.consumed).map(|()| None);
            }
            let used = self.machine.feed(bytes, self.consumed);
            let used = used.map_err(|(kind, at)| Fault { entry: self.machine.entry(), ..Fault::at(kind, at) })?;
            self.reader.consume(used);
            self.consumed += used as u64;
            if self.machine.complete {
                let entry = self.machine.entries - 1;
                return Ok(Some(Part { entry, offset: self.machine.part_offset, bytes: &self.machine.part }));
            }
            if self.machine.done {
                return Ok(None);
            }
        }
    }

    /// What is left when [`next_part`](Self::next_part) has said `None`.
    pub(super) fn into_frame(mut self) -> Result<Frame, Fault> {
        let end = self.consumed;
        let mut later = false;
        let tail = loop {
            let bytes = self.reader.fill_buf().map_err(|error| Fault::io(&error))?;
            if bytes.is_empty() {
                break Tail::Blank;
            }
            let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            later |= bytes.iter().take(blank).any(|byte| *byte == b'\n');
            if blank < bytes.len() {
                break if later { Tail::LaterLine } else { Tail::SameLine };
            }
            self.reader.consume(blank);
        };
        let machine = self.machine;
        Ok(Frame {
            text: machine.frame,
            entries: machine.entries,
            begin: machine.begin,
            end,
            multi_line: machine.multi_line,
            tail,
        })
    }
}

/// Where in a document the machine stands.
struct Machine {
    depth: usize,
    max_depth: usize,
    max_part: usize,
    in_string: bool,
    escaped: bool,
    started: bool,
    done: bool,
    begin: u64,
    multi_line: bool,
    /// The byte order mark, as far as it was seen.
    mark: usize,
    /// The last text directly in the outermost object: a key, if a colon follows.
    key: Vec<u8>,
    in_key: bool,
    /// Whether the key `entry` was just named.
    at_entry: bool,
    /// Inside the list of entries.
    in_entries: bool,
    frame: Vec<u8>,
    entries: u64,
    part: Vec<u8>,
    /// The depth to which the running part returns at its end.
    part_base: Option<usize>,
    part_offset: u64,
    complete: bool,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

type Stop = (FileErrorKind, u64);

impl Machine {
    fn new(limits: Limits) -> Self {
        Self {
            depth: 0,
            max_depth: limits.depth,
            max_part: limits.resource,
            in_string: false,
            escaped: false,
            started: false,
            done: false,
            begin: 0,
            multi_line: false,
            mark: 0,
            key: Vec::new(),
            in_key: false,
            at_entry: false,
            in_entries: false,
            frame: Vec::new(),
            entries: 0,
            part: Vec::new(),
            part_base: None,
            part_offset: 0,
            complete: false,
        }
    }

    /// The entry that is being read.
    fn entry(&self) -> Option<u64> {
        self.part_base.and_then(|_| self.entries.checked_sub(1))
    }

    fn at_end(&mut self, offset: u64) -> Result<(), Fault> {
        let kind = match (self.started, self.depth == 0 && !self.in_string) {
            (false, _) => FileErrorKind::Empty,
            // A lone number or literal ends with the document.
            (true, true) => {
                self.done = true;
                return Ok(());
            }
            (true, false) => FileErrorKind::Truncated,
        };
        Err(Fault { entry: self.entry(), ..Fault::at(kind, offset) })
    }

    /// Takes bytes up to the end of an entry, of the document, or of the bytes; says how many it took.
    fn feed(&mut self, bytes: &[u8], base: u64) -> Result<usize, Stop> {
        let mut at = 0;
        while let Some((first, _)) = bytes.get(at..).and_then(<[u8]>::split_first) {
            let rest = bytes.get(at..).unwrap_or(&[]);
            let offset = base + at as u64;
            if self.escaped {
                self.keep(&[*first], offset)?;
                self.escaped = false;
                at += 1;
            } else if self.in_string {
                let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
                let (text, after) = rest.split_at_checked(run).unwrap_or((rest, &[]));
                self.keep(text, offset)?;
                at += run;
                if let Some(byte) = after.first() {
                    self.keep(&[*byte], offset)?;
                    at += 1;
                    self.escaped = *byte == b'\\';
                    self.in_string = self.escaped;
                    if !self.in_string {
                        self.in_key = false;
                        if self.part_base == Some(self.depth) {
                            self.end_part();
                            return Ok(at);
                        }
                        if self.depth == 0 {
                            self.done = true;
                            return Ok(at);
                        }
                    }
                }
            } else if !self.started && self.skips_mark(*first, base + at as u64) {
                at += 1;
            } else {
                let outside = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'\n');
                if self.part_base.is_some_and(|part| self.depth > part) && !outside(first) {
                    // Numbers, literals and blanks inside an entry: nothing to decide.
                    let run = rest.iter().position(outside).unwrap_or(rest.len());
                    self.keep(rest.get(..run).unwrap_or(&[]), offset)?;
                    at += run;
                    continue;
                }
                let taken = self.structure(*first, offset)?;
                at += usize::from(taken);
                if self.complete || self.done {
                    return Ok(at);
                }
            }
        }
        Ok(at)
    }

    /// A byte order mark at the very beginning.
    fn skips_mark(&mut self, byte: u8, offset: u64) -> bool {
        let expected = BYTE_ORDER_MARK.get(self.mark) == Some(&byte) && offset == self.mark as u64;
        self.mark += usize::from(expected);
        expected
    }

    /// A byte outside strings; says whether it was taken.
    fn structure(&mut self, byte: u8, offset: u64) -> Result<bool, Stop> {
        let blank = byte.is_ascii_whitespace();
        if !self.started {
            if blank {
                return Ok(true);
            }
            self.started = true;
            self.begin = offset;
        }
        // A lone number or literal as an entry ends where anything else begins.
        if self.part_base == Some(self.depth) && (blank || matches!(byte, b',' | b']' | b'}')) {
            self.end_part();
            return Ok(false);
        }
        if self.depth == 0 && self.frame.last().is_some() && blank {
            self.done = true;
            return Ok(false);
        }
        self.multi_line |= byte == b'\n';
        let between = self.in_entries && self.depth == 2 && self.part_base.is_none();
        if between && blank {
            return Ok(true);
        }
        if between && !matches!(byte, b',' | b']') {
            self.begin_part(2, offset);
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.in_key = self.depth == 1 && self.part_base.is_none();
                if self.in_key {
                    self.key.clear();
                }
            }
            b'{' | b'[' => {
                if self.depth >= self.max_depth {
                    return Err((FileErrorKind::TooDeep, offset));
                }
                if self.depth == 1 && self.at_entry && self.part_base.is_none() {
                    if byte == b'[' {
                        self.in_entries = true
                    } else {
                        self.begin_part(1, offset)
                    }
                    self.at_entry = false;
                }
                self.depth += 1;
            }
            b'}' | b']' => {
                self.depth = self.depth.checked_sub(1).ok_or((FileErrorKind::Syntax, offset))?;
                if self.depth == 1 {
                    self.in_entries = false;
                }
            }
            b',' if self.depth == 1 => self.at_entry = false,
            b':' if self.depth == 1 => self.at_entry = self.key == b"entry",
            _ => {}
        }
        self.keep(&[byte], offset)?;
        if self.in_key {
            self.key.clear();
        }
        if matches!(byte, b'}' | b']') {
            if self.part_base == Some(self.depth) {
                self.end_part();
            } else if self.depth == 0 {
                self.done = true;
            }
        }
        Ok(true)
    }

    fn begin_part(&mut self, base: usize, offset: u64) {
        self.frame.push(b'0');
        self.entries += 1;
        self.part_base = Some(base);
        self.part_offset = offset;
    }

    fn end_part(&mut self) {
        self.part_base = None;
        self.complete = true;
    }

    fn keep(&mut self, bytes: &[u8], offset: u64) -> Result<(), Stop> {
        if self.in_key && self.key.len() <= 5 {
            let text = bytes.iter().copied().filter(|byte| *byte != b'"');
            self.key.extend(text.take(6));
        }
        let kept = if self.part_base.is_some() { &mut self.part } else { &mut self.frame };
        if kept.len() + bytes.len() > self.max_part {
            return Err((FileErrorKind::TooLarge, offset));
        }
        kept.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn split(text: &[u8], capacity: usize, limits: Limits) -> Result<(Vec<(u64, String)>, Frame), Fault> {
        let mut splitter = Splitter::new(BufReader::with_capacity(capacity, text), limits);
        let mut parts = Vec::new();
        while let Some(part) = splitter.next_part()? {
            parts.push((part.offset, String::from_utf8_lossy(part.bytes).into_owned()));
        }
        splitter.into_frame().map(|frame| (parts, frame))
    }

    #[test]
    fn entries_are_found_wherever_the_buffer_ends() {
        let bundle = "\u{feff} {\"a\":{\"entry\":[1]},\n \"entry\" : [ {\"x\":\"]},{\\\"\"} ,\n [1,[2]], null,\"s\" , 12],\"entry\":{\"y\":2},\"z\":3} \n";
        for capacity in 1..40 {
            let (parts, frame) = split(bundle.as_bytes(), capacity, Limits::default()).unwrap();
            let texts: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(texts, ["{\"x\":\"]},{\\\"\"}", "[1,[2]]", "null", "\"s\"", "12", "{\"y\":2}"]);
            for (offset, text) in &parts {
                let at = usize::try_from(*offset).unwrap();
                assert_eq!(&bundle.as_bytes()[at..at + text.len()], text.as_bytes());
            }
            let left = "{\"a\":{\"entry\":[1]},\n \"entry\" : [0,0,0,0,0],\"entry\":0,\"z\":3}";
            assert_eq!(String::from_utf8_lossy(&frame.text), left);
            assert_eq!((frame.entries, frame.begin, frame.tail), (6, 4, Tail::Blank));
            assert!(frame.multi_line);
            assert_eq!(frame.end as usize, bundle.len() - 2);
        }
    }

    #[test]
    fn what_follows_is_told() {
        for (text, expected, multi) in [
            ("{}", Tail::Blank, false),
            ("{}\n\n", Tail::Blank, false),
            ("{} {}", Tail::SameLine, false),
            ("{}\r\n{}", Tail::LaterLine, false),
            ("{\n}\n{}", Tail::LaterLine, true),
            ("12\n{}", Tail::LaterLine, false),
            ("\"a\" x", Tail::SameLine, false),
        ] {
            let (_, frame) = split(text.as_bytes(), 7, Limits::default()).unwrap();
            assert_eq!((frame.tail, frame.multi_line), (expected, multi), "{text}");
        }
    }

    #[test]
    fn faults_name_their_place() {
        let limits = Limits { resource: 40, document: 200, depth: 5 };
        let deep = "[".repeat(6);
        let long = format!("{{\"entry\":[1,{{\"a\":\"{}\"}}]}}", "x".repeat(50));
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(50));
        let huge = format!("{{\"entry\":[{}]}}", " ".repeat(300));
        for (text, kind, offset, entry) in [
            ("", FileErrorKind::Empty, 0, None),
            (" \n", FileErrorKind::Empty, 2, None),
            ("{\"a\":1", FileErrorKind::Truncated, 6, None),
            ("\"abc", FileErrorKind::Truncated, 4, None),
            ("{\"entry\":[{},{", FileErrorKind::Truncated, 14, Some(1)),
            ("}", FileErrorKind::Syntax, 0, None),
            (&deep, FileErrorKind::TooDeep, 5, None),
            (&long, FileErrorKind::TooLarge, 18, Some(1)),
            (&large, FileErrorKind::TooLarge, 6, None),
            (&huge, FileErrorKind::TooLarge, 206, None),
        ] {
            let fault = split(text.as_bytes(), 103, limits).err().unwrap();
            assert_eq!((fault.kind, fault.offset.unwrap(), fault.entry), (kind, offset, entry), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\",:\\ \nentry0\xef".to_vec()), 0..80), capacity in 1usize..20) {
            let one = split(&bytes, capacity, Limits::default()).map(|(parts, frame)| (parts, frame.text, frame.end));
            let other = split(&bytes, 1000, Limits::default()).map(|(parts, frame)| (parts, frame.text, frame.end));
            prop_assert_eq!(one, other);
        }

        #[test]
        fn parts_and_frame_make_the_document(entries in proptest::collection::vec("(\\{\"a\":(1|\"[{}]\"|\\[\\])\\}|null|12)", 0..6), pretty in any::<bool>()) {
            let joined = entries.join(if pretty { " ,\n " } else { "," });
            let text = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{joined}]}}");
            let (parts, frame) = split(text.as_bytes(), 5, Limits::default()).unwrap();
            let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(&texts, &entries);
            prop_assert_eq!(frame.entries, entries.len() as u64);
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&frame.text).is_ok());
        }
    }
}
