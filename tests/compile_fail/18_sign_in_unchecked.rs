//! A sign-in cannot be completed before its password was checked.

use mychartum_core::account::{Password, Progress, SignInAttempt, SignInError};
use mychartum_core::portal::Portal;

pub async fn case(portal: &Portal, attempt: SignInAttempt, password: &Password) -> Result<Progress, SignInError> {
    let _ = password;
    portal.complete(attempt).await //~ E0308
    //= portal.complete(attempt.check(password)?).await
}
