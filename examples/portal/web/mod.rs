//! The web around the chart: routes, layers, cookies, forms, sessions, refusals.

#[cfg(test)]
mod account_journeys;
pub(crate) mod assets;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod cookies;
pub(crate) mod entry;
pub(crate) mod forms;
pub(crate) mod house;
#[cfg(test)]
mod journeys;
pub(crate) mod lab;
pub(crate) mod layers;
pub(crate) mod names;
pub(crate) mod refusal;
pub(crate) mod router;
pub(crate) mod sent;
pub(crate) mod server;
pub(crate) mod staff;
pub(crate) mod stage;
pub(crate) mod visitor;
