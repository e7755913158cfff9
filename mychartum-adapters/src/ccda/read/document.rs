//! One document: from its bytes to its parcels.

use mychartum_core::chart::View;
use mychartum_core::kernel::SensitivitySet;
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::{Outline, Refusal};

use super::header::{Header, annotated};
use super::identity::{Identities, first_id, source_ref, unnamed_document};
use super::limits::{Limits, MAPPING};
use super::page::Page;
use super::section::{Section, sections};
use super::statement::{Kind, Statement, statements};
use super::tree::with_tree;
use super::view::{self, Outer, Told, read_view};
use super::xml::{Reach, Xml};

/// Checks a document and counts what it holds.
///
/// # Errors
/// The [`Refusal`] of a document that is not whole and sound.
pub(super) fn outline(bytes: &[u8], limits: Limits) -> Result<Outline, Refusal> {
    with_tree(bytes, limits, |tree| {
        let header = Header::of(tree.root_element());
        let found: usize = sections(header.root).into_iter().map(|section| statements(section).len()).sum();
        let own = usize::from(header.target.is_some()) + 1 + header.replaced().len();
        Outline { parcels: (own + found) as u64, patients: header.subject.into_iter().collect() }
    })
}

/// The parcel of a document's patient, where it has one.
///
/// # Errors
/// The [`Refusal`] of a document that is not whole and sound.
pub(super) fn patient_of(bytes: &[u8], limits: Limits, document: u32) -> Result<Option<Parcel>, Refusal> {
    with_tree(bytes, limits, |tree| {
        let page = Page::new(tree);
        let header = Header::of(tree.root_element());
        let mut count = Counter { document, next: 0 };
        header.target.map(|role| patient(&page, &header, role, &mut count))
    })
}

/// All parcels of a document: its patient, itself, what it replaces, then what its entries say, in order.
///
/// # Errors
/// The [`Refusal`] of a document that is not whole and sound.
pub(super) fn parcels_of(bytes: &[u8], limits: Limits, document: u32) -> Result<Vec<Parcel>, Refusal> {
    with_tree(bytes, limits, |tree| {
        let page = Page::new(tree);
        let header = Header::of(tree.root_element());
        let sections = sections(header.root);
        let found: Vec<Statement<'_>> = sections.iter().copied().flat_map(statements).collect();
        let mut count = Counter { document, next: 0 };
        let mut all: Vec<Parcel> = Vec::with_capacity(found.len() + 2);
        all.extend(header.target.map(|role| patient(&page, &header, role, &mut count)));
        all.push(itself(bytes, &page, &header, &sections, &mut count));
        all.extend(header.replaced().into_iter().map(|parent| replaced(&page, &header, parent, &mut count)));
        entries(&page, &header, &found, &mut count, &mut all);
        all
    })
}

/// Numbers the parcels of a document, from 0.
struct Counter {
    document: u32,
    next: u64,
}

impl Counter {
    fn parcel(&mut self, resource: &str, reading: Reading, original: &[u8]) -> Parcel {
        let place = Place { document: self.document, entry: Some(self.next) };
        self.next += 1;
        Parcel { place, resource: resource.into(), reading, original: original.to_vec() }
    }
}

/// The patient. How confidential a document is says nothing about who the patient is.
fn patient<'a>(page: &Page<'a>, header: &Header<'a>, role: Xml<'a>, count: &mut Counter) -> Parcel {
    let reading = match &header.subject {
        Err(reason) => Reading::Unusable(*reason),
        Ok(subject) => Reading::Item {
            identity: subject.clone(),
            version: header.version.clone(),
            subject: subject.clone(),
            view: View::Patient(Box::new(view::patient(page, role))),
            mapping: MAPPING,
            labels: SensitivitySet::NONE,
        },
    };
    count.parcel("Patient", reading, page.original(role).as_bytes())
}

/// The document itself; its original is all of it, as received.
fn itself<'a>(
    bytes: &[u8],
    page: &Page<'a>,
    header: &Header<'a>,
    sections: &[Section<'a>],
    count: &mut Counter,
) -> Parcel {
    let id = first_id(header.root, "id").unwrap_or_else(|| unnamed_document(bytes));
    let sensitive = sections.iter().fold(header.labels, |labels, section| labels.or(section.labels));
    let read = || {
        Ok(Reading::Item {
            identity: source_ref("DocumentReference", &id)?,
            version: header.document_version(),
            subject: header.subject.clone()?,
            view: View::DocumentReference(Box::new(view::document(page, header, sections))),
            mapping: MAPPING,
            // It repeats what is in its sections and entries, so it is as sensitive as they are.
            labels: sensitive.or(annotated(header.root)),
        })
    };
    count.parcel("DocumentReference", read().unwrap_or_else(Reading::Unusable), bytes)
}

/// A document that this one replaces, as superseded: newer by this one's date, so it takes the other's place.
fn replaced<'a>(page: &Page<'a>, header: &Header<'a>, parent: Xml<'a>, count: &mut Counter) -> Parcel {
    let read = || {
        Ok(Reading::Item {
            identity: source_ref("DocumentReference", &first_id(parent, "id").ok_or(Reason::NoIdentity)?)?,
            version: header.version.clone(),
            subject: header.subject.clone()?,
            view: View::DocumentReference(Box::new(view::replaced(page, header, parent))),
            mapping: MAPPING,
            labels: header.labels,
        })
    };
    count.parcel("DocumentReference", read().unwrap_or_else(Reading::Unusable), page.original(parent).as_bytes())
}

/// The parcels of all statements, in order.
fn entries<'a>(
    page: &Page<'a>,
    header: &Header<'a>,
    found: &[Statement<'a>],
    count: &mut Counter,
    all: &mut Vec<Parcel>,
) {
    let names = Identities::new(page, header, found);
    let mut outer: Option<Outer<'a>> = None;
    let mut rest = found;
    while let [statement, following @ ..] = rest {
        rest = following;
        // Statements in one outer statement follow each other.
        outer = match statement.outer {
            None => None,
            Some(node) => outer.filter(|known| known.node == node).or_else(|| {
                let visit = || names.of(page, Kind::Visit.resource(), node, &statement.section).ok();
                Some(Outer::of(page, node, if node.called() == "encounter" { visit() } else { None }))
            }),
        };
        let inside = following.iter().take_while(|next| next.outer == Some(statement.node));
        let results = inside.filter_map(|next| {
            let kind = next.what.ok()?;
            names.of(page, kind.resource(), next.node, &next.section).ok()
        });
        let read = || {
            let subject = header.subject.clone()?;
            let kind = statement.what?;
            let told = Told {
                page,
                node: statement.node,
                area: statement.section.area,
                outer: outer.as_ref(),
                results: if kind == Kind::Report { results.collect() } else { Vec::new() },
                made: header.version.last_updated.as_ref(),
            };
            let lent = outer.as_ref().map_or(SensitivitySet::NONE, |outer| outer.labels);
            Ok(Reading::Item {
                identity: names.of(page, kind.resource(), statement.node, &statement.section)?,
                version: header.version.clone(),
                subject,
                view: read_view(kind, told)?,
                mapping: MAPPING,
                labels: header.labels.or(statement.section.labels).or(lent).or(annotated(statement.node)),
            })
        };
        let resource = match statement.what {
            Ok(kind) => kind.resource(),
            Err(_) => statement.node.called(),
        };
        let original = page.original(statement.node).as_bytes();
        all.push(count.parcel(resource, read().unwrap_or_else(Reading::Unusable), original));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{document, entries, names};
    use mychartum_core::kernel::Sensitivity;

    const CODE: &str = "<code code='718-7' codeSystem='2.16.840.1.113883.6.1'/>";

    fn labels(parcels: &[Parcel]) -> Vec<SensitivitySet> {
        let labels = |parcel: &Parcel| match &parcel.reading {
            Reading::Item { labels, .. } => *labels,
            _ => panic!("no item"),
        };
        parcels.iter().map(labels).collect()
    }

    #[test]
    fn every_statement_is_a_parcel_of_its_document() {
        let all = document(&entries("30954-2", &format!("<observation>{CODE}</observation>")));
        let shown: Vec<&str> = all.iter().map(|parcel| &*parcel.resource).collect();
        assert_eq!(shown, ["Patient", "DocumentReference", "Observation"]);
        for (at, parcel) in all.iter().enumerate() {
            assert_eq!(parcel.place, Place { document: 7, entry: Some(at as u64) });
            let Reading::Item { subject, version, .. } = &parcel.reading else { panic!("no item") };
            assert_eq!(subject.id.as_str(), "1.2|p");
            assert_eq!(version.last_updated.as_ref().unwrap().as_str(), "2013-08-15");
        }
        assert!(all[0].original.starts_with(b"<patientRole>"));
        assert!(all[1].original.starts_with(b"<ClinicalDocument") && all[1].original.ends_with(b"</ClinicalDocument>"));
        assert_eq!(all[2].original, format!("<observation>{CODE}</observation>").as_bytes());
    }

    #[test]
    fn without_one_patient_nothing_is_filed() {
        let target = "<recordTarget><patientRole><id root='other'/></patientRole></recordTarget>";
        let all = document(&format!("{target}{}", entries("30954-2", &format!("<observation>{CODE}</observation>"))));
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|parcel| matches!(parcel.reading, Reading::Unusable(Reason::Invalid("recordTarget")))));
    }

    #[test]
    fn labels_reach_all_that_they_are_said_of() {
        let restricted = SensitivitySet::of(&[Sensitivity::Restricted]);
        let one = entries("30954-2", &format!("<observation>{CODE}</observation>"));
        let confidential = "<confidentialityCode code='R' codeSystem='2.16.840.1.113883.5.25'/>";
        assert_eq!(labels(&document(&format!("{confidential}{one}"))), [SensitivitySet::NONE, restricted, restricted]);
        let section = one.replace("<entry>", &format!("{confidential}<entry>"));
        assert_eq!(labels(&document(&section)), [SensitivitySet::NONE, restricted, restricted]);
        let annotation = "<component><observation><code code='SECCLASSOBS'/><value code='R' codeSystem='2.16.840.1.113883.5.25'/></observation></component>";
        let organizer = format!(
            "<organizer>{CODE}<component><observation>{CODE}</observation></component>{annotation}</organizer>"
        );
        let all = document(&entries("30954-2", &organizer));
        assert_eq!(names(&all).len(), 5);
        assert!(labels(&all)[1..].iter().all(|labels| *labels == restricted));
    }

    #[test]
    fn an_outline_counts_what_is_handed_out() {
        let inner = entries("30954-2", "<organizer><component><observation/></component></organizer><observation/>");
        let bytes = super::super::sample::bytes(&inner);
        let outline = outline(&bytes, Limits::default()).unwrap_or_else(|_| panic!("refused"));
        assert_eq!(outline.parcels, parcels_of(&bytes, Limits::default(), 0).unwrap().len() as u64);
        assert_eq!(outline.patients[0].id.as_str(), "1.2|p");
    }
}
