//! Units of measure: UCUM codes, and the spellings that mean them.

use serde::{Deserialize, Serialize};

use super::hidden;
use super::text::Label;

/// A unit as it was sent: a code, usually UCUM, and the text shown to people.
///
/// Two units are the same only if [`key`](Self::key) is: after the table of common misspellings, never by guessing.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Unit {
    /// The code, where one was sent: UCUM unless a source says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Label>,
    /// The text as the source shows it, where it differs from the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
}

hidden!(Unit);

/// Spellings seen in the field and the UCUM code they mean.
///
/// This table comes before any UCUM reading: `K/uL` is valid UCUM for kelvin per microlitre, and no laboratory means that.
/// The UCUM codes are used under the terms of the UCUM copyright notice and licence (Regenstrief Institute).
const ALIASES: &[(&str, &str)] = &[
    ("k/ul", "10*3/uL"),
    ("k/mm3", "10*3/uL"),
    ("thou/ul", "10*3/uL"),
    ("x10e3/ul", "10*3/uL"),
    ("10^3/ul", "10*3/uL"),
    ("10*3/ul", "10*3/uL"),
    ("10e3/ul", "10*3/uL"),
    ("m/ul", "10*6/uL"),
    ("x10e6/ul", "10*6/uL"),
    ("10^6/ul", "10*6/uL"),
    ("10*6/ul", "10*6/uL"),
    ("iu/l", "[IU]/L"),
    ("[iu]/l", "[IU]/L"),
    ("miu/l", "m[IU]/L"),
    ("m[iu]/l", "m[IU]/L"),
    ("uiu/ml", "u[IU]/mL"),
    ("mcg/dl", "ug/dL"),
    ("µg/dl", "ug/dL"),
    ("ug/dl", "ug/dL"),
    ("mcg/ml", "ug/mL"),
    ("ug/ml", "ug/mL"),
    ("µmol/l", "umol/L"),
    ("umol/l", "umol/L"),
    ("mmhg", "mm[Hg]"),
    ("mm hg", "mm[Hg]"),
    ("mm[hg]", "mm[Hg]"),
    ("beats/min", "/min"),
    ("beats/minute", "/min"),
    ("bpm", "/min"),
    ("{beats}/min", "/min"),
    ("breaths/min", "/min"),
    ("{breaths}/min", "/min"),
    ("/min", "/min"),
    ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73 m2", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73_m2}", "mL/min/{1.73_m2}"),
    ("mg/dl", "mg/dL"),
    ("g/dl", "g/dL"),
    ("mmol/l", "mmol/L"),
    ("meq/l", "meq/L"),
    ("u/l", "U/L"),
    ("percent", "%"),
    ("pct", "%"),
    ("°c", "Cel"),
    ("degc", "Cel"),
    ("°f", "[degF]"),
    ("degf", "[degF]"),
    ("copies/ml", "{copies}/mL"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("in", "[in_i]"),
    ("sec", "s"),
];

impl Unit {
    /// A unit by its code.
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self { code: Label::clipped(code), text: None }
    }

    /// What people are shown: the source's text, else the code; empty for a number without unit.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.text.as_ref().or(self.code.as_ref()).map_or("", Label::as_str)
    }

    /// What decides whether two units are the same: the UCUM code after the table of spellings, else the text as sent.
    #[must_use]
    pub fn key(&self) -> &str {
        let given = self.code.as_ref().or(self.text.as_ref()).map_or("", Label::as_str);
        let lower = given.to_lowercase();
        ALIASES.iter().find(|(spelling, _)| *spelling == lower).map_or(given, |(_, code)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet_in_one_unit_and_others_stay_apart() {
        for same in [
            ["K/uL", "10*3/uL"],
            ["x10E3/uL", "THOU/uL"],
            ["mmHg", "mm[Hg]"],
            ["beats/min", "/min"],
            ["MG/DL", "mg/dL"],
        ] {
            assert_eq!(Unit::of(same[0]).key(), Unit::of(same[1]).key());
        }
        for apart in [["mg/dL", "mmol/L"], ["mg", "Mg"], ["g/dL", "g/L"], ["%", "mmol/mol"], ["U/L", "mU/L"]] {
            assert_ne!(Unit::of(apart[0]).key(), Unit::of(apart[1]).key());
        }
    }

    #[test]
    fn every_alias_reaches_its_code_and_every_code_keeps_itself() {
        for (spelling, code) in ALIASES {
            assert_eq!(*spelling, spelling.to_lowercase());
            assert_eq!(Unit::of(spelling).key(), *code);
            assert_eq!(Unit::of(code).key(), *code);
        }
    }
}
