//! The household on a real SQLite file, for journeys: everyone with an account of the own, and the ties between them.
#![allow(dead_code, reason = "each journey uses a part of it")]

use chrono::{Months, NaiveDate};
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_adapters::keys::FileKeyring;
use mychartum_core::access::Scope;
use mychartum_core::access::grant::{EvidenceShown, LegalBasis, Relation};
use mychartum_core::access::pack::PolicyPack;
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet, SourceId, SourceRef};
use mychartum_core::kernel::id::{AccountId, AttachmentId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Clock;
use mychartum_core::portal::{ActingFor, Application, Disclosure, Portal, Session};
use mychartum_storage::SqliteStorage;
use mychartum_testkit::world::{Person, Role, World};
use mychartum_testkit::{ManualClock, SeededEntropy};

pub(crate) const PASSWORD: &str = "fifteen letters, at least";

/// A member of staff, whose account is the clinic's affair.
pub(crate) const STAFF: AccountId = AccountId::from_bytes([0x57; 16]);

pub(crate) struct House {
    pub(crate) portal: Portal,
    pub(crate) world: World,
    pub(crate) clock: ManualClock,
    _folder: tempfile::TempDir,
}

pub(crate) fn source(name: &str) -> SourceId {
    SourceId::parse(name).unwrap()
}

pub(crate) fn at_source(id: &str) -> SourceRef {
    SourceRef { kind: Label::parse("Patient").unwrap(), id: Label::parse(id).unwrap() }
}

impl House {
    /// The household on a real SQLite file, with everything that its clinics and its lab sent.
    pub(crate) async fn build() -> Self {
        Self::build_with(PolicyPack::parse(mychartum_core::access::pack::EXAMPLE_PACK).unwrap()).await
    }

    /// The same under another policy.
    pub(crate) async fn build_with(policy: PolicyPack) -> Self {
        let clock = ManualClock::default();
        let folder = tempfile::tempdir().unwrap();
        let world = World::household(7, NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        let portal = Portal::builder()
            .storage(SqliteStorage::open(folder.path().join("house.db")).await.unwrap())
            .keys(FileKeyring::at(folder.path().join("house.key")))
            .clock(clock.clone())
            .policy(policy)
            .entropy(SeededEntropy::new(7))
            .open()
            .await
            .unwrap();
        let house = Self { portal, world, clock, _folder: folder };
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

    pub(crate) async fn chart_of(&self, person: &Person) -> PatientId {
        let (name, id) = &person.records[0];
        self.portal.linked(&source(name), &at_source(id)).await.unwrap().expect("the chart came with a delivery")
    }

    pub(crate) fn person(&self, role: Role) -> &Person {
        self.world.people().iter().find(|person| person.role == role).unwrap()
    }

    pub(crate) async fn session(&self, role: Role) -> Session {
        let username = Username::parse(&self.person(role).username_hint).unwrap();
        let token = self.portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
        self.portal.resume(&token).await.unwrap()
    }

    pub(crate) async fn open(&self, role: Role) -> Disclosure {
        let session = self.session(role).await;
        let permit = session.ask(session.patients()[0], SectionSet::of(&Section::ALL), Purpose::Care).await.unwrap();
        self.portal.disclose(permit).unwrap()
    }

    pub(crate) async fn chart(&self, role: Role) -> PatientId {
        self.chart_of(self.person(role)).await
    }

    /// Makes someone the parent of someone, as staff do it: assigned, and confirmed with the date of birth.
    pub(crate) async fn make_parent(&self, parent: Role, child: Role, scope: Scope) -> ActingFor {
        let session = self.session(parent).await;
        let document = Some(AttachmentId::from_bytes([0xd0; 16]));
        let application = Application {
            relation: Relation::Parent,
            basis: LegalBasis::Parent,
            scope,
            until: None,
            evidence: Some(EvidenceShown { document, attested_by: None, review_by: None }),
        };
        let patient = self.chart(child).await;
        let token = self.portal.assign(STAFF, patient, session.account(), &application).await.unwrap();
        session.accept(&token, self.person(child).birth_date).await.unwrap()
    }

    /// Opens someone's chart for someone who acts for them.
    pub(crate) async fn open_for(&self, proxy: Role, of: Role, sections: impl Into<SectionSet>) -> Disclosure {
        let permit = self.session(proxy).await.ask(self.chart(of).await, sections, Purpose::Care).await.unwrap();
        self.portal.disclose(permit).unwrap()
    }

    /// Sets the clock to noon of a birthday, or so many days before it.
    pub(crate) fn go_to_birthday(&self, role: Role, years: u32, days_before: i64) {
        let day = self.person(role).birth_date.checked_add_months(Months::new(12 * years)).unwrap();
        let noon = day.and_hms_opt(17, 0, 0).unwrap().and_utc() - chrono::Duration::days(days_before);
        self.clock.advance(noon - self.clock.now());
    }
}
