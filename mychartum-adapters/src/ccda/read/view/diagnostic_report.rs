//! Batteries of results (C-CDA R2.1 Result Organizer).

use mychartum_core::chart::{DiagnosticReport, ReportStatus};

use super::Told;
use crate::ccda::read::element::{authors, concept_of, performers};

/// What a chart keeps of a report: what it groups and where it stands; its results are items of their own.
pub(super) fn read(told: Told<'_, '_>) -> DiagnosticReport {
    let all = [performers(told.page, told.node), authors(told.page, told.node)];
    DiagnosticReport {
        status: status(&told),
        categories: Vec::new(),
        code: concept_of(told.page, told.node, "code"),
        effective: told.start(),
        issued: None,
        performers: all.into_iter().find(|parties| !parties.is_empty()).unwrap_or_default(),
        conclusion: None,
        presented: Vec::new(),
        encounter: told.visit(),
        results: told.results,
    }
}

fn status(told: &Told<'_, '_>) -> ReportStatus {
    match told.status() {
        "nullified" => ReportStatus::EnteredInError,
        _ if told.negated() => ReportStatus::Cancelled,
        "completed" | "normal" => ReportStatus::Final,
        "active" => ReportStatus::Partial,
        "new" | "held" | "suspended" => ReportStatus::Registered,
        "aborted" | "cancelled" => ReportStatus::Cancelled,
        _ => ReportStatus::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use crate::ccda::read::sample::{document, entries, entry, names};
    use mychartum_core::chart::View;
    use mychartum_core::sync::Reading;

    #[test]
    fn a_report_names_its_results() {
        let observation = |id: &str| format!("<component><observation>{id}<code code='1'/></observation></component>");
        let xml = format!(
            "<organizer><id root='r'/><code code='57021-8' displayName='CBC'/><statusCode code='active'/><effectiveTime><low value='20080319'/></effectiveTime>{}{}{}</organizer>",
            observation("<id root='a'/>"),
            observation(""),
            observation("<id root='b'/>")
        );
        let all = document(&entries("30954-2", &xml));
        let Reading::Item { view: View::DiagnosticReport(report), .. } = &all[2].reading else { panic!("no report") };
        assert_eq!((report.status.code(), report.code.shown()), ("partial", "CBC"));
        assert_eq!(report.effective.as_ref().unwrap().as_str(), "2008-03-19");
        let named: Vec<String> =
            report.results.iter().map(|at| format!("{}/{}", at.kind.as_str(), at.id.as_str())).collect();
        assert_eq!(named, names(&all)[3..], "each result is a parcel, in order");
    }

    #[test]
    fn statuses_are_translated() {
        for (code, status) in [
            ("completed", "final"),
            ("active", "partial"),
            ("suspended", "registered"),
            ("aborted", "cancelled"),
            ("nullified", "entered-in-error"),
            ("odd", "unknown"),
        ] {
            let xml = format!("<organizer><statusCode code='{code}'/></organizer>");
            let View::DiagnosticReport(report) = entry("30954-2", &xml) else { panic!("kind") };
            assert_eq!(report.status.code(), status);
        }
    }
}
