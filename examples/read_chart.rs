//! The smallest complete use of the library: takes files in, opens each chart as its patient would, prints JSON.
//!
//! ```text
//! cargo run --example read_chart -- PATH... [--analyte LOINC]... [--database FILE] [--zone ZONE]
//!                                   [--listen-hl7 PORT --for SECONDS]
//! ```
//!
//! The files are any mixture of FHIR R4 (JSON, NDJSON), HL7 v2 and C-CDA. With `--listen-hl7` it also takes a feed of HL7 v2 over MLLP
//! on the loopback, for as many seconds as `--for` says, before it prints. `--zone` is that of HL7 v2 times without an offset (IANA; UTC
//! unless said). What two sources or two formats say of one person stays two charts: nothing here decides that they are one.
//!
//! The counts are what the patient would see: nothing that was retracted, not done or negated. Values are as received.
//! Exit code: 0 when every file could be read, 1 when one was refused whole, 2 when nothing could be done.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line prints")]

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono_tz::Tz;
use mychartum_adapters::fhir::FileError;
use mychartum_adapters::hl7v2::{ProcessingPolicy, SourceSettings};
use mychartum_adapters::keys::FileKeyring;
use mychartum_adapters::mllp::{ChartFeed, ServeSettings, Taken, serve};
use mychartum_adapters::system::{SystemClock, SystemEntropy};
use mychartum_core::access::AccessError;
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
use mychartum_core::sync::IntakeReport;
use mychartum_examples::mixture::{Mixture, TakenIn, chosen_files};
use mychartum_storage::SqliteStorage;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

const USAGE: &str =
    "usage: read_chart PATH... [--analyte LOINC]... [--database FILE] [--zone ZONE] [--listen-hl7 PORT --for SECONDS]";

/// How many items are held at once while a section is counted.
const AT_ONCE: u32 = 500;

struct Arguments {
    paths: Vec<PathBuf>,
    analytes: Vec<String>,
    database: Option<PathBuf>,
    zone: String,
    listen: Option<u16>,
    seconds: u64,
}

fn arguments() -> Option<Arguments> {
    let mut given = Arguments {
        paths: Vec::new(),
        analytes: Vec::new(),
        database: None,
        zone: "UTC".to_owned(),
        listen: None,
        seconds: 0,
    };
    let mut rest = std::env::args_os().skip(1);
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--analyte") => given.analytes.push(rest.next()?.into_string().ok()?),
            Some("--database") => given.database = Some(rest.next()?.into()),
            Some("--zone") => given.zone = rest.next()?.into_string().ok()?,
            Some("--listen-hl7") => given.listen = Some(rest.next()?.to_str()?.parse().ok()?),
            Some("--for") => given.seconds = rest.next()?.to_str()?.parse().ok()?,
            Some(option) if option.starts_with("--") => return None,
            _ => given.paths.push(argument.into()),
        }
    }
    // To listen for no time at all, or to wait without listening, is a slip of the keyboard.
    let listens = given.listen.is_some();
    ((!given.paths.is_empty() || listens) && listens == (given.seconds > 0)).then_some(given)
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
    let files = Mixture::find(&arguments.paths)?;
    let zone: Tz = arguments.zone.parse().map_err(|_| "--zone: not a zone of the IANA database")?;
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

    let source = SourceId::parse("files")?;
    let settings = chosen_files(zone);
    let mut all: Vec<TakenIn> = Vec::new();
    for delivery in files.open(&settings, &mut |_| {}) {
        all.push(delivery.take_in(&portal, &source, &mut |_| {}, &mut |_| {}).await?);
    }
    let portal = Arc::new(portal);
    if let Some(port) = arguments.listen {
        let feed = SourceSettings { processing: ProcessingPolicy::Production, ..settings };
        let listened = listen(&portal, &source, feed, port, Duration::from_secs(arguments.seconds)).await?;
        all.extend(listened.into_iter().map(|report| TakenIn { report, ..TakenIn::default() }));
    }

    let mut patients = Vec::new();
    let mut opened: HashSet<PatientId> = HashSet::new();
    for patient in all.iter().flat_map(|taken| &taken.report.patients) {
        if !opened.insert(*patient) {
            continue;
        }
        // A chart whose patient was merged into another is shut: what it held is in the other one.
        if let Some(disclosure) = open(&portal, *patient).await? {
            patients.push(chart(&disclosure, &arguments.analytes).await?);
        }
    }
    let mut set_aside: Vec<Json> = Vec::new();
    let mut sum = IntakeReport::default();
    for taken in &all {
        for error in &taken.refused {
            set_aside.push(refused_whole(error));
            sum.resources += 1;
        }
        for aside in &taken.report.set_aside {
            set_aside.push(json!({
                "file": taken.names.get(&aside.place.document),
                "entry": aside.place.entry,
                "resource": aside.resource,
                "reason": aside.reason.to_string(),
            }));
        }
        sum.resources += taken.report.resources;
        sum.stored += taken.report.stored;
        sum.unchanged += taken.report.unchanged;
        sum.superseded += taken.report.superseded;
    }
    let all_read = all.iter().all(|taken| taken.refused.is_empty());
    let output = Output {
        patients,
        report: json!({
            "resources_in": sum.resources,
            "stored": sum.stored,
            "unchanged": sum.unchanged,
            "superseded": sum.superseded,
            "set_aside": set_aside,
        }),
    };
    println!("{}", serde_json::to_string_pretty(&output)?);
    Ok(all_read)
}

/// A file that was refused whole, in the output and on the screen.
fn refused_whole(error: &FileError) -> Json {
    eprintln!("read_chart: {}: {error}", error.name);
    json!({ "file": error.name, "entry": error.entry, "resource": null, "reason": error.to_string() })
}

/// Takes a feed over MLLP on the loopback for a while. Says on the screen where it listens, and of each message that is refused.
async fn listen(
    portal: &Arc<Portal>,
    source: &SourceId,
    settings: SourceSettings,
    port: u16,
    time: Duration,
) -> Result<Vec<IntakeReport>, Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    eprintln!("read_chart: listening for HL7 v2 on {}", listener.local_addr()?);
    let reports: Arc<Mutex<Vec<IntakeReport>>> = Arc::default();
    let heard = Arc::clone(&reports);
    let told = move |taken: Taken| match taken {
        Taken::Durable(report) => heard.lock().unwrap_or_else(PoisonError::into_inner).push(report),
        Taken::Refused => eprintln!("read_chart: a message was refused"),
        Taken::Failed(failure) => eprintln!("read_chart: a message was not kept: {failure}"),
        _ => (),
    };
    let feed = ChartFeed::new(Arc::clone(portal), source.clone(), settings, Arc::new(SystemClock), told);
    serve(listener, ServeSettings::default(), Arc::new(feed), tokio::time::sleep(time)).await;
    let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *reports))
}

#[derive(serde::Serialize)]
struct Output {
    patients: Vec<ChartJson>,
    report: Json,
}

/// Opens a chart as its patient would: an account on it, a sign-in, a question, a permit; `None` where it is shut.
async fn open(portal: &Portal, patient: PatientId) -> Result<Option<Disclosure>, Box<dyn Error>> {
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
    match session.ask(patient, SectionSet::chart(), Purpose::Care).await {
        Ok(permit) => Ok(Some(portal.disclose(permit)?)),
        Err(AccessError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
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
