//! Nobody says of themselves that their password was right.

use mychartum_core::account::CheckedSignIn;

pub fn case(checked: CheckedSignIn) -> CheckedSignIn {
    CheckedSignIn { proven: true, ..checked } //~ E0451
    //= checked
}
