//! Why a relying party cannot be.

/// What is wrong with a relying party or its origins. The host's own settings, so nothing of a chart is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelyingPartyError {
    /// Not a domain in lower case, such as `portal.example.org`, nor `localhost`.
    #[error("passkeys: relying party id: expected a domain in lower case")]
    Id,
    /// Blank, or longer than 64 bytes.
    #[error("passkeys: relying party name: expected 1 to 64 bytes")]
    Name,
    /// No origin at all.
    #[error("passkeys: origins: expected at least one")]
    NoOrigin,
    /// Not as a browser writes it, without TLS, or on a host outside the relying party's domain.
    #[error(
        "passkeys: origin: expected https://host or https://host:port within the relying party's domain, and no path"
    )]
    Origin,
}
