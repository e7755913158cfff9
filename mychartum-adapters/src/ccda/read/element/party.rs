//! Who took part, and where: authors, performers, places (HL7 CDA R2, section 4.3.5 and the clinical statement's participants).

use mychartum_core::chart::Party;
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::text::Label;

use super::person::name_line;
use super::timestamp::interval;
use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};

/// Who wrote it; nobody where no name was given.
pub(crate) fn authors<'a>(page: &Page<'a>, node: Xml<'a>) -> Vec<Party> {
    parties(node.all("author").filter_map(|author| role(page, author.at("assignedAuthor")?)))
}

/// Who did it.
pub(crate) fn performers<'a>(page: &Page<'a>, node: Xml<'a>) -> Vec<Party> {
    parties(node.all("performer").filter_map(|performer| role(page, performer.at("assignedEntity")?)))
}

/// Where it was done: participants of type location.
pub(crate) fn places<'a>(page: &Page<'a>, node: Xml<'a>) -> Vec<Party> {
    let places = node.all("participant").filter(|participant| participant.said("typeCode") == Some("LOC"));
    parties(places.filter_map(|place| {
        let role = place.at("participantRole")?;
        let named = role.path("playingEntity/name").and_then(|name| page.label(name));
        named.or_else(|| role.at("code").and_then(|code| Label::clipped(code.said("displayName")?)))
    }))
}

/// When its first author wrote it.
pub(crate) fn first_time(node: Xml<'_>) -> Option<PartialDate> {
    node.all("author").find_map(|author| interval(author.at("time")?).start)
}

/// The name that a role goes by: its person's, its device's, or its organization's.
fn role<'a>(page: &Page<'a>, role: Xml<'a>) -> Option<Label> {
    let people = role.inside().filter(|child| matches!(child.called(), "assignedPerson" | "associatedPerson"));
    let person = people.flat_map(|person| person.all("name")).find_map(|name| name_line(page, name));
    let device = || page.label(role.path("assignedAuthoringDevice/softwareName")?);
    let organization = || page.label(role.path("representedOrganization/name")?);
    person.or_else(device).or_else(organization)
}

/// The most parties that one statement names; more are no help to anyone.
const MOST: usize = 64;

fn parties(names: impl Iterator<Item = Label>) -> Vec<Party> {
    let mut all: Vec<Party> = Vec::new();
    for name in names {
        let party = Party { name: Some(name), at: None };
        if all.len() < MOST && !all.contains(&party) {
            all.push(party);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    #[test]
    fn people_stand_before_their_organizations() {
        let xml = "<act><author><time value='2019'/><assignedAuthor><assignedPerson><name><prefix>Dr.</prefix><given>A</given><family>B</family></name></assignedPerson>\
            <representedOrganization><name>Clinic</name></representedOrganization></assignedAuthor></author>\
            <author><assignedAuthor><assignedAuthoringDevice><softwareName>EHR</softwareName></assignedAuthoringDevice></assignedAuthor></author>\
            <author><assignedAuthor><assignedPerson><name nullFlavor='NA'/></assignedPerson></assignedAuthor></author>\
            <performer><assignedEntity><representedOrganization><name>Lab</name></representedOrganization></assignedEntity></performer>\
            <participant typeCode='LOC'><participantRole><playingEntity><name>Ward 3</name></playingEntity></participantRole></participant></act>";
        with_element(xml, |page, node| {
            let shown = |parties: Vec<Party>| parties.iter().map(|party| party.shown().to_owned()).collect::<Vec<_>>();
            assert_eq!(shown(authors(page, node)), ["Dr. A B", "EHR"]);
            assert_eq!(shown(performers(page, node)), ["Lab"]);
            assert_eq!(shown(places(page, node)), ["Ward 3"]);
            assert_eq!(first_time(node).unwrap().as_str(), "2019");
        });
    }
}
