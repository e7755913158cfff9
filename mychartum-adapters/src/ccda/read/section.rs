//! The sections of a document, known by their templates or by their LOINC codes, whether entries are required in them or not.

use mychartum_core::kernel::SensitivitySet;

use super::header::confidentiality;
use super::xml::{Reach, Xml};

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Results,
    VitalSigns,
    Medications,
    Problems,
    Allergies,
    Immunizations,
    Procedures,
    Visits,
    SocialHistory,
    /// Anything else; its entries are known by their templates only.
    Other,
}

/// Templates (after `2.16.840.1.113883.10.20.22.`) and LOINC codes of sections (HL7 C-CDA R2.1, volume 2, chapter 2).
const AREAS: [(Area, &[&str], &[&str]); 9] = [
    (Area::Results, &["2.3", "2.3.1"], &["30954-2"]),
    (Area::VitalSigns, &["2.4", "2.4.1"], &["8716-3"]),
    (
        Area::Medications,
        &["2.1", "2.1.1", "2.11", "2.11.1", "2.38", "2.44"],
        &["10160-0", "10183-2", "75311-1", "29549-3", "42346-7"],
    ),
    (
        Area::Problems,
        &["2.5", "2.5.1", "2.20", "2.24", "2.34", "2.35", "2.36", "2.43"],
        &["11450-4", "11348-0", "11535-2", "10219-4", "10218-6", "59769-0", "42347-5", "46241-6"],
    ),
    (Area::Allergies, &["2.6", "2.6.1"], &["48765-2"]),
    (Area::Immunizations, &["2.2", "2.2.1"], &["11369-6"]),
    (Area::Procedures, &["2.7", "2.7.1"], &["47519-4"]),
    (Area::Visits, &["2.22", "2.22.1"], &["46240-8"]),
    (Area::SocialHistory, &["2.17"], &["29762-2"]),
];

/// A section of a document. It may hold very many entries, so what they ask of it is read once.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) node: Xml<'a>,
    pub(super) area: Area,
    /// What names it among the sections of its document: its code, else its title.
    pub(super) key: &'a str,
    /// How confidential it is.
    pub(super) labels: SensitivitySet,
    /// Whether it tells of someone other than the patient.
    pub(super) of_another: bool,
}

impl<'a> Section<'a> {
    fn of(node: Xml<'a>) -> Self {
        let code = node.at("code").and_then(|code| code.said("code"));
        let title = || node.at("title").and_then(|title| title.text()).map(str::trim);
        let known = AREAS.iter().find(|(_, templates, codes)| {
            code.is_some_and(|code| codes.contains(&code)) || templates.iter().any(|template| node.follows(template))
        });
        Self {
            node,
            area: known.map_or(Area::Other, |(area, ..)| *area),
            key: code.or_else(title).unwrap_or(""),
            labels: confidentiality(node),
            of_another: node.at("subject").is_some(),
        }
    }

    /// Its narrative, where that is all it has, unless it says that it has no information.
    pub(super) fn only_text(&self) -> Option<Xml<'a>> {
        let told = self.node.null().is_none() && self.node.at("entry").is_none();
        self.node.at("text").filter(|_| told)
    }
}

/// All sections of a document in its order, those inside other sections too.
pub(super) fn sections<'a>(root: Xml<'a>) -> Vec<Section<'a>> {
    let Some(body) = root.path("component/structuredBody") else { return Vec::new() };
    let inside = |node: Xml<'a>| {
        let holder = node.parent().filter(|parent| parent.called() == "component");
        node.is_element() && node.called() == "section" && holder.is_some()
    };
    body.descendants().filter(|node| inside(*node)).map(Section::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    fn areas(xml: &str) -> Vec<(Area, String)> {
        with_element(xml, |_, node| {
            sections(node).iter().map(|section| (section.area, section.key.to_owned())).collect()
        })
    }

    #[test]
    fn sections_are_known_by_template_or_by_code() {
        let section = |inside: &str| {
            format!(
                "<d><component><structuredBody><component><section>{inside}</section></component></structuredBody></component></d>"
            )
        };
        for (inside, area, key) in [
            ("<templateId root='2.16.840.1.113883.10.20.22.2.3.1'/>", Area::Results, ""),
            (
                "<templateId root='1.2'/><templateId root='2.16.840.1.113883.10.20.22.2.3' extension='2015-08-01'/>",
                Area::Results,
                "",
            ),
            ("<code code='30954-2'/>", Area::Results, "30954-2"),
            ("<code code='29549-3'/>", Area::Medications, "29549-3"),
            ("<code code='0-0'/><title>Odd</title>", Area::Other, "0-0"),
            ("<title> Odd </title>", Area::Other, "Odd"),
        ] {
            assert_eq!(areas(&section(inside)), [(area, key.to_owned())], "{inside}");
        }
        let nested = section("<code code='8716-3'/><component><section><code code='48765-2'/></section></component>");
        let found: Vec<Area> = areas(&nested).into_iter().map(|(area, _)| area).collect();
        assert_eq!(found, [Area::VitalSigns, Area::Allergies]);
    }
}
