//! Pulling records of named patients from a FHIR server.

use std::sync::Arc;

use mychartum_adapters::fhir::client::{FhirServer, FhirSettings};
use mychartum_adapters::system::SystemEntropy;
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SourceId, SourceRef};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::{Page, Portal};

use super::cover::Cover;
use super::import::{Imported, open_account};
use super::trouble::Trouble;
use crate::web::clock::HouseClock;
use crate::words::{fill, say};

/// What the server is called as a source.
const SERVER: &str = "fhir-server";

/// From where, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pull {
    /// The base of the server.
    pub(crate) base: String,
    /// The ids that the server gives its patients.
    pub(crate) patients: Vec<String>,
}

/// Pulls the patients' records, and opens an account for each. What fails for one category is told and keeps nothing else back.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn pull(portal: &Portal, from: &Pull, clock: HouseClock) -> Result<Imported, Trouble> {
    let why = |why: String| Trouble::new(fill("trouble.import", &[("why", &why)]));
    let settings = FhirSettings::new(from.base.clone());
    let server = FhirServer::new(settings, Arc::new(clock), Arc::new(SystemEntropy));
    let server = server.map_err(|error| why(error.to_string()))?;
    let source = SourceId::parse(SERVER).map_err(|error| why(error.to_string()))?;
    let label = |text: &str| Label::parse(text).map_err(|error| why(error.to_string()));
    let cover = Cover::over(say("start.pulling"));
    let mut imported = Imported { sources: vec![source.clone()], ..Imported::default() };
    for id in &from.patients {
        let patient = SourceRef { kind: label("Patient")?, id: label(id)? };
        let pulled = portal.pull(&source, &patient, &server).await?;
        let (report, number) = (&pulled.intake, |number: u64| number.to_string());
        imported.lines.push(fill(
            "start.pulled",
            &[
                ("id", id),
                ("resources", &number(report.resources)),
                ("stored", &number(report.stored)),
                ("unchanged", &number(report.unchanged + report.superseded)),
                ("aside", &report.set_aside.len().to_string()),
            ],
        ));
        for (category, error) in &pulled.failed {
            imported.lines.push(format!("  {category:?}: {}", error.kind()));
        }
        if let Some(chart) = portal.linked(&source, &patient).await? {
            let name = name_of(portal, chart).await?;
            imported.sign_ins.push(open_account(portal, chart, &name).await?);
        }
    }
    cover.lift();
    Ok(imported)
}

/// The name in a chart, asked in the host's own name.
async fn name_of(portal: &Portal, chart: PatientId) -> Result<String, Trouble> {
    let lost = || Trouble::new(say("trouble.other-people"));
    let permit = portal.ask(chart, Section::Demographics, Purpose::Operations).await.map_err(|_| lost())?;
    let items = portal.disclose(permit).map_err(|_| lost())?.demographics(Page::ALL).await.map_err(|_| lost())?.items;
    Ok(items.first().map_or_else(String::new, |item| item.view.name()))
}
