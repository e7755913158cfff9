//! The labels that an item says of itself by its codes.

use core::iter::once;

use crate::access::SensitivitySet;
use crate::chart::{AllergyIntolerance, Observation, Value, View};
use crate::kernel::Concept;

use super::rules::LabelRules;

/// The labels of everything in a view that says what the item is about: what was measured and found, what is prescribed
/// and why, kinds and reasons of visits, types of documents, vaccines, problems, procedures.
///
/// People, places, body sites and words without a code say none.
#[must_use]
pub fn own_labels(view: &View, rules: &LabelRules) -> SensitivitySet {
    let of = |concepts: &mut dyn Iterator<Item = &Concept>| {
        concepts.fold(SensitivitySet::NONE, |labels, concept| labels.or(rules.labels_of_concept(concept)))
    };
    match view {
        View::Patient(_) => SensitivitySet::NONE,
        View::Observation(view) => of(&mut said_by_observation(view)),
        View::DiagnosticReport(view) => of(&mut once(&view.code).chain(&view.categories)),
        View::MedicationRequest(view) => of(&mut once(&view.medication).chain(&view.reasons)),
        View::Encounter(view) => {
            let class = view.class.as_ref().map(|class| rules.labels_of_class(class.as_str()));
            of(&mut view.kinds.iter().chain(&view.reasons)).or(class.unwrap_or_default())
        }
        View::DocumentReference(view) => of(&mut once(&view.kind).chain(&view.categories)),
        View::Immunization(view) => of(&mut once(&view.vaccine)),
        View::Condition(view) => of(&mut once(&view.code).chain(&view.categories)),
        View::AllergyIntolerance(view) => of(&mut said_by_allergy(view)),
        View::Procedure(view) => of(&mut once(&view.code).chain(&view.reasons)),
        View::Appointment(view) => of(&mut view.kinds.iter().chain(&view.reasons)),
    }
}

/// What was measured, and coded answers: a smoking status is in the answer.
fn said_by_observation(view: &Observation) -> impl Iterator<Item = &Concept> {
    let parts = view.components.iter().flat_map(|part| once(&part.code).chain(answer(&part.value)));
    once(&view.code).chain(answer(&view.value)).chain(parts)
}

fn answer(value: &Value) -> Option<&Concept> {
    match value {
        Value::Concept(concept) => Some(concept),
        _ => None,
    }
}

/// To what, and what happened: an allergy to a medication tells that it was taken.
fn said_by_allergy(view: &AllergyIntolerance) -> impl Iterator<Item = &Concept> {
    once(&view.code).chain(view.reactions.iter().flat_map(|reaction| &reaction.manifestations))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Sensitivity::{self, Abortion, Eth, Hiv, Psy, Sex};
    use serde::de::DeserializeOwned;
    use serde_json::{Value as Json, json};

    fn concept(system: &str, code: &str) -> Json {
        json!({ "codes": [{ "s": system, "c": code }] })
    }

    fn loinc(code: &str) -> Json {
        concept("http://loinc.org", code)
    }

    fn snomed(code: &str) -> Json {
        concept("http://snomed.info/sct", code)
    }

    fn icd(code: &str) -> Json {
        concept("http://hl7.org/fhir/sid/icd-10-cm", code)
    }

    fn rxnorm(code: &str) -> Json {
        concept("http://www.nlm.nih.gov/research/umls/rxnorm", code)
    }

    fn read<T: DeserializeOwned>(view: Json) -> Box<T> {
        Box::new(serde_json::from_value(view).unwrap())
    }

    fn check(view: View, labels: &[Sensitivity]) {
        assert_eq!(own_labels(&view, LabelRules::shipped()), SensitivitySet::of(labels), "{:?}", view.kind());
    }

    #[test]
    fn an_observation_says_what_was_measured_in_whole_and_in_parts() {
        let of = |view| View::Observation(read(view));
        check(of(json!({ "status": "final", "category": "laboratory", "code": loinc("7917-8") })), &[Hiv]);
        check(of(json!({ "status": "final", "category": "laboratory", "code": loinc("2345-7") })), &[]);
        let panel = json!({ "status": "final", "category": "laboratory", "code": loinc("2345-7"),
            "components": [{ "code": loinc("2160-0") }, { "code": loinc("2106-3") }] });
        check(of(panel), &[Sex]);
    }

    #[test]
    fn an_observation_says_its_coded_answers_too() {
        let answer = |code: &str| json!({ "is": "concept", "v": snomed(code) });
        let whole = json!({ "status": "final", "category": "social-history", "code": loinc("2345-7"), "value": answer("66590003") });
        check(View::Observation(read(whole)), &[Eth]);
        let part = json!({ "status": "final", "category": "survey", "code": loinc("2345-7"),
            "components": [{ "code": loinc("2160-0"), "value": answer("86406008") }] });
        check(View::Observation(read(part)), &[Hiv]);
    }

    #[test]
    fn every_other_view_says_what_it_is_and_why() {
        check(
            View::DiagnosticReport(read(
                json!({ "status": "final", "code": loinc("75622-1"), "categories": [snomed("7200002")] }),
            )),
            &[Hiv, Eth],
        );
        let prescription = json!({ "status": "active", "medication": rxnorm("36437"), "reasons": [icd("F10.20")] });
        check(View::MedicationRequest(read(prescription)), &[Psy, Eth]);
        check(
            View::DocumentReference(read(
                json!({ "status": "current", "kind": loinc("34788-0"), "categories": [loinc("11506-3")] }),
            )),
            &[Psy],
        );
        check(
            View::Immunization(read(
                json!({ "status": "completed", "vaccine": concept("http://hl7.org/fhir/sid/cvx", "165") }),
            )),
            &[Sex],
        );
        check(
            View::Condition(read(
                json!({ "clinical_status": "active", "verification_status": "confirmed", "code": icd("B20") }),
            )),
            &[Hiv],
        );
        let allergy = json!({ "clinical_status": "active", "verification_status": "confirmed", "code": rxnorm("68244"),
            "reactions": [{ "manifestations": [icd("F41.0")] }] });
        check(View::AllergyIntolerance(read(allergy)), &[Hiv, Psy]);
        check(
            View::Procedure(read(
                json!({ "status": "completed", "code": snomed("714812005"), "reasons": [icd("Z33.2")] }),
            )),
            &[Sex, Abortion],
        );
        check(
            View::Appointment(read(
                json!({ "status": "booked", "kinds": [snomed("424619006")], "reasons": [icd("F32.1")] }),
            )),
            &[Sex, Psy],
        );
        check(View::Patient(read(json!({ "gender": "other" }))), &[]);
    }

    #[test]
    fn a_visit_says_its_class_its_kind_and_its_reason() {
        let of = |view| View::Encounter(read(view));
        check(of(json!({ "status": "finished", "class": "AMB" })), &[]);
        check(of(json!({ "status": "finished", "class": "PSYCH" })), &[Psy]);
        check(
            of(
                json!({ "status": "finished", "class": "AMB", "kinds": [snomed("424619006")], "reasons": [icd("Z21")] }),
            ),
            &[Sex, Hiv],
        );
    }

    #[test]
    fn words_alone_say_nothing() {
        let words = json!({ "text": "HIV" });
        check(View::Procedure(read(json!({ "status": "completed", "code": words }))), &[]);
    }
}
