//! Who the patient is (PID).

use mychartum_core::chart::{Deceased, Identifier, Patient};
use mychartum_core::kernel::text::Label;

use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{address, contact, day, gender, identifier, name, time};
use crate::hl7v2::map::scene::Scene;

/// The patient of a message.
pub(crate) fn patient(scene: &Scene<'_>, pid: &Segment<'_>) -> Patient {
    let zone = scene.settings.zone;
    let own = pid.field(3).repetitions().filter_map(|id| identifier(&id, None));
    let older = [2, 4].into_iter().filter_map(|field| identifier(&pid.field(field).repetition(1), None));
    let social = identifier(&pid.field(19).repetition(1), Some("SS"));
    let mut identifiers: Vec<Identifier> = Vec::new();
    for id in own.chain(older).chain(social) {
        if !identifiers
            .iter()
            .any(|known| known.value == id.value && (id.system.is_none() || known.system == id.system))
        {
            identifiers.push(id);
        }
    }
    let home = pid.field(13).repetitions().filter_map(|number| contact(&number, "home"));
    let work = pid.field(14).repetitions().filter_map(|number| contact(&number, "work"));
    let said = pid.field(30).repetition(1).component(1).value();
    let deceased = match (time(pid.field(29), zone), said.as_deref().map(str::trim)) {
        // "Not dead" with a date of death says two things; neither is taken.
        (Some(_), Some("N")) => Deceased::Unstated,
        (Some(at), _) => Deceased::At(at),
        (None, Some("Y")) => Deceased::Yes,
        (None, Some("N")) => Deceased::No,
        (None, _) => Deceased::Unstated,
    };
    let language = pid.field(15).component(1).value();
    Patient {
        names: pid.field(5).repetitions().filter_map(|element| name(&element)).collect(),
        birth_date: day(pid.field(7), zone),
        gender: pid.field(8).component(1).value().map(|code| gender(&code)),
        identifiers,
        contacts: home.chain(work).collect(),
        addresses: pid.field(11).repetitions().filter_map(|element| address(&element)).collect(),
        languages: language.and_then(|text| Label::clipped(text.trim())).into_iter().collect(),
        deceased,
        active: None,
    }
}
