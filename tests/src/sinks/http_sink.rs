//! A web server that keeps what it is sent: a text gateway, or a receiver of webhooks.

use std::io::Result;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::SinkCertificate;

/// How the sink behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpManner {
    /// Answers with a status and a body.
    Answer(u16, String),
    /// Sends the client elsewhere with 307.
    Redirect(String),
    /// Answers 200 and goes on without end.
    Endless,
    /// Reads the request and never answers.
    Silent,
    /// Reads the request and hangs up.
    HangUp,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkRequest {
    /// `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body, in the form in which it came.
    pub body: String,
}

impl SinkRequest {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
struct State {
    manner: Mutex<HttpManner>,
    requests: Mutex<Vec<SinkRequest>>,
}

/// A web server on a port of the loopback, until it is dropped.
#[derive(Debug)]
pub struct HttpSink {
    port: u16,
    state: Arc<State>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for HttpSink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl HttpSink {
    /// Starts one; under TLS where it has a certificate.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(manner: HttpManner, certificate: Option<SinkCertificate>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State { manner: Mutex::new(manner), requests: Mutex::default() });
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, certificate) = (shared.clone(), certificate.clone());
                tokio::spawn(async move {
                    match certificate {
                        Some(certificate) => state.serve(certificate.acceptor().accept(stream).await.ok()?).await,
                        None => state.serve(stream).await,
                    }
                });
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
    pub fn turn(&self, manner: HttpManner) {
        *self.state.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// What came, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<SinkRequest> {
        self.state.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl State {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let request = read(&mut stream).await?;
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let manner = self.manner.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let end = "Connection: close\r\n";
        let answer = match manner {
            HttpManner::HangUp => return None,
            HttpManner::Silent => {
                // Until the other side gives up.
                stream.read_u8().await.ok();
                return None;
            }
            HttpManner::Answer(status, body) => {
                format!("HTTP/1.1 {status} x\r\n{end}Content-Length: {}\r\n\r\n{body}", body.len())
            }
            HttpManner::Redirect(to) => {
                format!("HTTP/1.1 307 x\r\n{end}Location: {to}\r\nContent-Length: 0\r\n\r\n")
            }
            HttpManner::Endless => format!("HTTP/1.1 200 x\r\n{end}\r\n"),
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if *self.manner.lock().unwrap_or_else(PoisonError::into_inner) == HttpManner::Endless {
            loop {
                stream.write_all(&[b' '; 4096]).await.ok()?;
            }
        }
        stream.shutdown().await.ok()
    }
}

pub(crate) async fn read<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<SinkRequest> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header =
        |line: &String| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: Vec<_> = lines.iter().skip(1).filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.filter(|length| *length < 1 << 20).unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(SinkRequest { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
