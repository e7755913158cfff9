//! One message: from its segments to its parcels.

use mychartum_core::chart::{Attachment, DocumentReference, SourceRef, Stage, View};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{PartialDate, Sensitivity, SensitivitySet};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};
use sha2::{Digest, Sha256};

use crate::hl7v2::{Message, NoticeKind, Segment, Segments};

use super::element::{attached, concept, order_number, time};
use super::labels::labels;
use super::scene::{Scene, source_ref};
use super::settings::{Introduce, MAPPING, SourceSettings};
use super::view::{
    Document, Status, appointment, document, encounter, immunization, medication, observation, patient, report,
    stage_of, stage_of_report,
};

/// Segments that say something about the message and its routing, and nothing about the patient.
pub(super) const ROUTING: [&str; 11] = ["MSH", "EVN", "SFT", "UAC", "DSC", "ADD", "BHS", "BTS", "FHS", "FTS", "RGS"];

/// What a message says, one parcel each: the patient first, then visits, results, appointments and so on in their order, and at
/// the end one for all segments that there is no view for.
///
/// Each segment that says something about a patient is in the original of at least one parcel, so that nothing is lost. A
/// message that cannot be used is one parcel, whole. `document` and `entry` say where in a delivery the first parcel stands.
#[must_use]
pub fn parcels_of(message: &Message<'_>, settings: &SourceSettings, document: u32, entry: u64) -> Vec<Parcel> {
    let mut out = Out {
        context: Vec::new(),
        document,
        next: entry,
        all: Vec::new(),
        used: vec![false; message.segments().count()],
    };
    let whole = |out: &mut Out<'_>, reason: Reason| {
        let resource = format!("{}^{}", message.code(), message.event());
        out.push(&resource, Reading::Unusable(reason), message.as_bytes().to_vec());
    };
    if !settings.processing.takes(message) {
        whole(&mut out, Reason::NotProduction);
        return out.all;
    }
    if message.notices().iter().any(|notice| notice.kind == NoticeKind::SegmentInText) {
        whole(&mut out, Reason::MixedLineEnds);
        return out.all;
    }
    let scene = Scene::of(message, settings);
    let known = match (scene.code.as_str(), scene.event.as_str()) {
        ("ADT", event) => is_about_one(event),
        ("ORU" | "VXU" | "RDE" | "OMP", _) => true,
        // S23 to S25 are about slots of a schedule and not about anybody's appointment.
        ("SIU", event) => !matches!(event, "S23" | "S24" | "S25"),
        ("MDM", event) => !matches!(event, "T01" | "T03" | "T05" | "T07"),
        _ => false,
    };
    if !known {
        whole(&mut out, Reason::UnsupportedType);
        return out.all;
    }
    person(&scene, &mut out);
    match scene.code.as_str() {
        "ORU" => reports(&scene, &mut out),
        "SIU" => schedule(&scene, &mut out),
        "VXU" => vaccines(&scene, &mut out),
        "RDE" | "OMP" => prescriptions(&scene, &mut out),
        "MDM" => documents(&scene, &mut out),
        _ => (),
    }
    rest(&scene, &mut out);
    out.all
}

/// Events of ADT that say something about one person. Those that tie two together, or take one away, are set aside whole.
fn is_about_one(event: &str) -> bool {
    matches!(
        event,
        "A01"
            | "A02"
            | "A03"
            | "A04"
            | "A05"
            | "A06"
            | "A07"
            | "A08"
            | "A10"
            | "A11"
            | "A12"
            | "A13"
            | "A14"
            | "A16"
            | "A21"
            | "A22"
            | "A23"
            | "A25"
            | "A26"
            | "A27"
            | "A28"
            | "A31"
            | "A38"
            | "A60"
    )
}

/// The parcels so far, and which segments are in one.
struct Out<'m> {
    /// Segments that stand before what they are about, for the original of the next parcel that is more than a line of it.
    context: Vec<Segment<'m>>,
    document: u32,
    next: u64,
    all: Vec<Parcel>,
    used: Vec<bool>,
}

impl<'m> Out<'m> {
    fn push(&mut self, resource: &str, reading: Reading, original: Vec<u8>) {
        let place = Place { document: self.document, entry: Some(self.next) };
        self.next += 1;
        self.all.push(Parcel { place, resource: resource.into(), reading, original });
    }

    /// The bytes of segments, one after the other, which are then in a parcel.
    fn original(&mut self, segments: impl IntoIterator<Item = Segment<'m>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for segment in segments {
            self.mark(&segment);
            bytes.extend_from_slice(segment.raw());
            bytes.push(b'\r');
        }
        bytes
    }

    /// The same, with what stands before them.
    fn original_in_context(&mut self, segments: impl IntoIterator<Item = Segment<'m>>) -> Vec<u8> {
        let context = core::mem::take(&mut self.context);
        let context: Vec<Segment<'m>> = context.into_iter().chain(segments).collect();
        self.original(context)
    }

    fn mark(&mut self, segment: &Segment<'_>) {
        if let Some(used) = self.used.get_mut(segment.number()) {
            *used = true;
        }
    }
}

/// An item of the message's patient.
///
/// What restricts a message restricts all items of it but the patient: it says nothing about who somebody is.
fn item(scene: &Scene<'_>, stage: Stage, at: Found, read: impl FnOnce() -> Result<View, Reason>) -> Reading {
    let read = || {
        let view = read()?;
        let of_message = if matches!(view, View::Patient(_)) { SensitivitySet::NONE } else { scene.restricted };
        Ok(Reading::Item {
            identity: at.identity?,
            version: scene.version(stage, at.changed),
            subject: scene.subject.clone()?,
            view,
            mapping: MAPPING,
            labels: at.labels.or(of_message),
        })
    };
    read().unwrap_or_else(Reading::Unusable)
}

/// What names an item and dates it, and the labels that its own segments give it.
struct Found {
    identity: Result<SourceRef, Reason>,
    changed: Option<PartialDate>,
    labels: SensitivitySet,
}

/// The patient and, where the message is about one, the visit.
fn person<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let is_adt = scene.code == "ADT";
    let zone = scene.settings.zone;
    let recorded = segments.find_named("EVN").and_then(|evn| time(evn.field(2), zone));
    let pv1 = segments.find_named("PV1");
    let pv2 = segments.find_named("PV2");
    out.context.extend(segments.named("ARV"));
    let is_of_visit = is_adt && !matches!(scene.event.as_str(), "A28" | "A31" | "A60");
    let visit = scene.visit.clone().filter(|_| is_of_visit);
    if let Some(pid) = segments.find_named("PID") {
        if is_adt || scene.settings.introduce == Introduce::AnyMessage {
            // What other messages say of a person never takes the place of what ADT said.
            let stage = if is_adt { Stage::Settled } else { Stage::Preliminary };
            let at = Found { identity: scene.subject.clone(), changed: recorded.clone(), labels: SensitivitySet::NONE };
            let reading = item(scene, stage, at, || Ok(patient(scene, &pid).into()));
            let unnamed = pv1.into_iter().chain(pv2).filter(|_| is_adt && visit.is_none());
            let original = out.original([pid].into_iter().chain(segments.find_named("PD1")).chain(unnamed));
            out.push("Patient", reading, original);
        } else {
            out.context.extend([pid].into_iter().chain(segments.find_named("PD1")));
        }
    }
    let Some(pv1) = pv1 else { return };
    if let Some(visit) = visit {
        // PV2-22: the visit itself is protected.
        let is_protected = pv2.is_some_and(|pv2| pv2.field(22).text().trim().eq_ignore_ascii_case("Y"));
        let labels = if is_protected { SensitivitySet::of(&[Sensitivity::Restricted]) } else { SensitivitySet::NONE };
        let at = Found { identity: Ok(visit), changed: recorded, labels };
        let reading = item(scene, Stage::Unsaid, at, || Ok(encounter(scene, &pv1).into()));
        let original = out.original_in_context([pv1].into_iter().chain(pv2));
        out.push("Encounter", reading, original);
    } else if !is_adt {
        out.context.extend([pv1].into_iter().chain(pv2));
    }
}

/// What heads groups of results: an order, or what was asked for.
const ORDERS: [&str; 2] = ["ORC", "OBR"];

/// Reports with their results.
fn reports<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let all = scene.message.segments();
    for group in all.groups(&ORDERS) {
        let Some(head) = group.head() else { continue };
        if head.is("ORC") {
            // An order says who asked; its labels reach the results below it. What else stands behind it goes with it.
            out.context.extend(group);
            continue;
        }
        let labels = labels_before(&all, &head);
        one_report(scene, &head, group, labels, out);
    }
}

/// The labels of the order that stands right before a segment (ORC-28, HL7 table 0177).
fn labels_before(all: &Segments<'_>, head: &Segment<'_>) -> SensitivitySet {
    let before = all.filter(|segment| segment.number() < head.number() && (segment.is("ORC") || segment.is("OBR")));
    let order = before.last().filter(|segment| segment.is("ORC"));
    order.map_or(SensitivitySet::NONE, |orc| labels(&orc.field(28).component(1).text()))
}

fn one_report<'m>(
    scene: &Scene<'m>,
    obr: &Segment<'m>,
    group: Segments<'m>,
    labels: SensitivitySet,
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
        let name = format!("{}|{}", first.field(3).component(1).text().trim(), first.field(4).text().trim());
        let name = format!(
            "{key}|{}",
            if name.starts_with('|') { format!("{}{name}", first.field(3).component(2).text().trim()) } else { name }
        );
        let times = names.iter().filter(|known| **known == name).count();
        names.push(name.clone());
        let identity = source_ref("Observation", &if times == 0 { name } else { format!("{name}#{}", times + 1) });
        let original = out.original(
            [*obr]
                .into_iter()
                .chain(own.iter().flat_map(|line| [*line].into_iter().chain(line.followed_by("NTE"))))
                .chain(spm),
        );
        if matches!(kind.as_str(), "ED" | "RP") {
            match attached(&kind, &first.field(5).repetition(1)) {
                // A file that was taken back or never made is in the original, and is not presented.
                Ok(_) if !Status::of(first, Some(obr)).is_there() => (),
                Ok(file) => {
                    let title = Some(concept(&first.field(3).repetition(1))).filter(|title| !title.is_empty());
                    let title = title.and_then(|title| Label::clipped(title.shown()));
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
    let original = out.original_in_context(group);
    out.push("DiagnosticReport", reading, original);
}

/// Whether a segment is a further line of a text: the same code and sub-id, and a text too.
fn is_line_of(first: &Segment<'_>, next: &Segment<'_>) -> bool {
    let same = |field: usize| first.field(field).raw() == next.field(field).raw();
    same(2) && same(3) && same(4) && same(11)
}

/// What names an order: the filler's number, else the placer's, each with what was asked for; else whose it is, what, and when.
fn order_key(scene: &Scene<'_>, obr: &Segment<'_>) -> String {
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
fn digits(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The appointment.
fn schedule<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let mut all = segments.named("SCH");
    let (Some(sch), None) = (all.next(), all.next()) else { return };
    let name = order_number(sch.field(2)).map(|id| format!("f|{id}"));
    let name = name.or_else(|| order_number(sch.field(1)).map(|id| format!("p|{id}"))).ok_or(Reason::NoIdentity);
    let identity = name.and_then(|name| source_ref("Appointment", &name));
    let at = Found { identity, changed: None, labels: SensitivitySet::NONE };
    let reading = item(scene, Stage::Unsaid, at, || Ok(appointment(scene, &sch).into()));
    let parts =
        segments.filter(|segment| ["SCH", "TQ1", "AIS", "AIG", "AIL", "AIP"].iter().any(|name| segment.is(name)));
    let parts = parts.flat_map(|segment| [segment].into_iter().chain(segment.followed_by("NTE")));
    let original = out.original_in_context(parts);
    out.push("Appointment", reading, original);
}

/// Vaccines.
fn vaccines<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let all = scene.message.segments();
    let mut names: Vec<String> = Vec::new();
    for group in all.groups(&["RXA"]) {
        let group = group.before(&["ORC"]);
        let Some(rxa) = group.head() else { continue };
        let orders = all.filter(|segment| segment.number() < rxa.number() && (segment.is("ORC") || segment.is("RXA")));
        let order = orders.last().filter(|segment| segment.is("ORC"));
        let vaccine = rxa.field(5).component(1).text();
        let whose = scene.subject.as_ref().map_or("", |subject| subject.id.as_str());
        // Registries write 9999 where there is no order (CDC's guide for HL7 v2.5.1 immunization messaging, ORC-3): it names nothing.
        let name = order.and_then(|orc| order_number(orc.field(3))).filter(|id| !id.ends_with("|9999"));
        let name = name.map_or_else(
            || format!("c|{}|{}|{}", digits(whose), vaccine.trim(), rxa.field(3).text()),
            |id| format!("f|{id}|{}", vaccine.trim()),
        );
        let times = names.iter().filter(|known| **known == name).count();
        names.push(name.clone());
        let name = if times == 0 { name } else { format!("{name}#{}", times + 1) };
        let labels = order.map_or(SensitivitySet::NONE, |orc| labels(&orc.field(28).component(1).text()));
        let at = Found { identity: source_ref("Immunization", &name), changed: None, labels };
        let reading = item(scene, Stage::Unsaid, at, || {
            let view = immunization(scene, &rxa, group);
            if view.vaccine.is_empty() { Err(Reason::Missing("RXA-5")) } else { Ok(view.into()) }
        });
        let original = out.original_in_context(order.into_iter().chain(group));
        out.push("Immunization", reading, original);
    }
}

/// Prescriptions.
fn prescriptions<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    for group in scene.message.segments().groups(&["ORC"]) {
        let Some(orc) = group.head() else { continue };
        let (rxe, rxo) = (group.find_named("RXE"), group.find_named("RXO"));
        if rxe.is_none() && rxo.is_none() {
            continue;
        }
        let name = order_number(orc.field(2)).map(|id| format!("p|{id}"));
        let name = name.or_else(|| order_number(orc.field(3)).map(|id| format!("f|{id}"))).ok_or(Reason::NoIdentity);
        let at = Found {
            identity: name.and_then(|name| source_ref("MedicationRequest", &name)),
            changed: time(orc.field(9), scene.settings.zone),
            labels: labels(&orc.field(28).component(1).text()),
        };
        let reading = item(scene, Stage::Unsaid, at, || {
            let view = medication(scene, &orc, (rxe.as_ref(), rxo.as_ref()));
            if view.medication.is_empty() { Err(Reason::Missing("RXE-2")) } else { Ok(view.into()) }
        });
        let own = ["ORC", "TQ1", "RXE", "RXO", "RXR", "RXC", "NTE"];
        let original = out.original_in_context(group.filter(|segment| own.iter().any(|name| segment.is(name))));
        out.push("MedicationRequest", reading, original);
    }
}

/// A document, and the one that it replaces.
fn documents<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let mut all = segments.named("TXA");
    let (Some(txa), None) = (all.next(), all.next()) else { return };
    // Psychiatric consultations, histories and examinations (HL7 table 0270) are that whether they are labelled or not.
    let kind = txa.field(2).component(1).text().trim().to_ascii_uppercase();
    let by_kind = if matches!(kind.as_str(), "PC" | "PH") { "PSY" } else { "" };
    let labels = labels(&txa.field(18).component(1).text()).or(labels(by_kind));
    let named = |field: usize| order_number(txa.field(field)).ok_or(Reason::NoIdentity);
    let refer = |name: Result<String, Reason>| name.and_then(|name| source_ref("DocumentReference", &name));
    let standing = Document::of(scene, &txa);
    let changed = segments.find_named("EVN").and_then(|evn| time(evn.field(2), scene.settings.zone));
    let at = Found { identity: refer(named(12)), changed: changed.clone(), labels };
    let reading = item(scene, Stage::Unsaid, at, || Ok(document(scene, &txa, standing)?.into()));
    let original = out.original(
        segments.filter(|segment| ["TXA", "OBR", "OBX", "NTE", "ORC", "CON"].iter().any(|name| segment.is(name))),
    );
    out.push("DocumentReference", reading, original);
    // T09 and T10 put a new document in the place of an old one.
    let replaces = matches!(scene.event.as_str(), "T09" | "T10") && !txa.field(13).is_blank();
    let is_other = txa.field(13).raw() != txa.field(12).raw();
    if replaces && is_other && standing == Document::Current {
        let at = Found { identity: refer(named(13)), changed, labels };
        let reading = item(scene, Stage::Unsaid, at, || {
            Ok(DocumentReference {
                content: Vec::new(),
                description: None,
                ..document(scene, &txa, Document::Superseded)?
            }
            .into())
        });
        let original = out.original([txa]);
        out.push("DocumentReference", reading, original);
    }
}

/// The segments that no view was made of, in one parcel.
fn rest<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let left = |segment: &Segment<'_>| {
        let used = out.used.get(segment.number()).copied().unwrap_or(false);
        !used && !ROUTING.iter().any(|name| segment.is(name))
    };
    let left: Vec<Segment<'_>> = scene.message.segments().filter(left).collect();
    if !left.is_empty() {
        let original = out.original(left);
        let resource = format!("{}^{}", scene.code, scene.event);
        out.push(&resource, Reading::Unusable(Reason::UnsupportedType), original);
    }
}
