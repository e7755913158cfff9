//! FHIR R4 `DocumentReference`.

use mychartum_core::chart::{Attachment, DocumentReference, DocumentStatus};

use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    AttachmentElement, CodeableConcept, Many, One, Period, Reference, Txt, concepts, date, element, label,
};
use crate::fhir::read::resolve::Resolver;
use crate::markup::language_tag;

element! {
    /// The elements of a document that a chart keeps.
    DocumentElement<'a> {
        status: Txt<'a> = "status",
        doc_status: Txt<'a> = "docStatus",
        kind: One<CodeableConcept<'a>> = "type",
        category: Many<CodeableConcept<'a>> = "category",
        date: Txt<'a> = "date",
        indexed: Txt<'a> = "indexed",
        created: Txt<'a> = "created",
        author: Many<Reference<'a>> = "author",
        custodian: One<Reference<'a>> = "custodian",
        description: Txt<'a> = "description",
        content: Many<ContentElement<'a>> = "content",
        language: Txt<'a> = "language",
        context: One<ContextElement<'a>> = "context",
    }
}

element! {
    /// FHIR `DocumentReference.content`.
    ContentElement<'a> {
        attachment: Many<AttachmentElement<'a>> = "attachment",
    }
}

element! {
    /// FHIR `DocumentReference.context`.
    ContextElement<'a> {
        encounter: Many<Reference<'a>> = "encounter",
        period: One<Period<'a>> = "period",
    }
}

/// What a chart keeps of a document.
pub(super) fn read(document: &DocumentElement<'_>, base: &Base<'_>, resolver: &Resolver<'_>) -> DocumentReference {
    let context = document.context.get();
    let visit = |context: &ContextElement<'_>| resolver.first(&context.encounter, "Encounter");
    let period = || date(&context?.period.get()?.start);
    let parts = document.content.iter().flat_map(|content| content.attachment.iter());
    let mut content: Vec<Attachment> = parts.filter_map(AttachmentElement::attachment).collect();
    // A content without a language of its own is in the document's.
    for part in content.iter_mut().filter(|part| part.language.is_none()) {
        part.language = document.language.get().and_then(language_tag);
    }
    let stated = DocumentStatus::of(document.status.get().unwrap_or(""));
    // The reference may be current while the document that it leads to was withdrawn.
    let withdrawn = document.doc_status.get().map(DocumentStatus::of) == Some(DocumentStatus::EnteredInError);
    DocumentReference {
        status: if withdrawn { DocumentStatus::EnteredInError } else { stated },
        kind: document.kind.get().map(CodeableConcept::concept).unwrap_or_default(),
        categories: concepts(&document.category),
        date: date(&document.date)
            .or_else(|| date(&document.indexed))
            .or_else(|| date(&document.created))
            .or_else(period),
        authors: resolver.parties(&document.author, "Practitioner"),
        custodian: document.custodian.get().and_then(|custodian| resolver.party(custodian, "Organization")),
        description: label(&document.description),
        content,
        encounter: context.and_then(visit).or_else(|| resolver.first(&base.encounter, "Encounter")),
    }
}
