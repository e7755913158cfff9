//! A patient portal in the browser, on this computer only: `cargo run --example portal`.
//!
//! With no options it moves a synthetic household in and prints how to sign in as each of its people. With `--import` it
//! shows your own files instead. With `--backup`, `--restore` or `--copy-to` it does that and ends. See `--help`.

mod draw;
mod pages;
mod setup;
mod show;
mod web;
mod words;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Local;
use mychartum_adapters::hl7v2::SourceSettings;
use mychartum_adapters::notify::file::Kept;
use mychartum_adapters::notify::words::{LinkBase, Words};
use mychartum_core::chart::SourceId;
use setup::args::{self, Asked, Options};
use setup::database::{Database, Rules};
use setup::feed::Feed;
use setup::greeting::Greeting;
use setup::import::{self, Imported};
use setup::trouble::Trouble;
use setup::{addresses, browser, errands, household, pulling};
use web::clock::HouseClock;
use web::forms::FormKey;
use web::house::{House, Setting};
use web::lab::{LAB, Lab};
use web::router::router;
use web::server::Listening;
use web::stage::{Stage, Worker};
use words::{fill, say};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match args::read(std::env::args_os().skip(1)) {
        Ok(Asked::Help) => print(args::HELP),
        Ok(Asked::Run(options)) => run(options).await,
        Err(wrong) => Err(wrong.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            drop(writeln!(std::io::stderr(), "{}", trouble.sentence()));
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<(), Trouble> {
    if let Some(errand) = &options.errand {
        let closing = errands::run(errand, &options).await?;
        return print(&format!("\n{closing}\n"));
    }
    let is_demo = options.import.is_empty() && options.fhir.is_none();
    let files = if options.import.is_empty() { None } else { Some(import::find(&options.import)?) };
    let database = Database::asked(&options);
    let has_stage = is_demo && database.may_be_played_with();
    let listening = Listening::on(options.port).await.map_err(|error| {
        let why = error.kind().to_string();
        Trouble::new(fill("trouble.port", &[("port", &options.port.to_string()), ("why", &why)]))
    })?;
    let address = format!("http://localhost:{}", listening.port);
    let clock = HouseClock::default();
    let kept = if has_stage { Some(messages(&address)?) } else { None };
    let rules = if is_demo { Rules::Clinic } else { Rules::OwnRecords };
    let (portal, tenants) = database.open(options.reset, rules, clock.clone(), kept.clone()).await?;
    let mut stage = None;
    let people = if let Some(files) = files {
        import::own_files(&portal, files, options.zone).await?
    } else if let Some(from) = &options.fhir {
        pulling::pull(&portal, from, clock.clone()).await?
    } else {
        let household = household::move_in(&portal, tenants, Local::now().date_naive()).await?;
        if let (Some(kept), Some(staff)) = (kept, household.staff.iter().copied().min()) {
            addresses::give(&portal, &household.sign_ins, &kept).await?;
            let lab = Lab::new(SourceId::parse(LAB).map_err(|error| Trouble::new(error.to_string()))?);
            stage = Some(Stage { kept, people: household.people, staff, lab });
        }
        let (staff, sources) = (household.staff, household.sources);
        Imported { sign_ins: household.sign_ins, lines: Vec::new(), staff, sources }
    };
    let forms = FormKey::random().ok_or_else(|| Trouble::new(say("trouble.random")))?;
    let feed = match options.hl7 {
        Some(port) => {
            let name = if is_demo { LAB } else { import::OWN };
            let source = SourceId::parse(name).map_err(|error| Trouble::new(error.to_string()))?;
            let settings = SourceSettings::in_zone(options.zone);
            Some(Feed::listen((portal.clone(), source, settings), port, clock.clone()).await?)
        }
        None => None,
    };
    let setting = Setting { is_demo, staff: people.staff, sources: people.sources, clock, stage };
    let house = House::new(portal, forms, listening.port, setting);
    let greeting = Greeting {
        address: &address,
        is_demo,
        sign_ins: &people.sign_ins,
        lines: &people.lines,
        has_stage,
        feed: feed.as_ref().map(|feed| feed.port),
        database: &database.shown(),
    };
    print(&greeting.text())?;
    browser::open(&address, options.may_open);
    let worker = Worker::start(house.clone());
    let served = listening.serve(router(house)).await;
    if let Some(feed) = feed {
        feed.end().await;
    }
    worker.end().await;
    served.map_err(|error| Trouble::new(fill("trouble.other", &[("why", &error.kind().to_string())])))
}

/// Where messages go that a demonstration does not send.
fn messages(address: &str) -> Result<Arc<Kept>, Trouble> {
    let links = LinkBase::parse(address)
        .map_err(|error| Trouble::new(fill("trouble.other", &[("why", &error.to_string())])))?;
    Ok(Arc::new(Kept::new(Words::shipped(), links)))
}

fn print(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Trouble::new(fill("trouble.other", &[("why", &error.kind().to_string())])))
}
