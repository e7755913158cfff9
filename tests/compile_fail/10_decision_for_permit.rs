//! A decision that was not written down opens nothing.

use mychartum_core::access::grant::GrantIndex;
use mychartum_core::access::pack::PolicyPack;
use mychartum_core::access::{ItemFacts, Permit, Question, Subject, decide};
use mychartum_core::portal::{Portal, ReadError};

pub fn case(
    portal: &Portal,
    (question, item, subject): (&Question<'_>, &ItemFacts<'_>, &Subject),
    (grants, pack): (&GrantIndex, &PolicyPack),
    permit: Permit,
) -> Result<(), ReadError> {
    let decision = decide(question, item, subject, grants, pack);
    portal.disclose(decision)?; //~ E0308
    //= portal.disclose(permit)?;
    Ok(())
}
