//! Quirks 1 to 11: how HL7 v2 messages are sent, framed and acknowledged.

use std::sync::Arc;
use std::time::Duration;

use mychartum_adapters::hl7v2::{Condition, Message, ProcessingPolicy, Settings};
use mychartum_adapters::mllp::{
    ClientSettings, Ending, FrameDecoder, FrameError, MllpClient, ServeSettings, Server, encode,
};
use mychartum_core::sync::Reason;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::simulator::{Failing, UnsteadyStorage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::clinic::{Clinic, reasons};
use crate::messages::{PID, hba1c, message, panel, registration};
use crate::port::{Port, read};

fn said(code: &str, id: &str) -> (String, String) {
    (code.to_owned(), id.to_owned())
}

#[tokio::test]
async fn q01_v2_redeliver() {
    let clinic = Clinic::open().await;
    let port = Port::open(&clinic).await;
    let id = "20260301100000";
    for (wanted, accepted) in [("|P|2.5.1\r", "AA"), ("|P|2.5.1|||AL|NE\r", "CA")] {
        let sent = hba1c(id, "F", "5.9").replace("|P|2.5.1\r", wanted);
        let mut first = port.connect().await;
        assert_eq!(first.send(&sent).await, said(accepted, id));
        drop(first);
        let patient = port.reports()[0].patients[0];
        let (before, entries) = (clinic.lines(patient).await, clinic.imports(patient).await.len());
        // The answer was lost on its way: the sender comes with the same again, on another connection and on the same one.
        let mut again = port.connect().await;
        assert_eq!(again.send(&sent).await, said(accepted, id));
        assert_eq!(again.send(&sent).await, said(accepted, id));
        let report = port.reports().pop().unwrap();
        assert_eq!((report.stored, report.unchanged, report.superseded), (0, 3, 0));
        assert_eq!(clinic.lines(patient).await, before);
        assert_eq!(before, ["HbA1c final 5.9 %"]);
        assert_eq!(clinic.results(patient).await[0].version, 1);
        assert_eq!(clinic.imports(patient).await.len(), entries, "nothing was filed, so nothing is written down");
    }
    port.close().await;
}

/// That a number was used twice is told by the log as far as each delivery has an entry of its own there.
#[tokio::test]
async fn q02_v2_ctrl_id_reuse() {
    let clinic = Clinic::open().await;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    let id = "20260301100000";
    let first = hba1c(id, "F", "5.9");
    // The sender's counter began anew: its number for another order, and for another value of the same one.
    let other = first.replace("|9|24323-8", "|10|24323-8").replace("4548-4^HbA1c", "718-7^Hemoglobin");
    let changed = first.replace("|||20260301100000|||F", "|||20260301103000|||F").replace("||5.9|", "||6.1|");
    for sent in [&first, &other, &changed] {
        assert_eq!(Message::parse(sent.as_bytes(), &Settings::default()).unwrap().control_id(), id);
        assert_eq!(line.send(sent).await, said("AA", id));
    }
    let reports = port.reports();
    let fates: Vec<_> = reports.iter().map(|report| (report.stored, report.unchanged)).collect();
    assert_eq!(fates, [(3, 0), (2, 1), (2, 1)]);
    let patient = reports[0].patients[0];
    let mut lines = clinic.lines(patient).await;
    lines.sort();
    assert_eq!(lines, ["HbA1c final 6.1 %", "Hemoglobin final 5.9 %"]);
    let entries = clinic.imports(patient).await;
    let mut deliveries: Vec<_> = entries.iter().map(|entry| entry.facts().delivery.unwrap()).collect();
    deliveries.dedup();
    assert_eq!(deliveries.len(), 3);
    port.close().await;
}

#[tokio::test]
async fn q03_v2_out_of_order() {
    let clinic = Clinic::open().await;
    let newer = clinic.take(hba1c("20260301110000", "F", "6.4")).await;
    let older = clinic.take(hba1c("20260301090000", "F", "5.1")).await;
    assert_eq!((newer.stored, older.stored), (3, 0));
    assert_eq!((older.superseded, older.unchanged), (2, 1), "the result and its report; the person is the same");
    let patient = newer.patients[0];
    assert_eq!(clinic.lines(patient).await, ["HbA1c final 6.4 %"]);
    let chart = clinic.chart(patient).await;
    let item = clinic.results(patient).await.remove(0);
    let history: Vec<String> =
        chart.earlier_results(item.id).await.unwrap().iter().map(|item| item.view.value.for_people()).collect();
    assert_eq!(history, ["5.1 %"]);
}

#[tokio::test]
async fn q04_mllp_framing() {
    let clinic = Clinic::open().await;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    let result = |number: u8| {
        let id = format!("2026030110000{number}");
        (encode(hba1c(&id, "F", &format!("5.{number}")).as_bytes()).unwrap(), id)
    };
    // One byte at a time.
    let (frame, id) = result(1);
    for byte in &frame {
        line.write(&[*byte]).await;
    }
    assert_eq!(line.reply().await, said("AA", &id));
    // What stands before a frame is no part of it, and two frames of one write are two messages in their order.
    let ((one, first), (two, second)) = (result(2), result(3));
    line.write(&[b"\r\nnoise\x1c\r".as_slice(), &one, &two].concat()).await;
    assert_eq!(line.reply().await, said("AA", &first));
    assert_eq!(line.reply().await, said("AA", &second));
    // 0x1C alone ends nothing, and neither does a frame that is cut between the two bytes of its end.
    let inside = panel("20260301100004", "OBX|1|ST|1^Note^L||a\u{1c}b||||||F\r");
    let frame = encode(inside.as_bytes()).unwrap();
    let (start, last) = frame.split_at(frame.len() - 1);
    line.write(start).await;
    line.write(last).await;
    assert_eq!(line.reply().await, said("AA", "20260301100004"));
    let patient = port.reports()[0].patients[0];
    assert_eq!(clinic.lines(patient).await, ["Note final a\u{1c}b", "HbA1c final 5.3 %"]);
    port.close().await;
}

#[tokio::test]
async fn q05_mllp_limit() {
    let clinic = Clinic::open().await;
    let settings = ServeSettings { limit: 4096, frame: Duration::from_millis(50), ..ServeSettings::default() };
    let mut port = Port::with(&clinic, settings).await;
    let large = message("ADT^A04", "1", &format!("{PID}NTE|1||{}\r", "Canary ".repeat(1000)));
    let mut line = port.connect().await;
    // The other side may hang up in the middle of it, so the write may fail.
    line.try_write(&encode(large.as_bytes()).unwrap()).await;
    assert!(line.answer().await.is_none());
    let ending = port.ending().await;
    assert_eq!(ending, Ending::Frame(FrameError::TooLarge { limit: 4096 }));
    assert!(!format!("{ending:?} {}", FrameError::TooLarge { limit: 4096 }).contains("Canary"));
    // A frame that begins and never ends.
    let mut line = port.connect().await;
    line.write(b"\x0bMSH|^~\\&|Canary").await;
    assert!(line.answer().await.is_none());
    assert_eq!(port.ending().await, Ending::SlowFrame);
    assert_eq!(ServeSettings::default().limit, 32 << 20);
    // The others are taken all the same.
    assert_eq!(port.connect().await.send(registration("20260301100000")).await, said("AA", "20260301100000"));
    assert_eq!(port.reports().len(), 1);
    port.close().await;
}

#[tokio::test]
async fn q06_v2_ack_modes() {
    let storage = Arc::new(UnsteadyStorage::over(Arc::new(MemoryStorage::new())));
    let clinic = Clinic::on(Arc::clone(&storage) as _).await;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    let modes: [(&str, &str, &[&str], &[&str]); 8] = [
        ("", "", &["AA"], &["AE"]),
        ("AL", "NE", &["CA"], &["CE"]),
        ("AL", "", &["CA"], &["CE"]),
        ("NE", "AL", &["AA"], &["AE"]),
        ("AL", "AL", &["CA", "AA"], &["CE", "AE"]),
        ("ER", "NE", &[], &["CE"]),
        ("SU", "ER", &["CA"], &["AE"]),
        ("NE", "NE", &[], &[]),
    ];
    for (number, (accept, application, success, failure)) in modes.into_iter().enumerate() {
        let id = format!("2026030110000{number}");
        let wanted = format!("|P|2.5.1|||{accept}|{application}\r");
        let sent = hba1c(&id, "F", &format!("5.{number}")).replace("|P|2.5.1\r", &wanted);
        for (fails, codes) in [(true, failure), (false, success)] {
            if fails {
                storage.fail_after(0, Failing::Before);
            }
            line.write(&encode(sent.as_bytes()).unwrap()).await;
            for code in codes {
                assert_eq!(line.reply().await, said(code, &id), "{accept}/{application}");
            }
            // Nothing else was said: the next answer is that of the next message.
            let other = format!("9{number}{fails}");
            assert_eq!(
                line.send(registration("20260301090000").replace("|20260301090000|P", &format!("|{other}|P"))).await,
                said("AA", &other)
            );
            if !fails {
                let patient = port.reports()[0].patients[0];
                assert_eq!(
                    clinic.lines(patient).await,
                    [format!("HbA1c final 5.{number} %")],
                    "durable before the answer"
                );
            }
        }
    }
    assert!(Condition::OnSuccess.wants(true));
    port.close().await;
}

#[tokio::test]
async fn q07_v2_nak_codes() {
    let storage = Arc::new(UnsteadyStorage::over(Arc::new(MemoryStorage::new())));
    let clinic = Clinic::on(Arc::clone(&storage) as _).await;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    let fine = hba1c("20260301100000", "F", "5.9");
    // Garbage, a type and a version that nobody here reads, test data: never again.
    let refused = [
        (fine.replace("\rOBX|", "\rno segment\rOBX|"), "100"),
        (fine.replace("ORU^R01", "DFT^P03"), "200"),
        (fine.replace("|P|2.5.1", "|P|3.0"), "203"),
        (fine.replace("|P|2.5.1", "|T|2.5.1"), "202"),
    ];
    for (sent, error) in &refused {
        assert_ne!(*sent, fine);
        line.write(&encode(sent.as_bytes()).unwrap()).await;
        let reply = read(&line.answer().await.unwrap());
        assert_eq!((reply.code.as_str(), &*reply.control_id), ("AR", "20260301100000"), "{error}");
        assert!(!reply.code.may_retry());
        assert_eq!(reply.errors, [(*error).into()]);
    }
    let enhanced = refused[3].0.replace("|T|2.5.1", "|T|2.5.1|||AL|NE");
    assert_eq!(line.send(enhanced).await, said("CR", "20260301100000"));
    assert!(port.reports().is_empty(), "nothing of it was taken");
    // Our own storage fails: come again.
    storage.fail_after(0, Failing::Before);
    assert_eq!(line.send(&fine).await.0, "AE");
    storage.fail_after(0, Failing::Before);
    assert_eq!(line.send(fine.replace("|P|2.5.1", "|P|2.5.1|||AL|NE")).await.0, "CE");
    assert_eq!(line.send(&fine).await.0, "AA");
    // Odd content blocks nobody: nobody's result, a date that is none, an event without a view.
    let strange = [
        fine.replace("PID|1||0042^^^RIVERSIDE^MR", "PID|1||"),
        fine.replace("19750501", "19751399"),
        fine.replace("ORU^R01", "ADT^A17"),
    ];
    let mut aside = Vec::new();
    for sent in strange {
        assert_eq!(line.send(&sent).await.0, "AA");
        aside.push(reasons(port.reports().last().unwrap()));
    }
    assert_eq!(aside, [vec![Reason::NoSubject; 3], vec![], vec![Reason::UnsupportedType]]);
    port.close().await;
}

#[tokio::test]
async fn q08_v2_ack_of_ack() {
    let clinic = Clinic::open().await;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    for kind in ["ACK", "ACK^R01^ACK", "ORU^R01", "MCF"] {
        for modes in ["", "|||AL|AL"] {
            let answer = message(kind, "20260301100000", &format!("MSA|AA|77\r{PID}"));
            let answer = answer.replace("|P|2.5.1\r", &format!("|P|2.5.1{modes}\r"));
            line.write(&encode(answer.as_bytes()).unwrap()).await;
        }
    }
    // The first thing that is said is about the first real message.
    assert_eq!(line.send(registration("20260301110000")).await, said("AA", "20260301110000"));
    assert_eq!(port.reports().len(), 1, "an answer is no delivery");
    port.close().await;
}

#[tokio::test]
async fn q09_v2_ack_mismatch() {
    let clinic = Clinic::open().await;
    let sent = hba1c("20260301100000", "F", "5.9");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // A receiver that takes the message each time it comes, and answers wrongly until the last: with another message's number, with
    // no number, with no MSA, and not at all.
    let answers = ["MSA|AA|77\r", "MSA|AA\r", "NTE|1\r", "", "MSA|AA|20260301100000\r"];
    let receiver = tokio::spawn(async move {
        let mut came = Vec::new();
        let mut kept = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut decoder = FrameDecoder::new(1 << 20);
            let mut buffer = [0; 4096];
            let message = loop {
                let count = stream.read(&mut buffer).await.unwrap();
                assert!(count > 0);
                if let Some(message) = decoder.next(&mut &buffer[..count]).unwrap() {
                    break message;
                }
            };
            came.push(message);
            if !answer.is_empty() {
                let text = format!("MSH|^~\\&|||||20260301||ACK|1|P|2.5.1\r{answer}");
                stream.write_all(&encode(text.as_bytes()).unwrap()).await.unwrap();
            }
            // It stays open, so that only the time of the sender ends the wait.
            kept.push(stream);
        }
        came
    });
    let settings = ClientSettings {
        acknowledgement: Duration::from_millis(50),
        waits: vec![Duration::ZERO; answers.len()],
        ..ClientSettings::default()
    };
    let mut client = MllpClient::new(Server { host: "127.0.0.1".into(), port, tls: None }, settings);
    let delivered = client.send(sent.as_bytes()).await.unwrap();
    assert_eq!((delivered.tries, delivered.strays), (5, 3));
    let came = receiver.await.unwrap();
    assert_eq!(came.len(), 5);
    let mut last = None;
    for message in &came {
        assert_eq!(Message::parse(message, &Settings::default()).unwrap().control_id(), "20260301100000");
        assert_eq!(message, sent.as_bytes());
        last = Some(clinic.take(message).await);
    }
    assert_eq!(clinic.lines(last.unwrap().patients[0]).await, ["HbA1c final 5.9 %"]);
}

#[tokio::test]
async fn q10_v2_batch() {
    let all: Vec<String> = (1u8..=3)
        .map(|number| {
            hba1c(&format!("2026030110000{number}"), "F", "5.9").replace("|9|24323-8", &format!("|{number}|24323-8"))
        })
        .collect();
    let file = |count: u8| format!("FHS|^~\\&|LAB|RIV\rBHS|^~\\&|LAB|RIV\r{}BTS|{count}\rFTS|1\r", all.concat());
    for (text, aside) in [
        (file(3), vec![]),
        // Two of five are missing: what came is filed, and somebody is told.
        (file(5), vec![Reason::Invalid("batch")]),
        (all.concat(), vec![]),
        (format!("\u{feff}{}", all.join("\r\n")), vec![]),
    ] {
        let clinic = Clinic::open().await;
        let report = clinic.take(&text).await;
        assert_eq!(reasons(&report), aside);
        assert_eq!(clinic.lines(report.patients[0]).await, ["HbA1c final 5.9 %"; 3]);
    }
    // A message that is none costs the others nothing.
    let clinic = Clinic::open().await;
    let broken = all[1].replace("\rOBX|", "\rno segment\rOBX|");
    let report = clinic.take(file(3).replace(&all[1], &broken)).await;
    assert_eq!(reasons(&report), [Reason::Malformed]);
    assert_eq!(clinic.lines(report.patients[0]).await.len(), 2);
}

#[tokio::test]
async fn q11_v2_processing_id() {
    let mut clinic = Clinic::open().await;
    let real = hba1c("20260301100000", "F", "5.9");
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    for id in ["T", "D", "t", "X"] {
        let test = real.replace("|P|2.5.1", &format!("|{id}|2.5.1"));
        assert_eq!(line.send(&test).await.0, "AR", "{id}");
        let report = clinic.take(&test).await;
        assert_eq!((reasons(&report), report.patients.len()), (vec![Reason::NotProduction], 0), "{id}");
    }
    assert!(port.reports().is_empty());
    assert_eq!(line.send(&real).await.0, "AA");
    assert_eq!(clinic.lines(port.reports()[0].patients[0]).await.len(), 1);
    port.close().await;
    // A test system's port is the other way round.
    clinic.settings.processing = ProcessingPolicy::TestOnly;
    let port = Port::open(&clinic).await;
    let mut line = port.connect().await;
    assert_eq!(line.send(&real).await.0, "AR");
    assert_eq!(line.send(real.replace("|P|2.5.1", "|T|2.5.1")).await.0, "AA");
    port.close().await;
}
