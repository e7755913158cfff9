//! The account of whoever is signed in: security, addresses, notices, devices.

pub(crate) mod addresses;
pub(crate) mod devices;
pub(crate) mod end;
pub(crate) mod factors;
pub(crate) mod notices;
pub(crate) mod overview;
pub(crate) mod parts;
pub(crate) mod password;
pub(crate) mod step_up;
