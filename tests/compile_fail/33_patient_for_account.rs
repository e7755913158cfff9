//! A patient's id is no account's id.

use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::port::storage::Partition;

pub fn case(patient: PatientId, _account: AccountId) -> Partition {
    Partition::account(patient) //~ E0308
    //= Partition::patient(patient)
}
