//! MLLP over real sockets of the loopback: frames cut in every way, clients that misbehave, time-outs, shutdown, TLS, resending.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mychartum_adapters::hl7v2::{Acknowledgement, Disposition, Message, Reply, Settings, Stamp};
use mychartum_adapters::mllp::{
    Answer, ClientCertificates, ClientSettings, ClientTls, Ended, Ending, FrameDecoder, FrameError, Identity,
    MllpClient, Received, Receiver, SendError, ServeSettings, Served, Server, ServerTls, TryError, encode, serve,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

const SHORT: Duration = Duration::from_millis(60);

fn message(id: &str, text: &str) -> Vec<u8> {
    format!("MSH|^~\\&|LAB|RIV|PORTAL||20260301||ORU^R01|{id}|P|2.5.1\rNTE|1||{text}\r").into_bytes()
}

fn framed(id: &str) -> Vec<u8> {
    encode(&message(id, "x")).unwrap()
}

fn control_id(message: &[u8]) -> String {
    Message::parse(message, &Settings::default()).unwrap().control_id().into_owned()
}

fn acknowledge(message: &[u8], disposition: Disposition) -> Answer {
    let message = Message::parse(message, &Settings::default()).unwrap();
    let stamp = Stamp { time: chrono::DateTime::UNIX_EPOCH, control_id: "1" };
    Answer::with(Acknowledgement::of(&message, disposition, stamp).into_frames())
}

/// Keeps what comes, and answers when it is let to.
#[derive(Debug)]
struct Clinic {
    came: mpsc::UnboundedSender<Received>,
    ended: mpsc::UnboundedSender<Ended>,
    /// One permit an answer.
    gate: Arc<Semaphore>,
}

#[async_trait]
impl Receiver for Clinic {
    async fn receive(&self, received: Received) -> Answer {
        let message = received.message.clone();
        let _ = self.came.send(received);
        assert_ne!(message, b"panic");
        self.gate.acquire().await.unwrap().forget();
        if message == b"hang up" {
            return Answer::default().then_hang_up();
        }
        if message == b"bad answer" {
            return Answer::with([b"A\x1c\rB".to_vec()]);
        }
        acknowledge(&message, Disposition::Accepted)
    }

    fn ended(&self, ended: Ended) {
        let _ = self.ended.send(ended);
    }
}

/// A listener that runs, and what its receiver sees.
struct Running {
    port: u16,
    came: mpsc::UnboundedReceiver<Received>,
    ended: mpsc::UnboundedReceiver<Ended>,
    gate: Arc<Semaphore>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Served>,
}

async fn start(settings: ServeSettings, answers: usize) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let ((came_in, came), (ended_in, ended)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let gate = Arc::new(Semaphore::new(answers));
    let clinic = Arc::new(Clinic { came: came_in, ended: ended_in, gate: gate.clone() });
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve(listener, settings, clinic, async { stopped.await.unwrap_or(()) }));
    Running { port, came, ended, gate, stop, serving }
}

impl Running {
    async fn connect(&self) -> Peer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream, decoder: FrameDecoder::new(1 << 20), waiting: Vec::new() }
    }

    async fn ending(&mut self) -> Ending {
        self.ended.recv().await.unwrap().ending
    }

    fn client(&self, tls: Option<ClientTls>) -> MllpClient {
        MllpClient::new(Server { host: "localhost".to_owned(), port: self.port, tls }, client_settings())
    }
}

fn client_settings() -> ClientSettings {
    ClientSettings { waits: vec![Duration::ZERO; 2], ..ClientSettings::default() }
}

/// The other side of a connection, byte by byte.
struct Peer {
    stream: TcpStream,
    decoder: FrameDecoder,
    waiting: Vec<u8>,
}

impl Peer {
    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next message; `None` when the other side is gone.
    async fn read(&mut self) -> Option<Vec<u8>> {
        loop {
            let mut rest = &self.waiting[..];
            let found = self.decoder.next(&mut rest).unwrap();
            self.waiting = rest.to_vec();
            if found.is_some() {
                return found;
            }
            let mut buffer = [0; 1024];
            let count = self.stream.read(&mut buffer).await.unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.waiting.extend_from_slice(&buffer[..count]);
        }
    }

    async fn acknowledged(&mut self) -> Option<String> {
        let answer = self.read().await?;
        let reply = Reply::read(&Message::parse(&answer, &Settings::default()).unwrap()).unwrap();
        assert!(reply.code.is_accept());
        Some(reply.control_id.into())
    }
}

#[tokio::test]
async fn frames_are_found_however_they_are_cut() {
    let mut running = start(ServeSettings::default(), 100).await;
    let mut peer = running.connect().await;
    let acknowledged = async |peer: &mut Peer, ids: &[&str]| {
        for id in ids {
            assert_eq!(peer.acknowledged().await.as_deref(), Some(*id));
        }
    };

    // Two messages in one write, with noise before and between.
    peer.write(&[b"\r\n".as_slice(), &framed("1"), b"\n", &framed("2")].concat()).await;
    acknowledged(&mut peer, &["1", "2"]).await;

    // The end of one with the start of the next, and the end itself cut in two.
    let (one, two) = (framed("3"), framed("4"));
    peer.write(&one[..one.len() - 1]).await;
    assert_eq!(running.came.recv().await.map(|came| control_id(&came.message)).as_deref(), Some("1"));
    peer.write(&[&one[one.len() - 1..], &two[..5]].concat()).await;
    acknowledged(&mut peer, &["3"]).await;
    peer.write(&two[5..]).await;
    acknowledged(&mut peer, &["4"]).await;

    // A long one in pieces of a thousand bytes, and one byte at a time.
    let long = encode(&message("5", &"lorem ipsum ".repeat(20_000))).unwrap();
    for piece in long.chunks(1000) {
        peer.write(piece).await;
    }
    for byte in framed("6") {
        peer.write(&[byte]).await;
    }
    acknowledged(&mut peer, &["5", "6"]).await;

    let mut came = Vec::new();
    for _ in 2..=6 {
        came.push(running.came.recv().await.unwrap());
    }
    let ids: Vec<_> = came.iter().map(|came| control_id(&came.message)).collect();
    assert_eq!(ids, ["2", "3", "4", "5", "6"]);
    assert_eq!(came[3].message.len(), long.len() - 3);
    assert!(!format!("{:?}", came[3]).contains("lorem"));
    drop(peer);
    let ended = running.ended.recv().await.unwrap();
    assert_eq!((ended.ending, ended.answered, ended.skipped), (Ending::Closed, 6, 3));
}

#[tokio::test]
async fn nothing_is_answered_before_the_receiver_returns() {
    let mut running = start(ServeSettings::default(), 0).await;
    let mut peer = running.connect().await;
    peer.write(&[framed("1"), framed("2")].concat()).await;
    assert_eq!(control_id(&running.came.recv().await.unwrap().message), "1");
    let nothing = peer.stream.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    // The second one waits for the answer to the first.
    assert!(running.came.try_recv().is_err());
    running.gate.add_permits(1);
    assert_eq!(peer.acknowledged().await.as_deref(), Some("1"));
    assert_eq!(control_id(&running.came.recv().await.unwrap().message), "2");
    running.gate.add_permits(1);
    assert_eq!(peer.acknowledged().await.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_bad_connection_harms_no_other() {
    let settings = ServeSettings { limit: 1000, ..ServeSettings::default() };
    let mut running = start(settings, 100).await;
    let mut good = running.connect().await;
    let too_large = [b"\x0b".as_slice(), &[b'x'; 2000]].concat();
    for (bytes, expected) in [
        (encode(b"panic").unwrap(), Ending::Panicked),
        (encode(b"hang up").unwrap(), Ending::HungUp),
        (encode(b"bad answer").unwrap(), Ending::Answer(FrameError::EndInside)),
        (too_large, Ending::Frame(FrameError::TooLarge { limit: 1000 })),
        (vec![b'x'; 2000], Ending::Frame(FrameError::NoStart { limit: 1000 })),
    ] {
        let mut bad = running.connect().await;
        // The other side may be gone before all is written.
        let _ = bad.stream.write_all(&bytes).await;
        assert_eq!(bad.read().await, None);
        assert_eq!(running.ending().await, expected);
        good.write(&framed("9")).await;
        assert_eq!(good.acknowledged().await.as_deref(), Some("9"));
    }
    let mut cut_off = running.connect().await;
    cut_off.write(b"\x0bMSH|").await;
    drop(cut_off);
    assert_eq!(running.ending().await, Ending::CutOff { bytes: 4 });
    good.write(&framed("10")).await;
    assert_eq!(good.acknowledged().await.as_deref(), Some("10"));
}

#[tokio::test]
async fn those_who_are_slow_are_let_go() {
    let mut running = start(ServeSettings { idle: SHORT, ..ServeSettings::default() }, 100).await;
    let mut silent = running.connect().await;
    assert_eq!(silent.read().await, None);
    assert_eq!(running.ending().await, Ending::Idle);
    // Noise is no sign of life.
    let mut noisy = running.connect().await;
    while noisy.stream.write_all(b"\r").await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.ending().await, Ending::Idle);

    let mut running = start(ServeSettings { frame: SHORT, ..ServeSettings::default() }, 100).await;
    let mut slow = running.connect().await;
    slow.write(&[&framed("1"), b"\x0bMSH".as_slice()].concat()).await;
    assert_eq!(slow.acknowledged().await.as_deref(), Some("1"));
    while slow.stream.write_all(b"x").await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(running.ending().await, Ending::SlowFrame);
}

#[tokio::test]
async fn one_connection_too_many_is_closed() {
    let mut running = start(ServeSettings { connections: 1, ..ServeSettings::default() }, 100).await;
    let mut first = running.connect().await;
    first.write(&framed("1")).await;
    assert_eq!(first.acknowledged().await.as_deref(), Some("1"));
    assert_eq!(running.connect().await.read().await, None);
    assert_eq!(running.ending().await, Ending::Full);
    drop(first);
    assert_eq!(running.ending().await, Ending::Closed);
    let mut next = running.connect().await;
    next.write(&framed("2")).await;
    assert_eq!(next.acknowledged().await.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_in_flight() {
    let mut running = start(ServeSettings::default(), 1).await;
    let (mut busy, mut idle) = (running.connect().await, running.connect().await);
    // Once it is answered, both were taken.
    idle.write(&framed("0")).await;
    assert_eq!(idle.acknowledged().await.as_deref(), Some("0"));
    running.came.recv().await.unwrap();
    busy.write(&[framed("1"), framed("2"), b"\x0bMSH|cut".to_vec()].concat()).await;
    running.came.recv().await.unwrap();
    running.stop.send(()).unwrap();
    assert_eq!(idle.read().await, None);
    assert_eq!(running.ended.recv().await.unwrap().ending, Ending::Shutdown);
    running.gate.add_permits(2);
    assert_eq!(busy.acknowledged().await.as_deref(), Some("1"));
    assert_eq!(busy.acknowledged().await.as_deref(), Some("2"));
    assert_eq!(busy.read().await, None);
    let served = running.serving.await.unwrap();
    assert_eq!((served.connections, served.broken_off), (2, 0));
    assert!(TcpStream::connect(("127.0.0.1", running.port)).await.is_err());
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_ever() {
    let mut running = start(ServeSettings { drain: SHORT, ..ServeSettings::default() }, 0).await;
    let mut peer = running.connect().await;
    peer.write(&framed("1")).await;
    running.came.recv().await.unwrap();
    running.stop.send(()).unwrap();
    assert_eq!(running.serving.await.unwrap().broken_off, 1);
    assert_eq!(peer.read().await, None);
    let ended = running.ended.recv().await.unwrap();
    assert_eq!((ended.ending, ended.answered), (Ending::Shutdown, 0));
}

/// An authority, and what it signs.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn identity(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::of_pem(&certificate.pem(), &key.serialize_pem()).unwrap()
    }
}

#[tokio::test]
async fn tls_with_certificates_on_both_sides() {
    let (house, stranger) = (Authority::new(), Authority::new());
    let client = |authority: &Authority, identity| ClientTls::new("localhost", &authority.pem, identity).unwrap();
    for required in [true, false] {
        let clients =
            if required { ClientCertificates::Required(&house.pem) } else { ClientCertificates::Optional(&house.pem) };
        let tls = ServerTls::new(house.identity("localhost"), clients).unwrap();
        let settings = ServeSettings { tls: Some(tls), answer: SHORT * 20, ..ServeSettings::default() };
        let mut running = start(settings, 100).await;

        let mut known = running.client(Some(client(&house, Some(house.identity("lab")))));
        assert_eq!(known.send(&message("1", "x")).await.unwrap().tries, 1);
        assert!(running.came.recv().await.unwrap().certificate.is_some());

        let mut unknown = running.client(Some(client(&house, Some(stranger.identity("lab")))));
        assert!(unknown.send(&message("2", "x")).await.is_err());
        assert_eq!(running.ending().await, Ending::Tls);

        let mut bare = running.client(Some(client(&house, None)));
        let sent = bare.send(&message("3", "x")).await;
        assert_eq!(sent.is_ok(), !required, "{sent:?}");
        if !required {
            assert_eq!(running.came.recv().await.unwrap().certificate, None);
        }

        // The server is not believed, or TLS is not spoken: nothing is received.
        let mut wary = running.client(Some(client(&stranger, None)));
        assert!(matches!(wary.send(&message("4", "x")).await, Err(SendError::NotAcknowledged { tries: 3, .. })));
        let mut plain = running.client(None);
        assert!(plain.send(&message("5", "x")).await.is_err());
        assert!(running.came.try_recv().is_err());
    }
    let tls = ServerTls::new(house.identity("localhost"), ClientCertificates::None).unwrap();
    let running = start(ServeSettings { tls: Some(tls), ..ServeSettings::default() }, 100).await;
    assert!(running.client(Some(client(&house, None))).send(&message("6", "x")).await.is_ok());
}

/// A receiver that answers as it is told, one script line a message; each line is frames to send, or to hang up.
async fn scripted(script: Vec<Option<Vec<Vec<u8>>>>) -> (u16, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (mut came, mut script) = (Vec::new(), script.into_iter());
        'connections: loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut peer = Peer { stream, decoder: FrameDecoder::new(1 << 20), waiting: Vec::new() };
            while let Some(message) = peer.read().await {
                came.push(message);
                match script.next() {
                    Some(Some(frames)) => {
                        for frame in frames {
                            peer.write(&encode(&frame).unwrap()).await;
                        }
                    }
                    Some(None) => continue 'connections,
                    None => return came,
                }
                if script.len() == 0 {
                    return came;
                }
            }
        }
    });
    (port, playing)
}

fn answer(id: &str, code: &str) -> Vec<u8> {
    format!("MSH|^~\\&|A|||||||1|P|2.5\rMSA|{code}|{id}\r").into_bytes()
}

fn client_to(port: u16, settings: ClientSettings) -> MllpClient {
    MllpClient::new(Server { host: "127.0.0.1".to_owned(), port, tls: None }, settings)
}

#[tokio::test]
async fn a_message_is_sent_again_as_it_is() {
    let script = vec![
        Some(vec![answer("7", "AE")]),
        None,
        Some(vec![answer("6", "AA"), b"no message".to_vec(), answer("", "AA"), answer("7", "CA")]),
    ];
    let (port, playing) = scripted(script).await;
    let mut client = client_to(port, client_settings());
    let sent = message("7", "x");
    let delivered = client.send(&sent).await.unwrap();
    // The first connection was kept and hung up on, which costs a try and no wait.
    assert_eq!((delivered.tries, delivered.strays, delivered.reply.code.as_str()), (3, 3, "CA"));
    assert_eq!(playing.await.unwrap(), [sent.clone(), sent.clone(), sent]);
}

#[tokio::test]
async fn a_wrong_acknowledgement_is_none() {
    let (port, playing) =
        scripted(vec![Some(vec![answer("8", "AA")]), Some(vec![]), Some(vec![answer("7", "AA")])]).await;
    let settings = ClientSettings { acknowledgement: SHORT, ..client_settings() };
    let delivered = client_to(port, settings).send(&message("7", "x")).await.unwrap();
    assert_eq!((delivered.tries, delivered.strays), (3, 1));
    assert_eq!(playing.await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_refused_is_not_sent_again() {
    let (port, playing) = scripted(vec![Some(vec![answer("7", "AR")])]).await;
    let refused = client_to(port, client_settings()).send(&message("7", "x")).await.unwrap_err();
    assert_eq!(refused.to_string(), "sending: refused with AR");
    assert_eq!(playing.await.unwrap().len(), 1);
}

#[tokio::test]
async fn tries_have_an_end() {
    let (port, playing) = scripted(vec![Some(vec![answer("7", "CE")]), Some(vec![]), None, None, None]).await;
    let settings = ClientSettings { acknowledgement: SHORT, waits: vec![Duration::ZERO], ..ClientSettings::default() };
    let mut client = client_to(port, settings);
    let failed = client.send(&message("7", "x")).await.unwrap_err();
    assert!(matches!(failed, SendError::NotAcknowledged { tries: 2, last: TryError::Timeout }), "{failed:?}");
    playing.abort();

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let failed = client_to(nobody, client_settings()).send(&message("7", "x")).await.unwrap_err();
    let refused = TryError::Connection(std::io::ErrorKind::ConnectionRefused);
    assert!(matches!(failed, SendError::NotAcknowledged { tries: 3, last } if last == refused), "{failed:?}");
}

#[tokio::test]
async fn what_nobody_could_acknowledge_is_not_sent() {
    let mut client = client_to(1, ClientSettings::default());
    assert!(matches!(client.send(b"no message").await, Err(SendError::Message(_))));
    assert!(matches!(client.send(b"MSH|^~\\&|A\r").await, Err(SendError::NoControlId)));
    let inside = message("7", "\u{1c}\rNTE|2");
    assert!(matches!(client.send(&inside).await, Err(SendError::Frame(FrameError::EndInside))));
}

#[tokio::test]
async fn both_sides_together() {
    let running = start(ServeSettings::default(), 1000).await;
    let clients = (0..8).map(|number| {
        let mut client = running.client(None);
        tokio::spawn(async move {
            for round in 0..25 {
                let id = format!("{number}-{round}");
                let delivered = client.send(&message(&id, "x")).await.unwrap();
                assert_eq!((&*delivered.reply.control_id, delivered.tries, delivered.strays), (&*id, 1, 0));
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    running.stop.send(()).unwrap();
    let served = running.serving.await.unwrap();
    assert_eq!((served.connections, served.broken_off), (8, 0));
    assert_eq!(running.came.len(), 200);
}
