//! Names and passwords that nobody can guess.

use std::fs::File;
use std::io::Read as _;

use super::PostgresServerError;
use super::error::io;

/// Thirty-two hexadecimal digits from the system's randomness.
pub(super) fn secret() -> Result<String, PostgresServerError> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).map_err(io("read randomness"))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}
