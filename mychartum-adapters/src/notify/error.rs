//! What is wrong with a notifier's settings.

/// Settings that no notifier can be made of. Names the field and the rule, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Not an address of a web page.
    #[error("{0}: expected https://host, without a name, a password, a query or a fragment")]
    Url(&'static str),
    /// In clear text, and not on this machine.
    #[error("{0}: must be https; http is for a loopback address only")]
    ClearText(&'static str),
    /// Plain SMTP to another machine.
    #[error("security: plain is for a loopback address only")]
    PlainElsewhere,
    /// A private address.
    #[error("{0}: leads to a private address, which was not allowed")]
    PrivateTarget(&'static str),
    /// Not a secret of its form.
    #[error("{0}: not a secret of the expected form and length")]
    Secret(&'static str),
    /// A text that its field cannot hold.
    #[error("{0}: empty, too long, or with a letter that does not belong there")]
    Field(&'static str),
    /// No certificate in it.
    #[error("trust: expected certificates in PEM")]
    Certificates,
    /// No TLS on this machine.
    #[error("tls: the machine's own certificates cannot be read")]
    Tls,
    /// The folder cannot be made.
    #[error("folder: cannot be made, or is open to others")]
    Folder,
    /// Two notifiers for one channel.
    #[error("channel: a notifier for it is there already")]
    ChannelTwice,
}
