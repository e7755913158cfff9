//! Her visit notes: what was said at eight visits of ten years, and a handout on diet in HTML.

use super::quarters::Quarter;
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::document::{CONSULT_NOTE, Document, EDUCATION, HISTORY_AND_PHYSICAL, PROGRESS_NOTE};

/// Writes the notes; `visits` are the ids of the quarterly visits, in order.
pub(super) fn write(chart: &mut Chart, quarters: &[Quarter], visits: &[String]) {
    for (quarter, visit) in quarters.iter().zip(visits) {
        let Some((kind, by, text)) = note_of(quarter.index) else { continue };
        let label = format!("{}/note", quarter.label);
        let at = Moment::at(quarter.visit, 17, 10);
        chart.document(Document { visit: Some(visit.clone()), ..Document::note(kind, &label, text, at, by) });
    }
    handout(chart);
}

type Note = (crate::world::code::Code, Clinician, &'static str);

fn note_of(index: i64) -> Option<Note> {
    let note = match index {
        0 => (HISTORY_AND_PHYSICAL, Clinician::Brightwater, include_str!("../notes/grandmother_first_visit.txt")),
        3 => (PROGRESS_NOTE, Clinician::Brightwater, include_str!("../notes/grandmother_year_one.txt")),
        13 => (PROGRESS_NOTE, Clinician::Estrellano, include_str!("../notes/grandmother_low_sugars.txt")),
        18 => (CONSULT_NOTE, Clinician::Corlett, include_str!("../notes/grandmother_kidney_consult.txt")),
        28 => (PROGRESS_NOTE, Clinician::Brightwater, include_str!("../notes/grandmother_after_the_stay.txt")),
        33 => (PROGRESS_NOTE, Clinician::Estrellano, include_str!("../notes/grandmother_at_the_table.txt")),
        38 => (PROGRESS_NOTE, Clinician::Corlett, include_str!("../notes/grandmother_kidney_review.txt")),
        39 => (PROGRESS_NOTE, Clinician::Brightwater, include_str!("../notes/grandmother_latest.txt")),
        _ => return None,
    };
    Some(note)
}

/// A web page from an outside author. It carries a script, as such pages do; whoever shows it must take that out.
fn handout(chart: &mut Chart) {
    let at = Moment::at(chart.calendar().workday_ago(110), 12, 0);
    chart.document(Document {
        title: "Eating well with kidney disease",
        format: "text/html",
        ..Document::note(
            EDUCATION,
            "handout",
            include_str!("../notes/grandmother_handout.html"),
            at,
            Clinician::Corlett,
        )
    });
}
