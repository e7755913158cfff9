//! What organizers, concerns and visits lend to what stands in them.

use mychartum_core::chart::{Party, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{PartialDate, SensitivitySet};

use super::{start, status};
use crate::ccda::read::element::{authors, concept, first_time, performers};
use crate::ccda::read::header::annotated;
use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};

/// Acts that hold the diagnoses of a visit or stay.
const DIAGNOSES: [&str; 5] = ["4.33", "4.34", "4.51", "4.65", "4.80"];

/// An organizer, a concern, a diagnosis or a visit. It may hold very many statements, so what they ask of it is read once.
pub(crate) struct Outer<'a> {
    pub(crate) node: Xml<'a>,
    pub(super) status: &'a str,
    pub(super) start: Option<PartialDate>,
    /// Who did it, else who wrote it.
    pub(super) performers: Vec<Party>,
    pub(super) specimen: Option<Party>,
    pub(super) recorded: Option<PartialDate>,
    pub(super) recorder: Option<Party>,
    /// Whether it holds the diagnoses of a visit or stay.
    pub(super) diagnoses: bool,
    /// What it is called, where it is a visit.
    pub(super) visit: Option<SourceRef>,
    /// What its privacy annotations mean.
    pub(crate) labels: SensitivitySet,
}

impl<'a> Outer<'a> {
    pub(crate) fn of(page: &Page<'a>, node: Xml<'a>, visit: Option<SourceRef>) -> Self {
        let writers = authors(page, node);
        let recorder = writers.first().cloned();
        let doers = performers(page, node);
        Self {
            node,
            status: status(node),
            start: start(node),
            performers: if doers.is_empty() { writers } else { doers },
            specimen: specimen(page, node),
            recorded: first_time(node),
            recorder,
            diagnoses: visit.is_some() || DIAGNOSES.iter().any(|template| node.follows(template)),
            visit,
            labels: annotated(node),
        }
    }
}

/// What was examined: the kind of specimen.
pub(super) fn specimen<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<Party> {
    let entity = node.path("specimen/specimenRole/specimenPlayingEntity")?;
    let coded = entity.at("code").and_then(|code| Label::clipped(concept(page, code).shown()));
    Some(Party { name: Some(coded.or_else(|| page.label(entity.at("name")?))?), at: None })
}
