//! How single things of a chart are written on a page: dates, values, flags, people, facts, grants.

pub(crate) mod date;
pub(crate) mod facts;
pub(crate) mod flag;
pub(crate) mod grants;
pub(crate) mod keys;
pub(crate) mod prose;
pub(crate) mod rights;
pub(crate) mod status;
pub(crate) mod value;
