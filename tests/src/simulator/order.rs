//! One order of a laboratory, from the order to its last correction.

use crate::survival::Chance;

use super::delivery::Said;
use super::truth::Shown;

/// What the laboratory measures: LOINC code, name, unit.
const ANALYTES: [(&str, &str, &str); 4] = [
    ("4548-4", "HbA1c", "%"),
    ("2951-2", "Sodium", "mmol/L"),
    ("718-7", "Hemoglobin", "g/dL"),
    ("2345-7", "Glucose", "mg/dL"),
];

/// An order: whose it is, its number, what it measures, and how it went.
pub(super) struct Order {
    pub(super) patient: String,
    pub(super) number: u64,
    pub(super) analytes: Vec<usize>,
    pub(super) steps: Vec<Said>,
}

impl Order {
    /// An order and how it goes, as chance decides.
    pub(super) fn new(patient: &str, number: u64, chance: &Chance) -> Self {
        let first = chance.below(4) as usize;
        let analytes = (0..=chance.below(3) as usize).map(|more| (first + more) % ANALYTES.len()).collect();
        let mut steps = Vec::new();
        let may = |times: u64, said: Said| (!chance.once_in(times)).then_some(said);
        steps.extend(may(2, Said::Ordered));
        steps.extend(may(2, Said::Preliminary));
        if steps.is_empty() || !chance.once_in(6) {
            steps.push(Said::Final);
        }
        for _ in 0..chance.below(3) {
            if steps.last().is_some_and(|last| matches!(last, Said::Final | Said::Corrected)) {
                steps.push(Said::Corrected);
            }
        }
        if chance.once_in(6) {
            steps.push(Said::Withdrawn);
        }
        Self { patient: patient.to_owned(), number, analytes, steps }
    }

    /// The segments that say one step of it: when the laboratory changed it, and which step.
    pub(super) fn segments(&self, changed: &str, step: usize) -> String {
        let said = self.steps.get(step).copied().unwrap_or(Said::Nobodys);
        let (order, result) = match said {
            Said::Ordered => ("I", "I"),
            Said::Preliminary => ("P", "P"),
            Said::Corrected => ("C", "C"),
            Said::Withdrawn => ("F", "W"),
            Said::Person | Said::Final | Said::Nobodys => ("F", "F"),
        };
        let number = self.number;
        let mut text =
            format!("OBR|1||{number}^LAB|24323-8^Panel^LN|||20260301081500|||||||||||||||{changed}|||{order}\r");
        for (place, (code, name, unit)) in self.measured().enumerate() {
            let value = self.value(step, place);
            text += &format!("OBX|{}|NM|{code}^{name}^LN||{value}|{unit}|||||{result}|||20260301081500\r", place + 1);
        }
        text
    }

    /// What charts must show of it.
    pub(super) fn shown(&self) -> Vec<Shown> {
        let last = self.steps.len().saturating_sub(1);
        let status = match self.steps.last() {
            Some(Said::Ordered) => "registered",
            Some(Said::Preliminary) => "preliminary",
            Some(Said::Final) => "final",
            Some(Said::Corrected) => "corrected",
            _ => return Vec::new(),
        };
        let shown = |(place, (_, name, unit)): (usize, (&str, &str, &str))| {
            let value = self.value(last, place);
            Shown {
                analyte: name.to_owned(),
                status: status.to_owned(),
                value: if value.is_empty() { value } else { format!("{value} {unit}") },
                versions: self.steps.len() as u64,
            }
        };
        self.measured().enumerate().map(shown).collect()
    }

    fn measured(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> + '_ {
        self.analytes.iter().filter_map(|analyte| ANALYTES.get(*analyte).copied())
    }

    /// The value of a step: no two steps of an order have the same.
    fn value(&self, step: usize, place: usize) -> String {
        if self.steps.get(step) == Some(&Said::Ordered) {
            return String::new();
        }
        format!("{}.{step}", self.number % 90 + place as u64 + 1)
    }
}
