//! Names to sign in with.

use crate::kernel::hidden;
use crate::kernel::text::Text;
use crate::vault::fold_case;

/// A name to sign in with: 3 to 64 bytes, compared without case.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Username(Text<64>);

hidden!(Username);

/// A name that nobody can sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("username: expected 3 to 64 bytes without control characters")]
pub struct InvalidUsername;

impl Username {
    /// Takes a name, trimmed.
    ///
    /// # Errors
    /// [`InvalidUsername`].
    pub fn parse(name: &str) -> Result<Self, InvalidUsername> {
        let name = Text::parse(name).map_err(|_| InvalidUsername)?;
        let length = name.as_str().chars().count();
        if length < 3 || name.as_str().chars().any(char::is_control) { Err(InvalidUsername) } else { Ok(Self(name)) }
    }

    /// The name as it was chosen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The form in which names are compared.
    pub(super) fn folded(&self) -> String {
        fold_case(self.as_str())
    }
}
