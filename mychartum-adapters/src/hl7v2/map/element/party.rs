//! Who took part and where (HL7 v2 `XCN`, `XON`, `PL`).

use mychartum_core::chart::Party;
use mychartum_core::kernel::text::Label;

use crate::hl7v2::{Field, Repetition};

/// The people in a field, by name; those of whom only a number is known are left out.
pub(crate) fn people(field: Field<'_>) -> Vec<Party> {
    let mut all: Vec<Party> = Vec::new();
    for party in field.repetitions().filter_map(|person| person_of(&person)) {
        if all.len() < MOST && !all.contains(&party) {
            all.push(party);
        }
    }
    all
}

/// The most people that one field names; more are no help to anyone.
const MOST: usize = 64;

fn person_of(person: &Repetition<'_>) -> Option<Party> {
    let part = |number: usize| {
        let text = person.component(number).subcomponent(1).value()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    // Prefix, given, further, family, suffix, in the order in which people say them.
    let names: Vec<String> = [6, 3, 4, 2, 5].into_iter().filter_map(part).collect();
    let called = if part(2).is_none() && part(3).is_none() {
        // Old senders write the name where the number belongs.
        part(1).filter(|text| !text.bytes().any(|byte| byte.is_ascii_digit()))?
    } else {
        names.join(" ")
    };
    Some(Party { name: Some(Label::clipped(&called)?), at: None })
}

/// An organization by its name.
pub(crate) fn organization(element: &Repetition<'_>) -> Option<Party> {
    Some(Party { name: Some(Label::clipped(&element.component(1).value()?)?), at: None })
}

/// A place: its description, else clinic or facility, and room.
pub(crate) fn place(element: &Repetition<'_>) -> Option<Party> {
    let part = |number: usize| {
        let text = element.component(number).subcomponent(1).value()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let described = part(9);
    let made = || {
        let parts: Vec<String> = [4, 1, 2].into_iter().filter_map(part).collect();
        Some(parts.join(", ")).filter(|text| !text.is_empty())
    };
    Some(Party { name: Some(Label::clipped(&described.or_else(made)?)?), at: None })
}
