//! Each rule for packs: a good pack with one thing wrong is refused, with the kind and the line.

use super::good_pack::*;
use super::*;
use crate::access::SensitivitySet;

#[test]
fn bands_cover_every_age_once_and_have_one_open_end() {
    wrong("from = 0", "from = 1 # late", PackErrorKind::NoFirstBand);
    wrong("from = 18", "from = 19 # gap", PackErrorKind::BandGap);
    wrong("from = 18", "from = 17 # overlap", PackErrorKind::BandOverlap);
    wrong("until = 18", "until = 13 # empty", PackErrorKind::EmptyBand);
    wrong("until = 18", "until = 12 # backwards", PackErrorKind::EmptyBand);
    above("until = 13\n", "", "from = 0", PackErrorKind::OpenBandNotLast);
    refused("from = 18", "from = 18\nuntil = 21", "until = 21", PackErrorKind::NoLastBand);
    wrong("until = 18", "until = 22", range("until", 1, 21));
    wrong("from = 18", "from = -1", range("from", 0, 21));
    let first = "[[band]]\nfrom = 0\nuntil = 13\nown = \"nothing\"\nproxy = \"keep:full\"\nmessages-apart = false\ncite = \"S1\" # child\n";
    let years = |count: u8| -> String {
        let year = |from: u8| {
            first.replace("from = 0", &format!("from = {from}")).replace("until = 13", &format!("until = {}", from + 1))
        };
        (0..count).map(year).collect::<String>() + &first.replace("from = 0", &format!("from = {count}"))
    };
    assert_eq!(taken(first, &years(5)).bands().len(), 8);
    let text = GOOD.replace(first, &years(6));
    let error = PolicyPack::parse(&text).unwrap_err();
    let kind = PackErrorKind::TooMany { key: "band", most: 8 };
    assert_eq!(error, PackError { line: line_of(&text, "from = 18") - 1, kind });
}

#[test]
fn adults_see_their_own_chart_and_nobody_shuts_the_portal_on_them() {
    wrong("own = \"template:own\"", "own = \"nothing\" # last", PackErrorKind::LastBandWithoutOwnAccess);
    wrong("own = \"template:own\"", "own = \"assent:own\" # last", PackErrorKind::LastBandWithoutOwnAccess);
    wrong("proxy = \"revoke\"", "proxy = \"no-portal\"", PackErrorKind::LastBandProxy);
    wrong("proxy = \"revoke\"", "proxy = \"assent:teen\"", PackErrorKind::LastBandProxy);
    for proxy in ["keep:teen", "suspend", "freeze:teen"] {
        taken("proxy = \"revoke\"", &format!("proxy = \"{proxy}\""));
    }
    wrong("proxy = \"downgrade:teen\"", "proxy = \"no-portal\"", PackErrorKind::NoPortalForSome);
    let both = ("own = \"assent:own\"", "own = \"nothing\"");
    let portal = ("proxy = \"downgrade:teen\"", "proxy = \"no-portal\"");
    refused_twice(both, portal, "no-portal", PackErrorKind::NoPortalForSome);
}

#[test]
fn what_age_leaves_to_a_proxy_never_grows() {
    wrong("proxy = \"keep:full\"", "proxy = \"downgrade:full\"", PackErrorKind::NothingToDowngrade);
    wrong("proxy = \"downgrade:teen\"", "proxy = \"keep:own\"", PackErrorKind::WiderThanBefore);
    wrong("proxy = \"revoke\"", "proxy = \"freeze:full\"", PackErrorKind::WiderThanBefore);
    // More rights, more labels, and a topic that is not left out any more.
    let (teen, wider) = ("proxy = \"downgrade:teen\"", PackErrorKind::WiderThanBefore);
    refused("medications = [\"request\"]", "medications = [\"pay\"]", teen, wider.clone());
    refused("hides = [\"hpv\"]", "shown = [\"STD\"]", teen, wider.clone());
    let hiding = ("shown = [\"SEX\", \"PSY\"]", "hides = [\"hpv\"]");
    refused_twice(hiding, ("medications = [\"request\"]\nhides = [\"hpv\"]", ""), teen, wider);
    // After a pause there may be something again.
    let paused = GOOD.replace("downgrade:teen", "suspend").replace("\"revoke\"", "\"keep:teen\"");
    assert!(PolicyPack::parse(&paused).is_ok());
}

#[test]
fn access_that_follows_age_never_manages() {
    let manages = PackErrorKind::ManageByAge;
    wrong("template = \"full\" # parent", "template = \"own\"", manages.clone());
    wrong("template = \"full\" # foster", "template = \"own\"", manages.clone());
    wrong("template = \"full\", review", "template = \"own\", review", manages.clone());
    refused_twice(("downgrade:teen", "suspend"), ("\"revoke\"", "\"freeze:own\""), "freeze:own", manages.clone());
    let one_section = "all = [\"view\", \"message\", \"request\"]\nbilling = [\"view\", \"manage\"]";
    refused("all = [\"view\", \"message\", \"request\"]", one_section, "template = \"full\" # parent", manages);
    taken("template = \"full\" # guardian", "template = \"own\"");
}

#[test]
fn no_template_shows_what_only_a_consent_opens() {
    for label in BY_CONSENT_ONLY.iter() {
        let shown = format!("shown = [\"SEX\", \"{}\"]", label.code());
        wrong("shown = [\"SEX\", \"PSY\"]", &shown, PackErrorKind::ByConsentOnly);
    }
    for label in SensitivitySet::from_bits(!BY_CONSENT_ONLY.bits()).iter() {
        taken("shown = [\"SEX\", \"PSY\"]", &format!("shown = [\"{}\"]", label.code()));
    }
    let shape = PackErrorKind::Expected { key: "shown", shape: "a list in square brackets" };
    wrong("shown = \"all\"", "shown = \"everything\"", shape);
}

#[test]
fn each_basis_has_what_its_nature_demands() {
    let ageless = |basis| PackErrorKind::MustBeAgeless { basis };
    wrong("follows-age = false # consent", "follows-age = true # wrong", ageless("patient-consent"));
    wrong("follows-age = false # capacity", "follows-age = true # wrong", ageless("diminished-capacity"));
    wrong("follows-age = false # executor", "follows-age = true # wrong", ageless("executor"));
    taken("follows-age = false # guardian", "follows-age = true # guardian");

    let (header, foster) = ("[basis.diminished-capacity]", "[basis.foster]");
    refused("max-days = 180\n", "", header, PackErrorKind::MustEnd { basis: "diminished-capacity" });
    refused("max-days = 365\n", "", foster, PackErrorKind::MustEnd { basis: "foster" });
    wrong("max-days = 365", "max-days = 367", range("max-days", 1, 366));
    taken("max-days = 365", "max-days = 366");
    wrong("max-days = 546", "max-days = 0", range("max-days", 1, 65_535));
    taken("max-days = 546\n", "");

    wrong("evidence = \"attestation\"", "evidence = \"document\" # wrong", PackErrorKind::MustBeAttested);
    let word = PackErrorKind::WordIsNotEnough { basis: "parent" };
    wrong("evidence = \"document\" # parent", "evidence = \"patients-word\" # wrong", word);

    wrong("verifiers = 1 # parent", "verifiers = 0", range("verifiers", 1, 2));
    wrong("verifiers = 1 # parent", "verifiers = 3", range("verifiers", 1, 2));
    taken("verifiers = 2", "verifiers = 1 # all alike");
    let fewer = ("verifiers = 2", "verifiers = 1 # fewer");
    let kind = PackErrorKind::GuardianWithFewerVerifiers;
    refused_twice(fewer, ("verifiers = 1 # executor", "verifiers = 2"), "# fewer", kind);
}

#[test]
fn delays_have_a_ground_a_source_a_subject_and_an_end() {
    above("ground = \"a law\"\n", "", "name = \"genes\"", PackErrorKind::DelayWithoutGround);
    wrong("ground = \"a law\"", "ground = \" \"", PackErrorKind::DelayWithoutGround);
    above("cite = \"S1\" # delay\n", "", "name = \"genes\"", PackErrorKind::DelayWithoutSource);
    above("topics = [\"hpv\"]\nlabels = [\"GDIS\"]\n", "", "name = \"genes\"", PackErrorKind::BlanketDelay);
    let named = "topics = [\"hpv\"]\nlabels = [\"GDIS\"]\n";
    above(named, "topics = []\nlabels = []\n", "name = \"genes\"", PackErrorKind::BlanketDelay);
    taken("topics = [\"hpv\"]\n", "");
    taken("labels = [\"GDIS\"]\n", "");
    above("sections = [\"results\"]", "sections = []", "name = \"genes\"", PackErrorKind::Empty { key: "sections" });
    for hours in [-1, 0, 241] {
        wrong("hours = 72", &format!("hours = {hours}"), range("hours", 1, 240));
    }
    wrong("hours = 72", "hours = 99999999999999999999", range("hours", 1, 240));
    taken("hours = 72", "hours = 240");
    for days in [0, 91] {
        wrong("max-hold-days = 30", &format!("max-hold-days = {days}"), range("max-hold-days", 1, 90));
        wrong("max-wish-days = 20", &format!("max-wish-days = {days}"), range("max-wish-days", 1, 90));
    }
}

#[test]
fn numbers_stay_within_their_ranges() {
    for minutes in [0, 61] {
        wrong("max-minutes = 30", &format!("max-minutes = {minutes}"), range("max-minutes", 1, 60));
    }
    wrong("manage = 3", "manage = 4", range("manage", 0, 3));
    wrong("sensitive = 2", "sensitive = 4", range("sensitive", 0, 3));
    wrong("sensitive = 2", "sensitive = 0", PackErrorKind::SensitiveBelowView);
    wrong("version = 3", "version = 0", range("version", 1, 4_294_967_295));
    wrong("proxy-min-age = 18", "proxy-min-age = 19", range("proxy-min-age", 0, 18));
    wrong("wrong-birth-dates = 3", "wrong-birth-dates = 0", range("wrong-birth-dates", 1, 10));
    wrong("days = 14", "days = 0", range("days", 1, 365));
    wrong("review-days = 365", "review-days = 0", range("review-days", 1, 3660));
    let descending = PackErrorKind::NoticesNotDescending;
    wrong("notices-days = [60, 30, 7]", "notices-days = [30, 60]", descending.clone());
    wrong("notices-days = [60, 30, 7]", "notices-days = [60, 60]", descending);
    for day in [0, 366] {
        wrong("notices-days = [60, 30, 7]", &format!("notices-days = [{day}]"), range("notices-days", 1, 365));
    }
}

#[test]
fn lists_are_neither_empty_nor_endless() {
    wrong("by = [\"patient\", \"clinician\"]", "by = []", PackErrorKind::Empty { key: "by" });
    above("codes = [\"cvx 62\", \"cvx 118\"]", "codes = []", "name = \"hpv\"", PackErrorKind::Empty { key: "codes" });
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let topic = |n: usize| format!("[[topic]]\nname = \"t{n}\"\ncodes = [\"cvx {n}\"]\ncite = \"S1\"\n");
    assert_eq!(taken("[template.own]", &(many(31, &topic) + "[template.own]")).topics().len(), 32);
    let topics = PackErrorKind::TooMany { key: "topic", most: 32 };
    above("[template.own]", &(many(32, &topic) + "[template.own]"), "name = \"t31\"", topics);
    let template = |n: usize| format!("[template.t{n}]\n");
    assert_eq!(taken("[template.own]", &(many(61, &template) + "[template.own]")).templates().len(), 64);
    let templates = PackErrorKind::TooMany { key: "template", most: 64 };
    refused("[template.own]", &(many(62, &template) + "[template.own]"), "[template.teen]", templates);
    let codes = many(1001, &|n| format!("\"cvx {n}\", "));
    wrong(
        "codes = [\"cvx 62\", \"cvx 118\"]",
        &format!("codes = [{codes}]"),
        PackErrorKind::TooMany { key: "codes", most: 1000 },
    );
    let days = (20..37).rev().map(|day| format!("{day}, ")).collect::<String>();
    wrong(
        "notices-days = [60, 30, 7]",
        &format!("notices-days = [{days}]"),
        PackErrorKind::TooMany { key: "notices-days", most: 16 },
    );
}
