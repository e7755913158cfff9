//! Quirks 21 to 35: results.

use mychartum_core::chart::{Interpretation, Section, Value};
use mychartum_core::kernel::UnitConversion;
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::Page;
use mychartum_core::sync::Reason;

use crate::clinic::{Clinic, line, reasons};
use crate::messages::{PID, hba1c, message, panel};

const SENT: &str = "20260301100000";
const HBA1C: &str = "4548-4";

/// A time later in the same morning.
fn at(hour: u8) -> String {
    format!("20260301{hour:02}0000")
}

#[tokio::test]
async fn q21_oru_prelim_final() {
    for (before, shown) in [("P", "preliminary"), ("S", "preliminary"), ("R", "preliminary"), ("I", "registered")] {
        let clinic = Clinic::open().await;
        let report = clinic.take(hba1c(&at(9), before, "5.1")).await;
        let patient = report.patients[0];
        assert_eq!(clinic.lines(patient).await, [format!("HbA1c {shown} 5.1 %")]);
        clinic.take(hba1c(&at(10), "F", "5.9")).await;
        let results = clinic.results(patient).await;
        assert_eq!(results.iter().map(line).collect::<Vec<_>>(), ["HbA1c final 5.9 %"], "{before}");
        assert_eq!(results[0].version, 2);
        let chart = clinic.chart(patient).await;
        let reports = chart.reports(Page::ALL).await.unwrap().items;
        assert_eq!((reports.len(), reports[0].view.status.code()), (1, "final"));
        let trend = chart.trend(HBA1C, &[]).await.unwrap();
        assert_eq!(trend.series[0].points.len(), 1, "one point, not two");
    }
}

#[tokio::test]
async fn q22_oru_corrected() {
    let clinic = Clinic::open().await;
    let patient = clinic.take(hba1c(&at(9), "F", "5.9")).await.patients[0];
    clinic.take(hba1c(&at(10), "C", "6.9")).await;
    assert_eq!(clinic.lines(patient).await, ["HbA1c corrected 6.9 %"]);
    // A second correction, said by the order alone.
    clinic.take(hba1c(&at(11), "C", "6.4").replace("|4.0-5.6||||C|", "|4.0-5.6|||||")).await;
    let results = clinic.results(patient).await;
    assert_eq!(results.iter().map(line).collect::<Vec<_>>(), ["HbA1c corrected 6.4 %"]);
    assert_eq!(results[0].version, 3);
    let chart = clinic.chart(patient).await;
    let earlier = chart.earlier_results(results[0].id).await.unwrap();
    assert_eq!(earlier.iter().map(line).collect::<Vec<_>>(), ["HbA1c corrected 6.9 %", "HbA1c final 5.9 %"]);
    assert_eq!(chart.reports(Page::ALL).await.unwrap().items[0].view.status.code(), "corrected");
}

#[tokio::test]
async fn q23_oru_deleted() {
    for taken_back in ["D", "W", "X", "N"] {
        let clinic = Clinic::open().await;
        let patient = clinic.take(hba1c(&at(9), "F", "5.9")).await.patients[0];
        let item = clinic.results(patient).await.remove(0).id;
        let sent = hba1c(&at(10), taken_back, "5.9").replacen(&format!("|||{taken_back}\r"), "|||F\r", 1);
        let report = clinic.take(&sent).await;
        assert_eq!(report.stored, 2, "{taken_back}");
        // The old message comes once more, late.
        clinic.take(hba1c(&at(9), "F", "5.9")).await;
        let chart = clinic.chart(patient).await;
        assert!(chart.results(Page::ALL).await.unwrap().items.is_empty(), "{taken_back}");
        assert!(chart.result(item).await.unwrap().is_none(), "{taken_back}");
        assert!(chart.trend(HBA1C, &[]).await.unwrap().series.is_empty(), "{taken_back}");
        assert!(chart.measured(Section::Results, HBA1C, Page::ALL).await.unwrap().items.is_empty());
        // The stone stays: what takes back comes again and is known.
        assert_eq!(clinic.take(&sent).await.unchanged, 3, "{taken_back}");
    }
    // Ordered, and no result: nothing is made up.
    let clinic = Clinic::open().await;
    let patient = clinic.take(hba1c(&at(9), "O", "")).await.patients[0];
    assert_eq!(clinic.lines(patient).await, ["HbA1c registered"]);
    // Only its status changed: the value stays.
    let clinic = Clinic::open().await;
    let patient = clinic.take(hba1c(&at(9), "F", "5.9")).await.patients[0];
    let report = clinic.take(hba1c(&at(10), "U", "")).await;
    assert_eq!(reasons(&report), [Reason::Missing("OBX-5")]);
    assert_eq!(clinic.lines(patient).await, ["HbA1c final 5.9 %"]);
}

#[tokio::test]
async fn q24_oru_no_status() {
    for (of_result, of_order, shown) in [
        ("", "F", "final"),
        ("", "P", "preliminary"),
        ("", "C", "corrected"),
        ("?", "A", "preliminary"),
        ("", "", "unknown"),
        ("?", "?", "unknown"),
        ("P", "F", "preliminary"),
    ] {
        let clinic = Clinic::open().await;
        let sent = hba1c(SENT, "%%", "5.9").replacen("|||%%\r", &format!("|||{of_order}\r"), 1);
        let report = clinic.take(sent.replace("%%", of_result)).await;
        assert_eq!(clinic.lines(report.patients[0]).await, [format!("HbA1c {shown} 5.9 %")], "{of_result}/{of_order}");
    }
}

#[tokio::test]
async fn q25_oru_rank() {
    // What stands, what comes later in time or in transit, and what stands then.
    for (stands, comes, then) in [
        (("C", 11, "6.9"), ("F", 10, "5.9"), "corrected 6.9"),
        (("F", 10, "5.9"), ("P", 9, "5.1"), "final 5.9"),
        (("F", 10, "5.9"), ("P", 12, "5.1"), "final 5.9"),
        (("C", 10, "6.9"), ("P", 12, "5.1"), "corrected 6.9"),
        (("F", 10, "5.9"), ("I", 12, ""), "final 5.9"),
        (("P", 10, "5.9"), ("I", 12, ""), "preliminary 5.9"),
        (("P", 10, "5.9"), ("P", 12, "5.1"), "preliminary 5.1"),
        (("P", 12, "5.9"), ("P", 10, "5.1"), "preliminary 5.9"),
        (("C", 10, "6.9"), ("C", 12, "6.4"), "corrected 6.4"),
    ] {
        let clinic = Clinic::open().await;
        let oru = |(status, hour, value): (&str, u8, &str)| hba1c(&at(hour), status, value);
        let patient = clinic.take(oru(stands)).await.patients[0];
        clinic.take(oru(comes)).await;
        assert_eq!(clinic.lines(patient).await, [format!("HbA1c {then} %")], "{stands:?} {comes:?}");
    }
    // Of one moment, MSH-7 decides.
    let of_one_moment = |sent: &str, value: &str| {
        hba1c(sent, "F", value).replace(&format!("|||{sent}|||F"), &format!("|||{}|||F", at(8)))
    };
    let clinic = Clinic::open().await;
    let patient = clinic.take(of_one_moment(&at(11), "6.4")).await.patients[0];
    clinic.take(of_one_moment(&at(10), "5.9")).await;
    assert_eq!(clinic.lines(patient).await, ["HbA1c final 6.4 %"]);
}

#[tokio::test]
async fn q26_oru_codes() {
    let clinic = Clinic::open().await;
    let obx = |code: &str, value: &str| format!("OBX|1|NM|{code}||{value}|mmol/L|||||F\r");
    let sent = [
        obx("NA^Sodium", "140"),
        obx("NA^Natrium^99ODD", "141"),
        obx("K^Potassium^L^2823-3^Potassium SerPl^LN", "4.1"),
        obx("^Chloride", "101"),
    ];
    let sent = panel(&at(9), &sent.concat()).replace("|24323-8^Panel^LN|", "||");
    let report = clinic.take(&sent).await;
    assert_eq!(reasons(&report), []);
    let patient = report.patients[0];
    let lines = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let expected = [
        "Chloride final 101 mmol/L",
        "Natrium final 141 mmol/L",
        "Potassium final 4.1 mmol/L",
        "Sodium final 140 mmol/L",
    ];
    assert_eq!(lines(clinic.lines(patient).await), expected);
    let chart = clinic.chart(patient).await;
    let known = chart.measured(Section::Results, "2823-3", Page::ALL).await.unwrap().items;
    assert_eq!(known.iter().map(line).collect::<Vec<_>>(), ["Potassium final 4.1 mmol/L"]);
    // The same code of another system is another thing, also when it comes alone.
    let later = panel(&at(10), &obx("NA^Natrium^99ODD", "143")).replace("|24323-8^Panel^LN|", "||");
    clinic.take(&later).await;
    let expected = [
        "Chloride final 101 mmol/L",
        "Natrium final 143 mmol/L",
        "Potassium final 4.1 mmol/L",
        "Sodium final 140 mmol/L",
    ];
    assert_eq!(lines(clinic.lines(patient).await), expected);
    let nameless = clinic.take(panel(&at(11), &obx("", "1"))).await;
    assert_eq!(reasons(&nameless), [Reason::Missing("OBX-3")]);
}

/// The part of quirk 27 that holds: an order that the laboratory gave no number. That numbers change between two messages of one
/// order is not told apart from two orders.
#[tokio::test]
async fn orders_without_a_number_of_the_laboratory() {
    for obr in ["OBR|1|77||24323-8^Panel^LN|||20260301081500", "OBR|1|||24323-8^Panel^LN|||20260301081500"] {
        let clinic = Clinic::open().await;
        let oru = |hour: u8, status: &str, value: &str| {
            hba1c(&at(hour), status, value).replace("OBR|1||9|24323-8^Panel^LN|||20260301081500", obr)
        };
        let patient = clinic.take(oru(9, "P", "5.1")).await.patients[0];
        clinic.take(oru(10, "F", "5.9")).await;
        assert_eq!(clinic.lines(patient).await, ["HbA1c final 5.9 %"], "{obr}");
        // Another day, or another number, is another order.
        let other = oru(11, "F", "6.1").replace("20260301081500", "20260302081500").replace("|77|", "|78|");
        clinic.take(other).await;
        assert_eq!(clinic.lines(patient).await.len(), 2, "{obr}");
    }
}

#[tokio::test]
async fn q28_oru_subid() {
    let clinic = Clinic::open().await;
    let obx = |sub: &str, value: &str| format!("OBX|1|ST|600-7^Culture^LN|{sub}|{value}||||||F\r");
    let subs = ["1.1.2", "1.1.10", "2", "1"];
    let all: String = subs.iter().map(|sub| obx(sub, &format!("organism {sub}"))).collect();
    let patient = clinic.take(panel(&at(9), &all)).await.patients[0];
    // One of them is corrected alone.
    clinic.take(panel(&at(10), &obx("1.1.10", "another organism"))).await;
    let results = clinic.results(patient).await;
    let mut values: Vec<String> = results.iter().map(|item| item.view.value.for_people()).collect();
    values.sort();
    assert_eq!(values, ["another organism", "organism 1", "organism 1.1.2", "organism 2"]);
    // The report has them in the order in which they stood.
    let clinic = Clinic::open().await;
    let patient = clinic.take(panel(&at(9), &all)).await.patients[0];
    let chart = clinic.chart(patient).await;
    let report = chart.reports(Page::ALL).await.unwrap().items.remove(0);
    let mut order = Vec::new();
    for result in &report.view.results {
        let id = chart.item_id(&report.provenance, result);
        order.push(chart.result(id).await.unwrap().unwrap().view.value.for_people());
    }
    assert_eq!(order, subs.map(|sub| format!("organism {sub}")));
}

#[tokio::test]
async fn q29_oru_nm_text() {
    let clinic = Clinic::open().await;
    let mut drawn = 0;
    for (number, (sent, shown, is_number)) in [
        ("5.9", "5.9 %", true),
        ("<0.01", "<0.01 %", true),
        (">1000", ">1000 %", true),
        ("NEG", "NEG", false),
        ("1,234", "1,234", false),
        ("1.5 H", "1.5 H", false),
        ("SEE NOTE", "SEE NOTE", false),
        ("TNP", "TNP", false),
        ("1.2.3", "1.2.3", false),
        ("", "", false),
    ]
    .into_iter()
    .enumerate()
    {
        let order = format!("|{number}|24323-8");
        let report = clinic.take(hba1c(SENT, "F", sent).replace("|9|24323-8", &order)).await;
        let patient = report.patients[0];
        let results = clinic.results(patient).await;
        let of_this =
            results.iter().find(|item| item.provenance.source_id.as_str().contains(&format!("|{number}|24323-8")));
        let view = &of_this.unwrap().view;
        assert_eq!(view.value.for_people(), shown, "{sent}");
        assert_eq!(view.value.quantity().is_some(), is_number, "{sent}");
        drawn += usize::from(is_number);
        let trend = clinic.chart(patient).await.trend(HBA1C, &[]).await.unwrap();
        assert_eq!(trend.series.iter().map(|series| series.points.len()).sum::<usize>(), drawn, "{sent}");
    }
    assert_eq!(drawn, 3);
}

#[tokio::test]
async fn q30_oru_sn() {
    let clinic = Clinic::open().await;
    for (sent, shown, kind) in [
        ("^10", "10 u", "amount"),
        ("=^10", "10 u", "amount"),
        ("^<^10", "<10 u", "amount"),
        ("<^10", "<10 u", "amount"),
        (">^100", ">100 u", "amount"),
        (">=^32", ">=32 u", "amount"),
        ("^1^:^128", "1 u:128 u", "ratio"),
        ("^10^-^20", "10 u - 20 u", "range"),
        ("^2^+", "2 +", "text"),
        ("^abc", "abc", "text"),
    ] {
        let report = clinic.take(panel(SENT, &format!("OBX|1|SN|1^Titre^L||{sent}|u|||||F\r"))).await;
        let value = clinic.results(report.patients[0]).await.remove(0).view.value;
        let is = match value {
            Value::Quantity(_) => "amount",
            Value::Ratio { .. } => "ratio",
            Value::Range { .. } => "range",
            Value::Text(_) => "text",
            _ => "other",
        };
        assert_eq!((value.for_people().as_str(), is), (shown, kind), "{sent}");
    }
}

/// A small page, and one that is larger than what a text may be.
fn pdf(bytes: usize) -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    pdf.extend((0..bytes).map(|number| u8::try_from(number * 7 % 251).unwrap()));
    pdf
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| char::from(DIGITS[usize::try_from(value & 63).unwrap()]);
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let value = (0..3).fold(0, |value, at| value << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        let digits: String = [18, 12, 6, 0].into_iter().map(|shift| digit(value >> shift)).collect();
        text.extend(digits.chars().take(three.len() + 1));
        text.push_str(&"=".repeat(3 - three.len()));
    }
    text
}

#[tokio::test]
async fn q31_oru_pdf() {
    let small = pdf(300);
    let text = base64(&small);
    let broken = |line: &str| {
        text.as_bytes().chunks(76).map(|part| String::from_utf8_lossy(part).into_owned()).collect::<Vec<_>>().join(line)
    };
    let hex: String = small.iter().map(|byte| format!("{byte:02x}")).collect();
    let large = pdf(200_000);
    let followed = "OBX|2|NM|4548-4^HbA1c^LN||5.9|%|||||F\r";
    for (element, bytes) in [
        (format!("^application^pdf^Base64^{text}"), small.len()),
        (format!("^AP^^Base64^{text}"), small.len()),
        (format!("^^^^{text}"), small.len()),
        (format!("^application^pdf^Base64^{}", broken("\\.br\\")), small.len()),
        (format!("^application^pdf^Base64^{}", broken("\\X0D0A\\")), small.len()),
        (format!("^application^pdf^Base64^{}", broken("\n")), small.len()),
        (format!("^application^pdf^Hex^{hex}"), small.len()),
        (format!("^AP^^Hex^{hex}"), small.len()),
        (format!("^application^pdf^Base64^{}", base64(&large)), large.len()),
    ] {
        let clinic = Clinic::open().await;
        let sent = panel(SENT, &format!("OBX|1|ED|1^Report^L||{element}||||||F\r{followed}"));
        let report = clinic.take(&sent).await;
        assert_eq!(reasons(&report), [], "{element:.40}");
        let patient = report.patients[0];
        assert_eq!(clinic.lines(patient).await, ["HbA1c final 5.9 %"]);
        let chart = clinic.chart(patient).await;
        let item = chart.reports(Page::ALL).await.unwrap().items.remove(0);
        let file = &item.view.presented[0];
        assert_eq!(file.media_type.as_ref().map(Label::as_str), Some("application/pdf"), "{element:.40}");
        assert_eq!(file.bytes, bytes as u64, "{element:.40}");
        assert_eq!(file.title.as_ref().map(Label::as_str), Some("Report"));
        let (_, original) = chart.original(Section::Reports, item.id).await.unwrap().unwrap();
        assert!(original.into_bytes().unwrap().len() > bytes, "its bytes are in the original");
        // The same file again is the same report.
        assert_eq!(clinic.take(&sent).await.unchanged, report.stored);
    }
    // What is not in the encoding that it names is set aside alone.
    for element in ["^application^pdf^Base64^%%%", "^application^pdf^Hex^12345", "^application^pdf^Hex^xy"] {
        let clinic = Clinic::open().await;
        let report = clinic.take(panel(SENT, &format!("OBX|1|ED|1^Report^L||{element}||||||F\r{followed}"))).await;
        assert_eq!(reasons(&report), [Reason::Invalid("OBX-5")], "{element}");
        let patient = report.patients[0];
        assert_eq!(clinic.lines(patient).await, ["HbA1c final 5.9 %"]);
        let chart = clinic.chart(patient).await;
        assert!(chart.reports(Page::ALL).await.unwrap().items[0].view.presented.is_empty());
    }
    // A pointer says where the file is.
    let clinic = Clinic::open().await;
    let report = clinic.take(panel(SENT, "OBX|1|RP|1^Image^L||store/17^&1.2&ISO^IM^JPEG||||||F\r")).await;
    let chart = clinic.chart(report.patients[0]).await;
    let file = chart.reports(Page::ALL).await.unwrap().items.remove(0).view.presented.remove(0);
    assert_eq!(file.elsewhere.as_ref().map(Label::as_str), Some("store/17"));
}

#[tokio::test]
async fn q32_oru_units() {
    let clinic = Clinic::open().await;
    let mut patient = None;
    let glucose = [("99", "mg/dL"), ("5.5", "mmol/L"), ("100", "MG/DL"), ("98", "")];
    let white = [("6.1", "K/uL"), ("6.2", "x10E3/uL"), ("6.3", "10*3/uL"), ("6300", "/uL")];
    for (code, values) in [("2345-7^Glucose", glucose), ("6690-2^WBC", white)] {
        for (number, (value, unit)) in values.into_iter().enumerate() {
            let obr = format!("OBR|1||{code}{number}|1^P^L|||2026030{}\r", number + 1);
            let obx = format!("OBX|1|NM|{code}^LN||{value}|{unit}|||||F\r");
            let report = clinic.take(message("ORU^R01", SENT, &format!("{PID}{obr}{obx}"))).await;
            patient = Some(report.patients[0]);
        }
    }
    let patient = patient.unwrap();
    // As reported, each.
    let lines = clinic.lines(patient).await;
    for shown in ["99 mg/dL", "5.5 mmol/L", "100 MG/DL", "98", "6.1 K/uL", "6.2 x10E3/uL", "6.3 10*3/uL", "6300 /uL"] {
        assert_eq!(lines.iter().filter(|line| line.ends_with(&format!(" {shown}"))).count(), 1, "{shown}");
    }
    let chart = clinic.chart(patient).await;
    let series = |trend: &mychartum_core::chart::Trend| {
        let mut all: Vec<(String, usize)> =
            trend.series.iter().map(|series| (series.unit.key().to_owned(), series.points.len())).collect();
        all.sort();
        all
    };
    let trend = chart.trend("2345-7", &[]).await.unwrap();
    assert_eq!(series(&trend), [(String::new(), 1), ("mg/dL".to_owned(), 2), ("mmol/L".to_owned(), 1)]);
    assert_eq!(series(&chart.trend("6690-2", &[]).await.unwrap()), [("/uL".to_owned(), 1), ("10*3/uL".to_owned(), 3)]);
    let conversion = |analyte: &str| {
        let label = |text: &str| Label::parse(text).unwrap();
        UnitConversion::by_factor(label(analyte), label("mmol/L"), label("mg/dL"), "18.0182".parse().unwrap())
    };
    let joined = chart.trend("2345-7", &[conversion("2345-7")]).await.unwrap();
    assert_eq!(series(&joined), [(String::new(), 1), ("mg/dL".to_owned(), 3)]);
    let of_another = chart.trend("2345-7", &[conversion("2093-3")]).await.unwrap();
    assert_eq!(series(&of_another), series(&trend));
}

#[tokio::test]
async fn q33_oru_refrange() {
    let clinic = Clinic::open().await;
    let oru = |hour: u8, range: &str| hba1c(&at(hour), "F", "9.9").replace("|4.0-5.6|", &format!("|{range}|"));
    let mut patient = None;
    for (number, (range, low, high, text)) in [
        ("0.5-1.2", Some("0.5"), Some("1.2"), None),
        ("0.5 - 1.2", Some("0.5"), Some("1.2"), None),
        ("-2--1", Some("-2"), Some("-1"), None),
        (">=60", Some("60"), None, None),
        ("<=5", None, Some("5"), None),
        ("<5", None, None, Some("<5")),
        ("NEGATIVE", None, None, Some("NEGATIVE")),
        ("M: 13-17 F: 12-16", None, None, Some("M: 13-17 F: 12-16")),
    ]
    .into_iter()
    .enumerate()
    {
        let hour = u8::try_from(number).unwrap() + 1;
        let report = clinic.take(oru(hour, range)).await;
        patient = Some(report.patients[0]);
        let view = clinic.results(report.patients[0]).await.remove(0).view;
        let found = &view.ranges[0];
        let end = |end: &Option<mychartum_core::kernel::Quantity>| end.as_ref().map(|end| end.as_received());
        assert_eq!(end(&found.low).as_deref(), low, "{range}");
        assert_eq!(end(&found.high).as_deref(), high, "{range}");
        assert_eq!(found.text.as_ref().map(Label::as_str), text, "{range}");
        assert!(view.interpretation.is_empty(), "{range}: no flag is made up");
    }
    // Each version keeps the range that it came with.
    let patient = patient.unwrap();
    let item = clinic.results(patient).await.remove(0).id;
    let earlier = clinic.chart(patient).await.earlier_results(item).await.unwrap();
    assert_eq!(earlier[0].view.ranges[0].text.as_ref().map(Label::as_str), Some("NEGATIVE"));
    assert_eq!(earlier.len(), 7);
    // The source's flag stands, whatever the range says.
    clinic.take(oru(12, "0.5-1.2|N")).await;
    assert_eq!(clinic.results(patient).await[0].view.interpretation, [Interpretation::Normal]);
}

/// The part of quirk 34 that holds: an unknown flag counts as one, and its letters are in the original and not in the view.
#[tokio::test]
async fn flags_of_the_source() {
    use Interpretation as I;
    for (sent, flags) in [
        ("H~A", vec![I::High, I::Abnormal]),
        ("HH", vec![I::CriticalHigh]),
        ("*", vec![I::Other]),
        ("", vec![]),
        ("N", vec![I::Normal]),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(hba1c(SENT, "F", "9.9").replace("|4.0-5.6||", &format!("|4.0-5.6|{sent}|"))).await;
        let view = clinic.results(report.patients[0]).await.remove(0).view;
        assert_eq!(view.interpretation, flags, "{sent}");
    }
}

#[tokio::test]
async fn q35_oru_nte() {
    let clinic = Clinic::open().await;
    let sent = panel(
        SENT,
        "NTE|1||of the panel\rOBX|1|NM|4548-4^HbA1c^LN||5.9|%|||||F\rNTE|2||second\rNTE|1||first\rNTE|3||third\r\
         OBX|2|NM|718-7^Hemoglobin^LN||13|g/dL|||||F\rNTE|1||of the last\rNTE|1||and more\r",
    );
    let sent = sent.replace(PID, &format!("{PID}NTE|1||of the person\r"));
    let report = clinic.take(&sent).await;
    assert_eq!(reasons(&report), [Reason::UnsupportedType], "what is said of the person has no view, and is kept");
    let patient = report.patients[0];
    let mut notes: Vec<Vec<String>> = Vec::new();
    for item in clinic.results(patient).await {
        notes.push(item.view.notes.iter().map(|note| note.as_str().to_owned()).collect());
    }
    notes.sort();
    assert_eq!(notes, [["first\nsecond\nthird"], ["of the last\nand more"]]);
    let chart = clinic.chart(patient).await;
    let reports = chart.reports(Page::ALL).await.unwrap().items;
    assert_eq!(reports[0].view.conclusion.as_ref().unwrap().as_str(), "of the panel");
}
