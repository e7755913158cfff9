//! Immunizations (US Core Immunization), given and not given.

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, cvx, hl7, system};
use super::node::{list, object};
use super::site::Place;

pub(super) const HEPATITIS_B: Code = cvx("08", "Hep B, adolescent or pediatric");
pub(super) const DTAP_HEPB_IPV: Code = cvx("110", "DTaP-Hep B-IPV");
pub(super) const DTAP: Code = cvx("20", "DTaP");
pub(super) const POLIO: Code = cvx("10", "IPV");
pub(super) const HIB: Code = cvx("48", "Hib (PRP-T)");
pub(super) const PNEUMOCOCCAL_20: Code = cvx("216", "Pneumococcal conjugate PCV20");
pub(super) const PNEUMOCOCCAL_13: Code = cvx("133", "Pneumococcal conjugate PCV 13");
pub(super) const ROTAVIRUS: Code = cvx("116", "Rotavirus, pentavalent");
pub(super) const MMR: Code = cvx("03", "MMR");
pub(super) const CHICKENPOX: Code = cvx("21", "Varicella");
pub(super) const HEPATITIS_A: Code = cvx("83", "Hep A, ped/adol, 2 dose");
pub(super) const FLU: Code = cvx("140", "Influenza, split virus, trivalent, PF");
pub(super) const FLU_HIGH_DOSE: Code = cvx("135", "Influenza, high-dose, trivalent, PF");
pub(super) const TDAP: Code = cvx("115", "Tdap");
pub(super) const HPV: Code = cvx("165", "HPV9");
pub(super) const MENINGOCOCCAL: Code = cvx("136", "Meningococcal MCV4O");
pub(super) const SHINGLES: Code = cvx("187", "Zoster recombinant");
pub(super) const COVID: Code = cvx("309", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL");
pub(super) const RSV: Code = cvx("305", "RSV, recombinant, protein subunit RSVpreF, PF");

const MAKERS: [&str; 4] = ["Hollowbrook Biologics", "Tern & Tallis", "Quillmere Vaccines", "Oakhaven Serum Works"];

/// One immunization before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shot {
    pub(super) vaccine: Code,
    /// Which dose of its series.
    pub(super) dose: i64,
    pub(super) at: Moment,
    pub(super) by: Clinician,
    pub(super) place: Place,
    /// Code and name of `v3-ActReason` if it was not given.
    pub(super) not_given: Option<(&'static str, &'static str)>,
}

impl Chart {
    /// Adds an immunization. Lot number, maker and arm come from the dice.
    pub(super) fn immunize(&mut self, shot: Shot, visit: Option<&String>) {
        let label = format!("{}/{}", shot.vaccine.code, shot.at.date);
        let fact = Fact {
            kind: "Immunization",
            label: &label,
            version: 1,
            recorded: shot.at.plus(5),
            profile: "immunization",
            labels: &[],
        };
        let mut dice = self.dice(&format!("immunization/{label}"));
        let given = shot.not_given.is_none();
        let lot = format!("{}{:04}", dice.pick(&["KX", "HB", "TR", "QV", "OS"]), dice.between(1, 9_999));
        let maker = dice.pick(&MAKERS);
        let by_mouth = shot.vaccine == ROTAVIRUS;
        let (arm, arm_name) = if dice.between(0, 1) == 0 { ("LA", "left arm") } else { ("RA", "right arm") };
        let (route, route_name) = if by_mouth { ("PO", "Swallow, oral") } else { ("IM", "Injection, intramuscular") };
        let reason = shot.not_given.map(|(code, name)| Code::new(system::ACT_REASON, code, name).concept());
        let body = object! {
            "status": if given { "completed" } else { "not-done" },
            "statusReason": reason,
            "vaccineCode": shot.vaccine.concept(),
            "patient": self.subject(),
            "encounter": self.to_visit(visit),
            "occurrenceDateTime": shot.at.text(),
            "primarySource": true,
            "location": self.place(shot.place),
            "manufacturer": given.then(|| object! { "display": maker }),
            "lotNumber": given.then_some(lot),
            "site": (given && !by_mouth).then(|| hl7("v3-ActSite", arm, arm_name)),
            "route": given.then(|| hl7("v3-RouteOfAdministration", route, route_name)),
            "doseQuantity": given.then(|| object! {
                "value": super::decimal::Decimal::new(if by_mouth { 20 } else { 5 }, 1), "unit": "mL",
                "system": system::UCUM, "code": "mL",
            }),
            "performer": list![object! {
                "function": hl7("v2-0443", "AP", "Administering Provider"), "actor": self.clinician(shot.by),
            }],
            "protocolApplied": given.then(|| list![object! { "doseNumberPositiveInt": shot.dose }]),
        };
        self.add(&fact, body);
    }
}
