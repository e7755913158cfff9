//! Backing up a snapshot.

use std::io::Write;

use mychartum_core::port::Snapshot;
use mychartum_core::port::storage::{Collection, Row};

use super::contents::{ArchiveId, Contents};
use super::error::ArchiveError;
use super::format::{Header, KEY, OPENING, PARTITION, Part, ROW, encode_opening};
use super::frame_writer::FrameWriter;
use crate::transfer::{Progress, Report, Stage, Survey, Walk, encode_partition, encode_row, put_partition};

/// Writes a backup of a snapshot: the data, and apart from them the data keys.
///
/// Portals go on meanwhile; what they commit after the snapshot was taken is not in the backup. `at` is the time now in
/// milliseconds since 1970, for whoever looks at the backup later. The bodies are sealed as they are in storage; nothing here
/// needs a key. Memory is bounded: a page of rows, or one body of up to 32 MiB.
///
/// The files are written and flushed, not synced; do that before an older backup is removed. Writing blocks the thread for as
/// long as the files do.
///
/// # Errors
/// [`ArchiveError`]; what was written so far is refused when it is read.
pub async fn write(
    snapshot: &mut dyn Snapshot,
    id: ArchiveId,
    at: u64,
    data: &mut (dyn Write + Send),
    keys: &mut (dyn Write + Send),
    report: Report<'_>,
) -> Result<Contents, ArchiveError> {
    let survey = Survey::of(snapshot).await?;
    let mut data = FrameWriter::begin(data, &Header { part: Part::Data, id, at })?;
    let mut keys = FrameWriter::begin(keys, &Header { part: Part::Keys, id, at })?;
    data.frame(OPENING, &encode_opening(&survey))?;
    let mut walk = Walk::new(snapshot, survey.kept());
    let mut payload = Vec::new();
    while let Some(piece) = walk.next().await? {
        if let Some((head, applied)) = &piece.first {
            payload.clear();
            encode_partition(piece.partition, head, applied, &mut payload);
            data.frame(PARTITION, &payload)?;
            data.counts.partitions += 1;
        }
        for row in &piece.rows {
            write_row(row, &mut data, &mut keys, &mut payload)?;
        }
        report(Progress { stage: Stage::Copying, done: data.counts, partitions: survey.partitions });
    }
    Ok(Contents { id, at, data: data.end()?, keys: keys.end()? })
}

/// Writes a row into the archive where it belongs.
fn write_row<'a>(
    row: &Row,
    data: &mut FrameWriter<'a>,
    keys: &mut FrameWriter<'a>,
    payload: &mut Vec<u8>,
) -> Result<(), ArchiveError> {
    payload.clear();
    let is_key = row.collection == Collection::KEYS;
    if is_key {
        put_partition(row.partition, payload);
    }
    encode_row(row, payload);
    let (archive, kind) = if is_key { (keys, KEY) } else { (data, ROW) };
    archive.frame(kind, payload)?;
    archive.counts.rows += 1;
    archive.counts.bytes += row.body.len() as u64;
    Ok(())
}
