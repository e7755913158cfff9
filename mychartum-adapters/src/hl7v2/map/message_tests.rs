//! What messages become, quirk by quirk of the field.

use mychartum_core::chart::{
    Deceased, DocumentStatus, EncounterStatus, Immunization, ImmunizationStatus, MedicationStatus, Observation,
    ObservationStatus, Value, View,
};
use mychartum_core::kernel::{Sensitivity, SensitivitySet};
use mychartum_core::sync::{Parcel, Reading, Reason, Tie};

use super::message::parcels_of;
use super::settings::{Introduce, SourceSettings};
use crate::hl7v2::Message;

fn settings() -> SourceSettings {
    SourceSettings { introduce: Introduce::AnyMessage, ..SourceSettings::in_zone("America/Chicago".parse().unwrap()) }
}

/// The parcels of a message of this type with these segments behind its header.
fn read_as(kind: &str, segments: &str, settings: &SourceSettings) -> Vec<Parcel> {
    let text = format!("MSH|^~\\&|LAB|RIVERSIDE|||20260301101500-0600||{kind}|77|P|2.5.1\r{segments}");
    let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
    parcels_of(&message, settings, 3, 10)
}

const PID: &str = "PID|1||0042^^^RIVERSIDE^MR~123-45-6789^^^USSSA^SS||Canary^Ada^B||19750501|F\r";

fn oru(inside: &str) -> Vec<Parcel> {
    read_as(
        "ORU^R01",
        &format!("{PID}OBR|1||9|2951-2^Panel^LN|||20260228081500||||||||||||||||||F\r{inside}"),
        &settings(),
    )
}

fn observations(parcels: &[Parcel]) -> Vec<(&str, &Observation)> {
    parcels
        .iter()
        .filter_map(|parcel| match &parcel.reading {
            Reading::Item { identity, view: View::Observation(view), .. } => Some((identity.id.as_str(), &**view)),
            _ => None,
        })
        .collect()
}

fn one(obx: &str) -> Observation {
    let all = oru(&format!("{obx}\r"));
    observations(&all)[0].1.clone()
}

fn reasons(parcels: &[Parcel]) -> Vec<Reason> {
    let reason = |parcel: &Parcel| match parcel.reading {
        Reading::Unusable(reason) => Some(reason),
        _ => None,
    };
    parcels.iter().filter_map(reason).collect()
}

fn view<T>(parcels: &[Parcel], pick: impl Fn(&View) -> Option<T>) -> T {
    let views = parcels.iter().filter_map(|parcel| match &parcel.reading {
        Reading::Item { view, .. } => pick(view),
        _ => None,
    });
    views.into_iter().next().unwrap()
}

#[test]
fn q29_what_is_no_number_is_not_made_one() {
    for (obx, shown) in [
        ("OBX|1|NM|2951-2^Na^LN||13.20|mmol/L|||||F", "13.20"),
        ("OBX|1|NM|2951-2^Na^LN||<0.01|mmol/L|||||F", "<0.01"),
        ("OBX|1|NM|2951-2^Na^LN||>1000|mmol/L|||||F", ">1000"),
        ("OBX|1|NM|2951-2^Na^LN||.5|mmol/L|||||F", "0.5"),
        ("OBX|1|SN|2951-2^Na^LN||^<^10|mmol/L|||||F", "<10"),
        ("OBX|1|SN|2951-2^Na^LN||>^100|mmol/L|||||F", ">100"),
        ("OBX|1|SN|2951-2^Na^LN||>=^32|mmol/L|||||F", ">=32"),
        ("OBX|1|SN|2951-2^Na^LN||^10|mmol/L|||||F", "10"),
        ("OBX|1|ST|2951-2^Na^LN||<0.01 ng/mL||||||F", "<0.01"),
    ] {
        let value = one(obx).value;
        assert_eq!(value.quantity().map(|amount| amount.as_received()).as_deref(), Some(shown), "{obx}");
    }
    for text in ["NEG", "1,234", "1.5 H", "SEE NOTE", "TNP", "1.2.3", "--5", "60~120"] {
        let value = one(&format!("OBX|1|NM|2951-2^Na^LN||{text}|mmol/L|||||F")).value;
        assert!(matches!(value, Value::Text(_)), "{text}");
    }
    for empty in ["", "\"\""] {
        let value = one(&format!("OBX|1|NM|2951-2^Na^LN||{empty}|mmol/L|||||F")).value;
        assert!(value == Value::Unstated);
    }
}

#[test]
fn q30_structured_numbers() {
    let sn = |text: &str| one(&format!("OBX|1|SN|1^Titre^L||{text}|u|||||F")).value;
    assert!(matches!(sn("^1^:^128"), Value::Ratio { .. }));
    assert!(matches!(sn("^10^-^20"), Value::Range { .. }));
    assert!(matches!(sn("^2^+"), Value::Text(_)));
    assert_eq!(sn("^1^:^128").for_people().replace(" u", ""), "1:128");
}

#[test]
fn q16_text_is_whole_and_markup_is_taken_out() {
    let text = |obx: &str| one(obx).value.for_people();
    assert_eq!(text("OBX|1|FT|1^N^L||see http://x/?a=1&b=2^c~next||||||F"), "see http://x/?a=1&b=2^c\nnext");
    assert_eq!(text("OBX|1|TX|1^N^L||<b>All</b> well<script>x()</script>||||||F").trim(), "All well");
}

#[test]
fn q21_to_q25_statuses_and_how_far_they_are() {
    use ObservationStatus as S;
    for (code, status) in [
        ("F", S::Final),
        ("C", S::Corrected),
        ("P", S::Preliminary),
        ("I", S::Registered),
        ("X", S::Cancelled),
        ("D", S::EnteredInError),
        ("W", S::EnteredInError),
        ("", S::Final),
        ("?", S::Final),
    ] {
        assert_eq!(one(&format!("OBX|1|NM|1^N^L||5||||||{code}")).status, status, "{code}");
    }
    let all = oru("OBX|1|NM|1^N^L||||||||U\r");
    assert_eq!(reasons(&all), [Reason::Missing("OBX-5")], "a status without its value takes nothing away");
    assert_eq!(one("OBX|1|NM|1^N^L||5||||||U").status, S::Final);
}

#[test]
fn q26_codes_of_a_laboratory_and_of_the_world() {
    let result = one("OBX|1|NM|NA^Sodium^L^2951-2^Sodium SerPl^LN||140|mmol/L|||||F");
    assert_eq!(result.analytes().collect::<Vec<_>>(), ["2951-2"]);
    assert_eq!(result.code.shown(), "Sodium");
    assert_eq!(reasons(&oru("OBX|1|NM|||140||||||F\r")), [Reason::Missing("OBX-3")]);
}

#[test]
fn q27_q28_names_of_results() {
    let all = oru("OBX|1|ST|1^N^L|1.1|a||||||F\rOBX|2|ST|1^N^L|1.2|b||||||F\rOBX|3|ST|1^N^L|1.2|c||||||F\r");
    let names: Vec<&str> = observations(&all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["f||9|2951-2|1|1.1", "f||9|2951-2|1|1.2", "f||9|2951-2|1|1.2#2"]);
    let lines = oru("OBX|1|TX|1^N^L||one||||||F\rOBX|2|TX|1^N^L||||||||F\rOBX|3|TX|1^N^L||three||||||F\r");
    assert_eq!(observations(&lines).len(), 1, "lines of one text");
    assert_eq!(observations(&lines)[0].1.value.for_people(), "one\n\nthree");
    let unnamed =
        read_as("ORU^R01", &format!("{PID}OBR|1|||5^P^L|||20260228\rOBX|1|ST|1^N^L||a||||||F\r"), &settings());
    let name = observations(&unnamed)[0].0;
    assert!(name.starts_with("c|") && !name.contains("0042"), "{name}");
}

#[test]
fn q31_files_stay_in_the_original_and_broken_ones_are_set_aside_alone() {
    let pdf = "JVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9GbGF0ZURlY29kZT4+";
    let all = oru(&format!("OBX|1|ED|1^Report^L||^^^Base64^{pdf}||||||F\rOBX|2|NM|2^N^L||5||||||F\r"));
    let presented = view(&all, |view| match view {
        View::DiagnosticReport(report) => Some(report.presented.clone()),
        _ => None,
    });
    assert_eq!(presented.len(), 1);
    assert_eq!(presented[0].media_type.as_ref().unwrap().as_str(), "application/pdf");
    assert_eq!(presented[0].title.as_ref().unwrap().as_str(), "Report");
    let all = oru("OBX|1|ED|1^Report^L||^application^pdf^Base64^%%%||||||F\rOBX|2|NM|2^N^L||5||||||F\r");
    assert_eq!(reasons(&all), [Reason::Invalid("OBX-5")]);
    assert_eq!(observations(&all).len(), 1);
}

#[test]
fn q33_q34_ranges_and_flags() {
    let range = |text: &str| {
        let ranges = one(&format!("OBX|1|NM|1^N^L||5|mg/dL|{text}|H~A|||F")).ranges;
        let end = |end: &Option<mychartum_core::kernel::Quantity>| end.as_ref().map(|end| end.as_received());
        ranges
            .first()
            .map(|range| (end(&range.low), end(&range.high), range.text.as_ref().map(|text| text.as_str().to_owned())))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(range("0.5-1.2"), Some((some("0.5"), some("1.2"), None)));
    assert_eq!(range("-2 - -1"), Some((some("-2"), some("-1"), None)));
    assert_eq!(range(">=60"), Some((some("60"), None, None)));
    assert_eq!(range("<5"), Some((None, None, some("<5"))));
    assert_eq!(range("NEGATIVE"), Some((None, None, some("NEGATIVE"))));
    assert_eq!(range("M: 13-17 F: 12-16"), Some((None, None, some("M: 13-17 F: 12-16"))));
    assert_eq!(range(""), None);
    assert_eq!(one("OBX|1|NM|1^N^L||5|||H~A|||F").interpretation.len(), 2);
    assert!(one("OBX|1|NM|1^N^L||5|||||F|F").interpretation.is_empty());
}

#[test]
fn q35_notes_belong_to_what_stands_before_them() {
    let all = oru("NTE|1||of the panel\rOBX|1|NM|1^N^L||5||||||F\rNTE|1||first\rNTE|2||second\r");
    assert_eq!(observations(&all)[0].1.notes[0].as_str(), "first\nsecond");
    let told = view(&all, |view| match view {
        View::DiagnosticReport(report) => report.conclusion.clone(),
        _ => None,
    });
    assert_eq!(told.as_str(), "of the panel");
}

#[test]
fn q36_labels_of_an_order_reach_its_results() {
    let orc =
        |code: &str| format!("{PID}ORC|RE||9{}{code}\rOBR|1||9|5^P^L\rOBX|1|ST|1^N^L||a||||||F\r", "|".repeat(25));
    let labels = |code: &str| -> Vec<SensitivitySet> {
        let all = read_as("ORU^R01", &orc(code), &settings());
        let labels = |parcel: &Parcel| match &parcel.reading {
            Reading::Item { labels, view: View::Observation(_) | View::DiagnosticReport(_), .. } => Some(*labels),
            _ => None,
        };
        all.iter().filter_map(labels).collect()
    };
    assert_eq!(labels("HIV"), [SensitivitySet::of(&[Sensitivity::Hiv]); 2]);
    assert_eq!(labels("R"), [SensitivitySet::of(&[Sensitivity::Restricted]); 2]);
    assert_eq!(labels("ODD"), [SensitivitySet::of(&[Sensitivity::Unknown]); 2]);
    assert_eq!(labels(""), [SensitivitySet::NONE; 2]);
    // One order for two reports: both are restricted.
    let two = format!("{}OBR|2||10|6^Q^L\rOBX|1|ST|1^N^L||b||||||F\r", orc("HIV"));
    let all = read_as("ORU^R01", &two, &settings());
    let hiv = |parcel: &&Parcel| matches!(parcel.reading, Reading::Item { labels, .. } if labels.has(Sensitivity::Hiv));
    assert_eq!(all.iter().filter(hiv).count(), 4);
}

#[test]
fn q37_whose_it_is() {
    let subject = |pid: &str| {
        let all = read_as("ORU^R01", &format!("{pid}\rOBR|1||9|5^P^L\rOBX|1|ST|1^N^L||a||||||F\r"), &settings());
        match &all[1].reading {
            Reading::Item { subject, .. } => Ok(subject.id.as_str().to_owned()),
            Reading::Unusable(reason) => Err(*reason),
            Reading::Directory(_) | Reading::Merge(_) => panic!("a name"),
        }
    };
    assert_eq!(subject("PID|1||0042^^^RIVERSIDE^MR").as_deref(), Ok("RIVERSIDE|0042"));
    assert_eq!(subject("PID|1||7^^^X^PI~ 0042 ^^^R&1.2.3&ISO^MR").as_deref(), Ok("urn:oid:1.2.3|0042"));
    assert_eq!(subject("PID|1|0042").as_deref(), Ok("|0042"));
    assert_eq!(
        subject("PID|1||123456789^^^USSSA^SS"),
        Err(Reason::NoSubject),
        "a social security number names no chart"
    );
    assert_eq!(subject("PID|1||1^^^A^MR\rPID|2||2^^^A^MR"), Err(Reason::Invalid("PID")));
    assert_eq!(subject("ZZZ|1"), Err(Reason::NoSubject));
}

#[test]
fn q41_a_death_without_a_date() {
    let deceased = |rest: &str| {
        let all = read_as("ADT^A08", &format!("PID|1||1^^^A^MR{rest}\r"), &settings());
        view(&all, |view| if let View::Patient(patient) = view { Some(patient.deceased.clone()) } else { None })
    };
    assert!(deceased(&format!("{}Y", "|".repeat(27))) == Deceased::Yes);
    assert!(deceased(&format!("{}N", "|".repeat(27))) == Deceased::No);
    assert!(matches!(deceased(&format!("{}20250102|Y", "|".repeat(26))), Deceased::At(_)));
    assert!(deceased("") == Deceased::Unstated);
}

#[test]
fn only_adt_introduces_people_at_first() {
    let strict = SourceSettings::in_zone("America/Chicago".parse().unwrap());
    let all = read_as("ORU^R01", &format!("{PID}OBR|1||9|5^P^L\rOBX|1|ST|1^N^L||a||||||F\r"), &strict);
    assert!(all.iter().all(|parcel| &*parcel.resource != "Patient"));
    let all = read_as("ADT^A04", PID, &strict);
    assert_eq!(&*all[0].resource, "Patient");
}

/// What a message says of names: who goes on, who gave way, and whether they are one.
fn said(parcels: &[Parcel]) -> Vec<(&str, &str, Tie)> {
    let all = parcels.iter().filter_map(|parcel| match &parcel.reading {
        Reading::Merge(merge) => Some((merge.survivor.id.as_str(), merge.merged.id.as_str(), merge.tie)),
        _ => None,
    });
    all.collect()
}

#[test]
fn q39_who_gave_way_to_whom() {
    for event in ["A18", "A34", "A36", "A40", "A47"] {
        let all = read_as(&format!("ADT^{event}"), "PID|1||1^^^A^MR\rMRG|2^^^A^MR\r", &settings());
        assert_eq!(said(&all), [("A|1", "A|2", Tie::One)], "{event}");
        assert_eq!(&*all[0].resource, "Patient");
        assert_eq!(all[1].original, b"PID|1||1^^^A^MR\rMRG|2^^^A^MR\r");
    }
    // Several pairs; several former numbers, of which those of the state and of accounts name nobody.
    let pairs = "PID|1||1^^^A^MR\rMRG|2^^^A^MR~3^^^A^MR~4^^^S^SS~5^^^A^AN\rPID|2||6^^^A^MR\rPV1|1|O\rMRG|7^^^A^MR\r";
    let all = read_as("ADT^A40", pairs, &settings());
    assert_eq!(said(&all), [("A|1", "A|2", Tie::One), ("A|1", "A|3", Tie::One), ("A|6", "A|7", Tie::One)]);
    assert_eq!(reasons(&all), []);
    for (segments, reason) in [
        ("PID|1||1^^^A^MR\r", Reason::Missing("MRG")),
        ("PID|1||1^^^A^MR\rMRG|1^^^A^MR\r", Reason::Missing("MRG-1")),
        ("PID|1||1^^^A^MR\rMRG|2^^^A^SS\r", Reason::Missing("MRG-1")),
        ("PID|1||1^^^A^MR\rMRG|12345^6^M10^A^MR\r", Reason::Missing("MRG-1")),
        ("MRG|2^^^A^MR\r", Reason::NoSubject),
    ] {
        let all = read_as("ADT^A40", segments, &settings());
        assert_eq!((said(&all), reasons(&all)), (vec![], vec![reason]), "{segments}");
    }
}

#[test]
fn q40_who_is_one_and_who_is_not() {
    let two = "PID|1||1^^^A^MR\rPID|2||2^^^A^MR\r";
    assert_eq!(said(&read_as("ADT^A24", two, &settings())), [("A|1", "A|2", Tie::One)]);
    assert_eq!(said(&read_as("ADT^A37", two, &settings())), [("A|1", "A|2", Tie::Apart)]);
    let three = format!("{two}PID|3||3^^^A^MR\r");
    for few in ["PID|1||1^^^A^MR\r", three.as_str()] {
        assert_eq!(reasons(&read_as("ADT^A37", few, &settings())), [Reason::Invalid("PID")]);
    }
    let all = read_as("ADT^A29", "PID|1||1^^^A^MR\r", &settings());
    assert_eq!(reasons(&all), [Reason::PatientDeleted]);
    assert!(all[0].original.starts_with(b"MSH"));
}

#[test]
fn visits_follow_their_events() {
    let status = |event: &str| {
        let pv1 = format!("PV1|1|I{}V1^^^A{}20260101|20260102\r", "|".repeat(17), "|".repeat(25));
        let all = read_as(&format!("ADT^{event}"), &format!("{PID}{pv1}"), &settings());
        view(
            &all,
            |view| if let View::Encounter(visit) = view { Some((visit.status, visit.end.is_some())) } else { None },
        )
    };
    assert_eq!(status("A01"), (EncounterStatus::Finished, true));
    assert_eq!(status("A03"), (EncounterStatus::Finished, true));
    assert_eq!(status("A13"), (EncounterStatus::InProgress, false), "a discharge that was taken back");
    assert_eq!(status("A11"), (EncounterStatus::Cancelled, true));
    assert_eq!(status("A23"), (EncounterStatus::EnteredInError, true));
}

#[test]
fn q44_only_signed_documents() {
    let mdm = |event: &str, state: &str| {
        let txa = format!("TXA|1|DS|TX|20260101||||||||D1^A|D0^A||||{state}\r");
        let text = "OBX|1|TX|1^Note^L||Drink water.||||||F\r";
        read_as(&format!("MDM^{event}"), &format!("{PID}{txa}{text}"), &settings())
    };
    let status = |parcels: &[Parcel]| -> Vec<DocumentStatus> {
        let status = |parcel: &Parcel| match &parcel.reading {
            Reading::Item { view: View::DocumentReference(document), .. } => Some(document.status),
            _ => None,
        };
        parcels.iter().filter_map(status).collect()
    };
    assert_eq!(status(&mdm("T02", "AU")), [DocumentStatus::Current]);
    assert_eq!(status(&mdm("T02", "LA")), [DocumentStatus::Current]);
    for state in ["", "DO", "IN", "PA", "DI"] {
        assert_eq!(reasons(&mdm("T02", state)), [Reason::NotAuthenticated], "{state}");
    }
    assert_eq!(status(&mdm("T10", "AU")), [DocumentStatus::Current, DocumentStatus::Superseded]);
    assert_eq!(status(&mdm("T11", "AU")), [DocumentStatus::EnteredInError]);
    assert_eq!(reasons(&mdm("T01", "AU")), [Reason::UnsupportedType]);
}

#[test]
fn q45_a_vaccine_that_was_refused_was_not_given() {
    let vaccine = |rest: &str, code: &str, dose: &str| -> Immunization {
        let rxa = format!(
            "ORC|RE||77^A\rRXA|0|1|20250901||{code}^Flu^CVX|{dose}|mL^^UCUM{rest}\rRXR|IM|LA^Left arm^HL70163\r"
        );
        let all = read_as("VXU^V04", &format!("{PID}{rxa}"), &settings());
        view(&all, |view| if let View::Immunization(view) = view { Some((**view).clone()) } else { None })
    };
    let filled = |completion: &str, action: &str| format!("{}{completion}|{action}", "|".repeat(13));
    let given = vaccine(&filled("CP", "A"), "140", "0.5");
    assert_eq!(given.status, ImmunizationStatus::Completed);
    assert_eq!(given.dose.unwrap().for_people(), "0.5 mL");
    assert_eq!(given.site.unwrap().as_str(), "Left arm");
    for completion in ["RE", "NA", "PA"] {
        assert_eq!(vaccine(&filled(completion, "A"), "140", "0.5").status, ImmunizationStatus::NotDone);
    }
    assert_eq!(vaccine(&filled("CP", "D"), "140", "0.5").status, ImmunizationStatus::EnteredInError);
    assert_eq!(vaccine(&filled("CP", "A"), "998", "999").status, ImmunizationStatus::NotDone);
    for unknown in ["999", "999.0"] {
        assert!(vaccine("", "140", unknown).dose.is_none(), "{unknown}");
    }
}

#[test]
fn q46_prescriptions() {
    let order = |orc: &str, refills: &str| {
        let rxe = format!("RXE||88^Thing 5 mg^L|1||{0}^{0}|T|Take one in the morning.|||||{refills}\r", "tablet");
        let all = read_as("RDE^O11", &format!("{PID}{orc}\r{rxe}"), &settings());
        view(&all, |view| if let View::MedicationRequest(view) = view { Some((**view).clone()) } else { None })
    };
    let new = order("ORC|NW|P1^A||||", "3");
    assert_eq!((new.status, new.refills), (MedicationStatus::Active, Some(3)));
    assert_eq!(new.dosage[0].as_str(), "Take one in the morning.");
    assert_eq!(order("ORC|NW|P1^A", "PRN").refills, None, "not known is not none");
    assert_eq!(order("ORC|DC|P1^A", "").status, MedicationStatus::Stopped);
    assert_eq!(order("ORC|CA|P1^A", "").status, MedicationStatus::Cancelled);
    assert_eq!(order("ORC|RE|P1^A|||CM", "").status, MedicationStatus::Completed);
}

#[test]
fn q11_what_is_no_production_data_reaches_nobody() {
    let text = format!("MSH|^~\\&|LAB|RIVERSIDE|||20260301||ADT^A04|77|T|2.5.1\r{PID}");
    let settings = settings();
    let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
    assert_eq!(reasons(&parcels_of(&message, &settings, 0, 0)), [Reason::NotProduction]);
}

#[test]
fn mixed_line_ends_and_what_has_no_view_are_kept_whole() {
    let text = format!("MSH|^~\\&|A|B|||20260301||ADT^A04|77|P|2.5\n{PID}PV1|1\r");
    let settings = settings();
    let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
    assert_eq!(reasons(&parcels_of(&message, &settings, 0, 0)), [Reason::MixedLineEnds]);
    let all = read_as("ADT^A04", &format!("{PID}NK1|1|Canary^Bo\rIN1|1|HMO\r"), &settings);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].original, b"NK1|1|Canary^Bo\rIN1|1|HMO\r");
    assert_eq!(all[1].place.entry, Some(11));
}

#[test]
fn mixed_line_ends_are_mended_only_where_that_was_chosen() {
    let text = format!("MSH|^~\\&|A|B|||20260301||ADT^A04|77|P|2.5\n{PID}PV1|1\r");
    let mut settings = settings();
    settings.grammar.terminators = crate::hl7v2::Terminators::Mended;
    let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
    assert_eq!(message.segments().count(), 3);
    assert_eq!(&*parcels_of(&message, &settings, 0, 0)[0].resource, "Patient");
    let text = format!("MSH|^~\\&|A|B|||20260301||ADT^A04|77|P|2.5\r{PID}NTE|1||a line\nand one more\nNTE|x\r");
    let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
    assert_eq!(
        reasons(&parcels_of(&message, &settings, 0, 0)),
        [Reason::MixedLineEnds],
        "a text that only looks like it"
    );
}

#[test]
fn accounts_visits_and_other_peoples_numbers_name_no_chart() {
    for kind in ["AN", "VN", "PRN", "GN", "SS", "DL", "NPI"] {
        let all = read_as("ADT^A08", &format!("PID|1||77^^^A^{kind}\r"), &settings());
        assert_eq!(reasons(&all), [Reason::NoSubject], "{kind}");
    }
    let all = read_as("ADT^A08", "PID|1||77^^^A^AN~5^^^A^HISID\r", &settings());
    assert!(matches!(&all[0].reading, Reading::Item { subject, .. } if subject.id.as_str() == "A|5"));
}

#[test]
fn what_restricts_a_message_restricts_its_items() {
    let labels = |segment: &str| -> Vec<SensitivitySet> {
        let inside = "OBR|1||9|5^P^L\rOBX|1|ST|1^N^L||a||||||F\r";
        let all = read_as("ORU^R01", &format!("{PID}{segment}{inside}"), &settings());
        let labels = |parcel: &Parcel| match &parcel.reading {
            Reading::Item { labels, .. } => Some(*labels),
            _ => None,
        };
        all.iter().filter_map(labels).collect()
    };
    let all_but_the_patient =
        |label| [SensitivitySet::NONE, SensitivitySet::of(&[label]), SensitivitySet::of(&[label])];
    assert_eq!(labels("ARV|1|A|HIV\r"), all_but_the_patient(Sensitivity::Hiv));
    assert_eq!(labels("ARV|1|A|ALL\r"), all_but_the_patient(Sensitivity::Restricted));
    assert_eq!(labels("ARV|1|A|ODD\r"), all_but_the_patient(Sensitivity::Unknown));
    assert_eq!(labels(&format!("PD1{}Y\r", "|".repeat(12))), all_but_the_patient(Sensitivity::Restricted));
    assert_eq!(labels("ARV|1|D|HIV\r"), [SensitivitySet::NONE; 3]);
    assert_eq!(labels("ARV|1|A|OO\r"), [SensitivitySet::NONE; 3]);
}

#[test]
fn a_file_that_was_taken_back_is_not_presented() {
    for (status, files) in [("F", 1), ("P", 1), ("W", 0), ("D", 0), ("X", 0)] {
        let all = oru(&format!("OBX|1|ED|1^Report^L||^^^Base64^JVBERi0xLjQK||||||{status}\r"));
        let presented = view(&all, |view| match view {
            View::DiagnosticReport(report) => Some(report.presented.len()),
            _ => None,
        });
        assert_eq!(presented, files, "{status}");
    }
}

#[test]
fn documents_say_something_and_one_message_is_of_one() {
    let txa = |number: u8| format!("TXA|{number}|PC|TX|20260101||||||||D{number}^A|D0^A||||AU\r");
    let text = |status: &str| format!("OBX|1|TX|1^Note^L||Drink water.||||||{status}\r");
    let read = |event: &str, inside: &str| read_as(&format!("MDM^{event}"), &format!("{PID}{inside}"), &settings());
    assert_eq!(reasons(&read("T02", &txa(1))), [Reason::Missing("OBX")]);
    assert_eq!(reasons(&read("T02", &format!("{}{}", txa(1), text("W")))), [Reason::Missing("OBX")]);
    let two = read("T02", &format!("{}{}{}{}", txa(1), text("F"), txa(2), text("F")));
    assert_eq!(reasons(&two), [Reason::UnsupportedType], "nothing says which text is of which document");
    // A replacement that was only announced takes the old one away, and brings nothing.
    let announced = read("T09", &txa(1));
    assert_eq!(reasons(&announced), [Reason::Missing("OBX")]);
    let status =
        view(
            &announced,
            |view| if let View::DocumentReference(document) = view { Some(document.status) } else { None },
        );
    assert_eq!(status, DocumentStatus::Superseded);
    let all = read("T02", &format!("{}{}", txa(1), text("F")));
    assert!(
        matches!(&all[1].reading, Reading::Item { labels, .. } if *labels == SensitivitySet::of(&[Sensitivity::Psy]))
    );
}

#[test]
fn two_appointments_in_one_message_are_set_aside() {
    let all = read_as("SIU^S12", &format!("{PID}SCH|1|2\rAIS|1||5^S^L\rSCH|3|4\rAIS|1||6^S^L\r"), &settings());
    assert_eq!(reasons(&all), [Reason::UnsupportedType]);
    assert_eq!(reasons(&read_as("SIU^S23", &format!("{PID}SCH|1|2\r"), &settings())), [Reason::UnsupportedType]);
}
