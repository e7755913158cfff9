//! Text that people wrote (HL7 v2 `FT`, `TX`, `ST`, and notes).

use std::collections::BTreeSet;

use mychartum_core::kernel::text::Narrative;

use crate::hl7v2::{Field, Segment, Segments};
use crate::markup::plain_text;

/// The whole text of a field: repetitions are lines, and what looks like separators inside is text.
pub(crate) fn lines(field: Field<'_>) -> Option<String> {
    if field.is_null() {
        return None;
    }
    let all: Vec<String> = field.repetitions().map(|line| line.text().into_owned()).collect();
    let text = all.join("\n");
    let text = if is_markup(&text) { plain_text(&text) } else { text };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Whether a text is HTML: it closes an element or breaks a line.
fn is_markup(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("</") || lower.contains("<br")
}

/// The notes that follow a segment, one line each, as one text: as their numbers say (NTE-1), where each has one of its own, else as
/// they stand.
pub(crate) fn notes(notes: Segments<'_>) -> Vec<Narrative> {
    let mut notes: Vec<Segment<'_>> = notes.collect();
    let number = |note: &Segment<'_>| note.field(1).value().and_then(|number| number.trim().parse::<u32>().ok());
    let numbers: Option<BTreeSet<u32>> = notes.iter().map(number).collect();
    if numbers.is_some_and(|numbers| numbers.len() == notes.len()) {
        notes.sort_by_key(number);
    }
    let all: Vec<String> = notes.iter().map(|note| lines(note.field(3)).unwrap_or_default()).collect();
    Narrative::clipped(all.join("\n").trim()).into_iter().collect()
}
