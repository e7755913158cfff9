//! A good pack for the tests of rules, and ways to make one thing of it wrong.

use super::*;

pub(super) const GOOD: &str = r#"[pack]
id = "good"
version = 3
title = "A good pack"
effective = 2025-01-31
zone = "America/Detroit"
leap-day = "march-1"
proxy-min-age = 18
notices-days = [60, 30, 7]

[[source]]
key = "S1"
citation = "A law"
url = "https://example.org/law"

[[source]]
key = "S2"
citation = "A policy"

[[topic]]
name = "hpv"
codes = ["cvx 62", "cvx 118"]
cite = "S2"

[template.own]
all = ["view", "manage"]
shown = "all"

[template.full]
all = ["view", "message", "request"]
shown = ["SEX", "PSY"]

[template.teen]
all = ["view"]
medications = ["request"]
hides = ["hpv"]

[basis.patient-consent]
follows-age = false # consent
template = "full" # consent
max-days = 546
renewal = "patient"
verifiers = 1 # consent
evidence = "patients-word"
cite = "S1" # consent

[basis.parent]
follows-age = true
template = "full" # parent
renewal = "never"
verifiers = 1 # parent
evidence = "document" # parent
cite = "S1" # parent

[basis.court-guardian]
follows-age = false # guardian
template = "full" # guardian
renewal = "staff" # guardian
verifiers = 2
evidence = "document" # guardian
cite = "S1" # guardian

[basis.foster]
follows-age = true # foster
template = "full" # foster
max-days = 365
renewal = "staff" # foster
verifiers = 1 # foster
evidence = "document" # foster
cite = "S1" # foster

[basis.diminished-capacity]
follows-age = false # capacity
template = "full" # capacity
max-days = 180
renewal = "staff" # capacity
verifiers = 1 # capacity
evidence = "attestation"
cite = "S1" # capacity

[basis.executor]
follows-age = false # executor
template = "full" # executor
renewal = "staff" # executor
verifiers = 1 # executor
evidence = "document" # executor
cite = "S1" # executor

[[band]]
from = 0
until = 13
own = "nothing"
proxy = "keep:full"
messages-apart = false
cite = "S1" # child

[[band]]
from = 13
until = 18
own = "assent:own"
proxy = "downgrade:teen"
messages-apart = true # teen
cite = "S2" # teen
widen = [
  { by = ["patient", "clinician"], template = "full", review-days = 365 },
]

[[band]]
from = 18
own = "template:own"
proxy = "revoke"
messages-apart = true # adult
cite = "S1" # adult

[assurance]
view = 1
download = 1
share = 2
message = 0
schedule = 1
request = 1
pay = 1
manage = 3
sensitive = 2

[glass]
max-minutes = 30

[invitation]
wrong-birth-dates = 3
days = 14

[release]
max-hold-days = 30
max-wish-days = 20

[[release.delay]]
name = "genes"
sections = ["results"]
topics = ["hpv"]
labels = ["GDIS"]
hours = 72
concerns = "proxies"
ground = "a law"
cite = "S1" # delay
"#;

pub(super) fn line_of(text: &str, needle: &str) -> usize {
    let lines: Vec<usize> =
        text.lines().enumerate().filter(|(_, line)| line.contains(needle)).map(|(n, _)| n + 1).collect();
    assert_eq!(lines.len(), 1, "`{needle}` must stand in one line, not in {lines:?}");
    lines[0]
}

/// Puts `new` for `old`, and expects a refusal in the line that has `place`.
#[track_caller]
pub(super) fn refused(old: &str, new: &str, place: &str, kind: PackErrorKind) {
    assert_eq!(GOOD.matches(old).count(), 1, "`{old}` must stand once in the good pack");
    let text = GOOD.replace(old, new);
    let error = PolicyPack::parse(&text).expect_err(new);
    assert_eq!(error, PackError { line: line_of(&text, place), kind });
    assert!(!error.to_string().contains('\n'));
}

/// The same, where the line that is changed is the wrong one.
#[track_caller]
pub(super) fn wrong(old: &str, new: &str, kind: PackErrorKind) {
    refused(old, new, new, kind);
}

/// The same, where the wrong line is the one above the line that has `below`: the head of a table.
#[track_caller]
pub(super) fn above(old: &str, new: &str, below: &str, kind: PackErrorKind) {
    assert_eq!(GOOD.matches(old).count(), 1, "`{old}` must stand once in the good pack");
    let text = GOOD.replace(old, new);
    let error = PolicyPack::parse(&text).expect_err(old);
    assert_eq!(error, PackError { line: line_of(&text, below) - 1, kind });
}

/// Makes two changes at once.
#[track_caller]
pub(super) fn refused_twice(first: (&str, &str), second: (&str, &str), place: &str, kind: PackErrorKind) {
    let text = GOOD.replace(first.0, first.1).replace(second.0, second.1);
    let error = PolicyPack::parse(&text).expect_err(place);
    assert_eq!(error, PackError { line: line_of(&text, place), kind });
}

/// One change that is no fault.
#[track_caller]
pub(super) fn taken(old: &str, new: &str) -> PolicyPack {
    assert_eq!(GOOD.matches(old).count(), 1, "`{old}` must stand once in the good pack");
    PolicyPack::parse(&GOOD.replace(old, new)).unwrap()
}

pub(super) fn range(key: &'static str, least: i64, most: i64) -> PackErrorKind {
    PackErrorKind::OutOfRange { key, least, most }
}

pub(super) fn missing(key: &'static str) -> PackErrorKind {
    PackErrorKind::Missing { key }
}
