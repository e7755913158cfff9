//! Observations: laboratory results, vital signs, social history and surveys (FHIR R4 section 10.1).

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::code::{Code, Unit, hl7, system};
use super::decimal::Decimal;
use super::node::{Node, list, object};

/// What was found.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A measured amount.
    Amount(Decimal, Unit),
    /// Less than an amount: below what the method can measure.
    Below(Decimal, Unit),
    /// A finding with a code.
    Coded(Code),
    /// Words.
    Words(&'static str),
    /// Nothing, and why (`data-absent-reason`).
    Missing(&'static str),
    /// Nothing here: the values are in the components or the members.
    Elsewhere,
}

/// The kind of observation (`observation-category`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Laboratory,
    VitalSigns,
    SocialHistory,
    Survey,
}

impl Category {
    const fn code(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory",
            Self::VitalSigns => "vital-signs",
            Self::SocialHistory => "social-history",
            Self::Survey => "survey",
        }
    }
}

/// Where a value should lie, in units of its last place, as the laboratory gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: Option<Decimal>,
    pub(super) high: Option<Decimal>,
    pub(super) unit: Unit,
}

impl Range {
    /// One FHIR `Observation.referenceRange`.
    pub(super) fn node(self) -> Node {
        let bound = |value: Decimal| object! { "value": value, "unit": self.unit.text, "system": system::UCUM, "code": self.unit.ucum };
        let text = match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{low}-{high} {}", self.unit.text),
            (Some(low), None) => format!(">={low} {}", self.unit.text),
            (None, Some(high)) => format!("<{high} {}", self.unit.text),
            (None, None) => String::new(),
        };
        object! { "low": self.low.map(bound), "high": self.high.map(bound), "text": text }
    }
}

/// One observation before it is written.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) label: &'a str,
    pub(super) version: i64,
    pub(super) category: Category,
    pub(super) status: &'static str,
    pub(super) code: Code,
    /// A plain name, where the code's own is not the one people use.
    pub(super) name: &'static str,
    pub(super) at: Moment,
    /// When this version was released; never before `at`.
    pub(super) issued: Moment,
    pub(super) value: Value,
    pub(super) components: Vec<(Code, Value)>,
    pub(super) members: Vec<String>,
    pub(super) range: Option<Range>,
    /// Code and name of `v3-ObservationInterpretation`.
    pub(super) flag: Option<(&'static str, &'static str)>,
    pub(super) note: Option<&'static str>,
    pub(super) specimen: Option<String>,
    pub(super) performers: Vec<Node>,
    pub(super) visit: Option<String>,
    pub(super) labels: &'static [Code],
}

impl<'a> Reading<'a> {
    /// A final observation with nothing but its value.
    pub(super) fn new(category: Category, label: &'a str, code: Code, at: Moment, value: Value) -> Self {
        Self {
            label,
            version: 1,
            category,
            status: "final",
            code,
            name: code.display,
            at,
            issued: at,
            value,
            components: Vec::new(),
            members: Vec::new(),
            range: None,
            flag: None,
            note: None,
            specimen: None,
            performers: Vec::new(),
            visit: None,
            labels: &[],
        }
    }
}

impl Chart {
    /// Adds an observation and returns its id.
    pub(super) fn observe(&mut self, reading: Reading<'_>) -> String {
        let profile = match reading.category {
            Category::Laboratory => "observation-lab",
            Category::VitalSigns => "vital-signs",
            Category::SocialHistory => "smokingstatus",
            Category::Survey => "observation-screening-assessment",
        };
        let fact = Fact {
            kind: "Observation",
            label: reading.label,
            version: reading.version,
            recorded: reading.issued,
            profile,
            labels: reading.labels,
        };
        let components: Vec<Node> =
            reading.components.iter().map(|(code, value)| with_value(vec![("code", code.concept())], value)).collect();
        let head = vec![
            ("status", Node::from(reading.status)),
            ("category", list![hl7("observation-category", reading.category.code(), reading.category.code())]),
            ("code", reading.code.concept_as(reading.name)),
            ("subject", self.subject()),
            ("encounter", Node::from(self.to_visit(reading.visit.as_ref()))),
            ("effectiveDateTime", Node::from(reading.at.text())),
            ("issued", Node::from(reading.issued.text())),
            ("performer", Node::from(reading.performers)),
        ];
        let Node::Object(mut fields) = with_value(head, &reading.value) else {
            return self.add(&fact, object! {});
        };
        let flag = reading.flag.map(|(code, name)| list![hl7("v3-ObservationInterpretation", code, name)]);
        fields.extend([
            ("interpretation", Node::from(flag)),
            ("note", Node::from(reading.note.map(|note| list![object! { "text": note }]))),
            ("specimen", Node::from(reading.specimen.map(|id| self.to("Specimen", &id)))),
            ("referenceRange", list![reading.range.map(Range::node)]),
            ("hasMember", Node::from(self.to_results(&reading.members))),
            ("component", Node::from(components)),
        ]);
        self.add(&fact, Node::Object(fields))
    }
}

fn with_value(mut fields: Vec<(&'static str, Node)>, value: &Value) -> Node {
    let amount = |number: Decimal, comparator: Option<&str>, unit: Unit| {
        object! {
            "value": number, "comparator": comparator, "unit": unit.text,
            "system": system::UCUM, "code": unit.ucum,
        }
    };
    match value {
        Value::Amount(number, unit) => fields.push(("valueQuantity", amount(*number, None, *unit))),
        Value::Below(number, unit) => fields.push(("valueQuantity", amount(*number, Some("<"), *unit))),
        Value::Coded(code) => fields.push(("valueCodeableConcept", code.concept())),
        Value::Words(words) => fields.push(("valueString", Node::from(*words))),
        Value::Missing(why) => fields.push(("dataAbsentReason", hl7("data-absent-reason", why, why))),
        Value::Elsewhere => {}
    }
    Node::Object(fields)
}
