//! Quirks 36 to 46, but for merges: labels, people, appointments, documents, vaccines, prescriptions.

use chrono::Duration;
use mychartum_adapters::hl7v2::CheckDigits;
use mychartum_core::access::grant::Relation;
use mychartum_core::access::{Scope, Verb};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Deceased, Section, SectionSet};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{Sensitivity, SensitivitySet};
use mychartum_core::portal::{Offer, Page};
use mychartum_core::sync::Reason;

use crate::clinic::{Clinic, line, now, reasons};
use crate::messages::{PID, hba1c, message, panel, registration};

const SENT: &str = "20260301100000";

/// A time later in the same morning.
fn at(hour: u8) -> String {
    format!("20260301{hour:02}0000")
}

#[tokio::test]
async fn q36_oru_sensitive() {
    let clinic = Clinic::open().await;
    let obx = |code: &str| format!("OBX|1|ST|{code}||Negative||||||F\r");
    let obr = |number: u8| format!("OBR|{number}||{number}|1^Panel^LN|||20260301081500||||||||||||||||||F\r");
    // One result is plain; one is told by its code; one by the order's confidentiality code (ORC-28).
    let plain = format!("{}{}", obr(1), obx("718-7^Hemoglobin^LN"));
    let by_code = format!("{}{}", obr(2), obx("7917-8^HIV 1 Ab^LN"));
    let by_order = format!("ORC|RE||3{}PSY\r{}{}", "|".repeat(25), obr(3), obx("1-8^Other^LN"));
    let sent = message("ORU^R01", &at(9), &format!("{PID}{plain}{by_code}{by_order}"));
    let patient = clinic.take(&sent).await.patients[0];
    // And one by the whole message (ARV).
    let restricted = panel(&at(10), &obx("2-9^Another^LN")).replace(PID, &format!("{PID}ARV|1|A|SMD\r"));
    clinic.take(&restricted).await;
    let results = clinic.results(patient).await;
    let labels = |code: &str| {
        results.iter().find(|item| item.view.code.has_code(code)).map(|item| item.provenance.labels).unwrap()
    };
    assert_eq!(labels("718-7"), SensitivitySet::NONE);
    assert_eq!(labels("1-8"), SensitivitySet::of(&[Sensitivity::Psy]));
    assert_eq!(labels("2-9"), SensitivitySet::of(&[Sensitivity::Restricted]));
    // The patient sees all of it. A helper who was trusted with results, and with nothing sensitive, sees the plain one.
    let owner = clinic.own_session(patient).await;
    let scope = Scope::of(SectionSet::of(&[Section::Results]), &[Verb::View]);
    let until = now() + Duration::days(30);
    let offer = Offer { relation: Relation::Child, scope, consents: SensitivitySet::NONE, until };
    let (_, token) = owner.invite(patient, &offer).await.unwrap();
    let helper = clinic.session("helper", None).await;
    helper.accept(&token, "1975-05-01".parse().unwrap()).await.unwrap();
    let permit = helper.ask(patient, Section::Results, Purpose::Care).await.unwrap();
    let seen = clinic.portal.disclose(permit).unwrap().results(Page::ALL).await.unwrap().items;
    assert_eq!(seen.iter().map(line).collect::<Vec<_>>(), ["Hemoglobin final Negative"]);
    assert_eq!(results.len(), 4);
    // What comes again without its label keeps it.
    clinic.take(panel(&at(8), &obx("2-9^Another^LN"))).await;
    let labels = clinic.results(patient).await.into_iter().find(|item| item.view.code.has_code("2-9")).unwrap();
    assert!(labels.provenance.labels.has(Sensitivity::Restricted));
}

#[tokio::test]
async fn q37_adt_pid3() {
    let mut clinic = Clinic::open().await;
    let of = |pid: &str| format!("PID|1{pid}||Canary^Ada||19750501|F\r");
    let take = async |clinic: &Clinic, pid: String, sent: u8| {
        let report = clinic.take(message("ADT^A08", &at(sent), &pid)).await;
        (report.patients.clone(), reasons(&report))
    };
    let (own, _) = take(&clinic, of("||0042^^^RIVERSIDE^MR"), 1).await;
    // The same number of somebody else, without its zeros, or of nobody, is another person.
    let mut others = vec![own[0]];
    for pid in ["||0042^^^LAKESIDE^MR", "||42^^^RIVERSIDE^MR", "||0042^^^&1.2.3&ISO^MR", "||0042"] {
        let (patients, aside) = take(&clinic, of(pid), 2).await;
        assert!(aside.is_empty(), "{pid}");
        assert!(!others.contains(&patients[0]), "{pid}");
        others.push(patients[0]);
    }
    // Blanks around it, other numbers before it, and the fields of old senders mean the same person.
    for pid in [
        "|| 0042 ^^^RIVERSIDE^MR",
        "||123-45-6789^^^USSSA^SS~0042^^^RIVERSIDE^MR",
        "||77^^^RIVERSIDE^PI~0042^^^RIVERSIDE^MR",
        "|0042^^^RIVERSIDE^MR|",
        "||0042^^^RIVERSIDE",
    ] {
        let (patients, aside) = take(&clinic, of(pid), 3).await;
        assert!(aside.is_empty(), "{pid}");
        assert_eq!(patients, own, "{pid}");
    }
    // The source's own authority stands in where none is named; PID-4 counts where PID-3 says nothing.
    clinic.settings.authority = Label::parse("RIVERSIDE").ok();
    for pid in ["||0042", "||0042^^^^MR", "|||0042"] {
        assert_eq!(take(&clinic, of(pid), 4).await.0, own, "{pid}");
    }
    // Numbers that families share, and those of the state, name nobody.
    for pid in ["||123-45-6789^^^USSSA^SS", "||5^^^RIVERSIDE^AN", "||"] {
        assert_eq!(take(&clinic, of(pid), 5).await, (vec![], vec![Reason::NoSubject]), "{pid}");
    }
    let chart = clinic.chart(own[0]).await;
    let person = chart.demographics(Page::ALL).await.unwrap().items.remove(0).view;
    assert_eq!(person.identifiers[0].value.as_str(), "0042", "as text");
}

#[tokio::test]
async fn q38_adt_checkdigit() {
    let pid = |id: &str| format!("PID|1||{id}||Canary^Ada||19750501|F\r");
    for (sound, wrong) in [("12345^5^M10", "12345^6^M10"), ("1234567^4^M11", "1234567^5^M11")] {
        let clinic = Clinic::open().await;
        let report = clinic.take(message("ADT^A04", &at(9), &pid(&format!("{sound}^RIVERSIDE^MR")))).await;
        assert_eq!((report.stored, report.set_aside.len()), (1, 0));
        // Somebody mistyped: it is kept, it is told, and it ties nothing to anybody.
        let report = clinic.take(message("ADT^A04", &at(10), &pid(&format!("{wrong}^RIVERSIDE^MR")))).await;
        assert_eq!((reasons(&report), report.patients.len()), (vec![Reason::Invalid("PID-3")], 0));
        let mut lenient = Clinic::open().await;
        lenient.settings.check_digits = CheckDigits::Ignored;
        let report = lenient.take(message("ADT^A04", &at(10), &pid(&format!("{wrong}^RIVERSIDE^MR")))).await;
        assert_eq!(report.stored, 1, "a source with check digits of its own");
        // Beside a sound number it is shown with the others.
        let both = format!("{wrong}^RIVERSIDE^MR~0042^^^RIVERSIDE^MR");
        let report = clinic.take(message("ADT^A04", &at(11), &pid(&both))).await;
        assert_eq!((report.stored, report.set_aside.len()), (1, 0));
        let chart = clinic.chart(report.patients[0]).await;
        let person = chart.demographics(Page::ALL).await.unwrap().items.remove(0);
        assert!(person.provenance.source_id.as_str().ends_with("|0042"));
        assert_eq!(person.view.identifiers.len(), 2);
    }
    // What has no digits alone, or a scheme that nobody knows, is not judged.
    for id in ["PATID1234^5^M11^RIVERSIDE^MR", "12345^9^XXX^RIVERSIDE^MR", "12345^^M10^RIVERSIDE^MR"] {
        let clinic = Clinic::open().await;
        assert_eq!(clinic.take(message("ADT^A04", &at(9), &pid(id))).await.stored, 1, "{id}");
    }
}

#[tokio::test]
async fn q41_adt_placeholder() {
    for name in ["Canary^BABYBOY", "DOE^JOHN", "TRAUMA^UNKNOWN 17", "Canary"] {
        let clinic = Clinic::open().await;
        let report = clinic.take(registration(SENT).replace("Canary^Ada", name)).await;
        let chart = clinic.chart(report.patients[0]).await;
        let person = chart.demographics(Page::ALL).await.unwrap().items.remove(0).view;
        assert_eq!(person.names.len(), 1, "{name}");
    }
    let clinic = Clinic::open().await;
    let patient = clinic.take(hba1c(&at(9), "F", "5.9")).await.patients[0];
    let session = clinic.own_session(patient).await;
    let deceased = async |pid: String, sent: u8| {
        clinic.take(message("ADT^A08", &at(sent), &pid)).await;
        let chart = clinic.chart(patient).await;
        chart.demographics(Page::ALL).await.unwrap().items.remove(0).view.deceased
    };
    let pid = PID.trim_end();
    assert!(deceased(format!("{pid}{}Y\r", "|".repeat(22)), 10).await == Deceased::Yes, "a death without a date");
    // Nobody's access ends by a flag alone: a session that was open still is.
    let permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
    assert_eq!(clinic.portal.disclose(permit).unwrap().results(Page::ALL).await.unwrap().items.len(), 1);
    let dated = deceased(format!("{pid}{}20260228|Y\r", "|".repeat(21)), 11).await;
    assert!(dated == Deceased::At("2026-02-28".parse().unwrap()));
    // It was a mistake.
    assert!(deceased(format!("{pid}{}N\r", "|".repeat(22)), 12).await == Deceased::No);
}

#[tokio::test]
async fn q43_siu_unknown() {
    let siu = |event: &str, sent: &str, sch: &str, more: &str| {
        message(&format!("SIU^{event}"), sent, &format!("{PID}{sch}\r{more}"))
    };
    let begins = "^^^20260401093000";
    let sch = |minutes: &str, unit: &str| {
        format!("SCH|P1|F1|||||5^Checkup^L|||{unit}|{begins}").replace("|||min|", &format!("||{minutes}|min|"))
    };
    let listed = async |clinic: &Clinic, patient| {
        let chart = clinic.chart(patient).await;
        let items = chart.appointments(Page::ALL).await.unwrap().items;
        items.iter().map(|item| item.view.status.code()).collect::<Vec<_>>()
    };
    // Each event on an appointment that nobody heard of.
    for (event, shown) in [
        ("S12", vec!["booked"]),
        ("S13", vec!["booked"]),
        ("S14", vec!["booked"]),
        ("S15", vec![]),
        ("S17", vec![]),
        ("S26", vec!["noshow"]),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(siu(event, &at(9), &sch("30", "min"), "")).await;
        assert_eq!((report.stored, report.set_aside.len()), (2, 0), "{event}");
        assert_eq!(listed(&clinic, report.patients[0]).await, shown, "{event}");
    }
    // And one after the other on the same one.
    let clinic = Clinic::open().await;
    let patient = clinic.take(siu("S12", &at(9), &sch("30", "min"), "")).await.patients[0];
    clinic.take(siu("S13", &at(10), &sch("30", "min").replace("0401093000", "0402103000"), "")).await;
    let chart = clinic.chart(patient).await;
    let moved = chart.appointments(Page::ALL).await.unwrap().items;
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].view.start.as_ref().unwrap().as_str(), "2026-04-02T10:30:00-05:00");
    clinic.take(siu("S15", &at(11), &sch("30", "min"), "")).await;
    assert!(listed(&clinic, patient).await.is_empty());
    // The old booking comes late: it does not come back.
    clinic.take(siu("S12", &at(8), &sch("30", "min"), "")).await;
    assert!(listed(&clinic, patient).await.is_empty());
    // SCH-1 names it where SCH-2 does not.
    let clinic = Clinic::open().await;
    let only_placer = sch("30", "min").replace("|P1|F1|", "|P1||");
    let patient = clinic.take(siu("S12", &at(9), &only_placer, "")).await.patients[0];
    clinic.take(siu("S17", &at(10), &only_placer, "")).await;
    assert!(listed(&clinic, patient).await.is_empty());
    // However it says how long, and whether or not it names rooms and people.
    for (minutes, unit, more, end, with) in [
        ("30", "min", "", "2026-04-01T10:00:00-05:00", vec![]),
        ("1", "h", "", "2026-04-01T10:30:00-05:00", vec![]),
        ("1800", "sec", "", "2026-04-01T10:00:00-05:00", vec![]),
        ("30", "", "AIL|1||Room 4\rAIP|1||^Gray^Alice\r", "2026-04-01T10:00:00-05:00", vec!["Alice Gray", "Room 4"]),
    ] {
        let clinic = Clinic::open().await;
        let sch = format!("SCH|P1|F1|||||5^Checkup^L||{minutes}|{unit}|{begins}");
        let patient = clinic.take(siu("S12", &at(9), &sch, more)).await.patients[0];
        let chart = clinic.chart(patient).await;
        let view = chart.appointments(Page::ALL).await.unwrap().items.remove(0).view;
        assert_eq!(view.end.unwrap().as_str(), end, "{minutes} {unit}");
        assert_eq!(view.participants.iter().map(|party| party.shown().to_owned()).collect::<Vec<_>>(), with);
    }
}

/// Beside quirk 40: an event that says nothing new but that it is one.
#[tokio::test]
async fn visits_that_are_called_off_in_the_words_of_their_booking() {
    let pv1 = format!("PV1|1|I{}V1^^^A{}20260301\r", "|".repeat(17), "|".repeat(25));
    let adt = |event: &str, hour: u8| message(&format!("ADT^{event}"), &at(hour), &format!("{PID}{pv1}"));
    let statuses = async |events: &[(&str, u8)]| {
        let clinic = Clinic::open().await;
        let mut patient = None;
        for (event, hour) in events {
            patient = Some(clinic.take(adt(event, *hour)).await.patients[0]);
        }
        let chart = clinic.chart(patient.unwrap()).await;
        let items = chart.visits(Page::ALL).await.unwrap().items;
        items.iter().map(|item| (item.version, item.view.status.code())).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&[("A01", 9), ("A08", 10)]).await, [(1, "in-progress")], "the same again is nothing new");
    assert_eq!(statuses(&[("A01", 9), ("A11", 10)]).await, []);
    assert_eq!(statuses(&[("A11", 10), ("A01", 9)]).await, []);
    assert_eq!(statuses(&[("A01", 9), ("A03", 10)]).await, [(2, "finished")]);
    assert_eq!(statuses(&[("A01", 9), ("A03", 10), ("A13", 11)]).await, [(3, "in-progress")]);
    assert_eq!(statuses(&[("A01", 9), ("A11", 10), ("A01", 11)]).await, [(2, "in-progress")]);
}

#[tokio::test]
async fn q44_mdm_replace() {
    let mdm = |event: &str, hour: u8, (own, parent): (&str, &str), state: &str, text: &str| {
        let txa = format!("TXA|1|DS|TX|20260101||||||||{own}^A|{parent}^A||||{state}\r");
        let obx = format!("OBX|1|TX|1^Note^L||{text}||||||F\r");
        message(&format!("MDM^{event}"), &at(hour), &format!("EVN||{}\r{PID}{txa}{obx}", at(hour)))
    };
    let texts = async |clinic: &Clinic, patient| {
        let chart = clinic.chart(patient).await;
        let items = chart.documents(Page::ALL).await.unwrap().items;
        items.iter().map(|item| item.view.content[0].text.as_ref().unwrap().as_str().to_owned()).collect::<Vec<_>>()
    };
    let clinic = Clinic::open().await;
    let patient = clinic.take(registration(&at(1))).await.patients[0];
    // Nobody signed it yet.
    for state in ["", "DO", "IN", "PA", "DI"] {
        let report = clinic.take(mdm("T02", 2, ("D1", ""), state, "A draft.")).await;
        assert_eq!(reasons(&report), [Reason::NotAuthenticated], "{state}");
        assert!(texts(&clinic, patient).await.is_empty(), "{state}");
    }
    let first = mdm("T02", 3, ("D1", ""), "AU", "Drink water.");
    clinic.take(&first).await;
    assert_eq!(texts(&clinic, patient).await, ["Drink water."]);
    // An edit is a new version, and the one before can still be read.
    clinic.take(mdm("T08", 4, ("D1", ""), "LA", "Drink more water.")).await;
    assert_eq!(texts(&clinic, patient).await, ["Drink more water."]);
    let chart = clinic.chart(patient).await;
    let item = chart.documents(Page::ALL).await.unwrap().items.remove(0);
    assert_eq!(chart.earlier_documents(item.id).await.unwrap().len(), 1);
    // A replacement is another document, in whose favour the first steps back; also when that comes again.
    clinic.take(mdm("T10", 5, ("D2", "D1"), "AU", "Drink tea.")).await;
    assert_eq!(texts(&clinic, patient).await, ["Drink tea."]);
    clinic.take(&first).await;
    assert_eq!(texts(&clinic, patient).await, ["Drink tea."]);
    // The replacement is withdrawn.
    clinic.take(mdm("T11", 6, ("D2", ""), "AU", "Drink tea.")).await;
    assert!(texts(&clinic, patient).await.is_empty());
    // A withdrawal that repeats the document to the letter is one all the same.
    let clinic = Clinic::open().await;
    let patient = clinic.take(&first).await.patients[0];
    clinic.take(mdm("T11", 6, ("D1", ""), "AU", "Drink water.")).await;
    assert!(texts(&clinic, patient).await.is_empty());
    // The replacement came before what it replaces.
    let clinic = Clinic::open().await;
    let patient = clinic.take(mdm("T10", 5, ("D2", "D1"), "AU", "Drink tea.")).await.patients[0];
    clinic.take(&first).await;
    assert_eq!(texts(&clinic, patient).await, ["Drink tea."]);
}

#[tokio::test]
async fn q45_vxu() {
    let vxu = |hour: u8, dose: &str, history: &str, completion: &str, action: &str| {
        // RXA-9 says whether it is a record of the past; RXA-20 how it ended; RXA-21 what to do with the record.
        let rxa = format!(
            "RXA|0|1|20250901||140^Flu^CVX|{dose}|mL^^UCUM||{history}{}{completion}|{action}\r",
            "|".repeat(11)
        );
        message("VXU^V04", &at(hour), &format!("{PID}ORC|RE||77^A\r{rxa}"))
    };
    let given = async |clinic: &Clinic, patient| {
        let items = clinic.chart(patient).await.immunizations(Page::ALL).await.unwrap().items;
        let dose = |item: &mychartum_core::chart::Item<mychartum_core::chart::Immunization>| {
            let dose = item.view.dose.as_ref().map(|dose| dose.for_people());
            format!("{} {}", item.view.vaccine.shown(), dose.unwrap_or_default()).trim().to_owned()
        };
        items.iter().map(dose).collect::<Vec<_>>()
    };
    for (dose, history, completion, shown) in [
        ("0.5", "00", "CP", vec!["Flu 0.5 mL"]),
        ("999", "01", "CP", vec!["Flu"]),
        ("0.5", "01^Historical^NIP001", "", vec!["Flu 0.5 mL"]),
        ("0.5", "00", "RE", vec![]),
        ("0.5", "00", "NA", vec![]),
        ("0.5", "00", "PA", vec![]),
        ("0.5", "00", "??", vec![]),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(vxu(9, dose, history, completion, "A")).await;
        assert_eq!((report.stored, report.set_aside.len()), (2, 0));
        assert_eq!(given(&clinic, report.patients[0]).await, shown, "{dose} {history} {completion}");
    }
    let clinic = Clinic::open().await;
    let patient = clinic.take(vxu(9, "0.5", "00", "CP", "A")).await.patients[0];
    clinic.take(vxu(10, "0.5", "00", "CP", "D")).await;
    assert!(given(&clinic, patient).await.is_empty());
    clinic.take(vxu(9, "0.5", "00", "CP", "A")).await;
    assert!(given(&clinic, patient).await.is_empty(), "what was deleted does not come back");
    // CVX 998: none was given.
    let clinic = Clinic::open().await;
    let patient = clinic.take(vxu(9, "999", "00", "CP", "A").replace("140^Flu", "998^None")).await.patients[0];
    assert!(given(&clinic, patient).await.is_empty());
}

#[tokio::test]
async fn q46_rde() {
    let rde = |hour: u8, orc: &str, refills: &str| {
        let rxe = format!(
            "RXE||00071015523^Lipitor^NDC^617312^atorvastatin 10 MG^RXNORM|1||tablet^tablet|T|\
             ^Take ONE (1) tab q.d. w/ food&drink|||||{refills}\r"
        );
        message("RDE^O11", &at(hour), &format!("{PID}ORC|{orc}\r{rxe}"))
    };
    let clinic = Clinic::open().await;
    let patient = clinic.take(rde(9, "NW|P1^A", "3")).await.patients[0];
    let listed = async || {
        let items = clinic.chart(patient).await.medications(Page::ALL).await.unwrap().items;
        items.iter().map(|item| (item.version, item.view.status.code(), item.view.refills)).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [(1, "active", Some(3))]);
    let view = clinic.chart(patient).await.medications(Page::ALL).await.unwrap().items.remove(0).view;
    assert_eq!(view.dosage[0].as_str(), "Take ONE (1) tab q.d. w/ food&drink", "in the prescriber's words");
    let codes: Vec<String> = view.medication.codings.iter().map(|coding| coding.code.as_str().to_owned()).collect();
    assert_eq!(codes, ["00071015523", "617312"]);
    // How many refills is not known is not that there are none.
    clinic.take(rde(10, "XO|P1^A", "PRN")).await;
    assert_eq!(listed().await, [(2, "active", None)]);
    clinic.take(rde(11, "XO|P1^A", "0")).await;
    assert_eq!(listed().await, [(3, "active", Some(0))]);
    clinic.take(rde(12, "SC|P1^A|||HD", "0")).await;
    assert_eq!(listed().await, [(4, "on-hold", Some(0))]);
    clinic.take(rde(13, "DC|P1^A", "0")).await;
    assert_eq!(listed().await, [(5, "stopped", Some(0))]);
    clinic.take(rde(9, "NW|P1^A", "3")).await;
    assert_eq!(listed().await, [(5, "stopped", Some(0))], "the first order comes again, late");
    clinic.take(rde(14, "CA|P1^A", "0")).await;
    assert!(listed().await.is_empty(), "it was called off before it began");
    for (orc, status) in [("RP|P2^A", "stopped"), ("RE|P3^A|||CM", "completed"), ("??|P4^A", "unknown")] {
        clinic.take(rde(9, orc, "")).await;
        assert_eq!(listed().await.last().map(|item| item.1), Some(status), "{orc}");
    }
}
