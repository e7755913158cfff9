//! Quirks 12 to 20: how HL7 v2 messages are written.

use chrono::DateTime;
use mychartum_adapters::hl7v2::{
    Charset, Given, Header, Message, MessageWriter, NoticeKind, Settings, TimeCaveat, TimeError, Timestamp,
};
use mychartum_core::chart::Section;
use mychartum_core::portal::Page;
use mychartum_core::sync::Reason;

use crate::clinic::{Clinic, reasons};
use crate::messages::{PID, hba1c, message, panel};

const SENT: &str = "20260301100000";

/// What the patient reads of a result that is one text.
async fn text(clinic: &Clinic, file: impl AsRef<[u8]>) -> String {
    let report = clinic.take(file).await;
    clinic.results(report.patients[0]).await.remove(0).view.value.for_people()
}

/// A message with a text as its only result.
fn with_text(text: &str) -> String {
    panel(SENT, &format!("OBX|1|TX|1^Note^L||{text}||||||F\r"))
}

fn notices(bytes: &[u8]) -> Vec<NoticeKind> {
    let message = Message::parse(bytes, &Settings::default()).unwrap();
    message.notices().iter().map(|notice| notice.kind).collect()
}

#[tokio::test]
async fn q12_v2_terminators() {
    let plain = hba1c(SENT, "F", "5.9");
    for file in [
        plain.replace('\r', "\n"),
        plain.replace('\r', "\r\n"),
        plain.replace('\r', "\r\r\n\r\n"),
        plain.replace('\r', "\n\n"),
        format!("\u{feff}{plain}"),
        format!("\u{feff}{}", plain.replace('\r', "\n")),
        plain.trim_end().to_owned(),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(&file).await;
        assert_eq!((report.stored, report.set_aside.len()), (3, 0));
        assert_eq!(clinic.lines(report.patients[0]).await, ["HbA1c final 5.9 %"]);
    }
    // In a message with CR, a lone LF is part of a text.
    let clinic = Clinic::open().await;
    assert_eq!(text(&clinic, with_text("one\ntwo")).await, "one\ntwo");
    // Where what follows it looks like a segment, nobody guesses.
    let clinic = Clinic::open().await;
    let report = clinic.take(with_text("one\nNTE|1||two")).await;
    assert_eq!((reasons(&report), report.patients.len()), (vec![Reason::MixedLineEnds], 0));
}

#[tokio::test]
async fn q13_v2_delims() {
    let plain = panel(SENT, "OBX|1|NM|4548-4^HbA1c^LN||5.9|%^percent^UCUM|4.0-5.6|H~A|||F\rNTE|1||a \\T\\ b\r");
    let others = |text: &str| -> String {
        let other = |sign| match sign {
            '|' => '$',
            '^' => '*',
            '~' => '+',
            '\\' => '/',
            '&' => '!',
            sign => sign,
        };
        text.chars().map(other).collect()
    };
    for (file, ampersand) in [
        (plain.clone(), "&"),
        (others(&plain), "!"),
        (plain.replacen("|^~\\&|", "|^~\\|", 1), "&"),
        (plain.replacen("|^~\\&|", "|^~\\&#|", 1), "&"),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(&file).await;
        assert_eq!(report.set_aside.len(), 0, "{file:?}");
        let result = clinic.results(report.patients[0]).await.remove(0).view;
        assert_eq!(result.code.shown(), "HbA1c");
        assert_eq!(result.value.for_people(), "5.9 percent");
        assert_eq!(result.interpretation.len(), 2);
        assert_eq!(result.notes[0].as_str(), format!("a {ampersand} b"));
    }
}

#[tokio::test]
async fn q14_v2_charset() {
    let in_charset = |name: &str, text: &[u8]| -> Vec<u8> {
        let header = format!("|P|2.5.1||||||{name}\r");
        let message = with_text("@").replace("|P|2.5.1\r", &header).into_bytes();
        let at = message.iter().position(|byte| *byte == b'@').unwrap();
        [&message[..at], text, &message[at + 1..]].concat()
    };
    let mut clinic = Clinic::open().await;
    for (name, bytes, shown) in [
        ("", "José".as_bytes(), "José"),
        ("", b"Jos\xe9", "José"),
        ("UNICODE UTF-8", "José €".as_bytes(), "José €"),
        ("UNICODE UTF-8", b"Jos\xe9", "José"),
        ("8859/1", b"Jos\xe9", "José"),
        ("8859/1", "José".as_bytes(), "José"),
        ("8859/15", b"5 \xa4", "5 €"),
        ("ASCII", "José".as_bytes(), "José"),
        ("ASCII", b"Jos\xe9", "José"),
        ("NONSENSE", b"Jos\xe9", "José"),
        // The second byte of the third character is that of a separator.
        ("GB 18030-2000", b"\xc4\xe3\xba\xc3\x81\x7c", "你好亅"),
        ("ISO IR87", b"\x1b$B;3ED\x1b(B", "山田"),
        ("ASCII~ISO IR87", b"\x1b$B;3ED\x1b(B", "山田"),
    ] {
        assert_eq!(text(&clinic, in_charset(name, bytes)).await, shown, "{name}");
    }
    clinic.settings.grammar.default_charset = Charset::parse("8859/2").unwrap();
    assert_eq!(text(&clinic, in_charset("", b"\xb1")).await, "ą", "the source's own set");
    // A byte that means nothing costs that byte, and it is told.
    let broken = in_charset("8859/7", b"a\xffb");
    assert_eq!(notices(&broken), [NoticeKind::Replaced]);
    assert_eq!(text(&clinic, broken).await, "a\u{fffd}b");
    assert_eq!(notices(&in_charset("8859/1", "José".as_bytes())), [NoticeKind::CharsetUntrue]);
    assert_eq!(notices(&in_charset("UNICODE UTF-8", "José".as_bytes())), []);
}

#[tokio::test]
async fn q15_v2_escapes() {
    let clinic = Clinic::open().await;
    for (sent, shown) in [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"a\X0A\b", "a\nb"),
        (r"a\X000a\b", "a\nb"),
        (r"a\XA\b", "a\nb"),
        (r"a\.br\b", "a\nb"),
        (r"a\.sp\b", "a\nb"),
        (r"a\.sp2\b", "a\n\nb"),
        (r"very \H\bold\N\ text", "very bold text"),
        // What nobody knows, and what is not paired, stays.
        (r"C:\dir", r"C:\dir"),
        (r"a\Z01\b", r"a\Z01\b"),
        (r"5\6 and \T\ 7", r"5\6 and & 7"),
        (r"half \X0", r"half \X0"),
        // It is decoded behind the splitting: an escaped repetition separator begins no new line.
        (r"a\R\b~c", "a~b\nc"),
    ] {
        assert_eq!(text(&clinic, with_text(sent)).await, shown, "{sent}");
        // What goes out is escaped so that it says the same.
        let header = Header {
            sending_application: "PORTAL",
            sending_facility: "",
            receiving_application: "",
            receiving_facility: "",
            time: DateTime::UNIX_EPOCH,
            kind: ["ORU", "R01", ""],
            control_id: "1",
            processing_id: "P",
            version: "2.5.1",
            acknowledgements: ["", ""],
        };
        let mut writer = MessageWriter::new(&header);
        writer.segment("NTE").text(3, shown);
        let written = writer.finish().unwrap();
        let read = Message::parse(&written, &Settings::default()).unwrap();
        let segments: Vec<_> = read.segments().collect();
        assert_eq!(segments.len(), 2, "{shown}");
        assert_eq!(segments[1].field(3).text(), shown);
        assert_eq!(segments[1].fields(), 3);
    }
}

#[tokio::test]
async fn q16_v2_unescaped_text() {
    let clinic = Clinic::open().await;
    let url = "see http://x.example/?a=1&b=2^c";
    for kind in ["FT", "TX", "ST"] {
        let sent = panel(SENT, &format!("OBX|1|{kind}|1^Note^L||{url}||||||F\r"));
        assert_eq!(text(&clinic, sent).await, url, "{kind}");
    }
    assert_eq!(text(&clinic, with_text("one^1~two&2~~four")).await, "one^1\ntwo&2\n\nfour");
    let markup = "<p onclick=\"x()\">All <b>well</b></p><script>alert(1)</script><img src=\"http://x.example/spy\">";
    let shown = text(&clinic, with_text(markup)).await;
    assert_eq!(shown.trim(), "All well");
    // A comparison is no markup.
    assert_eq!(text(&clinic, with_text("a < b & b > c")).await, "a < b & b > c");
}

#[tokio::test]
async fn q17_v2_null() {
    let given = |value: &str| {
        let text = with_text(value);
        let message = Message::parse(text.as_bytes(), &Settings::default()).unwrap();
        let obx = message.segments().find_named("OBX").unwrap();
        match obx.field(5).given() {
            Given::Absent => "absent".to_owned(),
            Given::Null => "null".to_owned(),
            Given::Value(text) => text.into_owned(),
        }
    };
    assert_eq!([given(""), given("\"\""), given("x"), given("\"x\"")], ["absent", "null", "x", "\"x\""]);
    // In a chart, a value that is said to be none is none, and never two quotation marks.
    let clinic = Clinic::open().await;
    let pid = "PID|1||0042^^^RIVERSIDE^MR~\"\"||Canary^Ada^\"\"||\"\"|\"\"|||\"\"||\"\"|||\"\"\r";
    let sent = hba1c(SENT, "F", "\"\"").replace(PID, pid).replace("|%|4.0-5.6|", "|\"\"|\"\"|\"\"");
    let report = clinic.take(&sent).await;
    assert_eq!(report.stored, 3);
    let patient = report.patients[0];
    let result = clinic.results(patient).await.remove(0).view;
    assert_eq!(result.value.for_people(), "");
    assert!(result.ranges.is_empty() && result.interpretation.is_empty());
    let chart = clinic.chart(patient).await;
    let person = chart.demographics(Page::ALL).await.unwrap().items.remove(0).view;
    assert_eq!(person.names[0].given.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["Ada"]);
    assert!(person.birth_date.is_none() && person.contacts.is_empty() && person.addresses.is_empty());
    assert!(person.languages.is_empty());
    assert_eq!(person.identifiers.len(), 1);
}

#[tokio::test]
async fn q18_v2_unknown() {
    let plain = hba1c(SENT, "F", "5.9");
    let many = "|".repeat(60);
    for (file, set_aside) in [
        (plain.replace("OBX|1", "ZZ1|own^thing\rOBX|1"), 0),
        (format!("{plain}ZDS|1.2.3^study\r"), 0),
        (plain.replace("PID|1", "ZPI|before\rPID|1"), 1),
        (plain.replace("OBX|1", "QQQ|1\rOBX|1"), 0),
        (plain.replace("\rOBX|", "\robx|").replace("\rOBR|", "\robr|").replace("\rPID|", "\rpid|"), 0),
        (plain.replace(PID, "").trim_end().to_owned() + "\r" + PID, 0),
        (plain.replace("|||20260301081500\r", &format!("|||20260301081500{many}more^than&there~is\r")), 0),
        (plain.replace("^HbA1c^LN", "^HbA1c^LN^^^^^^^^^^^^more"), 0),
    ] {
        assert_ne!(file, plain);
        let clinic = Clinic::open().await;
        let report = clinic.take(&file).await;
        assert_eq!(reasons(&report), vec![Reason::UnsupportedType; set_aside], "{file:?}");
        assert_eq!(clinic.lines(report.patients[0]).await, ["HbA1c final 5.9 %"], "{file:?}");
    }
    // What nobody reads is kept with what it stands by.
    let clinic = Clinic::open().await;
    let report = clinic.take(format!("{plain}ZDS|1.2.3^study\r")).await;
    let chart = clinic.chart(report.patients[0]).await;
    let of_panel = chart.reports(Page::ALL).await.unwrap().items.remove(0);
    let (_, original) = chart.original(Section::Reports, of_panel.id).await.unwrap().unwrap();
    let bytes = original.into_bytes().unwrap();
    assert!(bytes.ends_with(b"ZDS|1.2.3^study\r"));
}

#[tokio::test]
async fn q19_v2_version() {
    for version in ["2.1", "2.3", "2.5.1", "2.9", "", "2", "2.3^USA"] {
        let clinic = Clinic::open().await;
        // OBX-20, OBX-23 and SPM came with 2.5.
        let obx = format!(
            "OBX|1|NM|4548-4^HbA1c^LN||5.9|%|||||F|||20260301081500{}^Left arm^L|||Riverside Lab\r",
            "|".repeat(6)
        );
        let spm = "SPM|1|||BLD^Blood^HL70487\r";
        let sent = panel(SENT, &format!("{obx}{spm}")).replace("|P|2.5.1\r", &format!("|P|{version}\r"));
        let report = clinic.take(&sent).await;
        assert_eq!(report.stored, 3, "{version}");
        let result = clinic.results(report.patients[0]).await.remove(0).view;
        assert_eq!(result.body_site.unwrap().as_str(), "Left arm", "{version}");
        assert_eq!(result.performers[0].shown(), "Riverside Lab", "{version}");
        assert_eq!(result.specimen.unwrap().shown(), "Blood", "{version}");
    }
}

#[tokio::test]
async fn q20_v2_ts() {
    use TimeCaveat as C;
    let zone = "America/Chicago".parse().unwrap();
    let clinic = Clinic::open().await;
    for (sent, shown, caveats) in [
        ("2026", "2026", vec![]),
        ("202602", "2026-02", vec![]),
        ("20260214", "2026-02-14", vec![]),
        ("202602140815", "2026-02-14T08:15-06:00", vec![C::ZoneAssumed]),
        ("20260214081530", "2026-02-14T08:15:30-06:00", vec![C::ZoneAssumed]),
        ("20260214081530.25", "2026-02-14T08:15:30.25-06:00", vec![C::ZoneAssumed]),
        ("20260214081530+0100", "2026-02-14T08:15:30+01:00", vec![]),
        ("20260214+0100", "2026-02-14", vec![C::OffsetLeftOut]),
        ("202602142400", "2026-02-15T00:00-06:00", vec![C::EndOfDay, C::ZoneAssumed]),
        // The night in which the clocks are put forward: half past two is half past three.
        ("202603080230", "2026-03-08T02:30-06:00", vec![C::Gap, C::ZoneAssumed]),
        ("202603080330", "2026-03-08T03:30-05:00", vec![C::ZoneAssumed]),
        // The night in which they are put back: half past one comes twice, and the first is meant.
        ("202511020130", "2025-11-02T01:30-05:00", vec![C::Overlap, C::ZoneAssumed]),
        ("202511020230", "2025-11-02T02:30-06:00", vec![C::ZoneAssumed]),
    ] {
        let read = Timestamp::read(sent, zone).unwrap();
        for caveat in [C::ZoneAssumed, C::Gap, C::Overlap, C::OffsetLeftOut, C::EndOfDay] {
            assert_eq!(read.caveats.has(caveat), caveats.contains(&caveat), "{sent} {caveat:?}");
        }
        let obr = format!("OBR|1||{sent}|1^Panel^L|||{sent}\rOBX|1|NM|4548-4^HbA1c^LN||5.9|%|||||F\r");
        let report = clinic.take(message("ORU^R01", SENT, &format!("{PID}{obr}"))).await;
        let results = clinic.results(report.patients[0]).await;
        let of_this = results.iter().find(|item| item.provenance.source_id.as_str().contains(&format!("|{sent}|")));
        assert_eq!(of_this.unwrap().view.effective.as_ref().unwrap().as_str(), shown, "{sent}");
    }
    for (sent, error) in [
        ("00000000", TimeError::Zero),
        ("00000000000000", TimeError::Zero),
        ("20261301", TimeError::Invalid),
        ("20260230", TimeError::Invalid),
        ("yesterday", TimeError::Invalid),
        ("202602142500", TimeError::Invalid),
    ] {
        assert_eq!(Timestamp::read(sent, zone).unwrap_err(), error, "{sent}");
        let clinic = Clinic::open().await;
        let obr = format!("OBR|1||9|1^Panel^L|||{sent}\rOBX|1|NM|4548-4^HbA1c^LN||5.9|%|||||F\r");
        // A day of birth is read as a day: what time it claims does not count.
        let born = if sent.len() == 12 { "" } else { sent };
        let pid = PID.replace("19750501", born);
        let report = clinic.take(message("ORU^R01", SENT, &format!("{pid}{obr}"))).await;
        assert_eq!(report.stored, 3, "{sent}: the rest is filed");
        let result = clinic.results(report.patients[0]).await.remove(0).view;
        assert!(result.effective.is_none(), "{sent}");
        let chart = clinic.chart(report.patients[0]).await;
        assert!(chart.demographics(Page::ALL).await.unwrap().items[0].view.birth_date.is_none(), "{sent}");
    }
}
