//! A session comes from a sign-in.

use mychartum_core::portal::{Portal, Session};

pub fn case(portal: Portal, session: Session) -> Session {
    drop(portal.clone());
    Session { portal, ..session } //~ E0451
    //= session
}
