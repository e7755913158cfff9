//! Everything that one person can see of a chart, as bytes with a name for each place.

use std::fmt::Write as _;

use mychartum_core::access::AccessError;
use mychartum_core::attachments::{AttachedTo, AttachmentError};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Item, Section};
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::portal::{Disclosure, Listing, Page, Portal, ReadError, Session};
use serde::Serialize;

use super::scene::SceneError;

/// What was seen at each place.
pub(super) type Glimpse = Vec<(String, String)>;

/// The sizes of pages that lists are read in.
const PAGES: [u32; 4] = [1, 2, 7, u32::MAX];

/// Looks at everything.
pub(super) async fn glimpse(
    portal: &Portal,
    session: &Session,
    patient: PatientId,
    items: &[(Section, ItemId)],
    analytes: &[String],
) -> Result<Glimpse, SceneError> {
    let mut seen = Vec::new();
    let acting = session.acting_for().await?;
    let acting: Vec<_> =
        acting.iter().map(|one| (one.patient, one.relation, one.basis, one.until, one.sections)).collect();
    seen.push(("for whom someone acts".to_owned(), format!("{acting:?}")));
    for section in Section::ALL {
        let open = async || match session.ask(patient, section, Purpose::Care).await {
            Ok(permit) => Ok(Some(portal.disclose(permit)?)),
            Err(AccessError::NotFound) => Ok(None),
            Err(other) => Err(SceneError::from(other)),
        };
        let Some(chart) = open().await? else {
            seen.push((format!("{section:?}"), "not found".to_owned()));
            continue;
        };
        for limit in PAGES {
            let pages = pages(&chart, section, limit).await?;
            seen.push((format!("{section:?} in pages of {limit}"), pages));
        }
        for (at, item) in items {
            let mut shown = one(&chart, section, *item).await?;
            if chart.permit().sections().has(section) && section != Section::AccessLog {
                let original = chart.original(section, *item).await?;
                write_to(&mut shown, &original.map(|(_, original)| original.with_accompaniment().0));
                match chart.attachments(AttachedTo::Item(section, *item)).await {
                    Ok(attached) => write_to(&mut shown, &attached.len()),
                    Err(AttachmentError::NoStore) => {}
                    Err(_) => return Err(SceneError::Wrong("attachments cannot be read")),
                }
                let page = list(&chart, section, Page::after(*item, 3)).await?;
                shown.push_str(&page.0);
                if *at == Section::Visits && holds_items(section) {
                    let of_visit = chart.of_visit(section, *item).await?;
                    of_visit.iter().for_each(|item| shown.push_str(&text(item)));
                }
            }
            seen.push((format!("{section:?} item {item}"), shown));
        }
        if matches!(section, Section::Results | Section::Vitals | Section::Findings) {
            for code in analytes {
                let points = chart.measured(section, code, Page::ALL).await?;
                let mut shown = listing(&points).0;
                for series in chart.trend(code, &[]).await?.series {
                    write_to(&mut shown, &series.points.len());
                    series.points.iter().for_each(|point| write_to(&mut shown, &point.item.to_string()));
                }
                seen.push((format!("{section:?} trend of {code}"), shown));
            }
        }
        if section == Section::AccessLog {
            // What was asked just now is in it as well, the same in both worlds.
            let log = chart.access_log(None, 1000).await?;
            let log: Vec<_> = log.iter().map(|entry| (entry.position(), entry.facts().action)).collect();
            seen.push(("access log".to_owned(), format!("{log:?}")));
        }
    }
    Ok(seen)
}

/// Every item of a section for whom may see all of it.
pub(super) async fn all(chart: &Disclosure, section: Section) -> Result<Vec<ItemId>, ReadError> {
    Ok(list(chart, section, Page::ALL).await?.1)
}

async fn pages(chart: &Disclosure, section: Section, limit: u32) -> Result<String, ReadError> {
    let mut shown = String::new();
    let mut page = Page::latest(limit);
    loop {
        let (text, items, more) = list(chart, section, page).await?;
        shown.push_str(&text);
        match items.last() {
            Some(last) if more => page = Page::after(*last, limit),
            _ => return Ok(shown),
        }
    }
}

macro_rules! sections {
    ($($section:ident: $list:ident $one:ident $earlier:ident),+ $(,)?) => {
        async fn list(
            chart: &Disclosure,
            section: Section,
            page: Page,
        ) -> Result<(String, Vec<ItemId>, bool), ReadError> {
            Ok(match section {
                $(Section::$section => listing(&chart.$list(page).await?),)+
                _ => (String::new(), Vec::new(), false),
            })
        }

        async fn one(chart: &Disclosure, section: Section, item: ItemId) -> Result<String, ReadError> {
            let mut shown = String::new();
            match section {
                $(Section::$section => {
                    if let Some(item) = chart.$one(item).await? {
                        shown.push_str(&text(&item));
                    }
                    for earlier in chart.$earlier(item).await? {
                        shown.push_str(&text(&earlier));
                    }
                })+
                _ => {}
            }
            Ok(shown)
        }

        const fn holds_items(section: Section) -> bool {
            matches!(section, $(Section::$section)|+)
        }
    };
}

sections! {
    Demographics: demographics demographic earlier_demographics,
    Results: results result earlier_results,
    Vitals: vitals vital earlier_vitals,
    Findings: findings finding earlier_findings,
    Reports: reports report earlier_reports,
    Medications: medications medication earlier_medications,
    Immunizations: immunizations immunization earlier_immunizations,
    Conditions: conditions condition earlier_conditions,
    Allergies: allergies allergy earlier_allergies,
    Visits: visits visit earlier_visits,
    Documents: documents document earlier_documents,
    Procedures: procedures procedure earlier_procedures,
    Appointments: appointments appointment earlier_appointments,
}

fn listing<V: Serialize>(listing: &Listing<V>) -> (String, Vec<ItemId>, bool) {
    let mut shown: String = listing.items.iter().map(text).collect();
    write_to(&mut shown, &listing.more);
    (shown, listing.items.iter().map(|item| item.id).collect(), listing.more)
}

fn text<V: Serialize>(item: &Item<V>) -> String {
    let view = serde_json::to_string(&item.view).unwrap_or_default();
    let provenance = serde_json::to_string(&item.provenance).unwrap_or_default();
    format!("{} {} {view} {provenance}\n", item.id, item.version)
}

fn write_to(shown: &mut String, value: &impl core::fmt::Debug) {
    // Writing to a text never fails.
    let _ = writeln!(shown, "{value:?}");
}
