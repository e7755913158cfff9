//! A FHIR R4 server as a source of records.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::chart::SourceRef;
use mychartum_core::port::record_source::{
    Category, Changes, Completeness, Cursor, Next, PassedOver, SourceError, SourceErrorKind,
};
use mychartum_core::port::{Clock, Entropy, RecordSource};
use reqwest::header::ETAG;
use serde_json::Value;

use super::error::ClientError;
use super::exchange::{Exchange, Fetched, error};
use super::parcels::of_resource;
use super::position::Position;
use super::query::{Query, is_id};
use super::search::Search;
use super::settings::FhirSettings;

/// A FHIR R4 server that is asked for one patient's records at a time.
///
/// It never waits by itself: an error says for how long the caller should. `README.md` beside this folder says what it does
/// with servers that misbehave.
///
/// ```
/// use std::sync::Arc;
/// use mychartum_adapters::fhir::client::{FhirServer, FhirSettings};
/// use mychartum_core::port::RecordSource as _;
/// use mychartum_testkit::{ManualClock, SeededEntropy};
///
/// let settings = FhirSettings::new("https://ehr.example.org/r4");
/// let server = FhirServer::new(settings, Arc::new(ManualClock::default()), Arc::new(SeededEntropy::new(1)))?;
/// assert_eq!(server.categories().len(), 12);
/// # Ok::<(), mychartum_adapters::fhir::client::ClientError>(())
/// ```
pub struct FhirServer {
    pub(super) exchange: Arc<Exchange>,
}

impl fmt::Debug for FhirServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FhirServer").field("settings", &self.exchange.settings).finish_non_exhaustive()
    }
}

impl FhirServer {
    /// A server with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`ClientError`] for a base in clear text and for numbers out of their range.
    pub fn new(settings: FhirSettings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, ClientError> {
        Ok(Self { exchange: Arc::new(Exchange::new(settings, clock, entropy)?) })
    }

    /// The patient alone, by id, unless it is the version that we know (FHIR R4 section 3.1.0.1.4).
    async fn patient(&self, patient: &SourceRef, mut position: Position) -> Result<Changes, SourceError> {
        let at = "patient";
        let path = format!("Patient/{}", patient.id.as_str());
        let url = self.exchange.base.below(&path).ok_or(error(SourceErrorKind::Refused, at))?;
        let mut changes = Changes {
            parcels: Vec::new(),
            withdrawn: Vec::new(),
            next: Next::UpToDate(position.cursor()?),
            completeness: Completeness::Complete,
            passed_over: PassedOver::default(),
            wait: None,
        };
        match self.exchange.get(&url, "Patient", position.etag.as_deref(), at).await? {
            Fetched::NotModified => return Ok(changes),
            Fetched::Missing => return Err(error(SourceErrorKind::Refused, at)),
            Fetched::Gone => {
                position.etag = None;
                changes.withdrawn.push(patient.clone());
            }
            Fetched::Body(answer) => {
                let bad = error(SourceErrorKind::BadAnswer, at);
                let body = core::str::from_utf8(&answer.body).map_err(|_| bad)?;
                let value: Value = serde_json::from_str(body).map_err(|_| bad)?;
                match value.get("resourceType").and_then(Value::as_str) {
                    Some("Patient") => {
                        let most = self.exchange.settings.page_bytes;
                        changes.parcels = of_resource(body, patient, most).ok_or(bad)?;
                        position.etag = answer.header(ETAG).filter(|tag| tag.len() <= 1024).map(str::to_owned);
                    }
                    Some("OperationOutcome") => {
                        changes.completeness = Completeness::Incomplete;
                        changes.passed_over.remarks = 1;
                    }
                    _ => return Err(bad),
                }
            }
        }
        changes.next = Next::UpToDate(position.cursor()?);
        Ok(changes)
    }
}

#[async_trait]
impl RecordSource for FhirServer {
    fn categories(&self) -> Vec<Category> {
        Category::ALL.into_iter().filter(|category| Query::of(*category).is_some()).collect()
    }

    async fn changes<'a>(
        &self,
        patient: &SourceRef,
        category: Category,
        since: Option<&'a Cursor>,
    ) -> Result<Changes, SourceError> {
        let query = Query::of(category).ok_or(error(SourceErrorKind::Refused, "category"))?;
        if patient.kind.as_str() != "Patient" || !is_id(patient.id.as_str()) {
            return Err(error(SourceErrorKind::Refused, "patient"));
        }
        let start = Position::start(self.exchange.base.url().as_str(), patient, category);
        let position = match since {
            Some(cursor) => start.resume(cursor)?,
            None => start,
        };
        if category == Category::Demographics {
            return self.patient(patient, position).await;
        }
        Search { exchange: &self.exchange, patient, query, position }.run().await
    }
}
