//! Observations: laboratory results, vital signs and other findings (FHIR R4 `Observation`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{CodeSystem, Concept, PartialDate, Quantity, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// How far an observation got (FHIR R4 ObservationStatus).
    ObservationStatus {
        /// Ordered or begun; there is no value yet.
        Registered = "registered",
        /// A first value that may still change.
        Preliminary = "preliminary",
        /// Complete and verified.
        Final = "final",
        /// Changed after it was final.
        Amended = "amended",
        /// Changed after it was final, to correct an error.
        Corrected = "corrected",
        /// Called off.
        Cancelled = "cancelled",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The source does not know, or said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

coded! {
    /// What kind of observation it is (FHIR R4 observation-category).
    ObservationCategory {
        /// From a laboratory.
        Laboratory = "laboratory",
        /// A vital sign.
        VitalSigns = "vital-signs",
        /// Social history.
        SocialHistory = "social-history",
        /// An answer to a questionnaire, or its score.
        Survey = "survey",
        /// From an examination.
        Exam = "exam",
        /// From an image.
        Imaging = "imaging",
        /// From a procedure.
        Procedure = "procedure",
        /// From a therapy.
        Therapy = "therapy",
        /// An activity.
        Activity = "activity",
        /// None was said.
        Unstated = "",
    } else Unstated
}

coded! {
    /// What the source says of a value (HL7 v3 ObservationInterpretation, HL7 v2 table 0078).
    Interpretation {
        /// Normal.
        Normal = "N",
        /// Above the range.
        High = "H",
        /// Below the range.
        Low = "L",
        /// Far above the range.
        CriticalHigh = "HH",
        /// Far below the range.
        CriticalLow = "LL",
        /// Abnormal.
        Abnormal = "A",
        /// Very abnormal.
        CriticalAbnormal = "AA",
        /// Positive.
        Positive = "POS",
        /// Negative.
        Negative = "NEG",
        /// Found.
        Detected = "DET",
        /// Not found.
        NotDetected = "ND",
        /// Susceptible.
        Susceptible = "S",
        /// Intermediate.
        Intermediate = "I",
        /// Resistant.
        Resistant = "R",
        /// Not decided.
        Indeterminate = "IND",
        /// A flag that is not in the list; the original has it.
        Other = "?",
    } else Other
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "kebab-case")]
pub enum Value {
    /// A measured amount; with a comparator it is censored.
    Quantity(Quantity),
    /// A coded answer.
    Concept(Concept),
    /// Words.
    Text(Narrative),
    /// Yes or no.
    Boolean(bool),
    /// A count.
    Integer(i64),
    /// From one amount to another.
    Range {
        /// The lower end.
        low: Option<Quantity>,
        /// The upper end.
        high: Option<Quantity>,
    },
    /// One amount to another, such as a titre `1:128`.
    Ratio {
        /// What stands first.
        numerator: Quantity,
        /// What stands second.
        denominator: Quantity,
    },
    /// A date or time.
    When(PartialDate),
    /// There is none, and this is why.
    Absent(Concept),
    /// There is none; nobody said why. Panels have their values in components or members.
    #[default]
    Unstated,
}

impl Value {
    /// The amount, if it is one.
    #[must_use]
    pub const fn quantity(&self) -> Option<&Quantity> {
        match self {
            Self::Quantity(quantity) => Some(quantity),
            _ => None,
        }
    }

    /// The value in words and rounded numbers, as people read it; empty where there is none.
    #[must_use]
    pub fn for_people(&self) -> String {
        let amount = |end: &Option<Quantity>| end.as_ref().map(Quantity::for_people);
        match self {
            Self::Quantity(quantity) => quantity.for_people(),
            Self::Concept(concept) | Self::Absent(concept) => concept.shown().to_owned(),
            Self::Text(text) => text.as_str().to_owned(),
            Self::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Integer(count) => count.to_string(),
            Self::Range { low, high } => match (amount(low), amount(high)) {
                (Some(low), Some(high)) => format!("{low} - {high}"),
                (Some(low), None) => format!(">= {low}"),
                (None, Some(high)) => format!("<= {high}"),
                (None, None) => String::new(),
            },
            Self::Ratio { numerator, denominator } => {
                format!("{}:{}", numerator.for_people(), denominator.for_people())
            }
            Self::When(date) => date.as_str().to_owned(),
            Self::Unstated => String::new(),
        }
    }
}

/// The range that the performing laboratory issued with this very value (42 CFR 493.1291(d)).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferenceRange {
    /// The lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Quantity>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Quantity>,
    /// The range in words, where it is not two numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
    /// Whom it applies to or what kind it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<Label>,
}

/// One part of an observation with several values, such as systolic pressure.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Component {
    /// What was measured.
    pub code: Concept,
    /// What was found.
    #[serde(default)]
    pub value: Value,
    /// What the source says of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpretation: Vec<Interpretation>,
    /// The laboratory's own ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<ReferenceRange>,
}

/// A result, a vital sign or another finding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// How far it got.
    pub status: ObservationStatus,
    /// What kind it is.
    pub category: ObservationCategory,
    /// What was measured: the analyte.
    pub code: Concept,
    /// When the specimen was taken or the observation made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<PartialDate>,
    /// When the result was made available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<PartialDate>,
    /// What was found.
    #[serde(default)]
    pub value: Value,
    /// What the source says of the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpretation: Vec<Interpretation>,
    /// The laboratory's own ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<ReferenceRange>,
    /// The parts of a value with several parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// What was examined: the kind of specimen is its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specimen: Option<Party>,
    /// How it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Label>,
    /// Where on the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_site: Option<Label>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performers: Vec<Party>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
    /// The observations that a panel groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<SourceRef>,
}

hidden!(Value, ReferenceRange, Component, Observation);

impl Observation {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            ObservationStatus::EnteredInError => Standing::Withdrawn,
            ObservationStatus::Cancelled => Standing::NotDone,
            _ => Standing::Fact,
        }
    }

    /// When it counts for the chart: when it was made, else when it was issued.
    #[must_use]
    pub fn at(&self) -> Option<&PartialDate> {
        self.effective.as_ref().or(self.issued.as_ref())
    }

    /// The LOINC codes of what was measured, of the observation and of its components.
    pub fn analytes(&self) -> impl Iterator<Item = &str> {
        core::iter::once(&self.code)
            .chain(self.components.iter().map(|component| &component.code))
            .flat_map(|code| &code.codings)
            .filter(|coding| coding.system == CodeSystem::Loinc)
            .map(|coding| coding.code.as_str())
    }

    /// The value, interpretation and ranges of an analyte: the observation's own, or a component's. A component speaks
    /// too where it has the code of its observation and the observation itself has no value.
    #[must_use]
    pub fn measured(&self, loinc: &str) -> Option<(&Value, &[Interpretation], &[ReferenceRange])> {
        let is = |code: &Concept| {
            code.codings.iter().any(|coding| coding.system == CodeSystem::Loinc && coding.code.as_str() == loinc)
        };
        let component = self.components.iter().find(|component| is(&component.code));
        match component {
            Some(part) if !is(&self.code) || self.value == Value::Unstated => {
                Some((&part.value, &part.interpretation, &part.ranges))
            }
            _ => is(&self.code).then_some((&self.value, &self.interpretation, &self.ranges)),
        }
    }
}
