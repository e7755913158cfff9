//! A port on the loopback that takes messages into charts, and the sender's end of a connection to it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mychartum_adapters::hl7v2::{Message, Reply, Settings};
use mychartum_adapters::mllp::{
    Answer, ChartFeed, Ended, Ending, FrameDecoder, Received, Receiver, ServeSettings, Taken, encode, serve,
};
use mychartum_core::sync::IntakeReport;
use mychartum_testkit::ManualClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clinic::{Clinic, laboratory, now};

/// A listener that runs.
pub(crate) struct Port {
    pub(crate) number: u16,
    reports: Arc<Mutex<Vec<IntakeReport>>>,
    ended: mpsc::UnboundedReceiver<Ended>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// The feed, with what it hears of connections passed on.
#[derive(Debug)]
struct Heard {
    feed: ChartFeed,
    ended: mpsc::UnboundedSender<Ended>,
}

#[async_trait]
impl Receiver for Heard {
    async fn receive(&self, received: Received) -> Answer {
        self.feed.receive(received).await
    }

    fn ended(&self, ended: Ended) {
        let _ = self.ended.send(ended);
    }
}

impl Port {
    pub(crate) async fn open(clinic: &Clinic) -> Self {
        Self::with(clinic, ServeSettings::default()).await
    }

    pub(crate) async fn with(clinic: &Clinic, settings: ServeSettings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let number = listener.local_addr().unwrap().port();
        let reports: Arc<Mutex<Vec<IntakeReport>>> = Arc::default();
        let kept = Arc::clone(&reports);
        let told = move |taken| {
            if let Taken::Durable(report) = taken {
                kept.lock().unwrap().push(report);
            }
        };
        let clock = Arc::new(ManualClock::at(now()));
        let feed = ChartFeed::new(Arc::clone(&clinic.portal), laboratory(), clinic.settings.clone(), clock, told);
        let (ended_in, ended) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let receiver = Arc::new(Heard { feed, ended: ended_in });
        let serving = tokio::spawn(async move {
            serve(listener, settings, receiver, async { drop(stopped.await) }).await;
        });
        Self { number, reports, ended, stop, serving }
    }

    pub(crate) async fn connect(&self) -> Line {
        let stream = TcpStream::connect(("127.0.0.1", self.number)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Line { stream, decoder: FrameDecoder::new(1 << 20), waiting: Vec::new() }
    }

    /// How the next connection that ends ended.
    pub(crate) async fn ending(&mut self) -> Ending {
        self.ended.recv().await.unwrap().ending
    }

    /// What became of the messages so far.
    pub(crate) fn reports(&self) -> Vec<IntakeReport> {
        self.reports.lock().unwrap().clone()
    }

    pub(crate) async fn close(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}

/// The sender's end, byte by byte.
pub(crate) struct Line {
    stream: TcpStream,
    decoder: FrameDecoder,
    waiting: Vec<u8>,
}

impl Line {
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Writes as far as the other side takes it.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
    }

    /// The next answer; `None` when the other side is gone.
    pub(crate) async fn answer(&mut self) -> Option<Vec<u8>> {
        loop {
            let mut rest = &self.waiting[..];
            let found = self.decoder.next(&mut rest).unwrap();
            self.waiting = rest.to_vec();
            if found.is_some() {
                return found;
            }
            let mut buffer = [0; 1024];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.waiting.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Sends a message and reads what is said of it: the code and the control id.
    pub(crate) async fn send(&mut self, message: impl AsRef<[u8]>) -> (String, String) {
        self.write(&encode(message.as_ref()).unwrap()).await;
        self.reply().await
    }

    pub(crate) async fn reply(&mut self) -> (String, String) {
        let answer = self.answer().await.expect("an answer");
        let reply = read(&answer);
        (reply.code.as_str().to_owned(), reply.control_id.into())
    }
}

/// What an answer says.
pub(crate) fn read(answer: &[u8]) -> Reply {
    Reply::read(&Message::parse(answer, &Settings::default()).unwrap()).unwrap()
}
