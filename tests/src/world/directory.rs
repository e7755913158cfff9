//! Each site's directory: organisations, practitioners and places, in a Bundle of their own.

use super::bundle::Entry;
use super::clinician::Clinician;
use super::code::hl7;
use super::ids::Ids;
use super::node::{Node, list, object};
use super::site::{Place, Site};

/// The id of an organisation, as known at a site.
pub(super) fn organization_id(ids: Ids, site: Site, of: Site) -> String {
    ids.uuid(&format!("{}/organization/{}", site.key(), of.key()))
}

/// The id of a practitioner, as known at a site.
pub(super) fn practitioner_id(ids: Ids, site: Site, who: Clinician) -> String {
    ids.uuid(&format!("{}/practitioner/{}", site.key(), who.card().label))
}

/// The id of a place; only its own site knows it.
pub(super) fn location_id(ids: Ids, place: Place) -> String {
    ids.uuid(&format!("{}/location/{}", place.site().key(), place.name()))
}

/// The entries of a site's directory. Every site also lists the laboratory and its director.
pub(super) fn entries(ids: Ids, site: Site) -> Vec<Entry> {
    let organizations = Site::ALL
        .into_iter()
        .filter(|&of| of == site || of == Site::Northgate)
        .map(|of| Entry::new("Organization", organization_id(ids, site, of), organization(ids, site, of)));
    let practitioners = Clinician::ALL
        .into_iter()
        .filter(|who| who.is_known_at(site))
        .map(|who| Entry::new("Practitioner", practitioner_id(ids, site, who), practitioner(ids, site, who)));
    let places = Place::ALL
        .into_iter()
        .filter(|place| place.site() == site)
        .map(|place| Entry::new("Location", location_id(ids, place), location(ids, place)));
    organizations.chain(practitioners).chain(places).collect()
}

fn address(site: Site) -> Node {
    let (street, postal_code, _) = site.address();
    object! {
        "use": "work", "line": list![street], "city": "Millhaven Falls", "state": "NY",
        "postalCode": postal_code, "country": "US",
    }
}

fn telecom(site: Site) -> Node {
    let (_, _, phone) = site.address();
    list![
        object! { "system": "phone", "value": phone, "use": "work" },
        object! { "system": "email", "value": format!("front-desk@{}.example", site.key()), "use": "work" },
    ]
}

fn organization(ids: Ids, site: Site, of: Site) -> Node {
    object! {
        "resourceType": "Organization",
        "id": organization_id(ids, site, of),
        "meta": object! { "profile": list!["http://hl7.org/fhir/us/core/StructureDefinition/us-core-organization"] },
        "active": true,
        "type": list![hl7("organization-type", "prov", "Healthcare Provider")],
        "name": of.name(),
        "telecom": telecom(of),
        "address": list![address(of)],
    }
}

fn practitioner(ids: Ids, site: Site, who: Clinician) -> Node {
    let card = who.card();
    object! {
        "resourceType": "Practitioner",
        "id": practitioner_id(ids, site, who),
        "meta": object! { "profile": list!["http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner"] },
        "identifier": list![object! { "system": "http://hl7.org/fhir/sid/us-npi", "value": card.npi }],
        "active": true,
        "name": list![object! {
            "use": "official", "text": who.name(), "family": card.family,
            "given": list![card.given], "suffix": list![card.suffix],
        }],
        "telecom": telecom(card.home),
        "qualification": list![object! { "code": hl7("v2-0360/2.7", card.suffix.trim_end_matches("-C"), card.suffix) }],
    }
}

fn location(ids: Ids, place: Place) -> Node {
    let (code, name) = place.kind();
    let site = place.site();
    object! {
        "resourceType": "Location",
        "id": location_id(ids, place),
        "status": "active",
        "name": place.name(),
        "type": list![hl7("v3-RoleCode", code, name)],
        "telecom": telecom(site),
        "address": address(site),
        "managingOrganization": object! {
            "reference": format!("Organization/{}", organization_id(ids, site, site)), "display": site.name(),
        },
    }
}
