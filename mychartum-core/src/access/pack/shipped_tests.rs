//! What the shipped packs say at each age, held against the publications as the notes of `features.md` summarise them.

use super::*;
use crate::access::grant::LegalBasis;
use crate::access::{Sensitivity, Verb};
use crate::chart::{Section, SectionSet};

/// Own access: n nothing, y a template, a with assent. Proxies: F full, L less than full, A with assent, R revoked,
/// H history only (frozen), X no portal for anybody.
struct Row {
    pack: &'static str,
    zone: &'static str,
    /// One letter for each age from 0 to 20.
    own: &'static str,
    /// The same.
    proxy: &'static str,
}

// ages:          0         1         2
//                012345678901234567890
const ROWS: [Row; 16] = [
    Row { pack: "example", zone: "America/New_York", own: "nnnnnnnnnnnnnyyyyyyyy", proxy: "FFFFFFFFFFFFFLLLLLRRR" },
    // Y01: full until 11; 12th birthday, full to partial; the own account from 12.
    Row { pack: "corewell", zone: "America/Detroit", own: "nnnnnnnnnnnnyyyyyyyyy", proxy: "FFFFFFFFFFFFLLLLLLRRR" },
    // Y02: full until 12; from 13 to 17 with assent, both; 18 ends.
    Row {
        pack: "cincinnati-childrens",
        zone: "America/New_York",
        own: "nnnnnnnnnnnnnaaaaayyy",
        proxy: "FFFFFFFFFFFFFAAAAARRR",
    },
    // Y03: full until 12; 13 partial; ends at 18.
    Row { pack: "cuyuna", zone: "America/Chicago", own: "nnnnnnnnnnnnnyyyyyyyy", proxy: "FFFFFFFFFFFFFLLLLLRRR" },
    // Y04: full until 11; 12th birthday revoked; the own record from 12.
    Row {
        pack: "loma-linda",
        zone: "America/Los_Angeles",
        own: "nnnnnnnnnnnnyyyyyyyyy",
        proxy: "FFFFFFFFFFFFRRRRRRRRR",
    },
    // Y07: no notes from 0 to 11, which is less than full; 12 partial; ends at 18.
    Row { pack: "centrastate", zone: "America/New_York", own: "nnnnnnnnnnnnyyyyyyyyy", proxy: "LLLLLLLLLLLLLLLLLLRRR" },
    // Y09: full until 13; 14 limited; 18 expires.
    Row { pack: "hurley", zone: "America/Detroit", own: "nnnnnnnnnnnnnnyyyyyyy", proxy: "FFFFFFFFFFFFFFLLLLRRR" },
    // Y10 and Y11: full until 12; 13 limited; the own account from 13; 18 ends.
    Row {
        pack: "kp-adult-to-teen",
        zone: "America/Los_Angeles",
        own: "nnnnnnnnnnnnnyyyyyyyy",
        proxy: "FFFFFFFFFFFFFLLLLLRRR",
    },
    Row {
        pack: "kp-washington",
        zone: "America/Los_Angeles",
        own: "nnnnnnnnnnnnnyyyyyyyy",
        proxy: "FFFFFFFFFFFFFLLLLLRRR",
    },
    // Y12: 13 without medications and after-visit summaries; the own account from 13; 18 ends.
    Row {
        pack: "boston-childrens",
        zone: "America/New_York",
        own: "nnnnnnnnnnnnnyyyyyyyy",
        proxy: "FFFFFFFFFFFFFLLLLLRRR",
    },
    // Y15: full until 11; 12 to 17 without five topics.
    Row { pack: "thedacare", zone: "America/Chicago", own: "nnnnnnnnnnnnyyyyyyyyy", proxy: "FFFFFFFFFFFFLLLLLLRRR" },
    // Y16: full until 12; 13th birthday discontinued.
    Row { pack: "munson", zone: "America/Detroit", own: "nnnnnnnnnnnnnyyyyyyyy", proxy: "FFFFFFFFFFFFFRRRRRRRR" },
    // Y17: full until 12; 13 to 17 no portal at all, no own account.
    Row { pack: "madelia", zone: "America/Chicago", own: "nnnnnnnnnnnnnnnnnnyyy", proxy: "FFFFFFFFFFFFFXXXXXRRR" },
    // Y19: full until 15; 16.
    Row { pack: "fmol", zone: "America/Chicago", own: "nnnnnnnnnnnnnnnnyyyyy", proxy: "FFFFFFFFFFFFFFFFLLRRR" },
    // Y21: full until 17; 18 the history stays; the own account from 18.
    Row {
        pack: "certified-allergy",
        zone: "America/New_York",
        own: "nnnnnnnnnnnnnnnnnnyyy",
        proxy: "FFFFFFFFFFFFFFFFFFHHH",
    },
    // Y22: removed at 11, none from 11 to 16; the own account from 16.
    Row { pack: "denton-turret", zone: "Europe/London", own: "nnnnnnnnnnnnnnnnyyyyy", proxy: "FFFFFFFFFFFRRRRRRRRRR" },
];

fn shipped(id: &str) -> PolicyPack {
    let (_, text) = PolicyPack::shipped().find(|(name, _)| *name == id).unwrap();
    PolicyPack::parse(text).unwrap()
}

/// What a proxy's template has in a band.
fn teen(pack: &PolicyPack, age: u8) -> &Template {
    match pack.band_at(age).unwrap().proxy {
        ProxyAccess::Template(place) | ProxyAccess::WithAssent(place) | ProxyAccess::Frozen(place) => {
            pack.template(place).unwrap()
        }
        other => panic!("no template at {age}: {other:?}"),
    }
}

fn can(template: &Template, section: Section) -> Vec<Verb> {
    Verb::ALL.into_iter().filter(|verb| template.scope.has(section, *verb)).collect()
}

#[test]
fn each_shipped_pack_is_valid_and_calls_itself_as_its_file_is_called() {
    let mut fingerprints = Vec::new();
    for (name, text) in PolicyPack::shipped() {
        let pack = PolicyPack::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pack.id(), name);
        assert!(text.contains("not legal advice"), "{name}");
        assert!(name == "example" || text.contains(" as it was read on 2026-11-23, in a stored copy"), "{name}");
        assert!(!fingerprints.contains(&pack.version().fingerprint));
        fingerprints.push(pack.version().fingerprint);
    }
    assert_eq!(PolicyPack::shipped().count(), 17);
}

#[test]
fn own_records_are_open_at_any_age_and_after_death() {
    let pack = PolicyPack::parse(OWN_RECORDS_PACK).unwrap();
    assert!(pack.own_is_ageless() && pack.own_after_death().is_some());
    let others = PolicyPack::shipped().map(|(_, text)| PolicyPack::parse(text).unwrap());
    assert!(others.into_iter().all(|pack| !pack.own_is_ageless() && pack.own_after_death().is_none()));
}

#[test]
fn at_each_age_the_packs_say_what_was_published() {
    for row in &ROWS {
        let pack = shipped(row.pack);
        assert_eq!(pack.zone().name(), row.zone, "{}", row.pack);
        let full = pack.template(pack.template_named("full").unwrap()).unwrap().clone();
        let (mut own, mut proxy) = (String::new(), String::new());
        for age in 0..=20 {
            let band = pack.band_at(age).unwrap();
            own.push(match band.own {
                OwnAccess::Nothing => 'n',
                OwnAccess::Template(_) => 'y',
                OwnAccess::WithAssent(_) => 'a',
            });
            proxy.push(match band.proxy {
                ProxyAccess::Template(place) if *pack.template(place).unwrap() == full => 'F',
                ProxyAccess::Template(_) => 'L',
                ProxyAccess::Suspended => 'S',
                ProxyAccess::Revoked => 'R',
                ProxyAccess::WithAssent(_) => 'A',
                ProxyAccess::Frozen(_) => 'H',
                ProxyAccess::NoPortal => 'X',
            });
        }
        assert_eq!((own.as_str(), proxy.as_str()), (row.own, row.proxy), "{}", row.pack);
    }
}

#[test]
fn every_pack_but_the_release_pack_has_a_row_and_adults_have_their_chart() {
    for (name, text) in PolicyPack::shipped() {
        assert!(name == "kentucky" || ROWS.iter().any(|row| row.pack == name), "{name}");
        let pack = PolicyPack::parse(text).unwrap();
        let OwnAccess::Template(own) = pack.band_at(90).unwrap().own else { panic!("{name}") };
        for section in Section::ALL {
            assert_eq!(can(pack.template(own).unwrap(), section), Verb::ALL, "{name}");
        }
    }
}

#[test]
fn what_parents_keep_is_what_was_published() {
    // Y07: no clinical notes from 0 to 11; from 12 no refills, appointments, notes, medications.
    let centrastate = shipped("centrastate");
    assert!(can(teen(&centrastate, 11), Section::Documents).is_empty());
    assert!(can(teen(&centrastate, 11), Section::Medications).contains(&Verb::Request));
    let gone = [Section::Appointments, Section::Documents, Section::Medications];
    assert!(gone.into_iter().all(|section| can(teen(&centrastate, 12), section).is_empty()));
    assert_eq!(can(teen(&centrastate, 12), Section::Messages), [Verb::View, Verb::Message]);
    assert!(can(teen(&centrastate, 12), Section::Results).contains(&Verb::View));

    // Y09: allergies, immunizations, scheduling.
    let readable = teen(&shipped("hurley"), 14).scope.sections(Verb::View);
    assert_eq!(readable, SectionSet::of(&[Section::Demographics, Section::Allergies, Section::Immunizations]));
    assert_eq!(can(teen(&shipped("hurley"), 17), Section::Appointments), [Verb::Schedule]);

    // Y10: not problems, medications, results, past visits, letters; booking without the details of visits.
    let kaiser = shipped("kp-adult-to-teen");
    let listed =
        [Section::Demographics, Section::Allergies, Section::Vitals, Section::Immunizations, Section::Messages];
    assert_eq!(teen(&kaiser, 13).scope.sections(Verb::View), SectionSet::of(&listed));

    // Y11: messages, immunizations except HPV.
    let washington = shipped("kp-washington");
    let listed = [Section::Demographics, Section::Immunizations, Section::Messages];
    assert_eq!(teen(&washington, 13).scope.sections(Verb::View), SectionSet::of(&listed));
    assert_ne!(teen(&washington, 13).hides, TopicSet::NONE);
    assert_eq!(teen(&washington, 12).hides, TopicSet::NONE);
    assert_eq!(&*washington.topics()[0].name, "hpv");

    // Y12: everything except medications and after-visit summaries; a renewal may be asked for.
    let boston = shipped("boston-childrens");
    assert_eq!(can(teen(&boston, 13), Section::Medications), [Verb::Request]);
    let shut = SectionSet::of(&[Section::Medications, Section::Documents]);
    for section in Section::ALL {
        assert_eq!(can(teen(&boston, 13), section).contains(&Verb::View), !shut.has(section), "{section:?}");
    }
    assert!(boston.band_at(13).unwrap().messages_apart && !boston.band_at(12).unwrap().messages_apart);
    let consent = boston.basis(LegalBasis::PatientConsent).unwrap();
    assert!(boston.template(consent.template).unwrap().scope.is_empty());

    // Y15: not alcohol and drugs, pregnancy, abortion, sexually transmitted infections, transgender.
    let theda = shipped("thedacare");
    let topics = [Sensitivity::Eth, Sensitivity::Sex, Sensitivity::Abortion, Sensitivity::Std, Sensitivity::Gender];
    assert!(topics.into_iter().all(|label| !teen(&theda, 12).shown.has(label) && teen(&theda, 11).shown.has(label)));
    assert!(teen(&theda, 12).shown.has(Sensitivity::Psy));
    assert!(can(teen(&theda, 17), Section::Appointments).contains(&Verb::Schedule));
}

#[test]
fn access_is_widened_by_whom_the_publications_name() {
    let widen = |id: &str, age: u8| {
        let pack = shipped(id);
        let name = |place: TemplateId| pack.template(place).unwrap().name.to_string();
        let band = pack.band_at(age).unwrap();
        band.widen.iter().map(|way| (way.by.clone(), name(way.template), way.review_days)).collect::<Vec<_>>()
    };
    let (patient, clinician) = (Authority::Patient, Authority::Clinician);
    let both = vec![patient, clinician];
    assert_eq!(
        widen("loma-linda", 12),
        [(vec![patient], "standard".to_owned(), None), (vec![patient], "full".to_owned(), None)]
    );
    assert_eq!(widen("centrastate", 17), [(both.clone(), "full".to_owned(), Some(365))]);
    assert_eq!(widen("hurley", 14), [(both.clone(), "full".to_owned(), None)]);
    assert_eq!(widen("denton-turret", 11), [(both, "full".to_owned(), None)]);
    assert!(
        widen("madelia", 14).is_empty() && widen("munson", 14).is_empty() && widen("boston-childrens", 14).is_empty()
    );
    let consent = shipped("cincinnati-childrens").basis(LegalBasis::PatientConsent).unwrap().clone();
    assert_eq!((consent.max_days, consent.renewal), (Some(546), Renewal::Patient));
}

#[test]
fn only_kentucky_delays_results_and_only_the_two_kinds_of_the_statute() {
    for (name, text) in PolicyPack::shipped() {
        let delays = PolicyPack::parse(text).unwrap().release().delays.len();
        assert_eq!(delays, if name == "kentucky" { 2 } else { 0 }, "{name}");
    }
    let kentucky = shipped("kentucky");
    let labels: Vec<_> = kentucky.release().delays.iter().flat_map(|delay| delay.labels.iter()).collect();
    assert_eq!(labels, [Sensitivity::Taboo, Sensitivity::Gdis]);
    assert!(kentucky.release().delays.iter().all(|delay| delay.hours == 72 && delay.concerns == Concerns::Everyone));
    assert!(kentucky.release().delays.iter().all(|delay| delay.ground.starts_with("KRS 333.152(2)")));
}
