//! The space of cases: its dimensions, and what each value means.

use super::calendar::Born;

/// Midnight of 28 February 2026 in New York, where the clocks are five hours behind UTC.
pub(crate) const MIDNIGHT: i64 = 1_772_254_800_000_000;
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;
pub(crate) const HOURS_BEHIND: i64 = 5;

macro_rules! dims {
    ($($(#[$doc:meta])* $name:ident = $values:literal,)*) => {
        /// A dimension of the space.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Dim { $($(#[$doc])* $name,)* }
        /// How many values each has.
        pub(crate) const VALUES: [u8; DIMS] = [$($values,)*];
        /// All of them.
        pub(crate) const ALL_DIMS: [Dim; DIMS] = [$(Dim::$name,)*];
    };
}

/// How many dimensions there are.
pub(crate) const DIMS: usize = 31;

dims! {
    Pack = 6,
    /// Date of birth, and with some of them a time just before midnight.
    Birth = 20,
    Life = 3,
    Majority = 2,
    Assent = 3,
    Asker = 15,
    AskerTenant = 2,
    Assurance = 4,
    App = 4,
    Verb = 8,
    Purpose = 2,
    Basis = 7,
    Rights = 4,
    Left = 3,
    Consents = 4,
    Time = 6,
    Standing = 2,
    Place = 3,
    Widened = 5,
    Delegation = 13,
    ItemTenant = 2,
    ItemChart = 2,
    Truth = 2,
    Section = 16,
    Labels = 8,
    Topics = 3,
    Recorded = 6,
    Released = 12,
    Shows = 2,
    Hidden = 4,
    Author = 3,
}

/// One case: a value for each dimension.
pub(crate) type Case = [u8; DIMS];

pub(crate) const BASES: [&str; 7] =
    ["patient-consent", "parent", "court-guardian", "foster", "health-care-agent", "diminished-capacity", "executor"];
pub(crate) const WIDENED: [Option<(usize, Option<i64>)>; 5] =
    [None, Some((1, None)), Some((1, Some(0))), Some((1, Some(1))), Some((2, None))];

pub(crate) const TENANTS: [&str; 2] = ["riverside", "hillside"];
pub(crate) const CHARTS: [&str; 3] = ["anna", "ben", "bob"];
/// Anna is the patient; Bob acts for her; Carol and Dora passed on what Bob has; Eve is a stranger.
pub(crate) const ACCOUNTS: [&str; 5] = ["anna", "bob", "carol", "dora", "eve"];

/// When and for whom something is released, relative to now.
pub(crate) const WHEN: [Option<i64>; 4] = [Some(-DAY), Some(0), Some(1), None];
pub(crate) const RELEASED: [(usize, usize); 12] =
    [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 3), (1, 1), (2, 2), (3, 3), (2, 1), (1, 2)];
pub(crate) const SHORTLY: i64 = 1;

pub(crate) const BIRTHS: [(Born, i64); 20] = [
    (Born::Day(1980, 7, 1), 0),
    (Born::Day(2013, 2, 27), 0),
    (Born::Day(2013, 2, 28), 0),
    (Born::Day(2013, 3, 1), 0),
    (Born::Day(2008, 2, 27), 0),
    (Born::Day(2008, 2, 28), 0),
    (Born::Day(2008, 2, 29), 0),
    (Born::Day(2008, 3, 1), 0),
    (Born::Day(2012, 2, 28), 0),
    (Born::Day(2012, 2, 29), 0),
    (Born::Day(2013, 2, 28), SHORTLY),
    (Born::Day(2008, 2, 28), SHORTLY),
    (Born::Month(2019, 6), 0),
    (Born::Month(2013, 2), 0),
    (Born::Month(2008, 2), 0),
    (Born::Year(2013), 0),
    (Born::Year(2010), 0),
    (Born::Year(1980), 0),
    (Born::Nobody, 0),
    (Born::Day(2030, 1, 1), 0),
];

pub(crate) const RECORDED: [i64; 6] = [
    1_577_854_800_000_000, // 2020-01-01
    MIDNIGHT - DAY - 1,
    MIDNIGHT - DAY,
    MIDNIGHT - 1,
    MIDNIGHT,
    896_673_600_000_000, // 1998-06-01: someone born in 1980 may have been 18 by then, or not
];

pub(crate) const LABELS: [&[&str]; 8] = [
    &[],
    &["PSY"],
    &["PSY", "SEX"],
    &["42CFRPart2"],
    &["MINOR", "SEX"],
    &["UNKNOWN"],
    &["PSY", "UNKNOWN"],
    &["42CFRPart2", "PSYTHPN", "HIV"],
];
pub(crate) const CONSENTS: [&[&str]; 4] = [
    &[],
    &["PSY"],
    &["PSY", "42CFRPart2", "MINOR"],
    &[
        "SEX",
        "STD",
        "HIV",
        "PSY",
        "PSYTHPN",
        "ETH",
        "SDV",
        "GDIS",
        "SCA",
        "ABORTION",
        "GENDER",
        "TBOO",
        "42CFRPart2",
        "MINOR",
        "RESTRICTED",
        "UNKNOWN",
    ],
];
/// What written consents open besides: places in the two lists that follow, for records and for counselling notes.
pub(crate) const WRITTEN: [(usize, usize); 4] = [(0, 0), (2, 0), (1, 0), (2, 1)];
/// No section, some, all.
pub(crate) const SOME_SECTIONS: &[&str] = &["results", "immunizations", "messages"];
pub(crate) const TOPICS: [&[&str]; 3] = [&[], &["hpv"], &["contraception"]];

/// The names of sections, by number, as the packs' format has them.
pub(crate) const SECTIONS: [&str; 16] = [
    "demographics",
    "results",
    "vitals",
    "findings",
    "reports",
    "medications",
    "immunizations",
    "conditions",
    "allergies",
    "visits",
    "documents",
    "procedures",
    "appointments",
    "access-log",
    "messages",
    "billing",
];
/// The names of verbs, by number.
pub(crate) const VERBS: [&str; 8] = ["view", "download", "share", "message", "schedule", "request", "pay", "manage"];
