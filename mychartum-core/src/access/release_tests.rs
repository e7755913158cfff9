//! When a result is shown: at once, or at the end of the longest delay that concerns it.

use chrono::{DateTime, Duration, Utc};

use super::pack::{Concerns, Delay, ReleasePolicy, TopicSet};
use super::scene::at;
use super::*;
use crate::chart::Section;

const FINAL: &str = "2030-01-01T08:00:00Z";
const GDIS: SensitivitySet = SensitivitySet::NONE.with(Sensitivity::Gdis);
const PSY: SensitivitySet = SensitivitySet::NONE.with(Sensitivity::Psy);

fn after(hours: i64) -> Option<DateTime<Utc>> {
    Some(at(FINAL) + Duration::hours(hours))
}

fn delay(hours: u16, concerns: Concerns, labels: SensitivitySet) -> Delay {
    Delay {
        name: "some".into(),
        sections: Section::Results.into(),
        topics: TopicSet::from_bits(2),
        labels,
        hours,
        concerns,
        ground: "a law".into(),
        cite: "S".into(),
    }
}

/// A policy that delays genetic results: others for three days, everyone for one.
fn policy() -> ReleasePolicy {
    let delays = vec![delay(72, Concerns::Proxies, GDIS), delay(24, Concerns::Everyone, GDIS)];
    ReleasePolicy { delays, max_hold_days: 30, max_wish_days: 5 }
}

fn result() -> ReleaseFacts {
    ReleaseFacts {
        section: Section::Results,
        labels: SensitivitySet::NONE,
        topics: TopicSet::NONE,
        final_at: at(FINAL),
        held: None,
        wish: Wish::AtOnce,
    }
}

/// Since when the patient and others may see it.
fn times(facts: &ReleaseFacts) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let released = released(&policy(), facts);
    assert_eq!(released.shows, Shows::AtOnce);
    (released.own, released.others)
}

#[test]
fn a_result_that_no_delay_concerns_is_shown_at_once() {
    let always = (Released::ALWAYS.own, Released::ALWAYS.others);
    assert_eq!(times(&result()), always);
    assert_eq!(times(&ReleaseFacts { labels: PSY, topics: TopicSet::from_bits(1), ..result() }), always);
    assert_eq!(times(&ReleaseFacts { labels: GDIS, section: Section::Reports, ..result() }), always);
}

#[test]
fn a_delay_concerns_what_has_its_label_or_its_topic() {
    let delayed = (after(24), after(72));
    assert_eq!(times(&ReleaseFacts { labels: GDIS, ..result() }), delayed);
    assert_eq!(times(&ReleaseFacts { labels: GDIS.or(PSY), ..result() }), delayed);
    assert_eq!(times(&ReleaseFacts { topics: TopicSet::from_bits(2), ..result() }), delayed);
    assert_eq!(times(&ReleaseFacts { topics: TopicSet::from_bits(3), labels: GDIS, ..result() }), delayed);
}

#[test]
fn a_clinicians_hold_counts_if_it_is_longer_and_for_whom_it_is_meant() {
    let held = |hours, concerns| {
        let held = after(hours).map(|until| (until, concerns));
        times(&ReleaseFacts { labels: GDIS, held, ..result() })
    };
    assert_eq!(held(100, Concerns::Everyone), (after(100), after(100)));
    assert_eq!(held(100, Concerns::Proxies), (after(24), after(100)));
    assert_eq!(held(48, Concerns::Everyone), (after(48), after(72)));
    assert_eq!(held(1, Concerns::Everyone), (after(24), after(72)));
}

#[test]
fn a_patients_wish_delays_or_covers_it_for_the_patient_alone() {
    let wishing = |wish| released(&policy(), &ReleaseFacts { wish, ..result() });
    let always = Released::ALWAYS;
    assert_eq!(wishing(Wish::AfterTap), Released { shows: Shows::AfterTap, ..always });
    assert_eq!(wishing(Wish::Wait(3)), Released { own: after(72), ..always });
    // Never longer than the policy allows.
    assert_eq!(wishing(Wish::Wait(200)), Released { own: after(5 * 24), ..always });
    let longer = released(&policy(), &ReleaseFacts { labels: GDIS, wish: Wish::Wait(0), ..result() });
    assert_eq!(longer.own, after(24));
}

#[test]
fn a_delay_beyond_the_end_of_time_ends_with_it() {
    let facts = ReleaseFacts { final_at: DateTime::<Utc>::MAX_UTC, labels: GDIS, ..result() };
    assert_eq!(times(&facts), (Some(DateTime::<Utc>::MAX_UTC), Some(DateTime::<Utc>::MAX_UTC)));
}
