//! One segment that is being written.

use super::escape::{Breaks, escape};

/// The fields of a segment, set by their HL7 numbers in any order. Texts are escaped; empty ones at the end are left out.
#[derive(Clone)]
pub struct SegmentWriter {
    name: [u8; 3],
    fields: Vec<Vec<u8>>,
    misnumbered: bool,
}

impl core::fmt::Debug for SegmentWriter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SegmentWriter({}, [hidden])", String::from_utf8_lossy(&self.name))
    }
}

impl SegmentWriter {
    pub(super) fn new(name: [u8; 3]) -> Self {
        Self { name, fields: Vec::new(), misnumbered: false }
    }

    /// A field of one text.
    pub fn text(&mut self, number: u16, text: &str) -> &mut Self {
        self.set(number, |out| escape(text, Breaks::Kept, out))
    }

    /// A field of the type FT: line breaks become `\.br\`.
    pub fn lines(&mut self, number: u16, text: &str) -> &mut Self {
        self.set(number, |out| escape(text, Breaks::Formatted, out))
    }

    /// A field that says that there is no value: `""`.
    pub fn null(&mut self, number: u16) -> &mut Self {
        self.set(number, |out| out.extend_from_slice(b"\"\""))
    }

    /// A field of components.
    pub fn components(&mut self, number: u16, components: &[&str]) -> &mut Self {
        self.set(number, |out| join(components, out))
    }

    /// One more value of a field that repeats, of components.
    pub fn repetition(&mut self, number: u16, components: &[&str]) -> &mut Self {
        self.change(number, |out| {
            if !out.is_empty() {
                out.push(b'~');
            }
            join(components, out);
        })
    }

    /// A field of components that have subcomponents.
    pub fn nested(&mut self, number: u16, components: &[&[&str]]) -> &mut Self {
        self.set(number, |out| {
            for (at, component) in components.iter().enumerate() {
                if at > 0 {
                    out.push(b'^');
                }
                separated(component, b'&', out);
            }
            cut_empty(out);
        })
    }

    /// A field of bytes that are separated and escaped already.
    pub(super) fn raw(&mut self, number: u16, bytes: &[u8]) -> &mut Self {
        self.set(number, |out| out.extend_from_slice(bytes))
    }

    fn set(&mut self, number: u16, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.change(number, |out| {
            out.clear();
            write(out);
        })
    }

    fn change(&mut self, number: u16, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        let number = usize::from(number);
        // Field 1 of MSH is the separator and stands in its name.
        let first = if &self.name == b"MSH" { 2 } else { 1 };
        let Some(at) = number.checked_sub(first) else {
            self.misnumbered = true;
            return self;
        };
        if self.fields.len() <= at {
            self.fields.resize(at + 1, Vec::new());
        }
        if let Some(field) = self.fields.get_mut(at) {
            write(field);
        }
        self
    }

    pub(super) const fn is_misnumbered(&self) -> bool {
        self.misnumbered
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.fields.iter().all(|field| field.is_ascii())
    }

    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.name);
        let used = self.fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1);
        for field in self.fields.iter().take(used) {
            out.push(b'|');
            out.extend_from_slice(field);
        }
        out.push(b'\r');
    }
}

fn join(components: &[&str], out: &mut Vec<u8>) {
    separated(components, b'^', out);
}

/// Texts with separators between them, and none at the end.
fn separated(texts: &[&str], separator: u8, out: &mut Vec<u8>) {
    let used = texts.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
    for (at, text) in texts.iter().take(used).enumerate() {
        if at > 0 {
            out.push(separator);
        }
        escape(text, Breaks::Kept, out);
    }
}

fn cut_empty(out: &mut Vec<u8>) {
    while out.last() == Some(&b'^') {
        out.pop();
    }
}
