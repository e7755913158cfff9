//! What is wrong with a client's settings.

/// Settings that no client can be made of. Names the field and the rule, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Not an address of a server.
    #[error("{0}: expected https://host/path, without a name, a password, a query or a fragment")]
    Address(&'static str),
    /// In clear text, and not on this machine.
    #[error("{0}: must be https; http is for a loopback address only")]
    ClearText(&'static str),
    /// A number that is zero or too large.
    #[error("{0}: out of its range")]
    Range(&'static str),
    /// No certificates to believe.
    #[error("trust: the certificates cannot be read")]
    Trust,
    /// Not a private key in PKCS 8 PEM, on the curve P-384.
    #[error("key: expected a private key for ES384, as PKCS 8 in PEM")]
    Key,
    /// A text that its field cannot hold.
    #[error("{0}: empty or too long")]
    Field(&'static str),
}
