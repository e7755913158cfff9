//! From a page to parcels: the one reader of FHIR, and what is somebody else's set aside.

use mychartum_core::chart::SourceRef;
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::Input;

use super::super::read::{FhirDelivery, Limits};
use super::page::{Page, Whose};

/// The parcels of a page; `number` is its number in the call.
pub(super) fn of_page(page: &Page<'_>, number: u32, patient: &SourceRef, most: usize) -> Vec<Parcel> {
    let mut parcels = read(page.bundle(), most).unwrap_or_else(|| {
        // Something in it is worse than a bundle may hold: each entry is read alone, so that only it is set aside.
        let entries = page.entries.iter().zip(0u64..);
        entries.flat_map(|((text, _), entry)| alone(text, entry, most)).collect()
    });
    for parcel in &mut parcels {
        parcel.place.document = number;
        let entry = parcel.place.entry.and_then(|entry| usize::try_from(entry).ok());
        let whose = entry.and_then(|entry| page.entries.get(entry)).map_or(Whose::Ours, |(_, whose)| *whose);
        keep_to(parcel, patient, whose);
    }
    parcels
}

/// The parcel of a resource that was read alone; `None` where it is no document.
pub(super) fn of_resource(body: &str, patient: &SourceRef, most: usize) -> Option<Vec<Parcel>> {
    let mut parcels = read(body.to_owned(), most)?;
    parcels.iter_mut().for_each(|parcel| keep_to(parcel, patient, Whose::Ours));
    Some(parcels)
}

/// The parcels of a line of a file that says it holds one type: one, but for a line that is a bundle.
pub(super) fn of_line(line: &[u8], number: u64, kind: &str, most: usize) -> Vec<Parcel> {
    let place = Place { document: 0, entry: Some(number) };
    let text = core::str::from_utf8(line).ok().map(str::to_owned);
    let mut parcels = text.and_then(|text| read(text, most)).unwrap_or_else(|| {
        let reading = Reading::Unusable(Reason::Malformed);
        vec![Parcel { place, resource: Box::default(), reading, original: line.to_vec() }]
    });
    for parcel in &mut parcels {
        parcel.place = place;
        if *parcel.resource != *kind && !matches!(parcel.reading, Reading::Unusable(_)) {
            parcel.reading = Reading::Unusable(Reason::Invalid("resourceType"));
        }
    }
    parcels
}

/// Sets aside what is about anybody else, whatever the server thinks (privacy before completeness).
fn keep_to(parcel: &mut Parcel, patient: &SourceRef, whose: Whose) {
    if let Reading::Item { subject, .. } = &parcel.reading
        && (subject != patient || whose == Whose::Elsewhere)
    {
        parcel.reading = Reading::Unusable(Reason::Invalid("subject"));
    }
}

fn read(text: String, most: usize) -> Option<Vec<Parcel>> {
    let limits = Limits { resource: most, document: most as u64 + (64 << 10), ..Limits::default() };
    let inputs = vec![Input::bytes("page", text.into_bytes())];
    let delivery = FhirDelivery::open(inputs, limits, &mut |_| {});
    delivery.refused().is_empty().then(|| delivery.parcels().collect())
}

fn alone(entry: &str, number: u64, most: usize) -> Vec<Parcel> {
    let place = Place { document: 0, entry: Some(number) };
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"searchset","entry":[{entry}]}}"#);
    let mut parcels = read(bundle, most).unwrap_or_else(|| {
        let reading = Reading::Unusable(Reason::Malformed);
        vec![Parcel { place, resource: Box::default(), reading, original: entry.as_bytes().to_vec() }]
    });
    parcels.iter_mut().for_each(|parcel| parcel.place = place);
    parcels
}
