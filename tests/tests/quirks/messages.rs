//! Messages of HL7 v2, as senders write them.

/// Who all messages here are about.
pub(crate) const PID: &str = "PID|1||0042^^^RIVERSIDE^MR||Canary^Ada||19750501|F\r";

/// A message of a type with segments behind its header. When it was sent is its control id too.
pub(crate) fn message(kind: &str, sent: &str, segments: &str) -> String {
    format!("MSH|^~\\&|LAB|RIVERSIDE|||{sent}||{kind}|{sent}|P|2.5.1\r{segments}")
}

/// A panel with these results.
pub(crate) fn panel(sent: &str, results: &str) -> String {
    let obr = format!("OBR|1||9|24323-8^Panel^LN|||20260301081500|||||||||||||||{sent}|||F\r");
    message("ORU^R01", sent, &format!("{PID}{obr}{results}"))
}

/// The panel with one result: when it was sent and changed, how far it got, its value.
pub(crate) fn hba1c(sent: &str, status: &str, value: &str) -> String {
    let obr = format!("OBR|1||9|24323-8^Panel^LN|||20260301081500|||||||||||||||{sent}|||{status}\r");
    let obx = format!("OBX|1|NM|4548-4^HbA1c^LN||{value}|%|4.0-5.6||||{status}|||20260301081500\r");
    message("ORU^R01", sent, &format!("{PID}{obr}{obx}"))
}

/// What brings the patient alone.
pub(crate) fn registration(sent: &str) -> String {
    message("ADT^A04", sent, PID)
}
