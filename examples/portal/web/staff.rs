//! Members of staff, on the stage that plays the clinic.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use mychartum_core::kernel::id::AccountId;

use super::house::Shared;
use super::refusal::Refusal;
use super::visitor::Visitor;

/// A member of staff who is signed in. For everybody else the clinic's pages are not there.
#[derive(Debug)]
pub(crate) struct Staff(pub(crate) Visitor);

impl Staff {
    /// Their account: what the patient's trail keeps.
    pub(crate) fn account(&self) -> AccountId {
        self.0.session.account()
    }
}

impl FromRequestParts<Shared> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refusal> {
        let visitor = Visitor::from_request_parts(parts, house).await?;
        if visitor.is_staff() { Ok(Self(visitor)) } else { Err(Refusal::NotFound) }
    }
}
