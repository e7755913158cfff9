//! Writers in processes of their own, which can be killed.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageError;

use super::{Event, Lines, Witness as _, Workload, Writers};

/// Tells a process what to write; only a process that has it is one of the harness.
const WORKLOAD: &str = "MYCHARTUM_SURVIVAL_WORKLOAD";
/// Tells a process its first author.
const AUTHOR: &str = "MYCHARTUM_SURVIVAL_AUTHOR";

/// How far apart the first authors of two processes are.
const AUTHORS: u64 = 1_000;

/// What a process of the harness does: opens the storage and writes to it until it is killed.
///
/// Call it in a test of the same test program, and name that test in the [`Command`] that the harness starts. In any other
/// process it does nothing at all.
///
/// # Errors
/// Why the storage did not open, or the first writer's reason to end; a process that is killed gives none.
pub async fn write_until_killed<F>(open: impl FnOnce() -> F) -> Result<(), StorageError>
where
    F: Future<Output = Result<Arc<dyn Storage>, StorageError>>,
{
    let author = std::env::var(AUTHOR).ok().and_then(|text| text.parse().ok());
    let (Some(workload), Some(author)) = (workload_of_this_process(), author) else { return Ok(()) };
    let witness = Arc::new(Lines::new(io::stdout()));
    // The test program's own words end here, in the middle of a line.
    println_to(&mut io::stdout());
    let _ = witness.tell(Event::Opening);
    let storage = open().await?;
    let ends = Writers::new(workload, author).run(storage, witness).await;
    ends.into_iter().flatten().next().map_or(Ok(()), Err)
}

/// What a process of the harness writes; `None` in any other.
#[must_use]
pub fn workload_of_this_process() -> Option<Workload> {
    Workload::read(&std::env::var(WORKLOAD).ok()?)
}

fn println_to(out: &mut impl io::Write) {
    let _ = out.write_all(b"\n");
}

/// The writers' processes of one round.
#[derive(Debug)]
pub struct Processes {
    children: Vec<Child>,
    readers: Vec<JoinHandle<()>>,
    events: Receiver<Event>,
    /// What was taken from them and nobody has looked at yet.
    heard: Vec<Event>,
}

impl Processes {
    /// Starts each command as a process that writes; `first` is one that no earlier process had.
    ///
    /// # Errors
    /// When one of them cannot be started.
    pub(super) fn start(commands: Vec<Command>, workload: Workload, first: u64) -> io::Result<Self> {
        let (said, events) = mpsc::channel();
        let (mut children, mut readers) = (Vec::new(), Vec::new());
        for (mut command, number) in commands.into_iter().zip(first..) {
            command.env(WORKLOAD, workload.to_text()).env(AUTHOR, (number * AUTHORS).to_string());
            let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
            let pipe = child.stdout.take();
            children.push(child);
            let said = said.clone();
            readers.push(thread::spawn(move || {
                let lines = pipe.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).map_while(Result::ok);
                let events = lines.filter_map(|line| Event::read(&line));
                // What is said after the kill, but was said before it, still counts: so the pipe is read to its end.
                events.for_each(|event| said.send(event).unwrap_or_default());
            }));
        }
        Ok(Self { children, readers, events, heard: Vec::new() })
    }

    /// The next event; `None` when all processes have ended.
    pub(super) fn next(&self) -> Option<Event> {
        self.events.recv().ok()
    }

    /// Waits until the processes have said so much more, or have ended, and gives how much it was.
    pub fn hear(&mut self, events: usize) -> usize {
        let before = self.heard.len();
        self.heard.extend(self.events.iter().take(events));
        self.heard.len() - before
    }

    /// Kills all processes with signal 9.
    pub fn kill(&mut self) {
        // One that has ended by itself cannot be killed, and need not.
        self.children.iter_mut().for_each(|child| drop(child.kill()));
    }

    /// Kills the first process and leaves the others at work.
    pub fn kill_first(&mut self) {
        self.children.iter_mut().take(1).for_each(|child| drop(child.kill()));
    }

    /// Kills what is left, waits for all, and gives what they still said.
    pub(super) fn end(mut self) -> io::Result<Vec<Event>> {
        self.kill();
        for child in &mut self.children {
            child.wait()?;
        }
        // The readers end with the pipes.
        self.readers.drain(..).for_each(|reader| drop(reader.join()));
        let mut heard = core::mem::take(&mut self.heard);
        heard.extend(self.events.try_iter());
        Ok(heard)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.kill();
        self.children.iter_mut().for_each(|child| drop(child.wait()));
    }
}
