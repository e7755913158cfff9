//! Moments of the day in words.

/// A moment of the day (FHIR R4 event-timing, HL7 v3 TimingEvent).
pub(crate) fn moment(code: &str) -> Option<&'static str> {
    Some(match code.trim() {
        "MORN" => "in the morning",
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "EVE" => "in the evening",
        "NIGHT" => "at night",
        "HS" => "at bedtime",
        "WAKE" => "on waking",
        "C" => "with meals",
        "CM" => "with breakfast",
        "CD" => "with lunch",
        "CV" => "with dinner",
        "AC" => "before meals",
        "ACM" => "before breakfast",
        "ACD" => "before lunch",
        "ACV" => "before dinner",
        "PC" => "after meals",
        "PCM" => "after breakfast",
        "PCD" => "after lunch",
        "PCV" => "after dinner",
        _ => return None,
    })
}
