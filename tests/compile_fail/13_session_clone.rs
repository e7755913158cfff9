//! A session that was ended has no twin.

use mychartum_core::portal::Session;

pub fn case(session: Session) -> Session {
    session.clone() //~ E0599
    //= session
}
