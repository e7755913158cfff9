//! A FHIR server that is pulled from, all the way into a chart: what is deleted there, and a category that fails.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_adapters::fhir::client::{FhirServer, FhirSettings};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Clock as _;
use mychartum_core::port::RecordSource;
use mychartum_core::port::record_source::{Category, Changes, Cursor, SourceError, SourceErrorKind};
use mychartum_core::sync::LinkState;
use mychartum_testkit::simulator::{FhirFault, FhirStore, SimulatedFhir};
use mychartum_testkit::{ManualClock, SeededEntropy};

use crate::clinic::Clinic;

fn source() -> SourceId {
    SourceId::parse("hospital").unwrap()
}

/// The server, asked for results alone, so that a fault meets them.
#[derive(Debug)]
struct ResultsOf(FhirServer);

#[async_trait]
impl RecordSource for ResultsOf {
    fn categories(&self) -> Vec<Category> {
        vec![Category::LabResults]
    }

    async fn changes<'a>(
        &self,
        patient: &SourceRef,
        category: Category,
        since: Option<&'a Cursor>,
    ) -> Result<Changes, SourceError> {
        self.0.changes(patient, category, since).await
    }
}

async fn results(clinic: &Clinic, patient: &SourceRef) -> usize {
    let chart = clinic.portal.linked(&source(), patient).await.unwrap().unwrap();
    clinic.results(chart).await.len()
}

#[tokio::test]
async fn q51_fhir_deleted() {
    let clock = ManualClock::at(crate::clinic::now());
    let store = FhirStore::sample(5, 2, 6, clock.now());
    let ids = store.patients();
    let label = |text: &str| Label::parse(text).unwrap();
    let patient = SourceRef { kind: label("Patient"), id: label(&ids[0]) };
    let gone = store
        .resources()
        .iter()
        .find(|one| {
            one["resourceType"] == "Observation" && one["subject"]["reference"] == format!("Patient/{}", ids[0])
        })
        .map(|one| format!("Observation/{}", one["id"].as_str().unwrap()))
        .unwrap();
    let simulated = SimulatedFhir::start(store, clock.clone()).await.unwrap();
    let settings = FhirSettings::new(simulated.base());
    let server = FhirServer::new(settings, Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1))).unwrap();
    let clinic = Clinic::open().await;
    assert_eq!(clinic.portal.link_health(&source(), &patient).await.unwrap().state, LinkState::New);

    let first = clinic.portal.pull(&source(), &patient, &server).await.unwrap();
    assert!(first.failed.is_empty() && first.intake.adds_up());
    assert_eq!(results(&clinic, &patient).await, 6);
    assert_eq!(clinic.portal.link_health(&source(), &patient).await.unwrap().state, LinkState::Active);
    // Windows overlap; what comes again changes nothing.
    let again = clinic.portal.pull(&source(), &patient, &server).await.unwrap();
    assert_eq!((again.intake.stored, again.withdrawn), (0, 0));

    // One category fails, the others come; it goes on where it was.
    simulated.arm(FhirFault::Status { status: 403, retry_after: None, kind: None }, 1);
    let failed = clinic.portal.pull(&source(), &patient, &server).await.unwrap();
    assert_eq!(failed.failed.len(), 1);
    assert_eq!(failed.failed[0].1.kind(), SourceErrorKind::Forbidden);
    let health = clinic.portal.link_health(&source(), &patient).await.unwrap();
    assert_eq!(health.state, LinkState::Degraded);
    assert_eq!(health.categories.iter().filter(|one| one.failing_since.is_some()).count(), 1);
    assert!(health.categories.iter().all(|one| one.category != Category::Demographics || one.succeeded_at.is_some()));
    clinic.portal.pull(&source(), &patient, &server).await.unwrap();
    assert_eq!(clinic.portal.link_health(&source(), &patient).await.unwrap().state, LinkState::Active);

    let results_alone = ResultsOf(server);
    // A deletion among the matches takes the result out of the chart; said again, it changes nothing.
    for (withdrawn, left) in [(1, 5), (0, 5)] {
        let deletion = serde_json::json!({ "request": { "method": "DELETE", "url": gone } });
        simulated.change(|store| store.remove(&gone));
        simulated.arm(FhirFault::Extra(deletion), 1);
        let pulled = clinic.portal.pull(&source(), &patient, &results_alone).await.unwrap();
        assert!(pulled.failed.is_empty());
        assert_eq!(pulled.withdrawn, withdrawn);
        assert_eq!(results(&clinic, &patient).await, left);
    }
    // What is another patient's is not taken back by this one's name.
    let (kind, id) = gone.split_once('/').unwrap();
    let name = SourceRef { kind: label(kind), id: label(id) };
    let other = SourceRef { kind: label("Patient"), id: label(&ids[1]) };
    let mut intake = clinic.portal.intake(source()).unwrap();
    assert_eq!(intake.withdraw(&other, &[name], clock.now()).await.unwrap(), 0);
}
