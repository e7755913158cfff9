//! Resources that only give a name: clinicians, organizations, places, medications, specimens.

use mychartum_core::chart::{SourceRef, SourceVersion};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::{Directory, Reading, Reason};

use super::element::{
    CodeableConcept, HumanName, IdentifierElement, Many, One, Raw, Reference, Txt, element, label, read_object,
};

element! {
    /// A resource as far as its name goes; contained resources are read as this too.
    Named<'a> {
        kind: Txt<'a> = "resourceType",
        id: Txt<'a> = "id",
        identifier: Many<IdentifierElement<'a>> = "identifier",
        name: Raw<'a> = "name",
        alias: Txt<'a> = "alias",
        description: Txt<'a> = "description",
        code: Many<CodeableConcept<'a>> = "code",
        type_code: Many<CodeableConcept<'a>> = "type",
        ingredient: Many<Ingredient<'a>> = "ingredient",
        practitioner: One<Reference<'a>> = "practitioner",
        organization: One<Reference<'a>> = "organization",
    }
}

element! {
    /// FHIR R4 `Medication.ingredient`.
    Ingredient<'a> {
        item: One<CodeableConcept<'a>> = "itemCodeableConcept",
    }
}

impl Named<'_> {
    /// What people are shown.
    pub(super) fn shown(&self) -> Option<Label> {
        match self.kind.get().unwrap_or("") {
            "Medication" => Label::clipped(self.concept().shown()),
            "PractitionerRole" => self.role(),
            "Specimen" => self.type_label(),
            _ => self.given_name().or_else(|| label(&self.alias)).or_else(|| label(&self.description)),
        }
    }

    /// What a medication is: its code, else what it is made of.
    pub(super) fn concept(&self) -> Concept {
        let code = self.code.iter().map(CodeableConcept::concept).find(|concept| !concept.is_empty());
        code.unwrap_or_else(|| {
            let parts = self.ingredient.iter().filter_map(|part| part.item.get()?.label());
            Concept::words(&parts.map(|part| part.as_str().to_owned()).collect::<Vec<_>>().join(", "))
        })
    }

    /// What kind of thing it is, such as the kind of a specimen.
    fn type_label(&self) -> Option<Label> {
        self.type_code.iter().find_map(CodeableConcept::label)
    }

    fn given_name(&self) -> Option<Label> {
        let raw = self.name.0?.get();
        if raw.starts_with('"') {
            return label(&serde_json::from_str::<Txt<'_>>(raw).ok()?);
        }
        let names = serde_json::from_str::<Many<HumanName<'_>>>(raw).ok()?;
        let old = |name: &&HumanName<'_>| name.usage.get() != Some("old");
        names.iter().filter(old).chain(names.iter()).find_map(HumanName::line)
    }

    fn role(&self) -> Option<Label> {
        let display = |reference: &One<Reference<'_>>| reference.get().and_then(|to| label(&to.display));
        let code = self.code.iter().find_map(CodeableConcept::label);
        let at = display(&self.organization);
        let role = match (&code, &at) {
            (Some(code), Some(at)) => Label::clipped(&format!("{}, {}", code.as_str(), at.as_str())),
            _ => code.or(at),
        };
        display(&self.practitioner).or(role)
    }
}

/// The entry of a directory that a resource makes.
pub(super) fn directory(text: &str, identity: SourceRef, version: SourceVersion) -> Reading {
    let Ok(Some(named)) = read_object::<Named<'_>>(text) else { return Reading::Unusable(Reason::Malformed) };
    let Some(name) = named.shown() else { return Reading::Unusable(Reason::Missing("name")) };
    let queries = named.identifier.iter().filter_map(IdentifierElement::query);
    let aliases = queries.filter_map(|query| Label::parse(&query).ok()).collect();
    Reading::Directory(Directory { identity, version, name, aliases })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_name() {
        for (json, expected) in [
            (
                r#"{"resourceType":"Practitioner","name":[{"family":"Bone","given":["Ronald"],"prefix":["Dr."]}]}"#,
                "Dr. Ronald Bone",
            ),
            (r#"{"resourceType":"Practitioner","name":{"use":"old","text":"Old"}}"#, "Old"),
            (r#"{"resourceType":"Practitioner","name":[{"use":"old","text":"Old"},{"text":"New"}]}"#, "New"),
            (r#"{"resourceType":"Organization","name":"Acme"}"#, "Acme"),
            (r#"{"resourceType":"Location","description":"Second floor"}"#, "Second floor"),
            (r#"{"resourceType":"Medication","code":{"coding":[{"code":"1","display":"Aspirin"}]}}"#, "Aspirin"),
            (
                r#"{"resourceType":"Medication","ingredient":[{"itemCodeableConcept":{"text":"A"}},{"itemCodeableConcept":{"text":"B"}}]}"#,
                "A, B",
            ),
            (
                r#"{"resourceType":"PractitionerRole","practitioner":{"display":"Dr. X"},"code":[{"text":"Surgeon"}]}"#,
                "Dr. X",
            ),
            (
                r#"{"resourceType":"PractitionerRole","organization":{"display":"Acme"},"code":[{"text":"Surgeon"}]}"#,
                "Surgeon, Acme",
            ),
        ] {
            let named: Named<'_> = read_object(json).unwrap().unwrap();
            assert_eq!(named.shown().unwrap().as_str(), expected);
        }
        assert!(read_object::<Named<'_>>(r#"{"resourceType":"Organization"}"#).unwrap().unwrap().shown().is_none());
    }
}
