//! Finding elements in a clinical document: by local name, in the namespaces of HL7.

use roxmltree::Node;

/// An element of a document.
pub(super) type Xml<'a> = Node<'a, 'a>;

const CDA: &str = "urn:hl7-org:v3";
const SDTC: &str = "urn:hl7-org:sdtc";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The root of all templates of C-CDA: `.2.` sections and `.4.` entries follow.
const TEMPLATES: &str = "2.16.840.1.113883.10.20.22.";

/// Whether an element is a clinical document. Some senders leave the namespace out.
pub(super) fn is_clinical(root: Node<'_, '_>) -> bool {
    root.tag_name().name() == "ClinicalDocument" && matches!(root.tag_name().namespace(), Some(CDA) | None)
}

/// What readers ask of an element.
pub(super) trait Reach<'a>: Copy {
    /// Its children of CDA, whatever they are called.
    fn inside(self) -> impl Iterator<Item = Xml<'a>>;
    /// Its children of this name.
    fn all(self, name: &'static str) -> impl Iterator<Item = Xml<'a>>;
    /// The first child of this name.
    fn at(self, name: &'static str) -> Option<Xml<'a>>;
    /// The first element at the end of a path such as `consumable/manufacturedProduct`.
    fn path(self, path: &'static str) -> Option<Xml<'a>>;
    /// The first child of this name among the extensions of the Structured Documents committee.
    fn extension(self, name: &'static str) -> Option<Xml<'a>>;
    /// An attribute without blanks around, if it says anything.
    fn said(self, name: &'static str) -> Option<&'a str>;
    /// Why it says nothing, if it says so.
    fn null(self) -> Option<&'a str>;
    /// Its name.
    fn called(self) -> &'a str;
    /// The data type that it declares, without prefix.
    fn data_type(self) -> Option<&'a str>;
    /// Whether it follows a template of C-CDA, by what is after `2.16.840.1.113883.10.20.22.`, such as `4.2`.
    fn follows(self, template: &str) -> bool;
    /// Whether `negationInd` is set.
    fn negated(self) -> bool;
    /// The children of its `entryRelationship` and `component` elements.
    fn related(self) -> impl Iterator<Item = Xml<'a>>;
}

impl<'a> Reach<'a> for Xml<'a> {
    fn inside(self) -> impl Iterator<Item = Xml<'a>> {
        self.children().filter(|child| child.is_element() && matches!(child.tag_name().namespace(), Some(CDA) | None))
    }

    fn all(self, name: &'static str) -> impl Iterator<Item = Xml<'a>> {
        self.inside().filter(move |child| child.tag_name().name() == name)
    }

    fn at(self, name: &'static str) -> Option<Xml<'a>> {
        self.all(name).next()
    }

    fn path(self, path: &'static str) -> Option<Xml<'a>> {
        path.split('/').try_fold(self, |node, name| node.at(name))
    }

    fn extension(self, name: &'static str) -> Option<Xml<'a>> {
        self.children().find(|child| child.tag_name().name() == name && child.tag_name().namespace() == Some(SDTC))
    }

    fn said(self, name: &'static str) -> Option<&'a str> {
        self.attribute(name).map(str::trim).filter(|text| !text.is_empty())
    }

    fn null(self) -> Option<&'a str> {
        self.said("nullFlavor")
    }

    fn called(self) -> &'a str {
        self.tag_name().name()
    }

    fn data_type(self) -> Option<&'a str> {
        let declared = self.attribute((SCHEMA_INSTANCE, "type"))?.trim();
        Some(declared.rsplit(':').next().unwrap_or(declared))
    }

    fn follows(self, template: &str) -> bool {
        let roots = self.all("templateId").filter_map(|id| id.said("root"));
        roots.filter_map(|root| root.strip_prefix(TEMPLATES)).any(|known| known == template)
    }

    fn negated(self) -> bool {
        matches!(self.said("negationInd"), Some("true" | "1"))
    }

    fn related(self) -> impl Iterator<Item = Xml<'a>> {
        let ties = self.inside().filter(|child| matches!(child.tag_name().name(), "entryRelationship" | "component"));
        ties.flat_map(|tie| tie.inside().filter(|child| is_act(child.tag_name().name())))
    }
}

/// Whether a name is that of a clinical statement (HL7 CDA R2, section 4.3.6).
pub(super) fn is_act(name: &str) -> bool {
    matches!(
        name,
        "act"
            | "encounter"
            | "observation"
            | "observationMedia"
            | "organizer"
            | "procedure"
            | "regionOfInterest"
            | "substanceAdministration"
            | "supply"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    #[test]
    fn elements_are_found_by_name_and_namespace() {
        let text = "<act xmlns='urn:hl7-org:v3' xmlns:sdtc='urn:hl7-org:sdtc' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' negationInd='true'>\
            <sdtc:id root='9'/><id root=' 1 '/><templateId root='2.16.840.1.113883.10.20.22.4.2' extension='2015-08-01'/>\
            <templateId root='2.16.840.1.113883.10.20.22.4.30'/><code nullFlavor='UNK'/><value xsi:type='x:PQ' value=''/></act>";
        let document = Document::parse(text).unwrap();
        let act: Xml<'_> = document.root_element();
        assert_eq!(act.at("id").and_then(|id| id.said("root")), Some("1"));
        assert_eq!(act.extension("id").and_then(|id| id.said("root")), Some("9"));
        assert!(act.follows("4.2") && act.follows("4.30") && !act.follows("4.3"));
        assert!(act.negated() && !act.at("id").unwrap().negated());
        let value = act.at("value").unwrap();
        assert_eq!((value.data_type(), value.said("value")), (Some("PQ"), None));
        assert_eq!(act.at("code").and_then(Reach::null), Some("UNK"));
        assert!(act.path("id/code").is_none());
    }
}
