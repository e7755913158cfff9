//! A session token does not print.

use mychartum_core::account::SessionToken;

pub fn case(token: &SessionToken) -> String {
    format!("{token}") //~ E0277
    //= format!("{token:?}")
}
