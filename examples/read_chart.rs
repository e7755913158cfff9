//! The smallest complete use of the library: takes FHIR files in, opens each chart as its patient would, prints JSON.
//!
//! ```text
//! cargo run --example read_chart -- PATH... [--analyte LOINC]... [--database FILE]
//! ```
//!
//! The counts are what the patient would see: nothing that was retracted, not done or negated. Values are as received.
//! Exit code: 0 when every file could be read, 1 when one was refused whole, 2 when nothing could be done.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line prints")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use mychartum_adapters::fhir::{self, FhirDelivery, FileError, Input, Limits};
use mychartum_adapters::keys::FileKeyring;
use mychartum_adapters::system::{SystemClock, SystemEntropy};
use mychartum_core::access::pack::{OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::account::{AccountError, NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{
    Deceased, Item, MedicationUse, Observation, Patient, Section, SectionSet, SourceId, Value,
};
use mychartum_core::kernel::Quantity;
use mychartum_core::kernel::id::PatientId;
use mychartum_core::port::Entropy;
use mychartum_core::portal::{Disclosure, Listing, Page, Portal, ReadError};
use mychartum_storage::SqliteStorage;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

const USAGE: &str = "usage: read_chart PATH... [--analyte LOINC]... [--database FILE]";

/// How many items are held at once while a section is counted.
const AT_ONCE: u32 = 500;

struct Arguments {
    paths: Vec<PathBuf>,
    analytes: Vec<String>,
    database: Option<PathBuf>,
}

fn arguments() -> Option<Arguments> {
    let mut given = Arguments { paths: Vec::new(), analytes: Vec::new(), database: None };
    let mut rest = std::env::args_os().skip(1);
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--analyte") => given.analytes.push(rest.next()?.into_string().ok()?),
            Some("--database") => given.database = Some(rest.next()?.into()),
            Some(option) if option.starts_with("--") => return None,
            _ => given.paths.push(argument.into()),
        }
    }
    (!given.paths.is_empty()).then_some(given)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match read(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("read_chart: {error}");
            ExitCode::from(2)
        }
    }
}

/// Reads and prints; whether every file could be read.
async fn read(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let delivery = FhirDelivery::open(Input::from_paths(&arguments.paths)?, Limits::default(), &mut |_| {});
    let throw_away = tempfile::tempdir()?;
    let database = arguments.database.clone().unwrap_or_else(|| throw_away.path().join("chart.db"));
    let portal = Portal::builder()
        .storage(SqliteStorage::open(&database).await?)
        .keys(FileKeyring::at(database.with_extension("key")))
        .clock(SystemClock)
        .entropy(SystemEntropy)
        // Whoever brings a chart to this program may read it, whatever the patient's age.
        .policy(PolicyPack::parse(OWN_RECORDS_PACK)?)
        .open()
        .await?;

    let mut intake = portal.intake(SourceId::parse("files")?)?;
    let cut_off = fhir::deliver(&mut intake, &delivery, &mut |_| {}).await?;
    let report = intake.finish();

    let mut patients = Vec::with_capacity(report.patients.len());
    for patient in &report.patients {
        patients.push(chart(&open(&portal, *patient).await?, &arguments.analytes).await?);
    }
    let names: HashMap<u32, &str> = delivery.documents().collect();
    let refused: Vec<&FileError> = delivery.refused().iter().chain(&cut_off).collect();
    let refused_whole = refused.iter().map(|error| {
        eprintln!("read_chart: {}: {error}", error.name);
        json!({ "file": error.name, "entry": error.entry, "resource": null, "reason": error.to_string() })
    });
    let aside = report.set_aside.iter().map(|aside| {
        json!({
            "file": names.get(&aside.place.document),
            "entry": aside.place.entry,
            "resource": aside.resource,
            "reason": aside.reason.to_string(),
        })
    });
    let set_aside: Vec<Json> = refused_whole.chain(aside).collect();
    let all_read = refused.is_empty();
    let output = Output {
        patients,
        report: json!({
            "resources_in": report.resources + u64::try_from(refused.len())?,
            "stored": report.stored,
            "unchanged": report.unchanged,
            "superseded": report.superseded,
            "set_aside": set_aside,
        }),
    };
    println!("{}", serde_json::to_string_pretty(&output)?);
    Ok(all_read)
}

#[derive(serde::Serialize)]
struct Output {
    patients: Vec<ChartJson>,
    report: Json,
}

/// Opens a chart as its patient would: an account on it, a sign-in, a question, a permit.
async fn open(portal: &Portal, patient: PatientId) -> Result<Disclosure, Box<dyn Error>> {
    let mut random = [0; 32];
    SystemEntropy.fill(&mut random)?;
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let username = Username::parse(&format!("reader-{patient}"))?;
    let account = NewAccount { username: username.clone(), password: Password::new(&secret)?, own: Some(patient) };
    match portal.open_account(account).await {
        // The database was named, and an earlier run opened the account.
        Err(AccountError::UsernameTaken) => portal.set_password(&username, &Password::new(&secret)?).await?,
        opened => opened?,
    };
    let token = portal.sign_in(&username, &Password::entered(&secret)?).await?;
    let session = portal.resume(&token).await?;
    let permit = session.ask(patient, SectionSet::chart(), Purpose::Care).await?;
    Ok(portal.disclose(permit)?)
}

#[derive(serde::Serialize)]
struct ChartJson {
    id: String,
    name: String,
    birth_date: Option<String>,
    identifiers: Vec<Json>,
    deceased: Json,
    sections: Json,
    analytes: BTreeMap<String, Vec<Measured>>,
}

#[derive(serde::Serialize)]
struct Measured {
    at: Option<String>,
    value: Option<Box<RawValue>>,
    unit: Option<String>,
    status: &'static str,
}

async fn chart(chart: &Disclosure, analytes: &[String]) -> Result<ChartJson, Box<dyn Error>> {
    let known: Option<Item<Patient>> = chart.demographics(Page::latest(1)).await?.items.pop();
    let id =
        known.as_ref().map_or_else(|| chart.patient().to_string(), |item| item.provenance.source_id.as_str().into());
    let who = known.map(|item| item.view).unwrap_or_default();
    let mut series = BTreeMap::new();
    for loinc in analytes {
        series.insert(loinc.clone(), measured(chart, loinc).await?);
    }
    Ok(ChartJson {
        id,
        name: who.name(),
        birth_date: who.birth_date.as_ref().map(|date| date.as_str().to_owned()),
        identifiers: who
            .identifiers
            .iter()
            .map(|identifier| {
                json!({
                    "system": identifier.system.as_ref().map(|system| system.as_str()),
                    "type": identifier.kind.as_ref().map(|kind| kind.as_str()),
                    "value": identifier.value.as_str(),
                })
            })
            .collect(),
        deceased: match &who.deceased {
            Deceased::Unstated => Json::Null,
            Deceased::No => json!(false),
            Deceased::Yes => json!(true),
            Deceased::At(date) => json!(date.as_str()),
        },
        sections: sections(chart).await?,
        analytes: series,
    })
}

/// Counts a section page by page: how many items in all, and how many of them are of the first kind.
async fn count<V, F>(read: impl Fn(Page) -> F, first: impl Fn(&V) -> bool) -> Result<(u64, u64), ReadError>
where
    F: Future<Output = Result<Listing<V>, ReadError>>,
{
    let (mut all, mut of_first) = (0, 0);
    let mut page = Page::latest(AT_ONCE);
    loop {
        let listing = read(page).await?;
        for item in &listing.items {
            all += 1;
            of_first += u64::from(first(&item.view));
        }
        match listing.items.last() {
            Some(last) if listing.more => page = Page::after(last.id, AT_ONCE),
            _ => return Ok((all, of_first)),
        }
    }
}

async fn sections(chart: &Disclosure) -> Result<Json, ReadError> {
    let mut sections = Map::new();
    let mut put = |name: &str, (all, _): (u64, u64)| sections.insert(name.into(), json!(all));
    put("results", count(|page| chart.results(page), |_| true).await?);
    put("vitals", count(|page| chart.vitals(page), |_| true).await?);
    put("findings", count(|page| chart.findings(page), |_| true).await?);
    put("immunizations", count(|page| chart.immunizations(page), |_| true).await?);
    put("allergies", count(|page| chart.allergies(page), |_| true).await?);
    put("visits", count(|page| chart.visits(page), |_| true).await?);
    put("reports", count(|page| chart.reports(page), |_| true).await?);
    put("documents", count(|page| chart.documents(page), |_| true).await?);
    put("procedures", count(|page| chart.procedures(page), |_| true).await?);
    put("appointments", count(|page| chart.appointments(page), |_| true).await?);
    let (all, active) = count(|page| chart.medications(page), |drug| drug.in_use() == MedicationUse::Active).await?;
    sections.insert("medications".into(), json!({ "active": active, "stopped": all - active }));
    let (all, active) = count(|page| chart.conditions(page), |condition| condition.is_active()).await?;
    sections.insert("conditions".into(), json!({ "active": active, "resolved": all - active }));
    Ok(Json::Object(sections))
}

/// All values of an analyte, oldest first.
async fn measured(chart: &Disclosure, loinc: &str) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut found: Vec<(i64, Measured)> = Vec::new();
    for section in [Section::Results, Section::Vitals, Section::Findings] {
        let mut page = Page::latest(AT_ONCE);
        loop {
            let listing = chart.measured(section, loinc, page).await?;
            for item in &listing.items {
                found.push((item.view.at().map_or(i64::MIN, |at| at.order()), point(&item.view, loinc)?));
            }
            match listing.items.last() {
                Some(last) if listing.more => page = Page::after(last.id, AT_ONCE),
                _ => break,
            }
        }
    }
    found.sort_by_key(|(order, _)| *order);
    Ok(found.into_iter().map(|(_, measured)| measured).collect())
}

/// One value as received: a plain number with the digits it came with, anything else as text.
fn point(observation: &Observation, loinc: &str) -> Result<Measured, serde_json::Error> {
    let value = observation.measured(loinc).map(|(value, ..)| value);
    let quantity = value.and_then(Value::quantity);
    let text = match value {
        None | Some(Value::Unstated | Value::Absent(_)) => None,
        Some(Value::Quantity(quantity)) if quantity.comparator.is_none() => Some(quantity.value.as_str().to_owned()),
        Some(Value::Quantity(quantity)) => Some(serde_json::to_string(&quantity.as_received())?),
        Some(Value::Integer(number)) => Some(number.to_string()),
        Some(Value::Boolean(yes)) => Some(yes.to_string()),
        Some(Value::Range { low, high }) => {
            let ends = [low, high].map(|end| end.as_ref().map_or_else(String::new, amount));
            Some(serde_json::to_string(&ends.join(" - "))?)
        }
        Some(Value::Ratio { numerator, denominator }) => {
            Some(serde_json::to_string(&[numerator, denominator].map(amount).join(":"))?)
        }
        Some(other) => Some(serde_json::to_string(&other.for_people())?),
    };
    Ok(Measured {
        at: observation.at().map(|at| at.as_str().to_owned()),
        value: text.map(raw).transpose()?,
        unit: quantity.map(|quantity| quantity.unit.shown().to_owned()).filter(|unit| !unit.is_empty()),
        status: observation.status.code(),
    })
}

/// One end of a range or a ratio: its digits as received, and its unit.
fn amount(quantity: &Quantity) -> String {
    format!("{} {}", quantity.as_received(), quantity.unit.shown()).trim_end().to_owned()
}

/// A text as a JSON value; as a JSON string where it is no value (`007` is a number to some sources, and not to JSON).
fn raw(text: String) -> Result<Box<RawValue>, serde_json::Error> {
    let quoted = serde_json::to_string(&text)?;
    RawValue::from_string(text).or_else(|_| RawValue::from_string(quoted))
}
