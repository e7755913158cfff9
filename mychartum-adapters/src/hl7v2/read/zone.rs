//! The offset of a local time in a zone, decided also where the clocks change.

use chrono::{LocalResult, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

/// How a local time stands in its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Plain,
    /// The clocks were put forward over it: it never was.
    Gap,
    /// The clocks were put back over it: it was twice.
    Overlap,
}

/// The offset from UTC in minutes, always the one before the clocks change: a time that was twice is its first one, and a time that
/// never was is as much later as the clocks were put forward (RFC 5545 section 3.3.5).
///
/// Offsets of before there were zones have seconds; those are cut off, as no notation of ours has them.
pub(super) fn offset_of(local: NaiveDateTime, zone: Tz) -> (i32, Standing) {
    let minutes = |offset: <Tz as chrono::TimeZone>::Offset| offset.fix().local_minus_utc() / 60;
    match zone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) => (minutes(offset), Standing::Plain),
        LocalResult::Ambiguous(earlier, _) => (minutes(earlier), Standing::Overlap),
        LocalResult::None => {
            // No zone has ever left out more than a day.
            let before = (1..=50).find_map(|halves| {
                let earlier = local.checked_sub_signed(TimeDelta::minutes(30 * halves))?;
                zone.offset_from_local_datetime(&earlier).latest()
            });
            (before.map_or(0, minutes), Standing::Gap)
        }
    }
}
