//! Codes, identifiers, periods, references and notes (FHIR R4 section 2.24).

use std::borrow::Cow;

use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::kernel::{CodeSystem, Coding, Concept, PartialDate};

use super::lenient::{Many, One, Txt, element};

element! {
    /// FHIR `Coding`.
    CodingElement<'a> from (|code| CodingElement { code: Txt(Some(code)), ..CodingElement::default() }) {
        system: Txt<'a> = "system",
        code: Txt<'a> = "code",
        display: Txt<'a> = "display",
    }
}

element! {
    /// FHIR `CodeableConcept`; a lone `Coding` or a lone text in its place is read too.
    CodeableConcept<'a> from (CodeableConcept::words) {
        coding: Many<CodingElement<'a>> = "coding",
        text: Txt<'a> = "text",
        system: Txt<'a> = "system",
        code: Txt<'a> = "code",
        display: Txt<'a> = "display",
    }
}

element! {
    /// FHIR `Identifier`.
    IdentifierElement<'a> from (|value| IdentifierElement { value: Txt(Some(value)), ..IdentifierElement::default() }) {
        system: Txt<'a> = "system",
        value: Txt<'a> = "value",
        kind: One<CodeableConcept<'a>> = "type",
    }
}

element! {
    /// FHIR `Reference`; a lone text in its place is the reference itself.
    Reference<'a> from (|text| Reference { reference: Txt(Some(text)), ..Reference::default() }) {
        reference: Txt<'a> = "reference",
        kind: Txt<'a> = "type",
        identifier: One<IdentifierElement<'a>> = "identifier",
        display: Txt<'a> = "display",
    }
}

element! {
    /// FHIR `Period`; a lone text in its place is its start.
    Period<'a> from (|start| Period { start: Txt(Some(start)), ..Period::default() }) {
        start: Txt<'a> = "start",
        end: Txt<'a> = "end",
    }
}

element! {
    /// The part of FHIR `Timing` that names points in time.
    Timing<'a> {
        event: super::lenient::Texts<'a> = "event",
    }
}

element! {
    /// FHIR `Annotation`; a lone text in its place is its text.
    Annotation<'a> from (|text| Annotation { text: Txt(Some(text)) }) {
        text: Txt<'a> = "text",
    }
}

element! {
    /// FHIR `Extension`, as far as it says why a value is absent.
    Extension<'a> {
        url: Txt<'a> = "url",
        code: Txt<'a> = "valueCode",
    }
}

impl<'a> CodeableConcept<'a> {
    fn words(text: Cow<'a, str>) -> Self {
        Self { text: Txt(Some(text)), ..Self::default() }
    }

    /// What a chart keeps of it.
    pub(crate) fn concept(&self) -> Concept {
        let lone = read_coding(&self.system, &self.code, &self.display);
        let codings: Vec<Coding> =
            self.coding.iter().filter_map(|c| read_coding(&c.system, &c.code, &c.display)).chain(lone).collect();
        let words = self.text.get().or_else(|| {
            let displays = self.coding.iter().filter_map(|coding| coding.display.get()).chain(self.display.get());
            if codings.iter().any(|coding| coding.display.is_some()) { None } else { displays.into_iter().next() }
        });
        Concept { codings, text: words.and_then(Label::clipped) }
    }

    /// Its codes, then its words: what a status may stand in.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.coding.iter().filter_map(|coding| coding.code.get()).chain(self.code.get()).chain(self.text.get())
    }

    /// What it says in words; a bare code says nothing to people.
    pub(crate) fn said(&self) -> Option<Label> {
        let concept = self.concept();
        concept.text.or_else(|| concept.codings.into_iter().find_map(|coding| coding.display))
    }

    /// What people are shown of it.
    pub(crate) fn label(&self) -> Option<Label> {
        Label::clipped(self.concept().shown())
    }
}

fn read_coding(system: &Txt<'_>, code: &Txt<'_>, display: &Txt<'_>) -> Option<Coding> {
    Some(Coding {
        system: CodeSystem::of(system.get().unwrap_or("")),
        code: Label::clipped(code.get()?)?,
        display: display.get().and_then(Label::clipped),
    })
}

impl IdentifierElement<'_> {
    /// The query by which a conditional reference means it: `?identifier=SYSTEM|VALUE` (FHIR R4 section 3.1.0.11.2).
    pub(crate) fn query(&self) -> Option<String> {
        let value = self.value.get()?;
        Some(match self.system.get() {
            Some(system) => format!("?identifier={system}|{value}"),
            None => format!("?identifier={value}"),
        })
    }
}

impl Extension<'_> {
    /// Why a value is absent, where this extension says so.
    pub(crate) fn absent(&self) -> Option<Concept> {
        let says = self.url.get()?.ends_with("/data-absent-reason");
        Some(Concept::words(self.code.get()?)).filter(|_| says)
    }
}

/// A date that can be read, or none.
pub(crate) fn date(text: &Txt<'_>) -> Option<PartialDate> {
    text.parse()
}

/// A short text, cut where it is too long.
pub(crate) fn label(text: &Txt<'_>) -> Option<Label> {
    text.get().and_then(Label::clipped)
}

/// A long text, cut where it is too long.
pub(crate) fn narrative(text: &Txt<'_>) -> Option<Narrative> {
    text.get().and_then(Narrative::clipped)
}

/// The notes that say something.
pub(crate) fn notes(notes: &Many<Annotation<'_>>) -> Vec<Narrative> {
    notes.iter().filter_map(|note| narrative(&note.text)).collect()
}

/// The concepts that say something.
pub(crate) fn concepts(concepts: &Many<CodeableConcept<'_>>) -> Vec<Concept> {
    concepts.iter().map(CodeableConcept::concept).filter(|concept| !concept.is_empty()).collect()
}

/// What people are shown of the first concept that says something.
pub(crate) fn first_label(concepts: &Many<CodeableConcept<'_>>) -> Option<Label> {
    concepts.iter().find_map(CodeableConcept::label)
}
