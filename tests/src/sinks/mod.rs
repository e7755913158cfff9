//! Far sides for notifiers: a mail server and a web server on the loopback that behave as a test tells them.
//!
//! They are real sockets with made-up manners. They take what is sent, keep it, and can be asked for it. Nothing of them belongs
//! into a running portal.

mod certificate;
pub(crate) mod http_sink;
mod smtp_sink;

pub use certificate::SinkCertificate;
pub use http_sink::{HttpManner, HttpSink, SinkRequest};
pub use smtp_sink::{SinkMail, SmtpDoor, SmtpManner, SmtpSink};
