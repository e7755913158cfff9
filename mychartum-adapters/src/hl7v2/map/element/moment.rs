//! Dates and times (HL7 v2 `DTM`, `TS`, `DT`, `DR`).

use chrono_tz::Tz;
use mychartum_core::kernel::PartialDate;

use crate::hl7v2::{Field, Repetition, Timestamp};

/// The time in a field, as precise as it was given; nothing where it says nothing or nonsense.
pub(crate) fn time(field: Field<'_>, zone: Tz) -> Option<PartialDate> {
    time_of(&field.repetition(1), zone)
}

/// The time in a repetition: its first component, cut to the precision that an old `TS` names in its second.
fn time_of(repetition: &Repetition<'_>, zone: Tz) -> Option<PartialDate> {
    let text = repetition.component(1).subcomponent(1).value()?;
    let precision = repetition.component(2).value();
    let precision = precision.as_deref().filter(|letter| letter.trim().len() == 1).unwrap_or("");
    Timestamp::read_cut(&text, precision, zone).ok().map(|read| read.date)
}

/// The day of a time, such as that of a birth.
pub(crate) fn day(field: Field<'_>, zone: Tz) -> Option<PartialDate> {
    let text = field.repetition(1).component(1).value()?;
    Timestamp::read_cut(&text, "D", zone).ok().map(|read| read.date)
}
