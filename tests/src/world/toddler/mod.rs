//! The toddler: growth, vaccines by the schedule, sore ears and one barking cough, at Lakeside and at Northgate.

mod record;
mod visits;

pub(super) use record::charts;
