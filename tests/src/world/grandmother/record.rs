//! Her records put together, source by source.

use super::{lab_exceptions, labs, medicines, notes, plans, problems, quarters, stay};
use crate::world::chart::{Chart, Frame, Turn};
use crate::world::person::Role;
use crate::world::site::Site;

/// Her records, in the order in which they arrive: both sources, and later Riverside again with corrections.
pub(in crate::world) fn charts(frame: Frame) -> Vec<Chart> {
    let quarters = quarters::plan(frame);

    let mut riverside = Chart::open(frame, Site::Riverside, Role::Grandmother, Turn::First);
    let visits = quarters::visits(&mut riverside, &quarters);
    labs::at_riverside(&mut riverside, &quarters);
    lab_exceptions::first_delivery(&mut riverside, &quarters);
    problems::write(&mut riverside);
    medicines::write(&mut riverside, &quarters);
    stay::write(&mut riverside);
    plans::write(&mut riverside, &quarters);
    notes::write(&mut riverside, &quarters, &visits);

    let mut northgate = Chart::open(frame, Site::Northgate, Role::Grandmother, Turn::First);
    labs::at_northgate(&mut northgate, &quarters);

    let mut later = Chart::open(frame, Site::Riverside, Role::Grandmother, Turn::Later);
    lab_exceptions::later_delivery(&mut later, &quarters);

    vec![riverside, northgate, later]
}
