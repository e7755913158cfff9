//! What a pack is read as, and what is refused because of its form: syntax, kinds of values, names, words.

use super::good_pack::*;
use super::*;
use crate::access::grant::LegalBasis;
use crate::access::{Sensitivity, SensitivitySet, Verb};
use crate::chart::{Section, SectionSet};
use crate::kernel::code::{CodeSystem, Coding, Concept};
use crate::kernel::text::Label;

#[test]
fn a_good_pack_says_what_was_written() {
    let pack = PolicyPack::parse(GOOD).unwrap();
    assert_eq!((pack.id(), pack.title(), pack.version().number), ("good", "A good pack", 3));
    assert_eq!(pack.effective().to_string(), "2025-01-31");
    assert_eq!((pack.leap_day(), pack.proxy_min_age(), pack.notices()), (LeapDay::March1, 18, &[60, 30, 7][..]));
    assert_eq!(pack.zone(), chrono_tz::America::Detroit);
    assert_eq!(pack.sources().len(), 2);
    assert_eq!(pack.sources()[0].url.as_deref(), Some("https://example.org/law"));

    let names: Vec<&str> = pack.templates().iter().map(|template| &*template.name).collect();
    assert_eq!(names, ["own", "full", "teen"]);
    let template = |name| pack.template(pack.template_named(name).unwrap()).unwrap();
    let shown = SensitivitySet::from_bits(!BY_CONSENT_ONLY.bits());
    assert_eq!(template("own").shown, shown);
    assert_eq!(template("full").shown, SensitivitySet::of(&[Sensitivity::Sex, Sensitivity::Psy]));
    let teen = template("teen");
    assert!(teen.scope.has(Section::Results, Verb::View) && !teen.scope.has(Section::Medications, Verb::View));
    assert!(teen.scope.has(Section::Medications, Verb::Request) && !teen.scope.has(Section::Results, Verb::Request));
    assert_eq!((teen.hides.bits(), teen.shown), (1, SensitivitySet::NONE));

    let cvx = |code: &str| Concept {
        codings: vec![Coding { system: CodeSystem::Cvx, code: Label::parse(code).unwrap(), display: None }],
        text: None,
    };
    assert!(pack.topics()[0].has(&cvx("118")) && !pack.topics()[0].has(&cvx("08")));

    let consent = pack.basis(LegalBasis::PatientConsent).unwrap();
    assert_eq!((consent.max_days, consent.age, consent.renewal), (Some(546), AgeRule::Ageless, Renewal::Patient));
    assert_eq!(pack.basis(LegalBasis::CourtGuardian).unwrap().verifiers, 2);
    assert!(pack.basis(LegalBasis::HealthCareAgent).is_none());
    assert_eq!(pack.basis(LegalBasis::DiminishedCapacity).unwrap().evidence, Evidence::Attestation);

    assert_eq!(pack.bands().len(), 3);
    let band = pack.band_at(17).unwrap();
    assert_eq!((band.from, band.until, band.messages_apart, &*band.cite), (13, Some(18), true, "S2"));
    assert_eq!(band.own, OwnAccess::WithAssent(pack.template_named("own").unwrap()));
    assert_eq!(band.proxy, ProxyAccess::Template(pack.template_named("teen").unwrap()));
    assert_eq!(band.widen[0].by, [Authority::Patient, Authority::Clinician]);
    assert_eq!(band.widen[0].review_days, Some(365));
    assert_eq!(pack.band_at(12).unwrap().from, 0);
    assert_eq!(pack.band_at(255).unwrap().proxy, ProxyAccess::Revoked);

    assert_eq!(pack.assurance().least(Verb::Message, SensitivitySet::NONE), 0);
    assert_eq!(pack.assurance().least(Verb::Message, shown), 2);
    assert_eq!(pack.assurance().least(Verb::Manage, shown), 3);
    assert_eq!(
        (pack.glass().max_minutes(), pack.invitation().wrong_birth_dates(), pack.invitation().days()),
        (30, 3, 14)
    );
    assert_eq!((pack.release().max_hold_days, pack.release().max_wish_days), (30, 20));
    let delay = &pack.release().delays[0];
    assert_eq!((delay.hours, delay.concerns, delay.topics.bits()), (72, Concerns::Proxies, 1));
    assert_eq!((delay.sections, delay.labels), (Section::Results.into(), SensitivitySet::of(&[Sensitivity::Gdis])));
    assert_eq!((&*delay.ground, &*delay.cite), ("a law", "S1"));
    assert_eq!(SectionSet::of(&[Section::Results]), delay.sections);
}

#[test]
fn the_fingerprint_is_the_beginning_of_the_digest_of_the_text() {
    // SHA-256 of the text, computed once by another program (sha256sum).
    assert_eq!(PolicyPack::parse(GOOD).unwrap().version().fingerprint, 0xd87f_010e_360b_03bf);
    let other = GOOD.replace("A good pack", "A god pack");
    assert_ne!(PolicyPack::parse(&other).unwrap().version().fingerprint, 0xd87f_010e_360b_03bf);
}

#[test]
fn other_ways_to_write_a_word_are_read() {
    let changed = |old: &str, new: &str| PolicyPack::parse(&GOOD.replace(old, new)).unwrap();
    assert_eq!(changed("\"march-1\"", "\"february-28\"").leap_day(), LeapDay::February28);
    let frozen = changed("proxy = \"revoke\"", "proxy = \"freeze:teen\"");
    assert_eq!(frozen.band_at(18).unwrap().proxy, ProxyAccess::Frozen(frozen.template_named("teen").unwrap()));
    assert_eq!(changed("proxy = \"revoke\"", "proxy = \"suspend\"").band_at(18).unwrap().proxy, ProxyAccess::Suspended);
    let assent = changed("\"downgrade:teen\"", "\"assent:full\"");
    assert_eq!(assent.band_at(13).unwrap().proxy, ProxyAccess::WithAssent(assent.template_named("full").unwrap()));
    let dotted = changed("cvx 118", "icd10cm Z23.A-1");
    assert_eq!(dotted.topics()[0].codes[1], (CodeSystem::Icd10Cm, "Z23.A-1".into()));
    assert_eq!(changed("\"proxies\"", "\"everyone\"").release().delays[0].concerns, Concerns::Everyone);
    assert!(changed("notices-days = [60, 30, 7]", "notices-days = []").notices().is_empty());
    let windows = PolicyPack::parse(&GOOD.replace('\n', "\r\n")).unwrap();
    assert_eq!(windows.bands(), PolicyPack::parse(GOOD).unwrap().bands());
    let teen = "own = \"assent:own\"\nproxy = \"downgrade:teen\"\nmessages-apart = true # teen\ncite = \"S2\" # teen\nwiden = [\n  { by = [\"patient\", \"clinician\"], template = \"full\", review-days = 365 },\n]";
    let closed = changed(teen, "own = \"nothing\"\nproxy = \"no-portal\"\nmessages-apart = true\ncite = \"S2\"");
    assert_eq!(closed.band_at(13).unwrap().proxy, ProxyAccess::NoPortal);
}

#[test]
fn what_is_not_a_pack_is_refused() {
    let refusal = |text: &str| PolicyPack::parse(text).unwrap_err();
    assert_eq!(refusal(""), PackError { line: 1, kind: missing("pack") });
    assert_eq!(refusal("\n\n"), PackError { line: 1, kind: missing("pack") });
    let long = format!("{GOOD}# {}\n", "x".repeat(256 << 10));
    let kind = PackErrorKind::TooLong { most: 262_144 };
    assert_eq!(refusal(&long), PackError { line: GOOD.lines().count() + 1, kind });
    assert_eq!(refusal(&format!("{GOOD}[other")).kind, PackErrorKind::NotToml);
    assert_eq!(refusal(&format!("{GOOD}[other")).line, GOOD.lines().count() + 1);
    assert_eq!(refusal(&"[".repeat(10_000)).kind, PackErrorKind::NotToml);
    // What is not closed is wrong at the end of the text, which is after the last line.
    for open in ["a = [\n", "a = {\n", "a = \"\"\"\n", "a =\n"] {
        assert_eq!(refusal(open), PackError { line: 1, kind: PackErrorKind::NotToml }, "{open}");
    }
    let filled = |size: usize| format!("{GOOD}#{}", "x".repeat(size - GOOD.len() - 1));
    assert!(PolicyPack::parse(&filled(256 << 10)).is_ok() && PolicyPack::parse(&filled((256 << 10) + 1)).is_err());
}

#[test]
fn syntax_and_keys_given_twice_are_refused_in_their_line() {
    wrong("id = \"good\"", "id = \"good", PackErrorKind::NotToml);
    refused("id = \"good\"", "id = \"good\"\nid = \"god\"", "god\"", PackErrorKind::NotToml);
    refused("[glass]", "[ release ]\na = 1\n[glass]", "[release]", PackErrorKind::NotToml);
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    let unknown = PackErrorKind::UnknownKey;
    refused("id = \"good\"", "id = \"good\"\ncolour = 1", "colour", unknown.clone());
    refused("key = \"S2\"", "key = \"S2\"\ncolour = 1", "colour", unknown.clone());
    refused("name = \"hpv\"", "name = \"hpv\"\ncolour = 1", "colour", unknown.clone());
    refused("max-days = 546", "max-days = 546\ncolour = 1", "colour", unknown.clone());
    refused("until = 13", "until = 13\ncolour = 1", "colour", unknown.clone());
    refused("template = \"full\", review", "colour = 1, template = \"full\", review", "colour", unknown.clone());
    refused("manage = 3", "manage = 3\ncolour = 1", "colour", unknown.clone());
    refused("max-minutes = 30", "max-minutes = 30\ncolour = 1", "colour", unknown.clone());
    refused("days = 14", "days = 14\ncolour = 1", "colour", unknown.clone());
    refused("max-wish-days = 20", "max-wish-days = 20\ncolour = 1", "colour", unknown.clone());
    refused("hours = 72", "hours = 72\ncolour = 1", "colour", unknown.clone());
    refused("[glass]", "[colour]\n[glass]", "colour", unknown);
    // In a template every other key is a section, and a list.
    wrong("medications = [\"request\"]", "colour = [\"view\"]", PackErrorKind::UnknownSection);
}

#[test]
fn every_part_is_needed() {
    let gone = |old: &str, place: &str, key: &'static str| refused(old, "", place, missing(key));
    for (key, line) in
        [("id", "id = \"good\"\n"), ("title", "title = \"A good pack\"\n"), ("zone", "zone = \"America/Detroit\"\n")]
    {
        gone(line, "[pack]", key);
    }
    gone("version = 3\n", "[pack]", "version");
    gone("effective = 2025-01-31\n", "[pack]", "effective");
    gone("leap-day = \"march-1\"\n", "[pack]", "leap-day");
    gone("notices-days = [60, 30, 7]\n", "[pack]", "notices-days");
    gone("codes = [\"cvx 62\", \"cvx 118\"]\n", "[[topic]]", "codes");
    gone("renewal = \"patient\"\n", "[basis.patient-consent]", "renewal");
    gone("cite = \"S1\" # parent\n", "[basis.parent]", "cite");
    gone("follows-age = true\n", "[basis.parent]", "follows-age");
    gone("max-minutes = 30\n", "[glass]", "max-minutes");
    gone("wrong-birth-dates = 3\n", "[invitation]", "wrong-birth-dates");
    gone("manage = 3\n", "[assurance]", "manage");
    gone("sensitive = 2\n", "[assurance]", "sensitive");
    gone("max-hold-days = 30\n", "[release]", "max-hold-days");
    gone("sections = [\"results\"]\n", "[[release.delay]]", "sections");
    above("from = 13\n", "", "until = 18", missing("from"));
    above("own = \"nothing\"\n", "", "from = 0", missing("own"));
    above("key = \"S2\"\n", "", "citation = \"A policy\"", missing("key"));
}

#[test]
fn what_every_pack_must_say_is_not_left_out() {
    let without = |from: &str, to: &str, key: &'static str| {
        let (head, rest) = GOOD.split_once(from).unwrap();
        let tail = rest.find(to).map_or("", |end| rest.split_at(end).1);
        let text = format!("{head}{}", if to.is_empty() { "" } else { tail });
        let error = PolicyPack::parse(&text).unwrap_err();
        assert_eq!(error, PackError { line: 1, kind: missing(key) });
    };
    without("[basis.patient-consent]", "[basis.parent]", "basis.patient-consent");
    without("[basis.patient-consent]", "[[band]]", "basis");
    without("[template.own]", "[basis.patient-consent]", "template");
    without("[[band]]", "[assurance]", "band");
    without("[assurance]", "[glass]", "assurance");
    without("[glass]", "[invitation]", "glass");
    without("[invitation]", "[release]", "invitation");
    without("[release]", "", "release");
    // A delay alone does not make a table of release.
    above("[release]\nmax-hold-days = 30\nmax-wish-days = 20\n", "", "name = \"genes\"", missing("max-hold-days"));
}

#[test]
fn values_of_another_kind_are_refused() {
    let shape = |key, shape| PackErrorKind::Expected { key, shape };
    wrong("id = \"good\"", "id = 5", shape("id", "a text in quotation marks"));
    wrong("version = 3", "version = \"3\"", shape("version", "a whole number"));
    wrong("version = 3", "version = 3.0", shape("version", "a whole number"));
    wrong("version = 3", "version = 0x3", shape("version", "a whole number"));
    wrong("notices-days = [60, 30, 7]", "notices-days = 60", shape("notices-days", "a list in square brackets"));
    wrong("messages-apart = true # teen", "messages-apart = \"yes\"", shape("messages-apart", "true or false"));
    wrong("medications = [\"request\"]", "medications = \"request\"", shape("section", "a list in square brackets"));
    wrong("hides = [\"hpv\"]", "hides = [1]", shape("hides", "a text in quotation marks"));
    wrong("[glass]\nmax-minutes = 30", "glass = 5", PackErrorKind::UnknownKey);
    refused("[pack]", "glass = 5\n[pack]", "[glass]", PackErrorKind::NotToml);
    above("[pack]", "band = 5\n[pack]", "from = 0", PackErrorKind::NotToml);
}

#[test]
fn names_and_lines_are_what_they_should_be() {
    wrong("id = \"good\"", "id = \"a good one\"", PackErrorKind::NotAName { key: "id" });
    wrong("id = \"good\"", "id = \"\"", PackErrorKind::NotAName { key: "id" });
    wrong("name = \"hpv\"", "name = \"h p v\"", PackErrorKind::NotAName { key: "name" });
    wrong("[template.teen]", "[template.\"a teen\"]", PackErrorKind::NotAName { key: "template" });
    wrong("title = \"A good pack\"", "title = \"  \"", PackErrorKind::NotALine { key: "title" });
    wrong("title = \"A good pack\"", "title = \"A\\ngood pack\"", PackErrorKind::NotALine { key: "title" });
    let long = format!("title = \"{}\"", "x".repeat(401));
    wrong("title = \"A good pack\"", &long, PackErrorKind::NotALine { key: "title" });
    let longest = "x".repeat(400);
    assert_eq!(taken("title = \"A good pack\"", &format!("title = \"{longest}\"")).title(), longest);
    let longest = "x-9".repeat(16);
    assert_eq!(taken("id = \"good\"", &format!("id = \"{longest}\"")).id(), longest);
    let long = format!("id = \"{longest}x\"");
    wrong("id = \"good\"", &long, PackErrorKind::NotAName { key: "id" });
    wrong("citation = \"A law\"", "citation = \"\"", PackErrorKind::NotALine { key: "citation" });
    wrong("url = \"https://example.org/law\"", "url = \"javascript:x\"", PackErrorKind::NotAnAddress);
    wrong("url = \"https://example.org/law\"", "url = \"https://a b\"", PackErrorKind::NotAnAddress);
}

#[test]
fn dates_and_zones_exist() {
    let date = PackErrorKind::NotADate { key: "effective" };
    wrong("effective = 2025-01-31", "effective = 2025-02-29", PackErrorKind::NotToml);
    wrong("effective = 2025-01-31", "effective = \"2025-01-31\"", date.clone());
    wrong("effective = 2025-01-31", "effective = 2025-01-31T00:00:00Z", date.clone());
    wrong("effective = 2025-01-31", "effective = 2025-01-31T00:00:00", date.clone());
    wrong("effective = 2025-01-31", "effective = 00:00:00", date);
    wrong("zone = \"America/Detroit\"", "zone = \"America/Atlantis\"", PackErrorKind::UnknownZone);
    wrong("zone = \"America/Detroit\"", "zone = \"\"", PackErrorKind::UnknownZone);
}

#[test]
fn words_that_are_not_known_are_refused() {
    let word = |key| PackErrorKind::UnknownWord { key };
    wrong("leap-day = \"march-1\"", "leap-day = \"march-2\"", word("leap-day"));
    wrong("renewal = \"patient\"", "renewal = \"doctor\"", word("renewal"));
    wrong("evidence = \"patients-word\"", "evidence = \"gossip\"", word("evidence"));
    wrong("concerns = \"proxies\"", "concerns = \"some\"", word("concerns"));
    for own in ["own = \"everything\"", "own = \"template\"", "own = \"nothing:own\"", "own = \"keep:own\""] {
        wrong("own = \"nothing\"", own, word("own"));
    }
    for proxy in ["proxy = \"keep\"", "proxy = \"revoke:full\"", "proxy = \"template:full\"", "proxy = \"\""] {
        wrong("proxy = \"keep:full\"", proxy, word("proxy"));
    }
    wrong("by = [\"patient\", \"clinician\"]", "by = [\"neighbour\"]", word("by"));
    wrong("medications = [\"request\"]", "medications = [\"destroy\"]", PackErrorKind::UnknownVerb);
    wrong("sections = [\"results\"]", "sections = [\"secrets\"]", PackErrorKind::UnknownSection);
    wrong("labels = [\"GDIS\"]", "labels = [\"gdis\"]", PackErrorKind::UnknownLabel);
    wrong("shown = [\"SEX\", \"PSY\"]", "shown = [\"SMOKE\"]", PackErrorKind::UnknownLabel);
    wrong("[basis.executor]", "[basis.neighbour]", PackErrorKind::UnknownBasis);
    for codes in ["cvx62", "cpt 62", "cvx ", "cvx 6 2", ""] {
        wrong("codes = [\"cvx 62\", \"cvx 118\"]", &format!("codes = [\"{codes}\"]"), PackErrorKind::NotACode);
    }
}

#[test]
fn what_is_named_must_be_there() {
    let template = |name: &str| PackErrorKind::UnknownTemplate { name: name.into() };
    wrong("own = \"assent:own\"", "own = \"assent:owns\"", template("owns"));
    wrong("proxy = \"keep:full\"", "proxy = \"keep:fuller\"", template("fuller"));
    wrong("proxy = \"keep:full\"", "proxy = \"keep: full\"", PackErrorKind::NotAName { key: "template" });
    wrong("template = \"full\", review", "template = \"more\", review", template("more"));
    wrong("template = \"full\" # parent", "template = \"more\"", template("more"));
    wrong("hides = [\"hpv\"]", "hides = [\"tetanus\"]", PackErrorKind::UnknownTopic { name: "tetanus".into() });
    wrong("topics = [\"hpv\"]", "topics = [\"tetanus\"]", PackErrorKind::UnknownTopic { name: "tetanus".into() });
    let source = PackErrorKind::UnknownSource { key: "S9".into() };
    for cite in ["# parent", "# child", "# adult", "# delay"] {
        wrong(&format!("cite = \"S1\" {cite}"), "cite = \"S9\"", source.clone());
    }
    refused("cite = \"S2\"\n\n[template", "cite = \"S9\"\n\n[template", "S9", source);
}

#[test]
fn nothing_is_named_twice() {
    let twice = |key| PackErrorKind::Twice { key };
    wrong("key = \"S2\"", "key = \"S1\" # again", twice("key"));
    let topic = "[[topic]]\nname = \"hpv\" # again\ncodes = [\"cvx 1\"]\ncite = \"S1\"\n\n[template.own]";
    refused("[template.own]", topic, "# again", twice("name"));
    let delay = "\n[[release.delay]]\nname = \"genes\" # again\nsections = [\"results\"]\nlabels = [\"SCA\"]\nhours = 1\n\
                 concerns = \"everyone\"\nground = \"a law\"\ncite = \"S1\"\n";
    refused("cite = \"S1\" # delay\n", &format!("cite = \"S1\" # delay\n{delay}"), "# again", twice("name"));
    refused("[template.teen]", "[template.full] # again\n[template.teen]", "# again", PackErrorKind::NotToml);
    refused("[basis.executor]", "[basis.parent] # again\n[basis.executor]", "# again", PackErrorKind::NotToml);
    wrong("medications = [\"request\"]", "medications = [\"view\", \"view\"]", twice("verb"));
    wrong("shown = [\"SEX\", \"PSY\"]", "shown = [\"PSY\", \"PSY\"]", twice("shown"));
    wrong("hides = [\"hpv\"]", "hides = [\"hpv\", \"hpv\"]", twice("hides"));
    wrong("codes = [\"cvx 62\", \"cvx 118\"]", "codes = [\"cvx 62\", \"cvx 62\"]", twice("codes"));
    wrong("sections = [\"results\"]", "sections = [\"results\", \"results\"]", twice("sections"));
    wrong("labels = [\"GDIS\"]", "labels = [\"GDIS\", \"GDIS\"]", twice("labels"));
    wrong("by = [\"patient\", \"clinician\"]", "by = [\"patient\", \"patient\"]", twice("by"));
}

#[test]
fn codes_are_of_the_length_that_codes_have() {
    let codes = |code: &str| format!("codes = [\"loinc {code}\"]");
    let longest = taken("codes = [\"cvx 62\", \"cvx 118\"]", &codes(&"1".repeat(48)));
    assert_eq!(longest.topics()[0].codes[0], (CodeSystem::Loinc, "1".repeat(48).into()));
    for code in [&"1".repeat(49), "2/3", "2_3"] {
        wrong("codes = [\"cvx 62\", \"cvx 118\"]", &codes(code), PackErrorKind::NotACode);
    }
}

#[test]
fn age_changes_nothing_for_the_own_chart_where_every_band_says_the_same() {
    let full = TemplateId(1);
    for proxy in [ProxyAccess::Template(full), ProxyAccess::WithAssent(full), ProxyAccess::Frozen(full)] {
        assert!(proxy.is_portal());
    }
    assert!(
        ProxyAccess::Suspended.is_portal() && ProxyAccess::Revoked.is_portal() && !ProxyAccess::NoPortal.is_portal()
    );
    assert!(!PolicyPack::parse(GOOD).unwrap().own_is_ageless());
    let child = GOOD.replace("own = \"nothing\"", "own = \"template:own\"");
    assert!(!PolicyPack::parse(&child).unwrap().own_is_ageless());
    let teen = child.replace("own = \"assent:own\"", "own = \"template:own\"");
    assert!(PolicyPack::parse(&teen).unwrap().own_is_ageless());
}
