//! A proxy between a client and PostgreSQL that counts the client's messages and cuts the connection at one of them.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server does not get the message.
    Before,
    /// The server gets the message and carries it out, and the client never hears of it.
    After,
}

/// What the proxy does, shared by its connections.
#[derive(Debug, Default)]
struct Plan {
    /// Messages of the clients since it was armed, by their first letter.
    seen: Vec<u8>,
    cut: Option<(usize, Cut)>,
    /// Whether new connections are ended at once.
    full: bool,
}

/// A proxy on a loopback port. It ends with the runtime.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// Starts a proxy to this host and port.
    pub(crate) async fn start(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { address: listener.local_addr().unwrap(), plan: Arc::default() };
        let (plan, to) = (Arc::clone(&proxy.plan), to.to_owned());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if plan.lock().unwrap().full {
                    continue;
                }
                if let Ok(server) = TcpStream::connect(&to).await {
                    client.set_nodelay(true).unwrap();
                    server.set_nodelay(true).unwrap();
                    tokio::spawn(connection(client, server, Arc::clone(&plan)));
                }
            }
        });
        proxy
    }

    /// Host and port to connect to.
    pub(crate) fn host_and_port(&self) -> String {
        self.address.to_string()
    }

    /// Counts from here on, and cuts once, at message `at` counted from 0.
    pub(crate) fn arm(&self, cut: Option<(usize, Cut)>) {
        *self.plan.lock().unwrap() = Plan { cut, ..Plan::default() };
    }

    /// Ends new connections at once, until it is armed anew.
    pub(crate) fn take_no_more(&self) {
        self.plan.lock().unwrap().full = true;
    }

    /// The messages since it was armed.
    pub(crate) fn seen(&self) -> Vec<u8> {
        self.plan.lock().unwrap().seen.clone()
    }

    /// Whether the cut was made.
    pub(crate) fn has_cut(&self) -> bool {
        self.plan.lock().unwrap().cut.is_none()
    }
}

impl Plan {
    /// Counts a message, and says whether to cut at it; a cut is made once.
    fn count(&mut self, letter: u8) -> Option<Cut> {
        let at = self.seen.len();
        self.seen.push(letter);
        match self.cut {
            Some((place, cut)) if place == at => {
                self.cut = None;
                Some(cut)
            }
            _ => None,
        }
    }
}

/// Carries one connection until either side ends it or it is cut.
async fn connection(client: TcpStream, server: TcpStream, plan: Arc<Mutex<Plan>>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (muted, is_muted) = watch::channel(false);
    let (answered, answers) = watch::channel(0);
    let back = tokio::spawn(backward(from_server, to_client, is_muted, answered));
    let _ = forward(from_client, to_server, &plan, &muted, answers).await;
    back.abort();
}

/// From the client to the server, message by message.
async fn forward(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    plan: &Mutex<Plan>,
    muted: &watch::Sender<bool>,
    mut answers: watch::Receiver<usize>,
) -> std::io::Result<()> {
    // The first message has no letter.
    let first = body(&mut client, &[]).await?;
    server.write_all(&first).await?;
    // The server is ready once after the start, and once after each of these.
    let mut asked = 1;
    loop {
        let letter = client.read_u8().await?;
        let message = body(&mut client, &[letter]).await?;
        let cut = if letter == b'p' { None } else { plan.lock().unwrap().count(letter) };
        if matches!(letter, b'S' | b'Q') {
            asked += 1;
        }
        match cut {
            Some(Cut::Before) => return Ok(()),
            Some(Cut::After) => {
                muted.send_replace(true);
                server.write_all(&message).await?;
                if matches!(letter, b'S' | b'Q') {
                    // Now it is carried out.
                    let _ = answers.wait_for(|count| *count >= asked).await;
                }
                return Ok(());
            }
            None => server.write_all(&message).await?,
        }
    }
}

/// From the server to the client, counting how often the server is ready.
async fn backward(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    muted: watch::Receiver<bool>,
    answered: watch::Sender<usize>,
) -> std::io::Result<()> {
    loop {
        let letter = server.read_u8().await?;
        let message = body(&mut server, &[letter]).await?;
        if !*muted.borrow() {
            client.write_all(&message).await?;
        }
        if letter == b'Z' {
            answered.send_modify(|count| *count += 1);
        }
    }
}

/// The rest of a message, behind what was read of it.
async fn body(from: &mut OwnedReadHalf, read: &[u8]) -> std::io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut message = [read, &length.to_be_bytes()].concat();
    let start = message.len();
    message.resize(start + usize::try_from(length).unwrap() - 4, 0);
    from.read_exact(&mut message[start..]).await?;
    Ok(message)
}
