//! A laboratory's message as it is in the field: a metabolic panel and a blood count, 29 segments, 3.4 kB.

/// So many results of either panel: LOINC code, name, unit, range.
const PANELS: [(&str, &str, &[[&str; 4]]); 2] = [
    (
        "24323-8",
        "Comprehensive metabolic 2000 panel",
        &[
            ["2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", "65-99"],
            ["3094-0", "Urea nitrogen [Mass/volume] in Serum", "mg/dL", "7-20"],
            ["2160-0", "Creatinine [Mass/volume] in Serum", "mg/dL", "0.57-1.11"],
            ["2951-2", "Sodium [Moles/volume] in Serum", "mmol/L", "136-145"],
            ["2823-3", "Potassium [Moles/volume] in Serum", "mmol/L", "3.5-5.1"],
            ["2075-0", "Chloride [Moles/volume] in Serum", "mmol/L", "98-107"],
            ["2028-9", "Carbon dioxide in Serum", "mmol/L", "22-29"],
            ["17861-6", "Calcium [Mass/volume] in Serum", "mg/dL", "8.6-10.3"],
            ["2885-2", "Protein [Mass/volume] in Serum", "g/dL", "6.4-8.3"],
            ["1751-7", "Albumin [Mass/volume] in Serum", "g/dL", "3.5-5.0"],
            ["1975-2", "Bilirubin.total [Mass/volume]", "mg/dL", "0.2-1.2"],
        ],
    ),
    (
        "58410-2",
        "CBC panel - Blood by Automated count",
        &[
            ["6690-2", "Leukocytes [#/volume] in Blood", "10*3/uL", "3.4-10.8"],
            ["789-8", "Erythrocytes [#/volume] in Blood", "10*6/uL", "3.77-5.28"],
            ["718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", "11.1-15.9"],
            ["4544-3", "Hematocrit [Volume Fraction]", "%", "34.0-46.6"],
            ["787-2", "MCV [Entitic volume]", "fL", "79-97"],
            ["785-6", "MCH [Entitic mass]", "pg", "26.6-33.0"],
            ["777-3", "Platelets [#/volume] in Blood", "10*3/uL", "150-450"],
        ],
    ),
];

/// The message, each segment ended by CR.
#[must_use]
pub fn oru() -> String {
    let mut lines = vec![
        "MSH|^~\\&|LABSYS|RIVERSIDE^1.2.3.4^ISO|PORTAL|CLINIC|20260301101500+0000||ORU^R01^ORU_R01|MSG00001|P|2.5.1|||AL|NE"
            .to_owned(),
        "PID|1||000042^^^RIVERSIDE&1.2.3.4&ISO^MR~999-99-0042^^^USSSA^SS||Example^Jane^Q^^^^L||19680412|F|||\
         1 Main St^^Springfield^IL^62701^USA||^PRN^PH^^1^555^5550100"
            .to_owned(),
        "PV1|1|O|LAB^^^RIVERSIDE||||1234^Attending^Ann^^^Dr".to_owned(),
    ];
    let mut number = 0;
    for (order, (code, name, results)) in (1..).zip(PANELS) {
        lines.push(format!("ORC|RE|P{order}^PORTAL|F{order}^LABSYS||CM||||20260301090000"));
        lines.push(format!(
            "OBR|{order}|P{order}^PORTAL|F{order}^LABSYS|{code}^{name}^LN|||20260301083000|||||||||1234^Attending^Ann||||||\
             20260301100500||LAB|F"
        ));
        for [code, name, unit, range] in results {
            number += 1;
            let value = format!("{}.{}", 3 + number * 7 % 90, number % 10);
            let flag = if number % 6 == 0 { "H" } else { "N" };
            lines.push(format!(
                "OBX|{number}|NM|{code}^{name}^LN||{value}|{unit}^^UCUM|{range}|{flag}|||F|||20260301083000||TECH^Lab|||20260301094500||||RIVERSIDE"
            ));
        }
        lines.push("NTE|1|L|Fasting status \\T\\ medication not stated.\\.br\\Reviewed by the laboratory.".to_owned());
    }
    lines.push("SPM|1|S1||119364003^Serum specimen^SCT".to_owned());
    lines.push("ZLB|1|routine".to_owned());
    lines.join("\r") + "\r"
}
