//! What is in the worlds, and what hides a part of it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use mychartum_core::access::{AccessError, Scope, SensitivitySet};
use mychartum_core::account::{AccountError, SessionError, SignInError};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::portal::{Failure, Offer, ProxyError, ReadError};
use mychartum_core::sync::Parcel;

/// What is in the worlds.
#[derive(Debug)]
pub struct Scene {
    /// Where the records come from.
    pub source: SourceId,
    /// What the source calls the patient.
    pub patient: SourceRef,
    /// The patient's date of birth, as the records say it.
    pub born: NaiveDate,
    /// All records, the patient's own first.
    pub parcels: Vec<Parcel>,
    /// The places in `parcels` that must leave no trace: what is hidden, and what is hidden with it.
    pub hidden: BTreeSet<usize>,
    /// The place of the item that is hidden; one of `hidden`.
    pub subject: usize,
    /// What the proxy was given.
    pub offer: Offer,
    /// LOINC codes whose trends are looked at.
    pub analytes: Vec<String>,
}

/// What hides the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hiding {
    /// The patient hid it from this proxy.
    FromProxy,
    /// The patient hid it from everyone.
    FromEveryone,
    /// A clinician labelled it.
    Labelled(SensitivitySet),
    /// A clinician holds it back from proxies until then.
    Held(DateTime<Utc>),
    /// The grant was quietly narrowed to this.
    Quietly(Scope),
    /// Nothing is done: the policy itself hides it, by its code or by the patient's age.
    Policy,
}

/// The worlds could not be made or seen.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// The records do not make the chart that the scene tells of.
    #[error("scene: {0}")]
    Wrong(&'static str),
    /// An account was not opened.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Nobody was signed in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A session was not resumed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A grant was not made.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The owner got no permit.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Something was not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}
