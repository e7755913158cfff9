//! Reading a pack's topics: groups of codes with a name.

use super::error::PackErrorKind;
use super::form::{Fault, Form, Text, once};
use super::known::Known;
use super::policy_pack::Source;
use super::topic::{Topic, TopicSet};
use crate::kernel::code::CodeSystem;

/// The most codes of a topic.
const CODES_MOST: usize = 1000;
/// The longest code.
const CODE_MOST: usize = 48;

const SYSTEMS: [(&str, CodeSystem); 6] = [
    ("loinc", CodeSystem::Loinc),
    ("snomed", CodeSystem::SnomedCt),
    ("rxnorm", CodeSystem::RxNorm),
    ("cvx", CodeSystem::Cvx),
    ("icd10cm", CodeSystem::Icd10Cm),
    ("icd10", CodeSystem::Icd10),
];

pub(super) fn read(root: &mut Form<'_>, sources: &[Source]) -> Result<Vec<Topic>, Fault> {
    let known = Known { sources, topics: &[], templates: &[] };
    let (mut topics, mut names) = (Vec::new(), Vec::new());
    for mut form in root.tables("topic", TopicSet::MOST)? {
        let name = form.name("name")?;
        topics.push(Topic { name: name.get_ref().clone(), codes: codes(&mut form)?, cite: known.cite(&mut form)? });
        names.push(name);
        form.end()?;
    }
    once("name", &names)?;
    Ok(topics)
}

fn codes(form: &mut Form<'_>) -> Result<Vec<(CodeSystem, Box<str>)>, Fault> {
    let texts = form.texts("codes")?;
    if texts.is_empty() {
        return Err(form.fault(PackErrorKind::Empty { key: "codes" }));
    }
    if let Some(extra) = texts.get(CODES_MOST) {
        return Err(Fault::new(extra.span().start, PackErrorKind::TooMany { key: "codes", most: CODES_MOST }));
    }
    let codes = texts.iter().map(code).collect::<Result<_, _>>()?;
    once("codes", &texts)?;
    Ok(codes)
}

fn code(text: &Text<'_>) -> Result<(CodeSystem, Box<str>), Fault> {
    let read = || {
        let (system, code) = text.get_ref().split_once(' ')?;
        let (_, system) = SYSTEMS.iter().find(|(name, _)| *name == system)?;
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
        (plain && !code.is_empty() && code.len() <= CODE_MOST).then(|| (system.clone(), code.into()))
    };
    read().ok_or_else(|| Fault::new(text.span().start, PackErrorKind::NotACode))
}
