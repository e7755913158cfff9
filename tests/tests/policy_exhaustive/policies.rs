//! The policies of the comparison, twice: as packs (the texts beside this file), and in plain words, by hand.

use mychartum_core::access::pack::{EXAMPLE_PACK, OWN_RECORDS_PACK};

/// A policy in plain words.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) text: &'static str,
    /// The month and day on which those who were born on 29 February have a birthday in common years.
    pub(crate) leap_birthday: (i64, i64),
    pub(crate) templates: &'static [Template],
    pub(crate) bases: &'static [Basis],
    pub(crate) bands: &'static [Band],
    pub(crate) assurance: &'static [(&'static str, u8)],
    pub(crate) sensitive: u8,
    pub(crate) glass_minutes: i64,
    /// The template of what the account of someone who died still opens.
    pub(crate) own_after_death: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: &'static str,
    /// The verbs on every section that is not listed.
    pub(crate) all: &'static [&'static str],
    pub(crate) sections: &'static [(&'static str, &'static [&'static str])],
    pub(crate) shown: &'static [&'static str],
    pub(crate) hides: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct Basis {
    pub(crate) name: &'static str,
    pub(crate) follows_age: bool,
    pub(crate) template: &'static str,
}

#[derive(Debug)]
pub(crate) struct Band {
    pub(crate) from: i64,
    pub(crate) until: Option<i64>,
    pub(crate) own: Own,
    pub(crate) kept: Kept,
    pub(crate) apart: bool,
}

/// What the patient may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    Nothing,
    Template(&'static str),
    WithAssent(&'static str),
}

/// What access that follows age keeps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Template(&'static str),
    WithAssent(&'static str),
    Frozen(&'static str),
    /// Suspended or revoked.
    Nothing,
    NoPortal,
}

impl Policy {
    pub(crate) fn template(&self, name: &str) -> &Template {
        self.templates.iter().find(|template| template.name == name).expect("a template of the policy")
    }

    pub(crate) fn basis(&self, name: &str) -> Option<&Basis> {
        self.bases.iter().find(|basis| basis.name == name)
    }
}

const OWN_VERBS: &[&str] = &["view", "download", "share", "message", "schedule", "request", "pay", "manage"];
const FULL_VERBS: &[&str] = &["view", "download", "message", "schedule", "request", "pay"];
/// What a template shows that shows everything: all labels but those that only a consent opens.
const EVERY_LABEL: &[&str] = &["SEX", "STD", "HIV", "PSY", "ETH", "SDV", "GDIS", "SCA", "ABORTION", "GENDER", "TBOO"];

const OWN: Template = Template { name: "own", all: OWN_VERBS, sections: &[], shown: EVERY_LABEL, hides: &[] };
const FULL: Template = Template { name: "full", all: FULL_VERBS, sections: &[], shown: EVERY_LABEL, hides: &[] };
const VIEW_ONLY: Template =
    Template { name: "view-only", all: &["view", "download"], sections: &[], shown: EVERY_LABEL, hides: &[] };

const fn basis(name: &'static str, follows_age: bool, template: &'static str) -> Basis {
    Basis { name, follows_age, template }
}

const fn band(from: i64, until: Option<i64>, own: Own, kept: Kept, apart: bool) -> Band {
    Band { from, until, own, kept, apart }
}

const USUAL_ASSURANCE: &[(&str, u8)] = &[
    ("view", 1),
    ("download", 1),
    ("share", 2),
    ("message", 1),
    ("schedule", 1),
    ("request", 1),
    ("pay", 1),
    ("manage", 2),
];

/// The pack that the library ships as its example.
const EXAMPLE: Policy = Policy {
    text: EXAMPLE_PACK,
    leap_birthday: (3, 1),
    templates: &[
        OWN,
        FULL,
        VIEW_ONLY,
        Template {
            name: "consented",
            all: &["view", "download", "share", "message", "schedule", "request", "pay"],
            sections: &[],
            shown: &[],
            hides: &[],
        },
        Template {
            name: "limited-teen",
            all: &[],
            sections: &[
                ("demographics", &["view"]),
                ("allergies", &["view", "download"]),
                ("immunizations", &["view", "download"]),
                ("appointments", &["view", "schedule"]),
                ("messages", &["view", "message"]),
            ],
            shown: &[],
            hides: &["hpv"],
        },
    ],
    bases: &[
        basis("patient-consent", false, "consented"),
        basis("parent", true, "full"),
        basis("court-guardian", false, "full"),
        basis("foster", true, "full"),
        basis("health-care-agent", false, "full"),
        basis("diminished-capacity", false, "full"),
        basis("executor", false, "view-only"),
    ],
    bands: &[
        band(0, Some(13), Own::Nothing, Kept::Template("full"), false),
        band(13, Some(18), Own::Template("own"), Kept::Template("limited-teen"), true),
        band(18, None, Own::Template("own"), Kept::Nothing, false),
    ],
    assurance: &[
        ("view", 1),
        ("download", 1),
        ("share", 1),
        ("message", 1),
        ("schedule", 1),
        ("request", 1),
        ("pay", 1),
        ("manage", 1),
    ],
    sensitive: 1,
    glass_minutes: 60,
    own_after_death: None,
};

/// Nobody gets in from 13 to 17 without the patient's assent; some bases are not known.
const ASSENT: Policy = Policy {
    text: include_str!("assent.toml"),
    leap_birthday: (2, 28),
    templates: &[OWN, FULL, VIEW_ONLY],
    bases: &[
        basis("patient-consent", false, "full"),
        basis("parent", true, "full"),
        basis("court-guardian", true, "full"),
        basis("diminished-capacity", false, "view-only"),
    ],
    bands: &[
        band(0, Some(13), Own::Nothing, Kept::Template("full"), false),
        band(13, Some(18), Own::WithAssent("own"), Kept::WithAssent("view-only"), false),
        band(18, None, Own::Template("own"), Kept::Nothing, true),
    ],
    assurance: &[
        ("view", 0),
        ("download", 2),
        ("share", 3),
        ("message", 1),
        ("schedule", 1),
        ("request", 1),
        ("pay", 2),
        ("manage", 3),
    ],
    sensitive: 1,
    glass_minutes: 30,
    own_after_death: None,
};

/// At 18 what was there before stays with the parents; what each basis gives differs.
const FREEZE: Policy = Policy {
    text: include_str!("freeze.toml"),
    leap_birthday: (3, 1),
    templates: &[
        OWN,
        FULL,
        VIEW_ONLY,
        Template {
            name: "thin",
            all: &["view", "message"],
            sections: &[("documents", &[]), ("medications", &["request"])],
            shown: &["SEX"],
            hides: &["hpv"],
        },
    ],
    bases: &[
        basis("patient-consent", false, "thin"),
        basis("parent", true, "full"),
        basis("court-guardian", true, "full"),
        basis("foster", true, "thin"),
        basis("health-care-agent", false, "full"),
        basis("executor", false, "full"),
    ],
    bands: &[
        band(0, Some(18), Own::Nothing, Kept::Template("full"), false),
        band(18, None, Own::Template("own"), Kept::Frozen("view-only"), false),
    ],
    assurance: USUAL_ASSURANCE,
    sensitive: 3,
    glass_minutes: 60,
    own_after_death: None,
};

/// From 13 to 17 there is no portal; at 18 age suspends.
const CLOSED: Policy = Policy {
    text: include_str!("closed.toml"),
    leap_birthday: (3, 1),
    templates: &[OWN, FULL, VIEW_ONLY],
    bases: &[
        basis("patient-consent", false, "view-only"),
        basis("parent", true, "full"),
        basis("court-guardian", false, "full"),
        basis("foster", true, "view-only"),
        basis("health-care-agent", false, "full"),
        basis("diminished-capacity", false, "full"),
        basis("executor", false, "view-only"),
    ],
    bands: &[
        band(0, Some(13), Own::Nothing, Kept::Template("full"), false),
        band(13, Some(18), Own::Nothing, Kept::NoPortal, true),
        band(18, None, Own::Template("own"), Kept::Nothing, true),
    ],
    assurance: USUAL_ASSURANCE,
    sensitive: 2,
    glass_minutes: 60,
    own_after_death: None,
};

/// All but medications and documents from 14 on, renewals without seeing; the patient can give more, also at 18.
const TEEN: Policy = Policy {
    text: include_str!("teen.toml"),
    leap_birthday: (2, 28),
    templates: &[
        OWN,
        FULL,
        VIEW_ONLY,
        Template {
            name: "own-teen",
            all: &["view", "message", "request"],
            sections: &[("billing", &[])],
            shown: EVERY_LABEL,
            hides: &[],
        },
        Template {
            name: "teen",
            all: FULL_VERBS,
            sections: &[("medications", &["request"]), ("documents", &[])],
            shown: &["PSY"],
            hides: &["hpv", "contraception"],
        },
    ],
    bases: &[
        basis("patient-consent", false, "full"),
        basis("parent", true, "full"),
        basis("court-guardian", true, "full"),
        basis("foster", true, "view-only"),
        basis("health-care-agent", false, "teen"),
        basis("diminished-capacity", false, "full"),
        basis("executor", false, "view-only"),
    ],
    bands: &[
        band(0, Some(14), Own::Nothing, Kept::Template("full"), false),
        band(14, Some(18), Own::Template("own-teen"), Kept::Template("teen"), true),
        band(18, None, Own::Template("own"), Kept::Nothing, false),
    ],
    assurance: USUAL_ASSURANCE,
    sensitive: 1,
    glass_minutes: 60,
    own_after_death: None,
};

/// The shipped pack for charts that one brings oneself: open at any age, and after death.
const OWN_RECORDS: Policy = Policy {
    text: OWN_RECORDS_PACK,
    bands: &[band(0, None, Own::Template("own"), Kept::Template("full"), false)],
    own_after_death: Some("own"),
    ..EXAMPLE
};

/// All of them.
pub(crate) static POLICIES: [Policy; 6] = [EXAMPLE, ASSENT, FREEZE, CLOSED, TEEN, OWN_RECORDS];
