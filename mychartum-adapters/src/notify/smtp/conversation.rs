//! What is said to a mail server, step by step (RFC 5321).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mychartum_core::port::notifier::NotifyError;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncWriteExt as _, BufReader};

use super::connection::Stream;
use super::message::WireAddress;
use super::reply::Reply;
use super::settings::SignIn;
use super::verdict::Step;

/// A conversation under way.
pub(super) struct Conversation<S> {
    stream: BufReader<S>,
    hello: Reply,
}

impl<S: Stream> Conversation<S> {
    pub(super) fn over(stream: S) -> Self {
        Self { stream: BufReader::new(stream), hello: Reply::default() }
    }

    /// Waits for the server's first word.
    pub(super) async fn greeting(&mut self) -> Result<(), NotifyError> {
        let reply = Reply::read(&mut self.stream).await.map_err(|_| Step::Greeting.passing())?;
        if reply.code == 220 { Ok(()) } else { Err(Step::Greeting.verdict(&reply)) }
    }

    /// Says who is there, and learns what the server can do.
    pub(super) async fn hello(&mut self, name: &str) -> Result<(), NotifyError> {
        self.hello = self.ask(Step::Hello, &format!("EHLO {name}")).await?;
        Ok(())
    }

    /// Asks for TLS; gives the stream back to put TLS around. A server that does not offer it is refused.
    pub(super) async fn start_tls(mut self) -> Result<BufReader<S>, NotifyError> {
        if self.hello.keyword("STARTTLS").is_none() {
            return Err(Step::Tls.refused());
        }
        let reply = self.ask(Step::Tls, "STARTTLS").await?;
        if reply.code == 220 { Ok(self.stream) } else { Err(Step::Tls.passing()) }
    }

    /// Signs in with AUTH PLAIN (RFC 4616), or LOGIN where that is all there is.
    pub(super) async fn sign_in(&mut self, sign_in: &SignIn) -> Result<(), NotifyError> {
        let offered = self.hello.keyword("AUTH").ok_or(Step::SignIn.refused())?;
        let offers = |name: &str| offered.split(' ').any(|offer| offer == name);
        let password = sign_in.password.expose_secret();
        let reply = if offers("PLAIN") {
            let proof = STANDARD.encode(format!("\0{}\0{password}", sign_in.user));
            self.ask(Step::SignIn, &format!("AUTH PLAIN {proof}")).await?
        } else if offers("LOGIN") {
            self.ask(Step::SignIn, "AUTH LOGIN").await?;
            self.ask(Step::SignIn, &STANDARD.encode(&sign_in.user)).await?;
            self.ask(Step::SignIn, &STANDARD.encode(password)).await?
        } else {
            return Err(Step::SignIn.refused());
        };
        if reply.code == 235 { Ok(()) } else { Err(Step::SignIn.refused()) }
    }

    /// Hands one message over. `Ok` means that the server took it whole.
    pub(super) async fn hand_over(
        &mut self,
        from: &WireAddress,
        to: &WireAddress,
        message: &[u8],
    ) -> Result<(), NotifyError> {
        let mut sender = format!("MAIL FROM:<{}>", from.as_str());
        if !from.as_str().is_ascii() || !to.as_str().is_ascii() {
            if self.hello.keyword("SMTPUTF8").is_none() {
                // For this portal, with its one mail server, such an address never works.
                let at = Step::Recipient;
                return Err(if from.as_str().is_ascii() { at.bad_address() } else { Step::Sender.refused() });
            }
            sender.push_str(" SMTPUTF8");
        }
        if !message.is_ascii() {
            if self.hello.keyword("8BITMIME").is_none() {
                return Err(Step::Sender.refused());
            }
            sender.push_str(" BODY=8BITMIME");
        }
        self.ask(Step::Sender, &sender).await?;
        self.ask(Step::Recipient, &format!("RCPT TO:<{}>", to.as_str())).await?;
        let ready = self.ask(Step::Data, "DATA").await?;
        if ready.code != 354 {
            return Err(Step::Data.passing());
        }
        self.write(Step::Data, &stuffed(message)).await?;
        let taken = self.answer(Step::Data).await?;
        if taken.code / 100 != 2 {
            return Err(Step::Data.passing());
        }
        // The message is theirs now; a server that hangs up without a farewell took it all the same.
        let _ = self.write(Step::Data, b"QUIT\r\n").await;
        Ok(())
    }

    async fn ask(&mut self, step: Step, line: &str) -> Result<Reply, NotifyError> {
        // INVARIANT (one line): addresses, names and proofs hold no end of line by type; this is the second lock.
        if line.contains(['\r', '\n']) {
            return Err(step.refused());
        }
        self.write(step, format!("{line}\r\n").as_bytes()).await?;
        self.answer(step).await
    }

    async fn answer(&mut self, step: Step) -> Result<Reply, NotifyError> {
        let reply = Reply::read(&mut self.stream).await.map_err(|_| step.passing())?;
        if reply.is_positive() { Ok(reply) } else { Err(step.verdict(&reply)) }
    }

    async fn write(&mut self, step: Step, bytes: &[u8]) -> Result<(), NotifyError> {
        self.stream.write_all(bytes).await.map_err(|_| step.passing())?;
        self.stream.flush().await.map_err(|_| step.passing())
    }
}

/// A message with its end: a dot at the beginning of a line is doubled (RFC 5321, section 4.5.2), every line ends with CR LF.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 16);
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    for line in message.split(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        // A lone CR could be taken for an end of line by some server; none is meant to be there.
        out.extend(line.iter().filter(|byte| **byte != b'\r'));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_ends_it() {
        assert_eq!(stuffed(b"a\r\n.\r\nb\n..c\r\n"), b"a\r\n..\r\nb\r\n...c\r\n.\r\n");
        assert_eq!(stuffed(b"a\r.\rb"), b"a.b\r\n.\r\n");
        assert_eq!(stuffed(b""), b"\r\n.\r\n");
    }
}
