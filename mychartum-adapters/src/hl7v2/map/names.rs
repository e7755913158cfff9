//! Names for what messages give no name of its own.

use sha2::{Digest, Sha256};

use super::element::{concept, order_number};
use super::scene::Scene;
use crate::hl7v2::Segment;

/// What names an order: the filler's number, else the placer's, each with what was asked for; else whose it is, what, and when.
pub(super) fn order_key(scene: &Scene<'_>, obr: &Segment<'_>) -> String {
    let asked = concept(&obr.field(4).repetition(1));
    let asked =
        asked.codings.first().map_or_else(|| asked.shown().to_owned(), |coding| coding.code.as_str().to_owned());
    if let Some(filler) = order_number(obr.field(3)) {
        return format!("f|{filler}|{asked}");
    }
    if let Some(placer) = order_number(obr.field(2)) {
        return format!("p|{placer}|{asked}");
    }
    let whose = scene.subject.as_ref().map_or("", |subject| subject.id.as_str());
    format!("c|{}|{asked}|{}", digits(whose), obr.field(7).text())
}

/// A short name made of a text.
pub(super) fn digits(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A name, and its number behind it where it was given before.
pub(super) fn another(given: &mut Vec<String>, name: String) -> String {
    let times = given.iter().filter(|known| **known == name).count();
    given.push(name.clone());
    if times == 0 { name } else { format!("{name}#{}", times + 1) }
}
