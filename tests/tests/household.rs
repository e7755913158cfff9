//! Journey: a household by name, from two clinics and a lab into four charts, each opened by its own person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use chrono::NaiveDate;
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_adapters::keys::FileKeyring;
use mychartum_core::access::AccessError;
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Observation, Section, SectionSet, SourceId, SourceRef};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::{Disclosure, Page, Portal, Session};
use mychartum_storage::SqliteStorage;
use mychartum_testkit::world::{Person, Role, World};
use mychartum_testkit::{ManualClock, SeededEntropy};

const PASSWORD: &str = "fifteen letters, at least";

struct House {
    portal: Portal,
    world: World,
    _folder: tempfile::TempDir,
}

fn source(name: &str) -> SourceId {
    SourceId::parse(name).unwrap()
}

fn at_source(id: &str) -> SourceRef {
    SourceRef { kind: Label::parse("Patient").unwrap(), id: Label::parse(id).unwrap() }
}

impl House {
    /// The household on a real SQLite file, with everything that its clinics and its lab sent.
    async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::household(7, NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        let portal = Portal::builder()
            .storage(SqliteStorage::open(folder.path().join("house.db")).await.unwrap())
            .keys(FileKeyring::at(folder.path().join("house.key")))
            .clock(ManualClock::default())
            .entropy(SeededEntropy::new(7))
            .open()
            .await
            .unwrap();
        let house = Self { portal, world, _folder: folder };
        for delivery in house.world.deliveries() {
            house.tie().await;
            let input = Input::bytes(&delivery.name, delivery.text.into_bytes());
            let read = FhirDelivery::open(vec![input], Limits::default(), &mut |_| {});
            assert!(read.refused().is_empty());
            let mut intake = house.portal.intake(source(delivery.source)).unwrap();
            assert!(deliver(&mut intake, &read, &mut |_| {}).await.unwrap().is_empty());
            let report = intake.finish();
            assert!(report.adds_up());
            assert!(report.set_aside.is_empty(), "{}: {:?}", delivery.name, report.set_aside);
        }
        for person in house.world.people() {
            let own = Some(house.chart_of(person).await);
            let username = Username::parse(&person.username_hint).unwrap();
            let account = NewAccount { username, password: Password::new(PASSWORD).unwrap(), own };
            house.portal.open_account(account).await.unwrap();
        }
        house
    }

    /// Ties what the sources call a person to the chart that the first of them began.
    async fn tie(&self) {
        for person in self.world.people() {
            let (first, others) = person.records.split_first().unwrap();
            let Some(chart) = self.portal.linked(&source(first.0), &at_source(&first.1)).await.unwrap() else {
                continue;
            };
            for (name, id) in others {
                self.portal.link(&source(name), &at_source(id), chart).await.unwrap();
            }
        }
    }

    async fn chart_of(&self, person: &Person) -> PatientId {
        let (name, id) = &person.records[0];
        self.portal.linked(&source(name), &at_source(id)).await.unwrap().expect("the chart came with a delivery")
    }

    fn person(&self, role: Role) -> &Person {
        self.world.people().iter().find(|person| person.role == role).unwrap()
    }

    async fn session(&self, role: Role) -> Session {
        let username = Username::parse(&self.person(role).username_hint).unwrap();
        let token = self.portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
        self.portal.resume(&token).await.unwrap()
    }

    async fn open(&self, role: Role) -> Disclosure {
        let session = self.session(role).await;
        let permit = session.ask(session.patients()[0], SectionSet::of(&Section::ALL), Purpose::Care).await.unwrap();
        self.portal.disclose(permit).unwrap()
    }
}

#[tokio::test]
async fn everyone_finds_a_whole_chart_and_nobody_finds_anothers() {
    let house = House::build().await;
    for role in Role::ALL {
        let chart = house.open(role).await;
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
        for other in Role::ALL.into_iter().filter(|other| *other != role) {
            let stranger = house.chart_of(house.person(other)).await;
            let refused = session.ask(stranger, Section::Results, Purpose::Care).await.unwrap_err();
            assert_eq!(refused, AccessError::NotFound, "{role:?} asked for {other:?}");
        }
    }
    for role in Role::ALL {
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
