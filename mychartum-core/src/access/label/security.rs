//! Labels that the source itself says (FHIR R4 `meta.security`, C-CDA `confidentialityCode`).

use crate::access::{Sensitivity, SensitivitySet};
use crate::kernel::{CodeSystem, Coding};

use Sensitivity::{
    Eth, Gender, Hiv, MinorConsented, Psy, PsychotherapyNote, Restricted, Sca, Sdv, Sex, Taboo, Unknown,
};

/// HL7 v3-ActCode by its names: today's, FHIR STU3's, and the OID.
const ACT_CODE: [&str; 3] =
    ["http://terminology.hl7.org/CodeSystem/v3-ActCode", "http://hl7.org/fhir/v3/ActCode", "2.16.840.1.113883.5.4"];

/// HL7 v3-Confidentiality by its names.
const CONFIDENTIALITY: [&str; 3] = [
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/v3/Confidentiality",
    "2.16.840.1.113883.5.25",
];

/// Sensitivity and privacy law codes of v3-ActCode that say the same as one of our labels by another name.
const SAME: [(&str, &[Sensitivity]); 17] = [
    ("PREGNANT", &[Sex]),
    ("GENDER", &[Gender]),
    ("BH", &[Psy]),
    ("MH", &[Psy]),
    ("EMOTDIS", &[Psy]),
    ("SUD", &[Eth]),
    ("ETHUD", &[Eth]),
    ("OPIOIDUD", &[Eth]),
    ("SICKLE", &[Sca]),
    ("VIO", &[Sdv]),
    ("MST", &[Sdv]),
    ("ADOL", &[MinorConsented]),
    ("PRS", &[Restricted]),
    ("PHY", &[Taboo]),
    ("HIPAASelfPay", &[Restricted]),
    ("HIPAAPsyNotes", &[PsychotherapyNote]),
    // 38 USC 7332: drug and alcohol abuse, HIV, sickle cell.
    ("Title38Section7332", &[Eth, Hiv, Sca]),
];

/// What v3-ActCode says about handling and not about content: obligations, refrains, and laws that cover every record.
const HANDLING: [&str; 49] = [
    "ANONY",
    "AOD",
    "AUDIT",
    "AUDTR",
    "CPLYCC",
    "CPLYCD",
    "CPLYCUI",
    "CPLYJPP",
    "CPLYJSP",
    "CPLYOPP",
    "CPLYOSP",
    "CPLYPOL",
    "CommonRule",
    "DECLASSIFYLABEL",
    "DEID",
    "DELAU",
    "DOWNGRDLABEL",
    "DRIVLABEL",
    "ENCRYPT",
    "ENCRYPTR",
    "ENCRYPTT",
    "ENCRYPTU",
    "HIPAANOPP",
    "HUAPRV",
    "LABEL",
    "MASK",
    "MINEC",
    "NOAUTH",
    "NOCOLLECT",
    "NODSCLCD",
    "NODSCLCDS",
    "NOINTEGRATE",
    "NOLIST",
    "NOMOU",
    "NOORGPOL",
    "NOPAT",
    "NOPERSISTP",
    "NORDSCLCD",
    "NORDSCLCDS",
    "NORDSCLW",
    "NORELINK",
    "NOREUSE",
    "NOVIP",
    "ORCON",
    "PERSISTLABEL",
    "PRIVMARK",
    "PSEUD",
    "REDACT",
    "UPGRDLABEL",
];

/// The labels that a source says by its own security codes.
///
/// Sensitivity codes of v3-ActCode become the label of that name, those that say the same by another name that label, and
/// those that this version does not know [`Sensitivity::Unknown`], which hides. Confidentiality `R` and `V` become
/// [`Sensitivity::Restricted`]; `U`, `L`, `M` and `N` say nothing. Obligations, refrains and codes of other systems, such
/// as purposes of use, say nothing about what an item is about.
///
/// Source: HL7 Healthcare Privacy and Security Classification System; HL7 Terminology, v3-ActCode and v3-Confidentiality.
#[must_use]
pub fn labels_of_security(codings: &[Coding]) -> SensitivitySet {
    codings.iter().map(label_of).fold(SensitivitySet::NONE, SensitivitySet::or)
}

/// Whether a system is v3-ActCode.
pub(super) fn is_act_code(system: &CodeSystem) -> bool {
    is_one_of(system, &ACT_CODE)
}

fn is_one_of(system: &CodeSystem, names: &[&str]) -> bool {
    let uri = system.uri();
    names.contains(&uri.strip_prefix("urn:oid:").unwrap_or(uri))
}

fn label_of(coding: &Coding) -> SensitivitySet {
    let code = coding.code.as_str();
    if is_act_code(&coding.system) {
        sensitivity(code)
    } else if is_one_of(&coding.system, &CONFIDENTIALITY) {
        confidentiality(code)
    } else {
        SensitivitySet::NONE
    }
}

fn sensitivity(code: &str) -> SensitivitySet {
    if HANDLING.contains(&code) {
        return SensitivitySet::NONE;
    }
    let same = SAME.iter().find(|(name, _)| *name == code).map(|(_, labels)| SensitivitySet::of(labels));
    same.unwrap_or_else(|| SensitivitySet::of(&[Sensitivity::of_code(code).unwrap_or(Unknown)]))
}

fn confidentiality(code: &str) -> SensitivitySet {
    match code {
        "U" | "L" | "M" | "N" => SensitivitySet::NONE,
        "R" | "V" => SensitivitySet::of(&[Restricted]),
        // Before 2010 this system had sensitivities of its own: ETH, HIV, PSY, SDV and others.
        older => SensitivitySet::of(&[Sensitivity::of_code(older).unwrap_or(Unknown)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::text::Label;

    fn said(system: &str, code: &str) -> Coding {
        Coding { system: CodeSystem::of(system), code: Label::parse(code).unwrap(), display: None }
    }

    fn act(code: &str) -> SensitivitySet {
        labels_of_security(&[said(ACT_CODE[0], code)])
    }

    fn set(labels: &[Sensitivity]) -> SensitivitySet {
        SensitivitySet::of(labels)
    }

    #[test]
    fn a_sensitivity_code_is_the_label_of_that_name() {
        for label in Sensitivity::ALL {
            assert_eq!(act(label.code()), set(&[label]));
        }
    }

    #[test]
    fn other_names_say_the_same() {
        assert_eq!(act("PREGNANT"), set(&[Sex]));
        assert_eq!(act("SUD"), set(&[Eth]));
        assert_eq!(act("MH"), set(&[Psy]));
        assert_eq!(act("PRS"), set(&[Restricted]));
        assert_eq!(act("Title38Section7332"), set(&[Eth, Hiv, Sca]));
        for (name, labels) in SAME {
            assert_eq!(Sensitivity::of_code(name).unwrap_or(labels[0]), labels[0]);
        }
    }

    #[test]
    fn a_sensitivity_that_is_not_known_hides() {
        assert_eq!(act("SSP"), set(&[Unknown]));
        assert_eq!(act("made-up-in-2040"), set(&[Unknown]));
    }

    #[test]
    fn handling_and_other_systems_say_nothing() {
        for code in HANDLING {
            assert_eq!(act(code), SensitivitySet::NONE);
        }
        assert!(HANDLING.is_sorted());
        let purpose = said("http://terminology.hl7.org/CodeSystem/v3-ActReason", "TREAT");
        assert_eq!(labels_of_security(&[purpose]), SensitivitySet::NONE);
        assert_eq!(labels_of_security(&[said("", "HIV")]), SensitivitySet::NONE);
        assert_eq!(labels_of_security(&[]), SensitivitySet::NONE);
    }

    #[test]
    fn confidentiality_restricts_only_from_r_upward() {
        for system in [CONFIDENTIALITY[0], CONFIDENTIALITY[1], "urn:oid:2.16.840.1.113883.5.25"] {
            for code in ["U", "L", "M", "N"] {
                assert_eq!(labels_of_security(&[said(system, code)]), SensitivitySet::NONE);
            }
            for code in ["R", "V"] {
                assert_eq!(labels_of_security(&[said(system, code)]), set(&[Restricted]));
            }
            assert_eq!(labels_of_security(&[said(system, "HIV")]), set(&[Hiv]));
            assert_eq!(labels_of_security(&[said(system, "T")]), set(&[Unknown]));
        }
    }

    #[test]
    fn what_is_said_adds_up_by_any_name_of_the_system() {
        let codings = [
            said("urn:oid:2.16.840.1.113883.5.4", "HIV"),
            said(ACT_CODE[1], "STD"),
            said(ACT_CODE[0], "DELAU"),
            said(CONFIDENTIALITY[0], "R"),
        ];
        assert_eq!(labels_of_security(&codings), set(&[Hiv, Sensitivity::Std, Restricted]));
    }
}
