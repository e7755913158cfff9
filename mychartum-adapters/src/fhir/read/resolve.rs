//! From references to what they mean: within the resource, the bundle, the delivery, or the source.

use mychartum_core::chart::{Party, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::base::Base;
use super::element::{IdentifierElement, Many, Reference, label};
use super::index::{FullUrls, Patients};
use super::named::Named;
use super::reference::{Locator, is_type};

/// What the whole delivery knows.
#[derive(Default)]
pub(super) struct Index {
    /// Full URLs of patients and of the directory, from all bundles.
    pub(super) urls: FullUrls,
    /// Patients by id and identifier.
    pub(super) patients: Patients,
}

/// Everything that the references of one resource may lead to.
pub(super) struct Resolver<'a> {
    pub(super) index: &'a Index,
    /// The full URLs of its own bundle.
    pub(super) bundle: Option<&'a FullUrls>,
    /// The resources it contains.
    pub(super) contained: &'a [Named<'a>],
}

impl Resolver<'_> {
    /// The resource that a reference means; `guess` is the type it must be where nothing says so.
    pub(super) fn find(&self, reference: &Reference<'_>, guess: &str) -> Option<SourceRef> {
        let declared = reference.kind.get().map(|kind| kind.rsplit('/').next().unwrap_or(kind)).filter(|k| is_type(k));
        let kind = declared.unwrap_or(guess);
        let text = reference.reference.get().unwrap_or("");
        match Locator::parse(text) {
            Locator::Contained(_) => None,
            Locator::Typed { kind, id } => {
                let named = if text.contains("://") { self.by_url(text) } else { None };
                named.or_else(|| source_ref(kind, id))
            }
            Locator::Urn(id) => self.by_url(text).or_else(|| source_ref(kind, id)),
            Locator::Conditional { kind, query } => self.by_query(kind, &query),
            Locator::Opaque => self.by_url(text).or_else(|| {
                let query = reference.identifier.get().and_then(IdentifierElement::query)?;
                self.by_query(kind, &query)
            }),
        }
    }

    /// The first of several references that leads anywhere.
    pub(super) fn first(&self, references: &Many<Reference<'_>>, guess: &str) -> Option<SourceRef> {
        references.iter().find_map(|reference| self.find(reference, guess))
    }

    /// Who or what a reference names.
    pub(super) fn party(&self, reference: &Reference<'_>, guess: &str) -> Option<Party> {
        let contained = self.contained(reference);
        let name = label(&reference.display).or_else(|| contained.and_then(|named| self.contained_name(named)));
        let at = self.find(reference, guess);
        (name.is_some() || at.is_some()).then_some(Party { name, at })
    }

    /// Everyone and everything that references name.
    pub(super) fn parties(&self, references: &Many<Reference<'_>>, guess: &str) -> Vec<Party> {
        references.iter().filter_map(|reference| self.party(reference, guess)).collect()
    }

    /// The resource inside its own that a reference means.
    pub(super) fn contained(&self, reference: &Reference<'_>) -> Option<&Named<'_>> {
        match Locator::parse(reference.reference.get()?) {
            Locator::Contained(id) => self.contained.iter().find(|named| named.id.get() == Some(id)),
            _ => None,
        }
    }

    /// At which visit.
    pub(super) fn encounter(&self, base: &Base<'_>) -> Option<SourceRef> {
        let is_visit = |found: &SourceRef| found.kind.as_str() == "Encounter";
        let stated = self.first(&base.encounter, "Encounter");
        stated.or_else(|| self.first(&base.context, "Encounter")).filter(is_visit)
    }

    /// Whose the resource is.
    ///
    /// # Errors
    /// [`Reason::NoSubject`] where nobody is named, [`Reason::SubjectNotPatient`] where it is not a patient, and
    /// [`Reason::Invalid`] where two different ones are named: nothing is guessed.
    pub(super) fn subject(&self, base: &Base<'_>) -> Result<SourceRef, Reason> {
        let mut found: Option<SourceRef> = None;
        for reference in base.subject.iter().chain(base.patient.iter()) {
            let Some(one) = self.subject_of(reference, "Patient") else { continue };
            match &found {
                Some(known) if *known != one => return Err(Reason::Invalid("subject")),
                _ => found = Some(one),
            }
        }
        let found = found.ok_or(Reason::NoSubject)?;
        if found.kind.as_str() == "Patient" { Ok(found) } else { Err(Reason::SubjectNotPatient) }
    }

    /// Whom one reference means; a patient inside the resource is known by its identifiers only.
    pub(super) fn subject_of(&self, reference: &Reference<'_>, guess: &str) -> Option<SourceRef> {
        match self.contained(reference) {
            Some(named) if named.kind.get() == Some("Patient") => {
                let queries = named.identifier.iter().filter_map(IdentifierElement::query);
                queries.filter_map(|query| self.by_query("Patient", &query)).next()
            }
            Some(named) => source_ref(named.kind.get()?, named.id.get()?),
            None => self.find(reference, guess),
        }
    }

    fn contained_name(&self, named: &Named<'_>) -> Option<Label> {
        let shown = named.shown();
        let inner = named.practitioner.get().and_then(|reference| self.contained(reference));
        inner.filter(|inner| inner.kind.get() == Some("Practitioner")).and_then(Named::shown).or(shown)
    }

    fn by_url(&self, url: &str) -> Option<SourceRef> {
        self.bundle.and_then(|urls| urls.find(url)).or_else(|| self.index.urls.find(url))
    }

    /// A patient of this delivery by its identifier; anything else by the query itself, as the directory's aliases are.
    fn by_query(&self, kind: &str, query: &str) -> Option<SourceRef> {
        let patient = if kind == "Patient" { self.index.patients.find(query) } else { None };
        source_ref(kind, patient.unwrap_or(query))
    }
}

fn source_ref(kind: &str, id: &str) -> Option<SourceRef> {
    if kind.is_empty() {
        return None;
    }
    Some(SourceRef { kind: Label::parse(kind).ok()?, id: Label::parse(id).ok()? })
}

#[cfg(test)]
mod tests {
    use super::super::element::read_object;
    use super::*;

    const UUID: &str = "75c71918-f07f-4492-af1a-ce006a1e8aaf";

    fn index() -> Index {
        let mut index = Index::default();
        index.patients.note("p1", ["?identifier=urn:mrn|007".to_owned()]);
        index.urls.note(&format!("urn:uuid:{UUID}"), "Practitioner", UUID);
        index
    }

    fn shown(found: Option<SourceRef>) -> String {
        found.map_or_else(String::new, |found| format!("{} {}", found.kind.as_str(), found.id.as_str()))
    }

    #[test]
    fn references_lead_to_what_they_mean() {
        let index = index();
        let mut bundle = FullUrls::default();
        bundle.note("http://example.org/odd", "Location", "l1");
        let resolver = Resolver { index: &index, bundle: Some(&bundle), contained: &[] };
        for (json, expected) in [
            (r#"{"reference":"Practitioner/2"}"#.to_owned(), "Practitioner 2"),
            (format!(r#"{{"reference":"urn:uuid:{UUID}"}}"#), "Practitioner 75c71918-f07f-4492-af1a-ce006a1e8aaf"),
            (r#"{"reference":"urn:uuid:1"}"#.to_owned(), "Guess 1"),
            (r#"{"reference":"urn:uuid:1","type":"Device"}"#.to_owned(), "Device 1"),
            (r#"{"reference":"http://example.org/odd"}"#.to_owned(), "Location l1"),
            (r#"{"reference":"Patient?identifier=urn:mrn%7C007"}"#.to_owned(), "Patient p1"),
            (r#"{"reference":"Patient?identifier=urn:mrn|8"}"#.to_owned(), "Patient ?identifier=urn:mrn|8"),
            (r#"{"type":"Patient","identifier":{"system":"urn:mrn","value":"007"}}"#.to_owned(), "Patient p1"),
            (r#"{"identifier":{"system":"s","value":"v"}}"#.to_owned(), "Guess ?identifier=s|v"),
            (r##"{"reference":"#x"}"##.to_owned(), ""),
            (r#"{"display":"Somebody"}"#.to_owned(), ""),
            (r#""Organization/5""#.to_owned(), "Organization 5"),
        ] {
            let reference: Reference<'_> = read_object(&json).unwrap().unwrap();
            assert_eq!(shown(resolver.find(&reference, "Guess")), expected, "{json}");
        }
    }

    #[test]
    fn subjects_are_patients_and_never_two() {
        let index = index();
        for (json, expected) in [
            (r#"{"subject":{"reference":"Patient/1"}}"#, Ok("1")),
            (r#"{"patient":{"reference":"Patient/1"},"subject":{"reference":"Patient/1/_history/2"}}"#, Ok("1")),
            (r#"{"subject":[{"reference":"Patient/1"},{"reference":"Patient/2"}]}"#, Err(Reason::Invalid("subject"))),
            (r#"{"subject":{"reference":"Patient/1"},"patient":"Patient/2"}"#, Err(Reason::Invalid("subject"))),
            (r#"{"subject":{"reference":"Group/1"}}"#, Err(Reason::SubjectNotPatient)),
            (r#"{"subject":{"display":"Somebody"}}"#, Err(Reason::NoSubject)),
            (r#"{"subject":{"reference":"1"}}"#, Err(Reason::NoSubject)),
            ("{}", Err(Reason::NoSubject)),
            (
                r##"{"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","identifier":{"system":"urn:mrn","value":"007"}}]}"##,
                Ok("p1"),
            ),
            (
                r##"{"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p"}]}"##,
                Err(Reason::NoSubject),
            ),
            (
                r##"{"subject":{"reference":"#d"},"contained":[{"resourceType":"Device","id":"d"}]}"##,
                Err(Reason::SubjectNotPatient),
            ),
        ] {
            let base: Base<'_> = read_object(json).unwrap().unwrap();
            let resolver = Resolver { index: &index, bundle: None, contained: &base.contained.0 };
            let found = resolver.subject(&base);
            assert_eq!(found.as_ref().map(|found| found.id.as_str()).map_err(|reason| *reason), expected, "{json}");
        }
    }

    #[test]
    fn contained_resources_give_their_names() {
        let json = r##"{"contained":[{"resourceType":"Practitioner","id":"p","name":[{"family":"Bone"}]},
            {"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#p"}}]}"##;
        let base: Base<'_> = read_object(json).unwrap().unwrap();
        let index = Index::default();
        let resolver = Resolver { index: &index, bundle: None, contained: &base.contained.0 };
        for (json, name) in [(r##"{"reference":"#p"}"##, "Bone"), (r##"{"reference":"#r"}"##, "Bone")] {
            let reference: Reference<'_> = read_object(json).unwrap().unwrap();
            let party = resolver.party(&reference, "Practitioner").unwrap();
            assert_eq!((party.shown(), party.at.is_none()), (name, true));
        }
        let unknown: Reference<'_> = read_object(r##"{"reference":"#none"}"##).unwrap().unwrap();
        assert!(resolver.party(&unknown, "Practitioner").is_none());
    }
}
