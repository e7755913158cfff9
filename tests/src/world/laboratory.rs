//! Specimens, measurements on them, and the reports that bundle measurements.

use super::analyte::Analyte;
use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7, snomed};
use super::node::{Node, list, object};
use super::observation::{Category, Reading, Value};
use super::site::Site;

pub(super) const VENOUS_BLOOD: Code = snomed("122555007", "Venous blood specimen");
pub(super) const CAPILLARY_BLOOD: Code = snomed("122554006", "Capillary blood specimen");
pub(super) const URINE: Code = snomed("122575003", "Urine specimen");
pub(super) const THROAT_SWAB: Code = snomed("258529004", "Throat swab");
pub(super) const NEGATIVE: Code = snomed("260385009", "Negative");
pub(super) const POSITIVE: Code = snomed("10828004", "Positive");

/// One taking of blood or urine, and who works on it.
#[derive(Debug, Clone)]
pub(super) struct Draw {
    /// Begins the label of everything measured on it.
    pub(super) label: String,
    pub(super) at: Moment,
    specimen: String,
    performers: Vec<Node>,
    pub(super) labels: &'static [Code],
}

impl Draw {
    /// When results of this draw are released: the same afternoon.
    pub(super) fn issued(&self) -> Moment {
        self.at.plus(7 * 60 + 20)
    }
}

/// A report before it is written.
#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) label: &'a str,
    pub(super) version: i64,
    pub(super) status: &'static str,
    /// Code and name of the category (`v2-0074`).
    pub(super) category: (&'static str, &'static str),
    pub(super) code: Code,
    pub(super) at: Moment,
    pub(super) issued: Moment,
    pub(super) members: Vec<String>,
    pub(super) performers: Vec<Node>,
    pub(super) visit: Option<String>,
    pub(super) conclusion: Option<&'static str>,
    pub(super) labels: &'static [Code],
}

impl Chart {
    /// Who answers for results of a laboratory: the organisation, and for Northgate also its director.
    pub(super) fn lab_performers(&self, lab: Site) -> Vec<Node> {
        let director = (lab == Site::Northgate).then(|| self.clinician(Clinician::AmankwahDale));
        [self.organization(lab)].into_iter().chain(director).collect()
    }

    /// Takes a specimen. The result's labels follow the specimen's.
    pub(super) fn draw(&mut self, label: &str, at: Moment, kind: Code, lab: Site, labels: &'static [Code]) -> Draw {
        let specimen = self.add_specimen(label, at, kind, labels);
        Draw { label: label.to_owned(), at, specimen, performers: self.lab_performers(lab), labels }
    }

    /// The same draw as an earlier delivery described, without writing the specimen again.
    pub(super) fn redraw(&self, label: &str, at: Moment, lab: Site) -> Draw {
        let specimen = self.id("Specimen", label);
        Draw { label: label.to_owned(), at, specimen, performers: self.lab_performers(lab), labels: &[] }
    }

    fn add_specimen(&mut self, label: &str, at: Moment, kind: Code, labels: &'static [Code]) -> String {
        let fact = Fact { kind: "Specimen", label, version: 1, recorded: at.plus(20), profile: "specimen", labels };
        let accession = format!("A{:07}", self.dice(&format!("accession/{label}")).between(1_000_000, 9_999_999));
        let body = object! {
            "accessionIdentifier": object! { "system": format!("{}/accession", self.site.base()), "value": accession },
            "status": "available",
            "type": kind.concept(),
            "subject": self.subject(),
            "collection": object! { "collectedDateTime": at.text() },
        };
        self.add(&fact, body)
    }

    /// A reading on a draw, ready to be changed before it is added with [`Chart::observe`].
    pub(super) fn reading<'a>(&self, label: &'a str, draw: &Draw, code: Code, value: Value) -> Reading<'a> {
        Reading {
            issued: draw.issued(),
            specimen: Some(draw.specimen.clone()),
            performers: draw.performers.clone(),
            labels: draw.labels,
            ..Reading::new(Category::Laboratory, label, code, draw.at, value)
        }
    }

    /// A measured amount on a draw, with range and flag, ready to be changed before it is added.
    pub(super) fn amount<'a>(&self, label: &'a str, draw: &Draw, what: Analyte, digits: i64) -> Reading<'a> {
        Reading {
            name: what.name,
            range: what.printed_range(),
            flag: what.flag(digits),
            ..self.reading(label, draw, what.code, Value::Amount(what.decimal(digits), what.unit))
        }
    }

    /// Measures an amount and returns the result's id.
    pub(super) fn measure(&mut self, draw: &Draw, what: Analyte, digits: i64) -> String {
        let label = format!("{}/{}", draw.label, what.key);
        let reading = self.amount(&label, draw, what, digits);
        self.observe(reading)
    }

    /// Adds a finding without a number, such as `Negative`, and returns its id.
    pub(super) fn find(&mut self, draw: &Draw, key: &str, code: Code, value: Value) -> String {
        let label = format!("{}/{key}", draw.label);
        let reading = self.reading(&label, draw, code, value);
        self.observe(reading)
    }

    /// A final laboratory report on a draw, ready to be changed before it is added with [`Chart::report`].
    pub(super) fn panel<'a>(&self, label: &'a str, draw: &Draw, code: Code, members: Vec<String>) -> Report<'a> {
        Report {
            label,
            version: 1,
            status: "final",
            category: ("LAB", "Laboratory"),
            code,
            at: draw.at,
            issued: draw.issued().plus(5),
            members,
            performers: draw.performers.clone(),
            visit: None,
            conclusion: None,
            labels: draw.labels,
        }
    }

    /// Adds a report and returns its id.
    pub(super) fn report(&mut self, report: Report<'_>) -> String {
        let profile = if report.category.0 == "LAB" { "diagnosticreport-lab" } else { "diagnosticreport-note" };
        let fact = Fact {
            kind: "DiagnosticReport",
            label: report.label,
            version: report.version,
            recorded: report.issued,
            profile,
            labels: report.labels,
        };
        let (category, category_name) = report.category;
        let body = object! {
            "status": report.status,
            "category": list![hl7("v2-0074", category, category_name)],
            "code": report.code.concept(),
            "subject": self.subject(),
            "encounter": self.to_visit(report.visit.as_ref()),
            "effectiveDateTime": report.at.text(),
            "issued": report.issued.text(),
            "performer": report.performers,
            "result": self.to_results(&report.members),
            "conclusion": report.conclusion,
        };
        self.add(&fact, body)
    }
}
