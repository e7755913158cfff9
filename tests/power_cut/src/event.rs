//! What the shim notes.

/// A file, whatever its name: one that is deleted and made again is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// One thing that happened in a watched folder, in the order of happening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file was there before the watch began, or was made and synced by someone else than SQLite.
    Found {
        /// Its name in the folder.
        name: String,
        /// The file.
        file: FileId,
        /// What is in it.
        content: Vec<u8>,
    },
    /// A new, empty file got a name.
    Appear {
        /// Its name in the folder.
        name: String,
        /// The file.
        file: FileId,
    },
    /// A name was removed.
    Vanish {
        /// The name.
        name: String,
    },
    /// Bytes were written.
    Write {
        /// To which file.
        file: FileId,
        /// From which byte on.
        offset: usize,
        /// What.
        data: Vec<u8>,
    },
    /// A file was cut off or made longer.
    Truncate {
        /// Which file.
        file: FileId,
        /// To how many bytes.
        size: usize,
    },
    /// What was written to a file is on the disk.
    Sync {
        /// Which file.
        file: FileId,
    },
    /// A sync failed. The system may have kept some of the writes and forgets the others: no later sync writes them.
    SyncFailed {
        /// Which file.
        file: FileId,
    },
    /// The names in the folder are on the disk.
    SyncFolder,
    /// SQLite begins to move pages of its log into the file; the log was synced.
    CheckpointBegins,
    /// All pages were moved; the file is to be synced next.
    CheckpointEnds,
    /// Something that the client says.
    Mark(Mark),
}

/// What a client says while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The storage is open.
    Opened,
    /// A change set is handed over: the script's partition, and the revision that it would become.
    Attempted(usize, u64),
    /// Its receipt is there: it must survive everything from now on.
    Acknowledged(usize, u64),
    /// It failed, and the error said that nothing was written: it must not be there from now on, unless it is tried
    /// again.
    Refused(usize, u64),
    /// Closing begins.
    Closing,
    /// The storage is closed.
    Closed,
}
