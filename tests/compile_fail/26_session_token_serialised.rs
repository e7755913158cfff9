//! A session token goes into a cookie and nowhere else.

use mychartum_core::account::SessionToken;

pub fn case(token: &SessionToken) -> String {
    serde_json::to_string(token).unwrap() //~ E0277
    //= token.expose().to_owned()
}
