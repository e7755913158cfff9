//! The Patient resource, which opens every bundle of a person.

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::code::Code;
use super::node::{Node, list, object};
use super::person::Role;

const RACE_AND_ETHNICITY: &str = "urn:oid:2.16.840.1.113883.6.238";

impl Chart {
    /// Adds the patient as this site knows the person.
    pub(super) fn patient(&mut self, role: Role) {
        let who = role.identity();
        let (language, language_name) = who.language;
        let number = format!("{}-{:06}", self.site.mrn_prefix(), self.dice("mrn").between(100_000, 999_999));
        let fact = Fact {
            kind: "Patient",
            label: "self",
            version: 1,
            recorded: Moment::at(self.calendar().days_ago(4), 22, 15),
            profile: "patient",
            labels: &[],
        };
        let body = object! {
            "extension": extensions(role),
            "identifier": list![object! {
                "use": "usual",
                "type": super::code::hl7("v2-0203", "MR", "Medical record number"),
                "system": format!("{}/mrn", self.site.base()),
                "value": number,
            }],
            "active": true,
            "name": list![object! {
                "use": "official", "text": format!("{} {}", who.given, who.family),
                "family": who.family, "given": list![who.given],
            }],
            "telecom": list![
                object! { "system": "phone", "value": who.phone, "use": "mobile" },
                object! { "system": "email", "value": format!("{}@household.example", who.username), "use": "home" },
            ],
            "gender": who.gender,
            "birthDate": role.birth_date(self.calendar()).to_string(),
            "address": list![object! {
                "use": "home", "line": list!["9 Quince Court", "Upper flat"], "city": "Millhaven Falls",
                "state": "NY", "postalCode": "00001", "country": "US",
            }],
            "contact": list![contact(role)],
            "communication": list![object! {
                "language": Code::new("urn:ietf:bcp:47", language, language_name).concept(), "preferred": true,
            }],
            "managingOrganization": self.organization(self.site),
        };
        self.add(&fact, body);
    }
}

fn extensions(role: Role) -> Vec<Node> {
    let hispanic = Code::new(RACE_AND_ETHNICITY, "2135-2", "Hispanic or Latino");
    let other = Code::new(RACE_AND_ETHNICITY, "2131-1", "Other Race");
    let black = Code::new(RACE_AND_ETHNICITY, "2054-5", "Black or African American");
    let (race, race_text) = match role {
        Role::Grandmother | Role::Daughter => (vec![other], "Mestiza"),
        Role::Teenager | Role::Toddler => (vec![black, other], "Black and mestizo"),
    };
    let omb = |code: Code| object! { "url": "ombCategory", "valueCoding": code.coding() };
    let text = |text: &str| object! { "url": "text", "valueString": text };
    let race: Vec<Node> = race.into_iter().map(omb).chain([text(race_text)]).collect();
    vec![
        object! { "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": race },
        object! {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity",
            "extension": list![omb(hispanic), text("Hispanic or Latino")],
        },
        object! {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
            "valueCode": if role.identity().gender == "male" { "M" } else { "F" },
        },
    ]
}

/// The person to call: the daughter for the others, the grandmother for her.
fn contact(role: Role) -> Node {
    let (who, code, relation) = match role {
        Role::Grandmother => (Role::Daughter, "DAU", "natural daughter"),
        Role::Daughter => (Role::Grandmother, "MTH", "mother"),
        Role::Teenager | Role::Toddler => (Role::Daughter, "MTH", "mother"),
    };
    let other = who.identity();
    object! {
        "relationship": list![super::code::hl7("v3-RoleCode", code, relation)],
        "name": object! { "family": other.family, "given": list![other.given] },
        "telecom": list![object! { "system": "phone", "value": other.phone, "use": "mobile" }],
    }
}
