//! One person's record at one site while it is being written.

use super::bundle::{Entry, Naming, collection};
use super::calendar::{Calendar, Moment};
use super::clinician::Clinician;
use super::code::Code;
use super::delivery::Delivery;
use super::dice::Dice;
use super::directory::{location_id, organization_id, practitioner_id};
use super::ids::Ids;
use super::node::{Node, list, object};
use super::person::Role;
use super::site::{Place, Site};

/// What makes the ids, the dates and the dice of one world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) seed: u64,
    pub(super) calendar: Calendar,
    pub(super) ids: Ids,
}

/// A record that grows by one resource at a time. The builders of each kind of resource are in files of their own.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) frame: Frame,
    pub(super) site: Site,
    who: &'static str,
    turn: Turn,
    entries: Vec<Entry>,
}

/// Whether a bundle opens the record or follows an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The first delivery: everything known so far.
    First,
    /// A later delivery: the patient again, and only what changed.
    Later,
}

/// What all resources of a record share.
#[derive(Debug)]
pub(super) struct Fact<'a> {
    /// The resource type.
    pub(super) kind: &'static str,
    /// Names the resource within this record; its id follows from it.
    pub(super) label: &'a str,
    /// `meta.versionId`; 1 unless the source has changed its mind.
    pub(super) version: i64,
    /// When this version was written down.
    pub(super) recorded: Moment,
    /// The last part of the US Core profile's address, or nothing.
    pub(super) profile: &'static str,
    /// Sensitivity labels.
    pub(super) labels: &'a [Code],
}

impl Chart {
    /// A record that holds the patient and nothing else yet.
    pub(super) fn open(frame: Frame, site: Site, role: Role, turn: Turn) -> Self {
        let mut chart = Self { frame, site, who: role.word(), turn, entries: Vec::new() };
        chart.patient(role);
        chart
    }

    /// The id that a site gives to the patient of a role.
    pub(super) fn patient_id_at(frame: Frame, site: Site, role: Role) -> String {
        Self { frame, site, who: role.word(), turn: Turn::First, entries: Vec::new() }.patient_id()
    }

    /// The day on which the world is looked at.
    pub(super) const fn calendar(&self) -> Calendar {
        self.frame.calendar
    }

    /// A stream of dice of this record.
    pub(super) fn dice(&self, label: &str) -> Dice {
        Dice::named(self.frame.seed, &self.path(label))
    }

    /// The id of a resource of this record.
    pub(super) fn id(&self, kind: &str, label: &str) -> String {
        self.frame.ids.uuid(&self.path(&format!("{kind}/{label}")))
    }

    /// The id of the patient at this site.
    pub(super) fn patient_id(&self) -> String {
        self.id("Patient", "self")
    }

    fn path(&self, label: &str) -> String {
        format!("{}/{}/{label}", self.site.key(), self.who)
    }

    /// A reference to another resource of this record.
    ///
    /// Real senders mix two forms, so this world does too: Riverside names patients, visits and results by `urn:uuid:`
    /// and the rest by type and id, Lakeside always by type and id, Northgate always by `urn:uuid:`. A later delivery
    /// may point at what an earlier one brought, so it never uses `urn:uuid:`, which is local to one bundle.
    pub(super) fn to(&self, kind: &str, id: &str) -> Node {
        let by_urn = match (self.turn, self.site) {
            (Turn::Later, _) | (_, Site::Lakeside) => false,
            (_, Site::Northgate) => true,
            (_, Site::Riverside) => matches!(kind, "Patient" | "Encounter" | "Observation"),
        };
        if by_urn {
            object! { "reference": format!("urn:uuid:{id}") }
        } else {
            object! { "reference": format!("{kind}/{id}") }
        }
    }

    /// A reference to the patient.
    pub(super) fn subject(&self) -> Node {
        self.to("Patient", &self.patient_id())
    }

    /// References to results of this record.
    pub(super) fn to_results(&self, ids: &[String]) -> Vec<Node> {
        ids.iter().map(|id| self.to("Observation", id)).collect()
    }

    /// A reference to a visit of this record, if there is one.
    pub(super) fn to_visit(&self, id: Option<&String>) -> Option<Node> {
        id.map(|id| self.to("Encounter", id))
    }

    /// A reference to an organisation in this site's directory.
    pub(super) fn organization(&self, of: Site) -> Node {
        let id = organization_id(self.frame.ids, self.site, of);
        object! { "reference": format!("Organization/{id}"), "display": of.name() }
    }

    /// A reference to a practitioner in this site's directory.
    pub(super) fn clinician(&self, who: Clinician) -> Node {
        let id = practitioner_id(self.frame.ids, self.site, who);
        object! { "reference": format!("Practitioner/{id}"), "display": who.name() }
    }

    /// A reference to a place in this site's directory.
    pub(super) fn place(&self, place: Place) -> Node {
        let id = location_id(self.frame.ids, place);
        object! { "reference": format!("Location/{id}"), "display": place.name() }
    }

    /// Adds a resource: type, id and meta from the fact, the rest from `body`, which must be an object.
    pub(super) fn add(&mut self, fact: &Fact<'_>, body: Node) -> String {
        let id = self.id(fact.kind, fact.label);
        let profile = (!fact.profile.is_empty())
            .then(|| format!("http://hl7.org/fhir/us/core/StructureDefinition/us-core-{}", fact.profile));
        let mut fields = vec![
            ("resourceType", Node::from(fact.kind)),
            ("id", Node::from(id.as_str())),
            (
                "meta",
                object! {
                    "versionId": fact.version.to_string(),
                    "lastUpdated": fact.recorded.text(),
                    "source": self.site.base(),
                    "profile": list![profile],
                    "security": fact.labels.iter().map(|label| label.coding()).collect::<Vec<_>>(),
                },
            ),
        ];
        if let Node::Object(rest) = body {
            fields.extend(rest);
        }
        self.entries.push(Entry::new(fact.kind, id.clone(), Node::Object(fields)));
        id
    }

    /// Whether this record opens or follows.
    pub(super) const fn turn(&self) -> Turn {
        self.turn
    }

    /// The record as one bundle.
    pub(super) fn into_delivery(self) -> Delivery {
        let naming = if self.site == Site::Lakeside || self.turn == Turn::Later {
            Naming::Base(self.site.base())
        } else {
            Naming::Urn
        };
        let number = if self.turn == Turn::First { 1 } else { 2 };
        let name = format!("{}-{}-{number}.json", self.site.key(), self.who);
        let at = Moment::at(self.calendar().today, 5, 25 + number);
        let text = collection(self.frame.ids, &name, at, naming, self.entries);
        Delivery { source: self.site.key(), name, text }
    }
}
