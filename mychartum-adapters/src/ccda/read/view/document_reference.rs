//! Documents: the document itself, those it replaces, notes in it, and sections that have nothing but a narrative.

use mychartum_core::chart::{Attachment, DocumentReference, DocumentStatus, Party, SourceRef};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::sync::Reason;

use super::{Told, required};
use crate::ccda::read::element::{authors, concept_of, first_time};
use crate::ccda::read::header::Header;
use crate::ccda::read::identity::{first_id, source_ref};
use crate::ccda::read::page::Page;
use crate::ccda::read::section::Section;
use crate::ccda::read::xml::{Reach, Xml};
use crate::markup::{carried, language_tag};

/// The document itself: what it is, who wrote and keeps it, and its whole narrative or the one file that it carries.
pub(crate) fn document<'a>(page: &Page<'a>, header: &Header<'a>, sections: &[Section<'a>]) -> DocumentReference {
    let root = header.root;
    let title = root.at("title").and_then(|title| page.label(title));
    let language = root.at("languageCode").and_then(|code| language_tag(code.said("code")?));
    let carried = root.path("component/nonXMLBody/text").map(|text| attachment(page, text));
    let mut content = carried.unwrap_or_else(|| narratives(page, sections));
    content.title = title.clone();
    content.language = language;
    DocumentReference {
        status: DocumentStatus::Current,
        kind: concept_of(page, root, "code"),
        categories: Vec::new(),
        date: header.version.last_updated.clone(),
        authors: authors(page, root),
        custodian: custodian(page, root),
        description: title,
        content: vec![content],
        encounter: visit(root),
    }
}

/// A document whose place another took: nothing is left of it but that.
pub(crate) fn replaced<'a>(page: &Page<'a>, header: &Header<'a>, parent: Xml<'a>) -> DocumentReference {
    let own = concept_of(page, parent, "code");
    DocumentReference {
        status: DocumentStatus::Superseded,
        kind: if own.is_empty() { concept_of(page, header.root, "code") } else { own },
        categories: Vec::new(),
        date: None,
        authors: Vec::new(),
        custodian: None,
        description: None,
        content: Vec::new(),
        encounter: None,
    }
}

/// A note (C-CDA R2.1 companion guide, Note Activity).
///
/// # Errors
/// [`Reason::Missing`] where it has no text.
pub(super) fn note(told: &Told<'_, '_>) -> Result<DocumentReference, Reason> {
    let content = told.node.at("text").map(|text| attachment(told.page, text));
    let content = content.filter(|content| content.text.is_some() || content.bytes > 0 || content.elsewhere.is_some());
    // Its code is always `Note`; what kind of note, a translation says.
    let mut kind = concept_of(told.page, told.node, "code");
    if kind.codings.len() > 1 {
        kind.codings.retain(|coding| coding.code.as_str() != "34109-9");
    }
    let view = DocumentReference {
        status: match told.status() {
            "nullified" | "aborted" | "cancelled" => DocumentStatus::EnteredInError,
            _ if told.negated() => DocumentStatus::EnteredInError,
            _ => DocumentStatus::Current,
        },
        kind,
        categories: Vec::new(),
        date: told.start().or_else(|| first_time(told.node)),
        authors: authors(told.page, told.node),
        custodian: None,
        description: None,
        content: content.into_iter().collect(),
        encounter: told.visit(),
    };
    required(view.content.is_empty(), "text", view.standing())?;
    Ok(view)
}

/// A section that has nothing but its narrative.
pub(super) fn narrative(told: &Told<'_, '_>) -> DocumentReference {
    let title = told.node.at("title").and_then(|title| told.page.label(title));
    let content = told.node.at("text").map(|text| text_of(told.page, text));
    DocumentReference {
        status: DocumentStatus::Current,
        kind: concept_of(told.page, told.node, "code"),
        categories: Vec::new(),
        date: told.made.cloned(),
        authors: authors(told.page, told.node),
        custodian: None,
        description: title.clone(),
        content: content.map(|content| Attachment { title, ..content }).into_iter().collect(),
        encounter: None,
    }
}

/// A narrative block: its text with the markup taken out.
fn text_of<'a>(page: &Page<'a>, node: Xml<'a>) -> Attachment {
    Attachment {
        media_type: Label::clipped("text/plain"),
        text: Narrative::clipped(&page.plain(node)),
        bytes: page.original(node).len() as u64,
        ..Attachment::default()
    }
}

/// Encapsulated data (HL7 v3 `ED`): a file in base64, an address, or words.
fn attachment<'a>(page: &Page<'a>, node: Xml<'a>) -> Attachment {
    let media_type = node.said("mediaType").unwrap_or("text/plain");
    let elsewhere = node.at("reference").and_then(|at| at.said("value")).filter(|at| !at.starts_with('#'));
    if node.said("representation").is_some_and(|form| form.eq_ignore_ascii_case("B64")) {
        let data: String = node.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect();
        let read = carried(media_type, &data);
        let media_type = Label::clipped(media_type);
        return Attachment { media_type, text: read.text, bytes: read.bytes, ..Attachment::default() };
    }
    let text = page.narrative(node);
    Attachment {
        media_type: Label::clipped(media_type),
        bytes: text.as_ref().map_or(0, |text| text.as_str().len() as u64),
        text,
        elsewhere: elsewhere.and_then(Label::clipped),
        ..Attachment::default()
    }
}

/// All narratives of a document under their titles.
fn narratives<'a>(page: &Page<'a>, sections: &[Section<'a>]) -> Attachment {
    let mut all = String::new();
    let mut bytes = 0;
    for section in sections {
        for part in ["title", "text"].into_iter().filter_map(|name| section.node.at(name)) {
            bytes += page.original(part).len() as u64;
            let words = page.plain(part);
            if !words.is_empty() {
                // A blank line before each section, none between its title and its text.
                all.push_str(if all.is_empty() || part.called() == "text" { "\n" } else { "\n\n" });
                all.push_str(&words);
            }
        }
    }
    Attachment {
        media_type: Label::clipped("text/plain"),
        text: Narrative::clipped(&all),
        bytes,
        ..Attachment::default()
    }
}

fn custodian<'a>(page: &Page<'a>, root: Xml<'a>) -> Option<Party> {
    let organization = root.path("custodian/assignedCustodian/representedCustodianOrganization")?;
    Some(Party { name: Some(page.label(organization.at("name")?)?), at: None })
}

/// The visit that a document is of (`encompassingEncounter`).
fn visit(root: Xml<'_>) -> Option<SourceRef> {
    let id = first_id(root.path("componentOf/encompassingEncounter")?, "id")?;
    source_ref("Encounter", &id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{document, entries, entry, names, reason};
    use mychartum_core::chart::{Standing, View};
    use mychartum_core::sync::{Parcel, Reading};

    fn view(parcel: &Parcel) -> &DocumentReference {
        match &parcel.reading {
            Reading::Item { view: View::DocumentReference(view), .. } => view,
            _ => panic!("no document"),
        }
    }

    fn text(view: &DocumentReference) -> &str {
        view.content[0].text.as_ref().map_or("", Narrative::as_str)
    }

    #[test]
    fn the_document_is_an_item_with_its_narrative() {
        let section = |title: &str, inside: &str| {
            format!("<component><section><title>{title}</title>{inside}</section></component>")
        };
        let all = document(&format!(
            "<id root='D'/><code code='34133-9' codeSystem='2.16.840.1.113883.6.1' displayName='Summary'/><title>Health <i>Summary</i></title><languageCode code='en-US'/>\
            <author><assignedAuthor><assignedPerson><name>Dr. B</name></assignedPerson></assignedAuthor></author>\
            <custodian><assignedCustodian><representedCustodianOrganization><name>Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>\
            <componentOf><encompassingEncounter><id root='E' extension='1'/></encompassingEncounter></componentOf>\
            <component><structuredBody>{}{}</structuredBody></component>",
            section("Allergies", "<text><table><tr><td>Bees</td><td>Rash</td></tr></table></text><entry/>"),
            section("Plan", "<text nullFlavor='NI'/>")
        ));
        let read = view(&all[1]);
        assert_eq!(names(&all)[1], "DocumentReference/d");
        assert_eq!((read.title(), read.description.as_ref().unwrap().as_str()), ("Summary", "Health Summary"));
        assert_eq!(read.date.as_ref().unwrap().as_str(), "2013-08-15");
        assert_eq!((read.authors[0].shown(), read.custodian.as_ref().unwrap().shown()), ("Dr. B", "Clinic"));
        assert_eq!(read.encounter.as_ref().unwrap().id.as_str(), "e|1");
        assert_eq!(read.content[0].language.as_ref().unwrap().as_str(), "en-US");
        let lines: Vec<&str> = text(read).lines().collect();
        assert_eq!((lines[0], lines.last().copied()), ("Allergies", Some("Plan")));
        assert!(lines[1].contains("Bees") && lines[1].contains("Rash") && !text(read).contains('<'));
    }

    #[test]
    fn a_document_may_carry_a_file() {
        let body = |text: &str| document(&format!("<component><nonXMLBody>{text}</nonXMLBody></component>"));
        let all = body("<text mediaType='application/pdf' representation='B64'>SGVs\n bG8=</text>");
        let read = &view(&all[1]).content[0];
        assert_eq!(
            (read.media_type.as_ref().unwrap().as_str(), read.bytes, read.text.is_none()),
            ("application/pdf", 5, true)
        );
        assert_eq!(text(view(&body("<text mediaType='text/plain' representation='B64'>SGVsbG8=</text>")[1])), "Hello");
        assert_eq!(text(view(&body("<text>Plain &amp; simple</text>")[1])), "Plain & simple");
        let linked = body("<text mediaType='application/pdf'><reference value='https://example.org/a.pdf'/></text>");
        assert_eq!(view(&linked[1]).content[0].elsewhere.as_ref().unwrap().as_str(), "https://example.org/a.pdf");
    }

    #[test]
    fn a_replaced_document_is_superseded() {
        let all = document(
            "<id root='new'/><relatedDocument typeCode='RPLC'><parentDocument><id root='OLD'/><code code='1' displayName='Care Plan'/></parentDocument></relatedDocument>",
        );
        assert_eq!(names(&all)[1..], ["DocumentReference/new", "DocumentReference/old"]);
        assert_eq!((view(&all[1]).standing(), view(&all[2]).standing()), (Standing::Fact, Standing::Superseded));
        assert_eq!(view(&all[2]).title(), "Care Plan");
        assert!(all[2].original.starts_with(b"<parentDocument>"));
    }

    #[test]
    fn notes_and_lone_narratives_are_documents() {
        let note = |inside: &str| format!("<act><templateId root='2.16.840.1.113883.10.20.22.4.202'/>{inside}</act>");
        let View::DocumentReference(read) = entry(
            "34109-9",
            &note(
                "<code code='34109-9'><translation code='11506-3' displayName='Progress note'/></code><text>Feels well</text><effectiveTime value='2016'/>",
            ),
        ) else {
            panic!("kind")
        };
        assert_eq!(
            (read.title(), text(&read), read.date.as_ref().unwrap().as_str()),
            ("Progress note", "Feels well", "2016")
        );
        assert_eq!(reason("34109-9", &note("")).to_string(), "missing: text");
        let View::DocumentReference(withdrawn) = entry("34109-9", &note("<statusCode code='nullified'/>")) else {
            panic!("kind")
        };
        assert_eq!(withdrawn.standing(), Standing::Withdrawn);

        let all = document(
            &entries("10164-2", "").replace("<entry></entry>", "<title>History</title><text>Came <br/>walking</text>"),
        );
        let read = view(&all[2]);
        assert_eq!((text(read), read.description.as_ref().unwrap().as_str()), ("Came\nwalking", "History"));
        assert!(read.kind.has_code("10164-2"));
    }
}
