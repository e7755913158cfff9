//! Deliveries of clinical documents through the public API: what is refused whole, what goes on, and what never panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::Write;

use mychartum_adapters::ccda::{CcdaDelivery, FileErrorKind, Input, Limits};
use mychartum_core::chart::{SourceRef, View};
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::{Parcel, Reading, Reason};

const NAMESPACES: &str =
    "xmlns='urn:hl7-org:v3' xmlns:sdtc='urn:hl7-org:sdtc' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";

const TARGET: &str = "<recordTarget><patientRole><id root='1.2' extension='p'/><addr><city>Springfield</city></addr>\
    <telecom value='tel:555'/><patient><name use='L'><given>Ada</given><family>Canary</family></name>\
    <administrativeGenderCode code='F'/><birthTime value='19750501'/></patient></patientRole></recordTarget>";

/// A document with something in every kind of section.
fn document() -> String {
    let t = |number: &str| format!("<templateId root='2.16.840.1.113883.10.20.22.{number}' extension='2015-08-01'/>");
    let section = |code: &str, text: &str, inside: &str| {
        format!(
            "<component><section><code code='{code}' codeSystem='2.16.840.1.113883.6.1'/><title>{code}</title><text>{text}</text>{inside}</section></component>"
        )
    };
    let value = |kind: &str, rest: &str| format!("<value xsi:type='{kind}' {rest}</value>");
    let result = format!(
        "<entry><organizer classCode='BATTERY' moodCode='EVN'>{}<id root='a1'/><code code='57021-8' displayName='CBC'/><statusCode code='completed'/>\
        <component><observation classCode='OBS' moodCode='EVN'>{}<id root='a2'/><code code='718-7' codeSystem='2.16.840.1.113883.6.1' displayName='Hb'/>\
        <statusCode code='completed'/><effectiveTime value='200803190830-0800'/>{}<interpretationCode code='N'/>\
        <referenceRange><observationRange><value xsi:type='IVL_PQ'><low value='12.0' unit='g/dL'/><high value='15.5' unit='g/dL'/></value></observationRange></referenceRange>\
        </observation></component><component><observation><code code='1' displayName='Odd'/>{}</observation></component></organizer></entry>",
        t("4.1"),
        t("4.2"),
        value("PQ", "value='13.20' unit='g/dL'>"),
        value("ST", ">&lt;0.01 ng/mL"),
    );
    let problem = format!(
        "<entry><act>{}<statusCode code='active'/><entryRelationship typeCode='SUBJ'><observation negationInd='false'>{}<id root='b1' extension='7'/>\
        <effectiveTime><low value='2012'/><high nullFlavor='UNK'/></effectiveTime>{}</observation></entryRelationship></act></entry>",
        t("4.3"),
        t("4.4"),
        value(
            "CD",
            "nullFlavor='OTH'><originalText><reference value='#p1'/></originalText><translation code='1' codeSystem='2.16.840.1.113883.6.96'/>"
        ),
    );
    let allergy = format!(
        "<entry><act>{}<entryRelationship><observation>{}{}<participant typeCode='CSM'><participantRole><playingEntity><code code='70618' displayName='Penicillin'/></playingEntity></participantRole></participant></observation></entryRelationship></act></entry>",
        t("4.30"),
        t("4.7"),
        value("CD", "code='416098002'>"),
    );
    let product = "<consumable><manufacturedProduct><manufacturedMaterial><code code='88' displayName='Thing'/><lotNumberText>1</lotNumberText></manufacturedMaterial></manufacturedProduct></consumable>";
    let medication = format!(
        "<entry><substanceAdministration moodCode='INT'>{}<statusCode code='active'/><effectiveTime xsi:type='IVL_TS'><low value='2011'/></effectiveTime>\
        <effectiveTime xsi:type='PIVL_TS' operator='A'><period value='6' unit='h'/></effectiveTime><doseQuantity value='2'/>{product}</substanceAdministration></entry>",
        t("4.16")
    );
    let vaccine = format!(
        "<entry><substanceAdministration negationInd='true'>{}<statusCode code='completed'/><effectiveTime value='199911'/>{product}</substanceAdministration></entry>",
        t("4.52")
    );
    let procedure = format!(
        "<entry><procedure>{}<code code='2' displayName='Colonoscopy'/><statusCode code='aborted'/></procedure></entry>",
        t("4.14")
    );
    let visit = format!(
        "<entry><encounter>{}<id root='c1'/><code code='99213'/><effectiveTime value='20120927'/></encounter></entry>",
        t("4.49")
    );
    let body = [
        section("30954-2", "Results", &result),
        section("11450-4", "<table><tr><td ID='p1'>Chest pain</td></tr></table>", &problem),
        section("48765-2", "Penicillin", &allergy),
        section("10160-0", "Thing", &medication),
        section("11369-6", "Thing", &vaccine),
        section("47519-4", "Colonoscopy", &procedure),
        section("46240-8", "Visit", &visit),
        section("10164-2", "Came <content styleCode='Bold'>walking</content>", ""),
        section("18776-5", "Plans", "<entry><observation moodCode='RQO'><code code='3'/></observation></entry>"),
    ];
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<ClinicalDocument {NAMESPACES}><id root='d1'/><code code='34133-9'/><title>Summary</title>\
        <effectiveTime value='20130815103000-0800'/><confidentialityCode code='N'/><languageCode code='en-US'/><setId root='s1'/><versionNumber value='2'/>{TARGET}\
        <author><time value='2013'/><assignedAuthor><assignedPerson><name>Dr. B</name></assignedPerson></assignedAuthor></author>\
        <relatedDocument typeCode='RPLC'><parentDocument><id root='d0'/></parentDocument></relatedDocument>\
        <component><structuredBody>{}</structuredBody></component></ClinicalDocument>",
        body.concat()
    )
}

fn open(documents: &[(&str, &[u8])], limits: Limits) -> CcdaDelivery {
    let inputs = documents.iter().map(|(name, bytes)| Input::bytes(name, *bytes)).collect();
    CcdaDelivery::open(inputs, limits, &mut |_| {})
}

fn kind_of(parcel: &Parcel) -> String {
    match &parcel.reading {
        Reading::Item { view, .. } => format!("{:?}", view.kind()),
        Reading::Unusable(reason) => reason.code().to_owned(),
        Reading::Directory(_) => "directory".to_owned(),
        Reading::Merge(_) => "merge".to_owned(),
    }
}

#[test]
fn every_kind_of_statement_becomes_a_parcel() {
    let delivery = open(&[("document", document().as_bytes())], Limits::default());
    assert!(delivery.refused().is_empty());
    let kinds: Vec<String> = delivery.parcels().map(|parcel| kind_of(&parcel)).collect();
    assert_eq!(
        kinds,
        [
            "Patient",
            "DocumentReference",
            "DocumentReference",
            "DiagnosticReport",
            "Observation",
            "Observation",
            "Condition",
            "AllergyIntolerance",
            "MedicationRequest",
            "Immunization",
            "Procedure",
            "Encounter",
            "DocumentReference",
            "unsupported-type",
        ]
    );
    assert_eq!(delivery.total().resources, kinds.len() as u64);
    let label = |text: &str| Label::parse(text).unwrap();
    assert!(delivery.brings(&SourceRef { kind: label("Patient"), id: label("1.2|p") }));
    assert!(!delivery.brings(&SourceRef { kind: label("Patient"), id: label("1.2|q") }));
}

#[test]
fn bad_documents_are_refused_whole_and_the_others_go_on() {
    let good = document();
    let bomb = format!(
        "<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'>{}]><ClinicalDocument {NAMESPACES}>&a9;</ClinicalDocument>",
        (1..10).map(|n| format!("<!ENTITY a{n} '{}'>", format!("&a{};", n - 1).repeat(10))).collect::<String>()
    );
    let outside = format!(
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><ClinicalDocument {NAMESPACES}>&e;</ClinicalDocument>"
    );
    let deep = format!(
        "<ClinicalDocument {NAMESPACES}>{}{}</ClinicalDocument>",
        "<a>".repeat(100_000),
        "</a>".repeat(100_000)
    );
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    let attributes = format!("<ClinicalDocument {NAMESPACES}{attributes}/>");
    let prefixes: String = (0..60_000).map(|n| format!("<a xmlns:p{n}=''>")).collect();
    let prefixes = format!("<ClinicalDocument {NAMESPACES}>{prefixes}");
    let mut latin = good.clone().into_bytes();
    let at = good.find("Springfield").unwrap();
    latin[at] = 0xe9;
    for (name, bytes, kind) in [
        ("bomb", bomb.as_bytes(), FileErrorKind::DocumentType),
        ("outside", outside.as_bytes(), FileErrorKind::DocumentType),
        ("deep", deep.as_bytes(), FileErrorKind::TooDeep),
        ("attributes", attributes.as_bytes(), FileErrorKind::TooLarge),
        ("prefixes", prefixes.as_bytes(), FileErrorKind::TooLarge),
        ("cut", &good.as_bytes()[..good.len() / 2], FileErrorKind::Truncated),
        ("cut at its end", &good.as_bytes()[..good.len() - 1], FileErrorKind::Truncated),
        ("another root", b"<section xmlns='urn:hl7-org:v3'/>", FileErrorKind::NotClinical),
        ("another language", b"<ClinicalDocument xmlns='urn:other'/>", FileErrorKind::NotClinical),
        (
            "a page",
            b"<html><head><title>502</title></head><body>Bad gateway<br>&nbsp;</body></html>",
            FileErrorKind::NotClinical,
        ),
        (
            "a page of XHTML",
            b"<html xmlns='http://www.w3.org/1999/xhtml'><body>&nbsp;</body></html>",
            FileErrorKind::NotClinical,
        ),
        ("not UTF-8", &latin, FileErrorKind::NotUtf8),
        ("JSON", b"{\"resourceType\":\"Patient\"}", FileErrorKind::NotXml),
        ("nothing", b"", FileErrorKind::Empty),
        ("binary", b"%PDF-1.4\x00\x01", FileErrorKind::NotXml),
    ] {
        let delivery = open(&[(name, bytes), ("good", good.as_bytes())], Limits::default());
        let errors = delivery.refused();
        assert_eq!((errors.len(), errors[0].kind, errors[0].document), (1, kind, 0), "{name}");
        assert_eq!(delivery.total().documents, 1);
        assert_eq!(delivery.parcels().count() as u64, delivery.total().resources, "{name}");
    }
}

#[test]
fn errors_tell_the_place_and_never_the_content() {
    let text = document().replace("<given>Ada</given>", "<given>Ada</wrong>");
    let delivery = open(&[("Ada Canary.xml", text.as_bytes())], Limits::default());
    let error = &delivery.refused()[0];
    assert_eq!((error.kind, error.line.unwrap().0), (FileErrorKind::NotXml, 2));
    let shown = format!("{error} {error:?} {delivery:?} {:?}", delivery.parcels());
    assert!(shown.contains("line 2") && !shown.contains("Ada") && !shown.contains("Canary"));
}

#[test]
fn what_the_field_gets_wrong_is_mended() {
    let bare = document().replace(" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'", "");
    let bare = bare.replace("Colonoscopy", "Colono&nbsp;scopy &amp; \u{b} &more");
    let delivery = open(&[("document", bare.as_bytes())], Limits::default());
    assert!(delivery.refused().is_empty());
    let parcels: Vec<Parcel> = delivery.parcels().collect();
    assert_eq!(parcels.len(), 14);
    assert_eq!(parcels[1].original, bare.as_bytes(), "the original is as received");
    let procedure = parcels.iter().find_map(|parcel| match &parcel.reading {
        Reading::Item { view: View::Procedure(view), .. } => Some(view.code.shown().to_owned()),
        _ => None,
    });
    assert_eq!(procedure.unwrap(), "Colono scopy &  &more");
    // Documents in other encodings, and without a namespace.
    let wide: Vec<u8> = format!("\u{feff}{}", document()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let plain = document().replace("xmlns='urn:hl7-org:v3'", "");
    let delivery = open(&[("wide", &wide), ("plain", plain.as_bytes())], Limits::default());
    assert_eq!(delivery.total().resources, 28);
}

#[test]
fn limits_hold() {
    let good = document();
    for (limits, kind) in [
        (Limits { document: 100, ..Limits::default() }, FileErrorKind::TooLarge),
        (Limits { nodes: 50, ..Limits::default() }, FileErrorKind::TooLarge),
        (Limits { depth: 5, ..Limits::default() }, FileErrorKind::TooDeep),
    ] {
        let delivery = open(&[("document", good.as_bytes())], limits);
        assert_eq!(delivery.refused()[0].kind, kind);
    }
}

#[test]
fn entries_that_all_quote_one_passage_do_not_grow() {
    let passage = "word ".repeat(20_000);
    let note = "<entry><act><templateId root='2.16.840.1.113883.10.20.22.4.202'/><text><reference value='#a'/></text></act></entry>";
    let text = format!(
        "<ClinicalDocument {NAMESPACES}><id root='d1'/>{TARGET}<component><structuredBody><component><section><code code='34109-9'/>\
        <text><paragraph ID='a'>{passage}</paragraph></text>{}</section></component></structuredBody></component></ClinicalDocument>",
        note.repeat(5_000)
    );
    let delivery = open(&[("document", text.as_bytes())], Limits::default());
    let quoted: usize = delivery
        .parcels()
        .filter_map(|parcel| match parcel.reading {
            Reading::Item { view: View::DocumentReference(view), .. } => view.content[0].text.clone(),
            _ => None,
        })
        .map(|text| text.as_str().len())
        .sum();
    assert!(quoted < text.len() * 20, "{quoted} bytes of {}", text.len());
    assert_eq!(delivery.parcels().count() as u64, delivery.total().resources);
}

#[test]
fn patients_come_first() {
    let second = document().replace("extension='p'", "extension='q'");
    let delivery = open(&[("one", document().as_bytes()), ("two", second.as_bytes())], Limits::default());
    assert_eq!(delivery.total().patients, 2);
    let order: Vec<(u32, bool)> =
        delivery.parcels().map(|parcel| (parcel.place.document, &*parcel.resource == "Patient")).collect();
    assert_eq!(order[..3], [(0, true), (1, true), (0, false)]);
    assert!(order[2..].iter().all(|(_, patient)| !patient));
    assert!(order[2..].is_sorted_by_key(|(document, _)| *document));
}

#[test]
fn files_and_folders_are_read_and_changes_told() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.xml", "b.CCDA", "c.ccd", "d.cda", "notes.txt", "e.json"] {
        std::fs::write(folder.path().join(name), document()).unwrap();
    }
    let inputs = Input::clinical_documents(&[folder.path().to_owned()]).unwrap();
    let delivery = CcdaDelivery::open(inputs, Limits::default(), &mut |_| {});
    assert_eq!((delivery.total().documents, delivery.total().patients), (4, 1));
    let first = folder.path().join("a.xml");
    std::fs::OpenOptions::new().append(true).open(first).unwrap().write_all(b" ").unwrap();
    std::fs::remove_file(folder.path().join("d.cda")).unwrap();
    let mut parcels = delivery.parcels();
    let mut by_document: BTreeMap<u32, usize> = BTreeMap::new();
    for parcel in parcels.by_ref() {
        *by_document.entry(parcel.place.document).or_default() += 1;
        let failed = matches!(parcel.reading, Reading::Unusable(Reason::Malformed));
        assert_eq!(failed, matches!(parcel.place.document, 0 | 3));
    }
    assert_eq!(by_document, BTreeMap::from([(0, 1), (1, 14), (2, 14), (3, 1)]));
    let failures: Vec<FileErrorKind> = parcels.failures().iter().map(|failure| failure.kind).collect();
    assert_eq!(failures, [FileErrorKind::Changed, FileErrorKind::Unreadable(std::io::ErrorKind::NotFound)]);
    assert_eq!(parcels.progress().documents, 4);
}

#[test]
fn progress_reaches_its_end() {
    let mut told = Vec::new();
    let inputs = vec![Input::bytes("a", document().as_bytes()), Input::bytes("b", &b"<a/>"[..])];
    let delivery = CcdaDelivery::open(inputs, Limits::default(), &mut |progress| told.push(progress));
    let last = told.last().unwrap();
    assert_eq!((last.done, last.documents), (last.total, last.documents_total));
    let mut parcels = delivery.parcels();
    while parcels.next().is_some() {}
    let end = parcels.progress();
    assert_eq!((end.done, end.total, end.documents), (14, 14, 1));
}

/// Numbers that look random and are the same each time (Marsaglia's xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// What attributes hold when senders, or their enemies, have their way.
const ODD: [&str; 22] = [
    "",
    " ",
    "nullified",
    "-1",
    "99999999999999999999",
    "1e999",
    "201",
    "20991399",
    "00000000",
    "+",
    "\u{1F4A9}",
    "#p1",
    "#",
    "true",
    "RQO",
    "UNK",
    "OTH",
    "2.16.840.1.113883.10.20.22.4.4",
    "PQ",
    "IVL_PQ",
    "B64",
    "é",
];

/// One change that mostly leaves a document well-formed: an attribute's value, an element without content, or a slice of it.
fn mutate(text: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(text.len());
    match numbers.below(4) {
        0 | 1 => {
            let quote = |from: usize| text[from..].iter().position(|byte| *byte == b'\'').map(|found| from + found);
            let (Some(start), odd) = (quote(at), numbers.of(&ODD)) else { return };
            if let Some(end) = quote(start + 1) {
                text.splice(start + 1..end, odd.bytes());
            }
        }
        2 => {
            let Some(start) = text[at..].iter().position(|byte| *byte == b'<').map(|found| at + found) else { return };
            let Some(end) = text[start..].windows(2).position(|two| two == b"/>").map(|found| start + found + 2) else {
                return;
            };
            let element: Vec<u8> = text[start..end].to_vec();
            let again = if numbers.below(2) == 0 { Vec::new() } else { [&element[..], &element[..]].concat() };
            if element.iter().filter(|byte| **byte == b'<').count() == 1 {
                text.splice(start..end, again);
            }
        }
        _ => {
            let end = (at + numbers.below(20)).min(text.len());
            let byte = u8::try_from(numbers.below(256)).unwrap();
            match numbers.below(3) {
                0 => drop(text.drain(at..end)),
                1 => text[at] = byte,
                _ => text.insert(at, byte),
            }
        }
    }
}

#[test]
fn ten_thousand_mutations_are_read_or_refused() {
    let original = document().into_bytes();
    let mut numbers = Numbers(0x5eed);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..10_000 {
        let mut text = original.clone();
        for _ in 0..=numbers.below(4) {
            mutate(&mut text, &mut numbers);
        }
        let delivery = open(&[("document", &text)], Limits::default());
        let total = delivery.total();
        refused += total.refused;
        read += total.documents;
        assert_eq!(delivery.parcels().count() as u64, total.resources);
    }
    assert_eq!(read + refused, 10_000);
    assert!(read > 3_000 && refused > 1_000, "{read} read, {refused} refused");
}
