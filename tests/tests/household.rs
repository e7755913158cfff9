//! Journey: a household by name, from two clinics and a lab into four charts, each opened by its own person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use mychartum_core::access::{AccessError, Scope};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Observation, Section, SectionSet};
use mychartum_core::portal::Page;
use mychartum_testkit::world::Role;
use shared_household::House;

mod shared_household;

#[tokio::test]
async fn everyone_finds_a_whole_chart_and_nobody_finds_anothers() {
    let house = House::build().await;
    // The toddler has no account that opens anything; her mother opens the chart.
    house.make_parent(Role::Daughter, Role::Toddler, Scope::ALL).await;
    for role in Role::ALL {
        let chart = match role {
            Role::Toddler => house.open_for(Role::Daughter, role, SectionSet::of(&Section::ALL)).await,
            _ => house.open(role).await,
        };
        let lengths = [
            chart.results(Page::ALL).await.unwrap().items.len(),
            chart.vitals(Page::ALL).await.unwrap().items.len(),
            chart.reports(Page::ALL).await.unwrap().items.len(),
            chart.medications(Page::ALL).await.unwrap().items.len(),
            chart.immunizations(Page::ALL).await.unwrap().items.len(),
            chart.conditions(Page::ALL).await.unwrap().items.len(),
            chart.visits(Page::ALL).await.unwrap().items.len(),
            chart.documents(Page::ALL).await.unwrap().items.len(),
            chart.procedures(Page::ALL).await.unwrap().items.len(),
            chart.appointments(Page::ALL).await.unwrap().items.len(),
            chart.allergies(Page::ALL).await.unwrap().items.len() + chart.no_known_allergies().await.unwrap().len(),
        ];
        assert!(lengths.iter().all(|length| *length > 0), "{role:?}: {lengths:?}");

        let session = house.session(role).await;
        let hers = |other: &Role| role == Role::Daughter && *other == Role::Toddler;
        for other in Role::ALL.into_iter().filter(|other| *other != role && !hers(other)) {
            let stranger = house.chart_of(house.person(other)).await;
            let refused = session.ask(stranger, Section::Results, Purpose::Care).await.unwrap_err();
            assert_eq!(refused, AccessError::NotFound, "{role:?} asked for {other:?}");
        }
    }
    for role in [Role::Grandmother, Role::Daughter, Role::Teenager] {
        let chart = house.open(role).await;
        let log = chart.access_log(None, 100).await.unwrap();
        assert_eq!(chart.verify_access_log().await.unwrap().entries, log.len() as u64);
        let refusals = log.iter().filter(|entry| entry.facts().action == mychartum_core::audit::Action::Refuse).count();
        assert_eq!(refusals, 3, "{role:?} is told of the three others who tried");
    }
}

#[tokio::test]
async fn the_grandmothers_trends_keep_units_apart_and_her_correction_keeps_what_was_there() {
    let house = House::build().await;
    let chart = house.open(Role::Grandmother).await;
    let hba1c = chart.trend("4548-4", &[]).await.unwrap();
    assert_eq!(hba1c.series.len(), 1);
    assert!(hba1c.series[0].points.len() >= 36, "ten years, a value each quarter");
    assert!(hba1c.series[0].points.iter().all(|point| !point.ranges.is_empty()), "each point has its own range");

    let results = chart.results(Page::ALL).await.unwrap().items;
    let mut units: std::collections::HashMap<&str, std::collections::HashSet<&str>> = std::collections::HashMap::new();
    for item in &results {
        let (Some(loinc), Some(quantity)) = (item.view.analytes().next(), item.view.value.quantity()) else { continue };
        units.entry(loinc).or_default().insert(quantity.unit.key());
    }
    for (loinc, units) in &units {
        assert_eq!(chart.trend(loinc, &[]).await.unwrap().series.len(), units.len(), "{loinc}: a series for each unit");
    }

    let corrected: Vec<_> = results.iter().filter(|item| item.version > 1).collect();
    assert_eq!(corrected.len(), 1, "one result was corrected");
    let earlier = chart.earlier_results(corrected[0].id).await.unwrap();
    assert_eq!(earlier.len(), 1);
    assert_ne!(earlier[0].view.value.for_people(), corrected[0].view.value.for_people());
    let facts = |view: &Observation| view.standing().is_fact();
    assert!(results.iter().all(|item| facts(&item.view)), "nothing withdrawn or cancelled is a fact");
    assert!(results.iter().any(|item| item.view.value.quantity().is_some_and(|value| value.comparator.is_some())));
    // Names that did not come with an item came with the source's directory.
    let named = |item: &mychartum_core::chart::Item<Observation>| {
        item.view.performers.iter().all(|party| !party.shown().is_empty())
    };
    assert!(results.iter().all(named));
}
