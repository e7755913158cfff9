//! A mail server that keeps what it is given.

use std::io::Result;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::SinkCertificate;

/// How the sink behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpManner {
    /// Takes everything.
    Accept,
    /// Answers a step, named by the beginning of its command (`RCPT`), with a line of its own; `.` is the end of the message.
    Answer(&'static str, &'static str),
    /// Takes the connection and never says a word.
    Silent,
    /// Hangs up instead of answering a step.
    HangUp(&'static str),
}

/// What stands before the conversation.
#[derive(Debug, Clone)]
pub enum SmtpDoor {
    /// Clear text; STARTTLS is not offered, as after somebody in between took it out.
    Plain,
    /// STARTTLS.
    StartTls(SinkCertificate),
    /// STARTTLS, with a line in clear text behind its answer, put there by somebody in between.
    StartTlsInjected(SinkCertificate, &'static str),
    /// TLS from the first byte.
    Tls(SinkCertificate),
}

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkMail {
    /// The sender of the envelope, with its parameters.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The message as it came, dots undone.
    pub data: String,
    /// Whether it came under TLS.
    pub under_tls: bool,
}

impl SinkMail {
    /// The value of a header of one line.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.data.split_once("\r\n\r\n")?;
        head.split("\r\n").find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

#[derive(Debug)]
struct State {
    door: SmtpDoor,
    manner: Mutex<SmtpManner>,
    extensions: Vec<String>,
    mails: Mutex<Vec<SinkMail>>,
    commands: Mutex<Vec<String>>,
}

/// A mail server on a port of the loopback, until it is dropped.
#[derive(Debug)]
pub struct SmtpSink {
    port: u16,
    state: Arc<State>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl SmtpSink {
    /// Starts one that offers these extensions, such as `AUTH PLAIN` and `SMTPUTF8`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(door: SmtpDoor, manner: SmtpManner, extensions: &[&str]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let extensions = extensions.iter().map(|name| (*name).to_owned()).collect();
        let state =
            State { door, manner: Mutex::new(manner), extensions, mails: Mutex::default(), commands: Mutex::default() };
        let state = Arc::new(state);
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                tokio::spawn(async move { state.serve(stream).await });
            }
        });
        Ok(Self { port, state, serving })
    }

    /// Its port at 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Behaves otherwise from now on.
    pub fn turn(&self, manner: SmtpManner) {
        *self.state.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// What came, in order. A message that was not answered with 250 is among them too.
    #[must_use]
    pub fn mails(&self) -> Vec<SinkMail> {
        self.state.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every command that came in clear text or under TLS, but for messages.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How a conversation went on.
enum Next {
    End,
    Tls,
}

impl State {
    fn manner(&self) -> SmtpManner {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        if self.manner() == SmtpManner::Silent {
            let mut stream = BufReader::new(stream);
            // Until the other side gives up.
            while !stream.fill_buf().await.ok()?.is_empty() {
                let length = stream.buffer().len();
                stream.consume(length);
            }
            return None;
        }
        match &self.door {
            SmtpDoor::Plain => {
                self.converse(&mut BufReader::new(stream), true, false).await?;
            }
            SmtpDoor::Tls(certificate) => {
                let stream = certificate.acceptor().accept(stream).await.ok()?;
                self.converse(&mut BufReader::new(stream), true, true).await?;
            }
            SmtpDoor::StartTls(certificate) | SmtpDoor::StartTlsInjected(certificate, _) => {
                let mut stream = BufReader::new(stream);
                if let Next::Tls = self.converse(&mut stream, true, false).await? {
                    let stream = certificate.acceptor().accept(stream.into_inner()).await.ok()?;
                    self.converse(&mut BufReader::new(stream), false, true).await?;
                }
            }
        }
        Some(())
    }

    async fn converse<S>(&self, stream: &mut BufReader<S>, greet: bool, under_tls: bool) -> Option<Next>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if greet {
            self.answer(stream, "greeting", "220 sink.example ready").await?;
        }
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = read_line(stream).await?;
            self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
            let upper = line.to_ascii_uppercase();
            let verb = upper.split(' ').next().unwrap_or("").to_owned();
            match verb.as_str() {
                "EHLO" => {
                    let mut answer = String::new();
                    for extension in &self.extensions {
                        answer.push_str(&format!("250-{extension}\r\n"));
                    }
                    if !under_tls && matches!(self.door, SmtpDoor::StartTls(_) | SmtpDoor::StartTlsInjected(..)) {
                        answer.push_str("250-STARTTLS\r\n");
                    }
                    self.answer(stream, "EHLO", &format!("250-sink.example\r\n{answer}250 SIZE 1000000")).await?;
                }
                "STARTTLS" => {
                    let answer = match &self.door {
                        SmtpDoor::StartTlsInjected(_, injected) => format!("220 go ahead\r\n{injected}"),
                        _ => "220 go ahead".to_owned(),
                    };
                    self.answer(stream, "STARTTLS", &answer).await?;
                    return Some(Next::Tls);
                }
                "AUTH" if upper.starts_with("AUTH LOGIN") => {
                    for prompt in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                        self.answer(stream, "PROMPT", prompt).await?;
                        let said = read_line(stream).await?;
                        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(said);
                    }
                    self.answer(stream, "AUTH", "235 welcome").await?;
                }
                "AUTH" => self.answer(stream, "AUTH", "235 welcome").await?,
                "MAIL" => {
                    from = line.split_once(':').map_or("", |(_, rest)| rest).to_owned();
                    self.answer(stream, "MAIL", "250 ok").await?;
                }
                "RCPT" => {
                    let address = line.split_once(':').map_or("", |(_, rest)| rest);
                    to.push(address.trim_matches(['<', '>']).to_owned());
                    self.answer(stream, "RCPT", "250 ok").await?;
                }
                "DATA" => {
                    self.answer(stream, "DATA", "354 go on").await?;
                    let mut data = String::new();
                    loop {
                        let line = read_line(stream).await?;
                        if line == "." {
                            break;
                        }
                        data.push_str(line.strip_prefix('.').unwrap_or(&line));
                        data.push_str("\r\n");
                    }
                    let mail = SinkMail { from: from.clone(), to: core::mem::take(&mut to), data, under_tls };
                    self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                    self.answer(stream, ".", "250 taken").await?;
                }
                "QUIT" => {
                    self.answer(stream, "QUIT", "221 bye").await?;
                    return Some(Next::End);
                }
                _ => self.answer(stream, "other", "502 what").await?,
            }
        }
    }

    /// Answers as the manner says, or as is usual.
    async fn answer<S: AsyncWrite + Unpin>(&self, stream: &mut S, step: &str, usual: &str) -> Option<()> {
        let line = match self.manner() {
            SmtpManner::Answer(at, line) if at == step => line,
            SmtpManner::HangUp(at) if at == step => return None,
            _ => usual,
        };
        stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()
    }
}

async fn read_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    let line = line.strip_suffix(b"\r\n")?;
    Some(String::from_utf8_lossy(line).into_owned())
}
