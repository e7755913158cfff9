//! Reports with their results (OBR, OBX), and the orders before them.

use mychartum_core::chart::{Attachment, SourceRef};
use mychartum_core::kernel::SensitivitySet;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::{Reading, Reason};

use super::element::{attached, concept, time};
use super::labels::labelled_before;
use super::names::{another, order_key};
use super::out::{Found, Out, item};
use super::scene::{Scene, source_ref};
use super::view::{Status, observation, report, stage_of, stage_of_report};
use crate::hl7v2::{Segment, Segments};

/// What heads groups of results: an order, or what was asked for.
const ORDERS: [&str; 2] = ["ORC", "OBR"];

/// Reports with their results.
pub(super) fn reports<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let all = scene.message.segments();
    for group in all.groups(&ORDERS) {
        let Some(head) = group.head() else { continue };
        if head.is("ORC") {
            // An order says who asked; its labels reach the results below it. What else stands behind it goes with it.
            out.context.extend(group);
            continue;
        }
        one_report(scene, &head, group, labelled_before(&all, &head), out);
    }
}

fn one_report<'m>(
    scene: &Scene<'m>,
    obr: &Segment<'m>,
    group: Segments<'m>,
    (order, labels): (Option<Segment<'m>>, SensitivitySet),
    out: &mut Out<'m>,
) {
    let zone = scene.settings.zone;
    let key = order_key(scene, obr);
    let spm = group.find_named("SPM");
    let changed = time(obr.field(22), zone);
    let mut results: Vec<SourceRef> = Vec::new();
    let mut files: Vec<Attachment> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let obx: Vec<Segment<'_>> = group.named("OBX").collect();
    let mut rest = obx.as_slice();
    while let [first, following @ ..] = rest {
        let kind = first.field(2).text().trim().to_ascii_uppercase();
        let lines = if matches!(kind.as_str(), "TX" | "FT") {
            following.iter().take_while(|next| is_line_of(first, next)).count()
        } else {
            0
        };
        let (own, after) = rest.split_at(lines + 1);
        rest = after;
        let name = format!("{key}|{}|{}", measured(first), first.field(4).text().trim());
        let identity = source_ref("Observation", &another(&mut names, name));
        let original = out.original(
            order
                .into_iter()
                .chain([*obr])
                .chain(own.iter().flat_map(|line| [*line].into_iter().chain(line.followed_by("NTE"))))
                .chain(spm),
        );
        if matches!(kind.as_str(), "ED" | "RP") {
            match attached(&kind, &first.field(5).repetition(1)) {
                // A file that was taken back or never made is in the original, and is not presented.
                Ok(_) if !Status::of(first, Some(obr)).is_there() => (),
                Ok(file) => {
                    let title = Label::clipped(concept(&first.field(3).repetition(1)).shown());
                    files.extend(file.map(|file| Attachment { title, ..file }));
                }
                Err(reason) => out.push("Observation", Reading::Unusable(reason), original),
            }
            continue;
        }
        let reading = match Status::of(first, Some(obr)) {
            Status::FinalWithoutValue => Reading::Unusable(Reason::Missing("OBX-5")),
            Status::Is(status) => {
                let at = Found { identity: identity.clone(), changed: changed.clone(), labels };
                item(scene, stage_of(status), at, || {
                    let view = observation(scene, status, own, (Some(obr), spm.as_ref()));
                    let view = view.ok_or(Reason::Missing("OBX"))?;
                    if view.code.is_empty() { Err(Reason::Missing("OBX-3")) } else { Ok(view.into()) }
                })
            }
        };
        if let (Reading::Item { .. }, Ok(identity)) = (&reading, identity) {
            results.push(identity);
        }
        out.push("Observation", reading, original);
    }
    let view = report(scene, obr, results, files);
    let at = Found { identity: source_ref("DiagnosticReport", &key), changed, labels };
    let reading = item(scene, stage_of_report(view.status), at, || Ok(view.into()));
    let original = out.original_in_context(order.into_iter().chain(group));
    out.push("DiagnosticReport", reading, original);
}

/// What names what was measured (OBX-3): its code and, where that is neither a laboratory's own nor LOINC, the system; without a code,
/// the words for it.
fn measured(obx: &Segment<'_>) -> String {
    let said = |number: usize| {
        let text = obx.field(3).component(number).value()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let coded = [1, 4].into_iter().find_map(|first| Some((said(first)?, said(first + 2))));
    match coded {
        Some((code, system)) => match system.map(|system| system.to_ascii_uppercase()) {
            Some(system) if !matches!(system.as_str(), "L" | "LN") => format!("{code}^{system}"),
            _ => code,
        },
        None => [2, 5].into_iter().find_map(said).unwrap_or_default(),
    }
}

/// Whether a segment is a further line of a text: the same code and sub-id, and a text too.
fn is_line_of(first: &Segment<'_>, next: &Segment<'_>) -> bool {
    let same = |field: usize| first.field(field).raw() == next.field(field).raw();
    same(2) && same(3) && same(4) && same(11)
}
