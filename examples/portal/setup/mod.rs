//! From the command line to an open portal with people in it.

pub(crate) mod addresses;
pub(crate) mod args;
pub(crate) mod browser;
pub(crate) mod cover;
pub(crate) mod database;
pub(crate) mod errands;
pub(crate) mod feed;
pub(crate) mod greeting;
pub(crate) mod household;
pub(crate) mod import;
pub(crate) mod key_file;
pub(crate) mod others;
pub(crate) mod passphrase;
pub(crate) mod place;
pub(crate) mod pulling;
pub(crate) mod relations;
pub(crate) mod trouble;
