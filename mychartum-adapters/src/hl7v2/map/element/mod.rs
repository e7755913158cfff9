//! Data types: what the parts of a field mean.

mod amount;
mod attached;
mod check_digit;
mod coded;
mod identifier;
mod moment;
mod party;
mod person;
mod words;

pub(super) use amount::{amount, interpretation, ranges, structured};
pub(super) use attached::attached;
pub(super) use check_digit::is_sound;
pub(super) use coded::{concept, said, unit};
pub(super) use identifier::{entity, identifier, names_a_patient, order_number};
pub(super) use moment::{day, time};
pub(super) use party::{organization, people, place};
pub(super) use person::{address, contact, gender, name};
pub(super) use words::{lines, notes};
