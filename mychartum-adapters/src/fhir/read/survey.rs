//! The first pass over one document: is it whole, how many resources has it, and whom and what does it name.

use std::io::{BufRead, Read, Seek, SeekFrom};

use crate::delivery::{Fault, FileErrorKind, Input, Opened, Stamp};

use super::base::{Class, Entry, Sniff, sniff};
use super::element::{Count, Txt, element, read_object};
use super::index::FullUrls;
use super::limits::Limits;
use super::lines::Lines;
use super::resolve::Index;
use super::splitter::{Frame, Part, Splitter, Tail};

/// What the first pass learnt about a document.
pub(super) struct Surveyed {
    pub(super) input: Input,
    pub(super) document: u32,
    pub(super) stamp: Stamp,
    pub(super) shape: Shape,
    /// How many resources it has.
    pub(super) resources: u64,
    /// Where the resources lie that are handed out before the others, in order.
    pub(super) early: Vec<Early>,
    /// The full URLs of a bundle, while there is room to keep them.
    pub(super) urls: Option<FullUrls>,
}

/// How a document is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A bundle of entries.
    Bundle,
    /// One resource, from here to there.
    Single { begin: u64, end: u64 },
    /// A resource a line.
    Lines,
}

/// Where a resource lies that is handed out before the others.
#[derive(Clone, Copy)]
pub(super) struct Early {
    pub(super) offset: u64,
    pub(super) length: usize,
    pub(super) entry: u64,
    pub(super) class: Class,
}

/// How many full URLs are kept over all documents between the passes; those of later bundles are read again.
const KEPT_URLS: usize = 400_000;

element! {
    /// The outermost object of a document, its entries replaced by numbers.
    Outer<'a> {
        kind: Txt<'a> = "resourceType",
        entry: Count = "entry",
    }
}

/// What bundles name, held back until the bundle is known to be whole.
#[derive(Default)]
struct Named {
    early: Vec<Early>,
    urls: FullUrls,
    shared: Vec<[Box<str>; 3]>,
    patients: Vec<(Box<str>, Vec<String>)>,
}

/// Reads a document once.
///
/// # Errors
/// The [`Fault`] for which it is refused whole.
pub(super) fn survey(
    input: &Input,
    document: u32,
    limits: Limits,
    index: &mut Index,
    watch: &mut dyn FnMut(u64),
) -> Result<Surveyed, Fault> {
    let stamp = input.stamp().map_err(|error| Fault::io(&error))?;
    let blank =
        |shape| Surveyed { input: input.clone(), document, stamp, shape, resources: 0, early: Vec::new(), urls: None };
    match as_document(input, limits, watch) {
        Ok(Some((shape, resources, named))) => {
            let mut surveyed = Surveyed { resources, ..blank(shape) };
            named.settle(&mut surveyed, index);
            return Ok(surveyed);
        }
        Ok(None) => {}
        Err(fault) if fault.kind == FileErrorKind::Empty && input.is_named_lines() => {}
        Err(fault) if matches!(fault.kind, FileErrorKind::Empty | FileErrorKind::Unreadable(_)) => return Err(fault),
        Err(fault) => {
            if !looks_like_lines(input, limits)? {
                return Err(fault);
            }
        }
    }
    let mut surveyed = blank(Shape::Lines);
    as_lines(&mut surveyed, limits, index, watch)?;
    Ok(surveyed)
}

/// Reads the first JSON value; `None` where more values follow on lines of their own.
fn as_document(
    input: &Input,
    limits: Limits,
    watch: &mut dyn FnMut(u64),
) -> Result<Option<(Shape, u64, Named)>, Fault> {
    let mut splitter = Splitter::new(input.open().map_err(|error| Fault::io(&error))?, limits);
    let mut named = Named::default();
    while let Some(part) = splitter.next_part()? {
        let consumed = part.offset;
        named.note_entry(&part)?;
        watch(consumed);
    }
    watch(splitter.consumed());
    let frame = splitter.into_frame()?;
    match frame.tail {
        Tail::Blank => {}
        Tail::LaterLine if !frame.multi_line => return Ok(None),
        _ if frame.text.starts_with(b"{") || frame.text.starts_with(b"[") => {
            return Err(Fault::at(FileErrorKind::TrailingContent, frame.end));
        }
        // It never was a document: compressed, UTF-16, or a text of another kind.
        _ => {
            let is_text = core::str::from_utf8(&frame.text).is_ok();
            let kind = if is_text { FileErrorKind::Syntax } else { FileErrorKind::NotUtf8 };
            return Err(Fault::at(kind, frame.begin));
        }
    }
    let text = core::str::from_utf8(&frame.text).map_err(|error| {
        let at = outer_offset(input, limits, &frame, error.valid_up_to());
        Fault::at(FileErrorKind::NotUtf8, at)
    })?;
    let outer = read_object::<Outer<'_>>(text).map_err(|error| {
        let at = outer_offset(input, limits, &frame, offset_in(text, &error));
        Fault::at(syntax(&error), at)
    })?;
    let outer = outer.filter(|_| text.starts_with('{')).unwrap_or_default();
    if outer.kind.get() == Some("Bundle") {
        // An escaped or repeated key would hide entries: nothing may be lost.
        return if outer.entry.0 == frame.entries {
            Ok(Some((Shape::Bundle, frame.entries, named)))
        } else {
            Err(Fault::at(FileErrorKind::Syntax, frame.begin))
        };
    }
    let length = frame.end - frame.begin;
    if usize::try_from(length).map_or(true, |length| length > limits.resource) {
        return Err(Fault::at(FileErrorKind::TooLarge, frame.end));
    }
    let mut named = Named::default();
    named.note_single(text, &frame);
    Ok(Some((Shape::Single { begin: frame.begin, end: frame.end }, 1, named)))
}

impl Named {
    fn note_entry(&mut self, part: &Part<'_>) -> Result<(), Fault> {
        let fault = |kind, at: usize| Fault { entry: Some(part.entry), ..Fault::at(kind, part.offset + at as u64) };
        let text =
            core::str::from_utf8(part.bytes).map_err(|error| fault(FileErrorKind::NotUtf8, error.valid_up_to()))?;
        let entry = read_object::<Entry<'_>>(text).map_err(|error| fault(syntax(&error), offset_in(text, &error)))?;
        let entry = entry.unwrap_or_default();
        let Some(resource) = entry.resource.0.map(serde_json::value::RawValue::get) else { return Ok(()) };
        // Depth was counted while splitting, and the resource is valid JSON: what it cannot be is no resource.
        let Ok(sniffed) = sniff(resource.as_bytes(), usize::MAX) else { return Ok(()) };
        let Some(kind) = sniffed.kind.get() else { return Ok(()) };
        let class = Class::of(kind);
        if class != Class::Other {
            self.early.push(Early { offset: part.offset, length: part.bytes.len(), entry: part.entry, class });
        }
        let full_url = entry.full_url.get();
        let Some(id) = sniffed.id(full_url) else { return Ok(()) };
        if let Some(url) = full_url {
            self.urls.note(url, kind, id);
            if class != Class::Other {
                self.shared.push([url.into(), kind.into(), id.into()]);
            }
        }
        if class == Class::Patient {
            self.patients.push((id.into(), sniffed.queries()));
        }
        Ok(())
    }

    fn note_single(&mut self, text: &str, frame: &Frame) {
        let Ok(sniffed) = sniff(text.as_bytes(), usize::MAX) else { return };
        let class = Class::of(sniffed.kind.get().unwrap_or(""));
        if class != Class::Other {
            let length = usize::try_from(frame.end - frame.begin).unwrap_or(usize::MAX);
            self.early.push(Early { offset: frame.begin, length, entry: 0, class });
        }
        if let (Class::Patient, Some(id)) = (class, sniffed.id(None)) {
            self.patients.push((id.into(), sniffed.queries()));
        }
    }

    fn settle(self, surveyed: &mut Surveyed, index: &mut Index) {
        for [url, kind, id] in &self.shared {
            index.urls.note(url, kind, id);
        }
        for (id, queries) in self.patients {
            index.patients.note(&id, queries);
        }
        surveyed.early = self.early;
        surveyed.urls = (surveyed.shape == Shape::Bundle).then_some(self.urls);
    }
}

impl Surveyed {
    /// Forgets the full URLs of this document where all kept ones together would be too many.
    pub(super) fn keep_urls(&mut self, kept: &mut usize) {
        let count = self.urls.as_ref().map_or(0, FullUrls::len);
        if *kept + count > KEPT_URLS { self.urls = None } else { *kept += count }
    }

    /// The full URLs of this bundle, read again.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    pub(super) fn read_urls(&self, limits: Limits) -> Result<FullUrls, Fault> {
        let mut splitter = Splitter::new(self.input.open().map_err(|error| Fault::io(&error))?, limits);
        let mut named = Named::default();
        while let Some(part) = splitter.next_part()? {
            named.note_entry(&part)?;
            named.early.clear();
            named.shared.clear();
            named.patients.clear();
        }
        Ok(named.urls)
    }
}

fn as_lines(
    surveyed: &mut Surveyed,
    limits: Limits,
    index: &mut Index,
    watch: &mut dyn FnMut(u64),
) -> Result<(), Fault> {
    let mut lines = Lines::new(surveyed.input.open().map_err(|error| Fault::io(&error))?, limits.resource);
    while let Some(line) = lines.next_line()? {
        surveyed.resources += 1;
        let sniffed: Option<Sniff<'_>> = if line.too_long { None } else { sniff(line.bytes, limits.depth).ok() };
        if let Some(sniffed) = sniffed {
            let class = Class::of(sniffed.kind.get().unwrap_or(""));
            if class != Class::Other {
                let (offset, length, entry) = (line.offset, line.bytes.len(), line.number);
                surveyed.early.push(Early { offset, length, entry, class });
            }
            if let (Class::Patient, Some(id)) = (class, sniffed.id(None)) {
                index.patients.note(id, sniffed.queries());
            }
        }
        watch(lines.consumed());
    }
    watch(lines.consumed());
    Ok(())
}

/// Whether a document that is not one JSON value may be NDJSON with a bad first line.
///
/// It is where any later line is a whole resource by itself. Where no line is, nothing in the content can tell, and only then
/// does the name decide.
fn looks_like_lines(input: &Input, limits: Limits) -> Result<bool, Fault> {
    let mut lines = Lines::new(input.open().map_err(|error| Fault::io(&error))?, limits.resource);
    let mut first = true;
    while let Some(line) = lines.next_line()? {
        if first {
            // A document over several lines begins like this, whatever is wrong with it further down.
            if matches!(line.bytes, b"{" | b"[") {
                return Ok(false);
            }
            first = false;
            continue;
        }
        if !line.too_long && sniff(line.bytes, limits.depth).is_ok_and(|sniffed| sniffed.kind.get().is_some()) {
            return Ok(true);
        }
    }
    Ok(input.is_named_lines())
}

fn syntax(error: &serde_json::Error) -> FileErrorKind {
    if error.is_eof() { FileErrorKind::Truncated } else { FileErrorKind::Syntax }
}

/// Where in a text an error is, in bytes.
fn offset_in(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// Where in a document a place of its frame is: near the end of the last entry before it.
fn outer_offset(input: &Input, limits: Limits, frame: &Frame, at: usize) -> u64 {
    let Ok(reader) = input.open() else { return frame.begin };
    let mut splitter = Splitter::new(reader, limits);
    let (mut in_frame, mut in_document) = (0, frame.begin);
    while let Ok(Some(part)) = splitter.next_part() {
        let end = part.offset + part.bytes.len() as u64;
        let length = splitter.frame_length();
        if length > at {
            break;
        }
        (in_frame, in_document) = (length, end);
    }
    in_document + (at - in_frame) as u64
}

/// The line and column, from 1, of a place in a document; columns count bytes.
pub(super) fn line_and_column(input: &Input, offset: u64) -> Option<(u64, u64)> {
    let mut reader = input.open().ok()?.take(offset);
    let (mut line, mut column) = (1, 1);
    loop {
        let bytes = reader.fill_buf().ok()?;
        if bytes.is_empty() {
            return Some((line, column));
        }
        for byte in bytes {
            if *byte == b'\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        let length = bytes.len();
        reader.consume(length);
    }
}

/// The bytes of a document from one place on, into a buffer that is used again.
///
/// # Errors
/// Where they are not there any more.
pub(super) fn read_at(
    reader: &mut Opened,
    at: &mut u64,
    offset: u64,
    length: usize,
    buffer: &mut Vec<u8>,
) -> std::io::Result<()> {
    match i64::try_from(offset).ok().zip(i64::try_from(*at).ok()).map(|(to, from)| to - from) {
        Some(distance) => reader.seek_relative(distance)?,
        None => drop(reader.seek(SeekFrom::Start(offset))?),
    }
    buffer.clear();
    buffer.resize(length, 0);
    reader.read_exact(buffer)?;
    *at = offset + length as u64;
    Ok(())
}

#[cfg(test)]
mod tests {
    use mychartum_core::chart::View;
    use mychartum_core::sync::{Parcel, Reading};

    use super::*;
    use crate::fhir::FhirDelivery;

    const BUNDLE: &str = r#"{"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"Observation","id":"o","code":"c","subject":"Patient/p","performer":"urn:uuid:1"}},
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Device","id":"d"}}]}"#;

    fn performer(delivery: &FhirDelivery) -> String {
        let views = delivery.parcels().filter_map(|parcel| match parcel {
            Parcel { reading: Reading::Item { view: View::Observation(view), .. }, .. } => Some(view),
            _ => None,
        });
        let at = views.into_iter().next().unwrap().performers[0].at.clone().unwrap();
        format!("{} {}", at.kind.as_str(), at.id.as_str())
    }

    #[test]
    fn full_urls_that_were_not_kept_are_read_again() {
        let inputs = vec![Input::bytes("a", BUNDLE.as_bytes())];
        let mut delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
        assert_eq!(performer(&delivery), "Device d");
        let mut kept = KEPT_URLS;
        delivery.documents[0].keep_urls(&mut kept);
        assert!(delivery.documents[0].urls.is_none());
        assert_eq!(performer(&delivery), "Device d");
    }

    #[test]
    fn places_in_the_frame_are_found_in_the_document() {
        let input = Input::bytes("a", &b"{\"entry\":[ {\"a\":1} , {} ],\n\"b\":}"[..]);
        let fault = as_document(&input, Limits::default(), &mut |_| {}).err().unwrap();
        assert_eq!(fault.kind, FileErrorKind::Syntax);
        assert_eq!(line_and_column(&input, fault.offset.unwrap()).unwrap().0, 2);
    }
}
