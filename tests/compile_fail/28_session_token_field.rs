//! A session token is shown on request only.

use mychartum_core::account::SessionToken;

pub fn case(token: SessionToken) -> String {
    format!("{:?}", token.0) //~ E0616
    //= format!("{:?}", token)
}
