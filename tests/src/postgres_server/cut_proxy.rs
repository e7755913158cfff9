//! A proxy that cuts connections where it is told to.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::framing::Framing;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// Where a connection is cut: after so many whole messages one way, and so many bytes of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which way is counted.
    pub way: Way,
    /// How many messages pass.
    pub messages: usize,
    /// How many bytes pass after them.
    pub bytes: usize,
}

/// What becomes of new connections after a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// They are let through.
    Open,
    /// They are refused until [`CutProxy::heal`].
    Down,
}

/// Passes on to a PostgreSQL server what clients send, without TLS, and back, until it is told to cut.
///
/// It listens on a free loopback port, and ends when it is dropped.
#[derive(Debug)]
pub struct CutProxy {
    shared: Arc<Shared>,
    address: SocketAddr,
}

#[derive(Debug)]
struct Shared {
    server: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<(Cut, Afterwards)>,
    /// How many messages have passed each way since they were last asked for.
    to_server: usize,
    to_client: usize,
    is_down: bool,
    is_over: bool,
    /// Both ends of each connection.
    open: Vec<(TcpStream, TcpStream)>,
}

impl CutProxy {
    /// Listens, and passes on to a server's host and port.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { server: server.to_owned(), state: Mutex::default(), changed: Condvar::new() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Ok(Self { shared, address })
    }

    /// Host and port for clients.
    #[must_use]
    pub fn host_and_port(&self) -> String {
        self.address.to_string()
    }

    /// Cuts all connections at a place that is counted from now on; at once, if it is the very next.
    pub fn cut(&self, cut: Cut, afterwards: Afterwards) {
        let mut state = self.shared.state();
        state.plan = Some((cut, afterwards));
        if cut.messages == 0 && cut.bytes == 0 {
            self.shared.carry_out(&mut state);
        }
    }

    /// Whether the cut that was asked for last has been made. If not, it is not made any more.
    #[must_use]
    pub fn was_cut(&self) -> bool {
        self.shared.state().plan.take().is_none()
    }

    /// Waits until the cut that was asked for last has been made.
    pub fn wait_until_cut(&self) {
        let state = self.shared.state();
        let waited = self.shared.changed.wait_while(state, |state| state.plan.is_some());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets new connections through again.
    pub fn heal(&self) {
        self.shared.state().is_down = false;
    }

    /// How many messages have passed to the server and to the client since the last call.
    #[must_use]
    pub fn messages(&self) -> (usize, usize) {
        let mut state = self.shared.state();
        (core::mem::take(&mut state.to_server), core::mem::take(&mut state.to_client))
    }
}

impl Drop for CutProxy {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_over = true;
        state.close();
        drop(state);
        // Wakes whoever waits for the next connection.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn close(&mut self) {
        for end in self.open.drain(..).flat_map(|(client, server)| [client, server]) {
            // One that is closed already cannot be closed, and need not.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming().flatten() {
            if self.state().is_over {
                return;
            }
            // A client whose connection does not come about notices.
            let _ = self.connect(client);
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        if self.state().is_down {
            return Ok(());
        }
        let server = TcpStream::connect(&self.server)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let [to_server, to_client] =
            [(client.try_clone()?, server.try_clone()?), (server.try_clone()?, client.try_clone()?)];
        self.state().open.push((client, server));
        let ways = [(Way::ToServer, Framing::of_client(), to_server), (Way::ToClient, Framing::of_server(), to_client)];
        for (way, framing, (from, to)) in ways {
            let shared = Arc::clone(self);
            thread::spawn(move || {
                // However it ends, both ends are closed afterwards.
                let _ = shared.pass(way, framing, &from, &to);
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
            });
        }
        Ok(())
    }

    fn pass(&self, way: Way, mut framing: Framing, mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let read = from.read(&mut buffer)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(());
            }
            let mut state = self.state();
            let (passing, is_cut) = state.count(way, &mut framing, bytes);
            let passing = bytes.get(..passing).unwrap_or_default();
            if is_cut {
                // Nobody else passes anything until the cut is made.
                let written = to.write_all(passing);
                self.carry_out(&mut state);
                return written;
            }
            drop(state);
            to.write_all(passing)?;
        }
    }

    fn carry_out(&self, state: &mut State) {
        if let Some((_, afterwards)) = state.plan.take() {
            state.is_down = afterwards == Afterwards::Down;
            state.close();
            self.changed.notify_all();
        }
    }
}

impl State {
    /// How many of the bytes may pass, and whether the cut comes right after them.
    fn count(&mut self, way: Way, framing: &mut Framing, bytes: &[u8]) -> (usize, bool) {
        for (place, byte) in bytes.iter().enumerate() {
            let is_last = framing.take(*byte);
            match way {
                Way::ToServer => self.to_server += usize::from(is_last),
                Way::ToClient => self.to_client += usize::from(is_last),
            }
            let Some((cut, _)) = self.plan.as_mut().filter(|(cut, _)| cut.way == way) else { continue };
            if cut.messages > 0 {
                cut.messages -= usize::from(is_last);
            } else {
                cut.bytes -= 1;
            }
            if cut.messages == 0 && cut.bytes == 0 {
                return (place + 1, true);
            }
        }
        (bytes.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each byte with the next number.
    fn server() -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                thread::spawn(move || {
                    let mut byte = [0];
                    while client.read_exact(&mut byte).is_ok() && client.write_all(&[byte[0].wrapping_add(1)]).is_ok() {
                    }
                });
            }
        });
        address
    }

    fn ask(client: &mut TcpStream, bytes: &[u8]) -> io::Result<Vec<u8>> {
        client.write_all(bytes)?;
        let mut answer = vec![0; bytes.len()];
        client.read_exact(&mut answer).map(|()| answer)
    }

    #[test]
    fn bytes_pass_until_the_cut_and_not_after() {
        let proxy = CutProxy::start(&server()).unwrap();
        let connect = || TcpStream::connect(proxy.address).unwrap();
        let mut client = connect();
        assert_eq!(ask(&mut client, &[1, 2, 3]).unwrap(), [2, 3, 4]);
        proxy.cut(Cut { way: Way::ToClient, messages: 0, bytes: 2 }, Afterwards::Down);
        client.write_all(&[1, 2, 3]).unwrap();
        proxy.wait_until_cut();
        let mut answer = Vec::new();
        // Whether the end comes as an end or as an error is the system's choice; the bytes before it are there.
        let _ = client.read_to_end(&mut answer);
        assert_eq!(answer, [2, 3]);
        assert!(proxy.was_cut());
        assert!(ask(&mut connect(), &[1]).is_err());
        proxy.heal();
        assert_eq!(ask(&mut connect(), &[1]).unwrap(), [2]);
    }

    #[test]
    fn a_cut_that_comes_next_comes_at_once_and_one_not_reached_is_forgotten() {
        let proxy = CutProxy::start(&server()).unwrap();
        let mut client = TcpStream::connect(proxy.address).unwrap();
        assert_eq!(ask(&mut client, &[7]).unwrap(), [8]);
        proxy.cut(Cut { way: Way::ToServer, messages: 0, bytes: 0 }, Afterwards::Open);
        assert!(proxy.was_cut());
        assert!(ask(&mut client, &[7]).is_err());
        let mut client = TcpStream::connect(proxy.address).unwrap();
        proxy.cut(Cut { way: Way::ToServer, messages: 0, bytes: 5 }, Afterwards::Open);
        assert_eq!(ask(&mut client, &[7]).unwrap(), [8]);
        assert!(!proxy.was_cut());
        assert_eq!(ask(&mut client, &[7; 9]).unwrap(), [8; 9]);
    }

    #[test]
    fn messages_are_counted_each_way() {
        let proxy = CutProxy::start(&server()).unwrap();
        let mut client = TcpStream::connect(proxy.address).unwrap();
        // The server's answer to this reads as a type and a length of 5.
        let message = [0, 0, 0, 4, b'a', 0xff, 0xff, 0xff, 4, b'b'];
        assert!(ask(&mut client, &message).is_ok());
        assert_eq!(proxy.messages().0, 1);
        assert_eq!(proxy.messages(), (0, 0));
    }
}
