//! The statements of a document: what its entries are, and which of them make an item of their own.

use mychartum_core::chart::ObservationCategory;
use mychartum_core::sync::Reason;

use super::section::{Area, Section};
use super::xml::{Reach, Xml, is_act};

/// What a statement becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Report,
    Observation(ObservationCategory),
    Medication,
    Vaccine,
    Problem,
    Allergy,
    Procedure,
    Visit,
    Note,
    /// A section that has nothing but a narrative.
    Narrative,
}

impl Kind {
    /// The type of the item, in FHIR's words.
    pub(super) const fn resource(self) -> &'static str {
        match self {
            Self::Report => "DiagnosticReport",
            Self::Observation(_) => "Observation",
            Self::Medication => "MedicationRequest",
            Self::Vaccine => "Immunization",
            Self::Problem => "Condition",
            Self::Allergy => "AllergyIntolerance",
            Self::Procedure => "Procedure",
            Self::Visit => "Encounter",
            Self::Note | Self::Narrative => "DocumentReference",
        }
    }
}

/// What an entry is: an item, or something that only holds items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Item(Kind),
    /// A concern, a cluster or the like: each of its members is an item, it is none.
    Holder(Kind),
}

/// One statement of a document: exactly one parcel.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    /// The element as it stands in the document.
    pub(super) node: Xml<'a>,
    /// What it stands in: an organizer, a concern, a visit.
    pub(super) outer: Option<Xml<'a>>,
    pub(super) section: Section<'a>,
    /// What it becomes, or why it becomes nothing.
    pub(super) what: Result<Kind, Reason>,
}

const LABORATORY: Form = Form::Item(Kind::Observation(ObservationCategory::Laboratory));
const VITAL: Form = Form::Item(Kind::Observation(ObservationCategory::VitalSigns));
const SOCIAL: Form = Form::Item(Kind::Observation(ObservationCategory::SocialHistory));

/// Templates of entries (after `2.16.840.1.113883.10.20.22.`), the elements they constrain, and what those are (HL7 C-CDA R2.1,
/// volume 2, chapter 3).
const TEMPLATES: [(&str, &str, Form); 26] = [
    ("4.1", "organizer", Form::Item(Kind::Report)),
    ("4.2", "observation", LABORATORY),
    ("4.26", "organizer", Form::Holder(Kind::Observation(ObservationCategory::VitalSigns))),
    ("4.27", "observation", VITAL),
    ("4.3", "act", Form::Holder(Kind::Problem)),
    ("4.33", "act", Form::Holder(Kind::Problem)),
    ("4.34", "act", Form::Holder(Kind::Problem)),
    ("4.51", "act", Form::Holder(Kind::Problem)),
    ("4.65", "act", Form::Holder(Kind::Problem)),
    ("4.80", "act", Form::Holder(Kind::Problem)),
    ("4.4", "observation", Form::Item(Kind::Problem)),
    ("4.30", "act", Form::Holder(Kind::Allergy)),
    ("4.7", "observation", Form::Item(Kind::Allergy)),
    ("4.35", "act", Form::Holder(Kind::Medication)),
    ("4.36", "act", Form::Holder(Kind::Medication)),
    ("4.16", "substanceAdministration", Form::Item(Kind::Medication)),
    ("4.52", "substanceAdministration", Form::Item(Kind::Vaccine)),
    ("4.12", "act", Form::Item(Kind::Procedure)),
    ("4.13", "observation", Form::Item(Kind::Procedure)),
    ("4.14", "procedure", Form::Item(Kind::Procedure)),
    ("4.49", "encounter", Form::Item(Kind::Visit)),
    ("4.202", "act", Form::Item(Kind::Note)),
    ("4.78", "observation", SOCIAL),
    ("4.85", "observation", SOCIAL),
    ("4.38", "observation", SOCIAL),
    ("4.200", "observation", SOCIAL),
];

/// What an element is: by its template, else by the section it stands in.
fn form(node: Xml<'_>, area: Area) -> Option<Form> {
    let name = node.called();
    let known = TEMPLATES.iter().find(|(template, element, _)| *element == name && node.follows(template));
    known.map(|(.., form)| *form).or_else(|| {
        Some(match (area, name) {
            (Area::Results, "organizer") => Form::Item(Kind::Report),
            (Area::Results, "observation") => LABORATORY,
            (Area::VitalSigns, "organizer") => Form::Holder(Kind::Observation(ObservationCategory::VitalSigns)),
            (Area::VitalSigns, "observation") => VITAL,
            (Area::Medications, "substanceAdministration") => Form::Item(Kind::Medication),
            (Area::Medications, "act") => Form::Holder(Kind::Medication),
            (Area::Problems, "observation") => Form::Item(Kind::Problem),
            (Area::Problems, "act") => Form::Holder(Kind::Problem),
            (Area::Allergies, "observation") => Form::Item(Kind::Allergy),
            (Area::Allergies, "act") => Form::Holder(Kind::Allergy),
            (Area::Immunizations, "substanceAdministration") => Form::Item(Kind::Vaccine),
            (Area::Procedures, "procedure" | "act" | "observation") => Form::Item(Kind::Procedure),
            (Area::Visits, "encounter") => Form::Item(Kind::Visit),
            (Area::SocialHistory, "observation") => SOCIAL,
            _ => return None,
        })
    })
}

/// All statements of a section, in order; a section of narrative only is a statement itself.
pub(super) fn statements<'a>(section: Section<'a>) -> Vec<Statement<'a>> {
    let mut all = Gathered { section, of_another: section.of_another, found: Vec::new() };
    if section.only_text().is_some_and(|text| text.children().any(|child| child.is_element() || has_words(child))) {
        all.push(section.node, None, Ok(Kind::Narrative));
    }
    for entry in section.node.all("entry") {
        let mut acts = entry.inside().filter(|child| is_act(child.called())).peekable();
        if acts.peek().is_none() {
            all.push(entry, None, Err(Reason::Missing("statement")));
        }
        for node in acts {
            all.of_another = section.of_another || node.at("subject").is_some();
            all.take(node);
        }
        all.of_another = section.of_another;
    }
    all.found
}

fn has_words(node: Xml<'_>) -> bool {
    node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty())
}

struct Gathered<'a> {
    section: Section<'a>,
    /// Whether the section or the entry tells of someone other than the patient.
    of_another: bool,
    found: Vec<Statement<'a>>,
}

impl<'a> Gathered<'a> {
    fn push(&mut self, node: Xml<'a>, outer: Option<Xml<'a>>, what: Result<Kind, Reason>) {
        let another = self.of_another || (outer.is_some() && node.at("subject").is_some());
        let what = if another { Err(Reason::SubjectNotPatient) } else { what.and_then(|kind| happened(node, kind)) };
        self.found.push(Statement { node, outer, section: self.section, what });
    }

    /// Takes the one statement of an entry, and those in it that are items of their own.
    fn take(&mut self, node: Xml<'a>) {
        match form(node, self.section.area) {
            None => self.push(node, None, Err(Reason::UnsupportedType)),
            Some(Form::Item(Kind::Report)) => {
                self.push(node, None, Ok(Kind::Report));
                let kind = Kind::Observation(ObservationCategory::Laboratory);
                for member in members(node, kind) {
                    self.push(member, Some(node), Ok(kind));
                }
            }
            Some(Form::Item(Kind::Visit)) => {
                self.push(node, None, Ok(Kind::Visit));
                for diagnosis in node.related().filter(|act| act.follows("4.80")) {
                    for problem in members(diagnosis, Kind::Problem) {
                        self.push(problem, Some(node), Ok(Kind::Problem));
                    }
                }
            }
            Some(Form::Item(kind)) => self.push(node, None, Ok(kind)),
            Some(Form::Holder(kind)) => {
                let held = members(node, kind);
                if held.is_empty() {
                    self.push(node, None, Err(Reason::Missing(element(kind))));
                }
                for member in held {
                    self.push(member, Some(node), Ok(kind));
                }
            }
        }
    }
}

/// The element that a holder's members are.
const fn element(kind: Kind) -> &'static str {
    match kind {
        Kind::Medication => "substanceAdministration",
        _ => "observation",
    }
}

/// The members of a holder that are of a kind: by their template, else all elements that could be. Organizers inside count as
/// if they were not there.
fn members<'a>(holder: Xml<'a>, kind: Kind) -> Vec<Xml<'a>> {
    let mut candidates: Vec<Xml<'a>> = Vec::new();
    let mut waiting: Vec<Xml<'a>> = vec![holder];
    while let Some(node) = waiting.pop() {
        let inside: Vec<Xml<'a>> = node.related().collect();
        candidates.extend(inside.iter().filter(|member| member.called() == element(kind)));
        waiting.extend(inside.into_iter().rev().filter(|member| member.called() == "organizer"));
    }
    let stated = |member: &Xml<'a>| form(*member, Area::Other) == Some(Form::Item(kind));
    if candidates.iter().any(stated) && !matches!(kind, Kind::Observation(_)) {
        candidates.retain(stated);
    }
    candidates
}

/// Whether a statement tells of what was or is. Orders, plans and goals have no view, but for prescriptions.
fn happened(node: Xml<'_>, kind: Kind) -> Result<Kind, Reason> {
    match (node.said("moodCode").unwrap_or("EVN"), kind) {
        ("EVN", _) | ("INT" | "RQO", Kind::Medication) => Ok(kind),
        _ => Err(Reason::UnsupportedType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;
    use crate::ccda::read::section::sections;

    fn found(code: &str, inside: &str) -> Vec<String> {
        let xml = format!(
            "<d><component><structuredBody><component><section><code code='{code}'/>{inside}</section></component></structuredBody></component></d>"
        );
        with_element(&xml, |_, node| {
            let all = sections(node).into_iter().flat_map(statements);
            all.map(|statement| {
                let what = match statement.what {
                    Ok(kind) => kind.resource().to_owned(),
                    Err(reason) => reason.to_string(),
                };
                format!("{} {what}", statement.node.called())
            })
            .collect()
        })
    }

    const ROOT: &str = "2.16.840.1.113883.10.20.22";

    #[test]
    fn entries_are_known_by_template_or_by_section() {
        let organizer = "<entry><organizer><component><observation/></component><component><observation/></component><component><procedure/></component></organizer></entry>";
        let report = ["organizer DiagnosticReport", "observation Observation", "observation Observation"];
        assert_eq!(found("30954-2", organizer), report);
        let templated = format!(
            "<entry><organizer><templateId root='{ROOT}.4.1'/><component><observation/></component></organizer></entry>"
        );
        assert_eq!(found("0-0", &templated), ["organizer DiagnosticReport", "observation Observation"]);
        assert_eq!(found("8716-3", organizer), ["observation Observation", "observation Observation"]);
        assert_eq!(found("0-0", organizer), ["organizer no view for this type of resource"]);
        assert_eq!(
            found("10160-0", "<entry><substanceAdministration moodCode='INT'/></entry>"),
            ["substanceAdministration MedicationRequest"]
        );
        assert_eq!(
            found("11369-6", "<entry><substanceAdministration/></entry>"),
            ["substanceAdministration Immunization"]
        );
        assert_eq!(found("46240-8", "<entry><encounter/></entry>"), ["encounter Encounter"]);
        let note = format!("<entry><act><templateId root='{ROOT}.4.202'/></act></entry>");
        assert_eq!(found("34109-9", &note), ["act DocumentReference"]);
    }

    #[test]
    fn organizers_in_organizers_only_group() {
        let inner = "<component><organizer><component><observation/></component></organizer></component>";
        let xml = format!("<entry><organizer>{inner}<component><observation/></component></organizer></entry>");
        assert_eq!(found("30954-2", &xml).len(), 3);
    }

    #[test]
    fn concerns_hold_what_they_are_about() {
        let observation = |template: &str| {
            format!(
                "<entryRelationship><observation><templateId root='{ROOT}.{template}'/></observation></entryRelationship>"
            )
        };
        let two =
            format!("<entry><act>{}{}{}</act></entry>", observation("4.4"), observation("4.8"), observation("4.4"));
        assert_eq!(found("11450-4", &two), ["observation Condition", "observation Condition"]);
        let bare = "<entry><act><entryRelationship><observation/></entryRelationship></act></entry>";
        assert_eq!(found("48765-2", bare), ["observation AllergyIntolerance"]);
        assert_eq!(found("11450-4", "<entry><act nullFlavor='NI'/></entry>"), ["act missing: observation"]);
        let visit = format!(
            "<entry><encounter><entryRelationship><act><templateId root='{ROOT}.4.80'/>{}</act></entryRelationship></encounter></entry>",
            observation("4.4")
        );
        assert_eq!(found("46240-8", &visit), ["encounter Encounter", "observation Condition"]);
    }

    #[test]
    fn what_is_planned_or_about_others_is_set_aside() {
        for (code, xml, expected) in [
            (
                "30954-2",
                "<entry><observation moodCode='RQO'/></entry>",
                "observation no view for this type of resource",
            ),
            ("47519-4", "<entry><procedure moodCode='INT'/></entry>", "procedure no view for this type of resource"),
            (
                "11450-4",
                "<entry><observation><subject/></observation></entry>",
                "observation the subject is not a patient",
            ),
            ("11450-4", "<subject/><entry><observation/></entry>", "observation the subject is not a patient"),
            ("11450-4", "<entry/>", "entry missing: statement"),
            ("0-0", "<entry><supply/></entry>", "supply no view for this type of resource"),
        ] {
            assert_eq!(found(code, xml), [expected], "{xml}");
        }
    }

    #[test]
    fn a_narrative_counts_where_it_stands_alone() {
        assert_eq!(found("30954-2", "<text>None known</text>"), ["section DocumentReference"]);
        assert_eq!(found("30954-2", "<text><paragraph>x</paragraph></text>"), ["section DocumentReference"]);
        assert!(found("30954-2", "<text> </text>").is_empty());
        assert_eq!(found("30954-2", "<text>x</text><entry><observation/></entry>"), ["observation Observation"]);
        let xml = "<d><component><structuredBody><component><section nullFlavor='NI'><text>No information</text></section></component></structuredBody></component></d>";
        assert!(with_element(xml, |_, node| sections(node).into_iter().flat_map(statements).next().is_none()));
    }
}
