//! A watched folder: its log, and the faults that are planned for it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi::SQLITE_OK;

use crate::event::{Event, FileId, Mark};
use crate::fault::{Call, Plan};
use crate::recording::Recording;
use crate::vfs;

/// All watched folders of this process.
static FOLDERS: Mutex<BTreeMap<PathBuf, Arc<Watched>>> = Mutex::new(BTreeMap::new());

/// A folder in which the shim notes what SQLite does.
///
/// The lock on the log is held while a call is passed on, so the log's order is the order in which things happened.
/// Syncs are noted and not passed on: what the disk below does with the files of a test is of no interest.
#[derive(Debug)]
pub struct Watched {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    names: BTreeMap<String, FileId>,
    files: u32,
    plan: Option<Plan>,
    concerned: u64,
    struck: Vec<Call>,
}

impl Watched {
    /// Watches a folder from now on. What is in it counts as safely on the disk.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn begin(folder: &Path) -> io::Result<Arc<Self>> {
        vfs::install();
        let folder = folder.canonicalize()?;
        let watched = Arc::new(Self { folder: folder.clone(), state: Mutex::default() });
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // The shared index of a log is no file but memory with a name.
            if !name.ends_with("-shm") {
                watched.state().find(name, fs::read(entry.path())?);
            }
        }
        folders().insert(folder, Arc::clone(&watched));
        Ok(watched)
    }

    /// Watches a folder in which another process died: what it wrote is there, and what it did not sync is still only
    /// in the memory of the system.
    ///
    /// The folder holds what [`Medium::written`](crate::Medium::written) laid out for the recording up to `place`.
    ///
    /// # Errors
    /// Where the folder is not there.
    pub fn resume(folder: &Path, recording: &Recording, place: usize) -> io::Result<Arc<Self>> {
        vfs::install();
        let folder = folder.canonicalize()?;
        let events: Vec<Event> = recording.events().iter().take(place).cloned().collect();
        let mut state = State::default();
        for event in &events {
            match event {
                Event::Found { name, file, .. } | Event::Appear { name, file } => {
                    state.names.insert(name.clone(), *file);
                    state.files = state.files.max(file.0);
                }
                Event::Vanish { name } => drop(state.names.remove(name)),
                _ => {}
            }
        }
        state.events = events;
        let watched = Arc::new(Self { folder: folder.clone(), state: Mutex::new(state) });
        folders().insert(folder, Arc::clone(&watched));
        Ok(watched)
    }

    /// The watched folder in which a file lies.
    pub(crate) fn of(path: &Path) -> Option<Arc<Self>> {
        folders().get(path.parent()?).cloned()
    }

    /// Lets files be opened unwatched from now on, and hands out what was noted.
    pub fn end(&self) -> Recording {
        folders().remove(&self.folder);
        Recording::new(std::mem::take(&mut self.state().events))
    }

    /// What was noted so far.
    #[must_use]
    pub fn so_far(&self) -> Recording {
        Recording::new(self.state().events.clone())
    }

    /// Adds something that the client says.
    pub fn mark(&self, mark: Mark) {
        self.state().events.push(Event::Mark(mark));
    }

    /// Plans faults; calls are counted anew. `None` lets everything work again.
    pub fn plan(&self, plan: Option<Plan>) {
        let mut state = self.state();
        state.plan = plan;
        state.concerned = 0;
        state.struck.clear();
    }

    /// How many calls the plan's fault concerned since it was made.
    #[must_use]
    pub fn concerned(&self) -> u64 {
        self.state().concerned
    }

    /// The calls that failed by the plan, in order.
    #[must_use]
    pub fn struck(&self) -> Vec<Call> {
        self.state().struck.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code that this call must fail with now, if the plan says so.
    pub(crate) fn strike(&self, call: Call) -> Option<i32> {
        self.state().strike(call)
    }

    /// The file behind a name that was just opened. `there` says whether there was one before.
    pub(crate) fn opened(&self, path: &Path, there: bool) -> FileId {
        let name = name(path);
        let mut state = self.state();
        if let Some(file) = state.names.get(&name) {
            return *file;
        }
        if there {
            // Someone else made it, and synced it: the storage does so before SQLite sees it.
            let content = fs::read(path).unwrap_or_default();
            return state.find(name, content);
        }
        let file = state.next_file();
        state.names.insert(name.clone(), file);
        state.events.push(Event::Appear { name, file });
        file
    }

    pub(crate) fn write(&self, file: FileId, offset: usize, data: &[u8], real: impl Fn(&[u8]) -> i32) -> i32 {
        let mut state = self.state();
        let failure = state.strike(Call::Write);
        let part = data.get(..data.len() / 2).filter(|_| failure.is_some()).unwrap_or(data);
        let code = real(part);
        if code == SQLITE_OK {
            state.events.push(Event::Write { file, offset, data: part.to_vec() });
        }
        failure.unwrap_or(code)
    }

    pub(crate) fn truncate(&self, file: FileId, size: usize, real: impl Fn() -> i32) -> i32 {
        self.change(Call::Truncate, real, |events| events.push(Event::Truncate { file, size }))
    }

    pub(crate) fn sync(&self, file: FileId, folder_too: bool) -> i32 {
        let mut state = self.state();
        if let Some(code) = state.strike(Call::Sync) {
            state.events.push(Event::SyncFailed { file });
            return code;
        }
        state.events.push(Event::Sync { file });
        if folder_too {
            state.events.push(Event::SyncFolder);
        }
        SQLITE_OK
    }

    pub(crate) fn delete(&self, path: &Path, sync_folder: bool, real: impl Fn() -> i32) -> i32 {
        let name = name(path);
        let mut state = self.state();
        if let Some(code) = state.strike(Call::Delete) {
            return code;
        }
        let code = real();
        if code == SQLITE_OK {
            if state.names.remove(&name).is_some() {
                state.events.push(Event::Vanish { name });
            }
            if sync_folder {
                state.events.push(Event::SyncFolder);
            }
        }
        code
    }

    pub(crate) fn note(&self, event: Event) {
        self.state().events.push(event);
    }

    fn change(&self, call: Call, real: impl Fn() -> i32, note: impl FnOnce(&mut Vec<Event>)) -> i32 {
        let mut state = self.state();
        if let Some(code) = state.strike(call) {
            return code;
        }
        let code = real();
        if code == SQLITE_OK {
            note(&mut state.events);
        }
        code
    }
}

impl State {
    const fn next_file(&mut self) -> FileId {
        self.files += 1;
        FileId(self.files)
    }

    fn find(&mut self, name: String, content: Vec<u8>) -> FileId {
        let file = self.next_file();
        self.names.insert(name.clone(), file);
        self.events.push(Event::Found { name, file, content });
        file
    }

    fn strike(&mut self, call: Call) -> Option<i32> {
        let plan = self.plan?;
        let code = plan.fault.code(call)?;
        self.concerned += 1;
        let strikes = plan.strikes(self.concerned);
        if strikes {
            self.struck.push(call);
        }
        strikes.then_some(code)
    }
}

fn folders() -> MutexGuard<'static, BTreeMap<PathBuf, Arc<Watched>>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
