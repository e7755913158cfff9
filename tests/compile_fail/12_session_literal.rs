//! A session comes from a sign-in.

use chrono::Duration;
use mychartum_core::portal::Session;

pub fn case(session: Session) -> Session {
    Session { permit_life: Duration::days(1), ..session } //~ E0451
    //= session
}
