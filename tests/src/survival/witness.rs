//! Who hears what writers say.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::Event;

/// Hears of each event before the writer goes on. It must outlive whatever is killed.
pub trait Witness: Send + Sync {
    /// Keeps the event.
    ///
    /// # Errors
    /// When it cannot; the writer then stops.
    fn tell(&self, event: Event) -> io::Result<()>;
}

/// Writes each event as a line, to a pipe that another process reads.
#[derive(Debug)]
pub struct Lines<W>(Mutex<W>);

impl<W: Write + Send> Lines<W> {
    /// Writes to this.
    pub const fn new(to: W) -> Self {
        Self(Mutex::new(to))
    }
}

impl<W: Write + Send> Witness for Lines<W> {
    fn tell(&self, event: Event) -> io::Result<()> {
        // One write for the whole line: a process killed here has said it or not.
        let line = format!("{event}\n");
        let mut to = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(line.as_bytes())?;
        to.flush()
    }
}

/// Sends each event to whoever holds the other end.
impl Witness for std::sync::mpsc::Sender<Event> {
    fn tell(&self, event: Event) -> io::Result<()> {
        self.send(event).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
