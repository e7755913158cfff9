//! Both archives of a backup, merged into pieces of partitions.

use std::io::Read;

use mychartum_core::port::custody::{Applied, Piece};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId};

use super::contents::Contents;
use super::error::ArchiveError;
use super::format::{Header, KEY, OPENING, PARTITION, Part, ROW, decode_opening};
use super::frame_reader::FrameReader;
use crate::transfer::{Counts, Survey, decode_partition, decode_row, take_partition};

/// A piece ends after so many rows.
const PAGE: usize = 500;

/// Reads a backup and gives its pieces in order. Everything that can be checked without keys is checked on the way; the digests
/// come last, so nothing may be served before [`next`](Self::next) said `None`.
pub(super) struct Pieces<'a> {
    data: FrameReader<'a>,
    keys: FrameReader<'a>,
    header: Header,
    pub(super) survey: Survey,
    counts: Counts,
    /// What the archive of data goes on with; `None` at its beginning.
    ahead: Option<Item>,
    /// The next key; `None` after the last one.
    key: Option<Row>,
    /// The partition that is being read, and the last row of it.
    current: Option<(Partition, Option<(Collection, RowId)>)>,
}

/// What the archive of data holds, frame by frame.
enum Item {
    Partition(Partition, Head, Vec<Applied>),
    Row(Row),
    End,
}

impl<'a> Pieces<'a> {
    pub(super) fn open(data: &'a mut (dyn Read + Send), keys: &'a mut (dyn Read + Send)) -> Result<Self, ArchiveError> {
        let (mut data, header) = FrameReader::begin(data, Part::Data)?;
        let (mut keys, of_keys) = FrameReader::begin(keys, Part::Keys)?;
        if header.id != of_keys.id {
            return Err(ArchiveError::Mismatched);
        }
        let survey = match data.frame()? {
            Some((OPENING, payload)) => decode_opening(&payload).ok_or(ArchiveError::Damaged("opening"))?,
            _ => return Err(ArchiveError::Damaged("opening")),
        };
        let key = next_key(&mut keys)?;
        Ok(Self { data, keys, header, survey, counts: Counts::default(), ahead: None, key, current: None })
    }

    /// What was read so far, keys included.
    pub(super) const fn counts(&self) -> Counts {
        self.counts
    }

    /// What the backup holds, known after its last piece.
    pub(super) const fn contents(&self) -> Contents {
        Contents { id: self.header.id, at: self.header.at, data: self.data.counts, keys: self.keys.counts }
    }

    /// The next piece; `None` when both archives ended as they should.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, ArchiveError> {
        let mut piece: Option<Piece> = None;
        let mut bytes = 0;
        loop {
            match self.item()? {
                Item::Row(row) => {
                    bytes += row.body.len();
                    let partition = row.partition;
                    let piece =
                        piece.get_or_insert_with(|| Piece { partition, epoch: 0, first: None, rows: Vec::new() });
                    piece.rows.push(row);
                    if piece.rows.len() < PAGE && bytes < Piece::ENOUGH_BYTES {
                        continue;
                    }
                }
                Item::Partition(partition, head, applied) if piece.is_none() => {
                    let epoch = head.epoch;
                    piece = Some(Piece { partition, epoch, first: Some((head, applied)), rows: Vec::new() });
                    continue;
                }
                item @ Item::Partition(..) => self.ahead = Some(item),
                Item::End => self.ahead = Some(Item::End),
            }
            break;
        }
        let Some(piece) = piece else { return self.finish() };
        Piece::check_all(core::slice::from_ref(&piece)).map_err(|_| ArchiveError::Damaged("limits"))?;
        self.counts.partitions += u64::from(piece.first.is_some());
        self.counts.rows += piece.rows.len() as u64;
        self.counts.bytes += bytes as u64;
        Ok(Some(piece))
    }

    fn finish(&self) -> Result<Option<Piece>, ArchiveError> {
        if self.key.is_some() || self.counts.partitions != self.survey.partitions {
            return Err(ArchiveError::Damaged("partitions"));
        }
        Ok(None)
    }

    /// The next row or partition of both archives together, in order.
    fn item(&mut self) -> Result<Item, ArchiveError> {
        let ahead = match self.ahead.take() {
            Some(ahead) => ahead,
            None => self.read_data()?,
        };
        let whose = self.current.map(|(partition, _)| partition);
        let key_is_next = |key: &mut Row| {
            Some(key.partition) == whose
                && match &ahead {
                    Item::Row(row) => (key.collection, key.row) < (row.collection, row.row),
                    Item::Partition(..) | Item::End => true,
                }
        };
        if let Some(key) = self.key.take_if(key_is_next) {
            self.key = next_key(&mut self.keys)?;
            self.ahead = Some(ahead);
            return self.in_order(key);
        }
        match ahead {
            Item::Row(row) => self.in_order(row),
            Item::Partition(partition, head, applied) => {
                let place = |partition: Partition| (partition.bucket(), partition);
                let follows = whose.is_none_or(|before| place(before) < place(partition));
                let skipped = self.key.as_ref().is_some_and(|key| place(key.partition) < place(partition));
                if !follows || skipped || !self.keeps(partition.bucket()) {
                    return Err(ArchiveError::Damaged("partitions"));
                }
                self.current = Some((partition, None));
                Ok(Item::Partition(partition, head, applied))
            }
            Item::End => Ok(Item::End),
        }
    }

    /// A row that comes after the ones before it.
    fn in_order(&mut self, row: Row) -> Result<Item, ArchiveError> {
        let place = (row.collection, row.row);
        match &mut self.current {
            Some((partition, last)) if *partition == row.partition && last.is_none_or(|last| last < place) => {
                *last = Some(place);
                Ok(Item::Row(row))
            }
            _ => Err(ArchiveError::Damaged("rows")),
        }
    }

    fn keeps(&self, bucket: Bucket) -> bool {
        use mychartum_core::port::custody::BucketState::{Leaving, Serving};
        let status = self.survey.buckets.get(usize::from(bucket.number()));
        status.is_some_and(|status| matches!(status.state, Serving | Leaving))
    }

    fn read_data(&mut self) -> Result<Item, ArchiveError> {
        let Some((kind, payload)) = self.data.frame()? else { return Ok(Item::End) };
        match (kind, self.current) {
            (PARTITION, _) => {
                let (partition, head, applied) =
                    decode_partition(&payload).ok_or(ArchiveError::Damaged("partition"))?;
                self.data.counts.partitions += 1;
                Ok(Item::Partition(partition, head, applied))
            }
            (ROW, Some((partition, _))) => {
                let row = decode_row(partition, &payload).ok_or(ArchiveError::Damaged("row"))?;
                if row.collection == Collection::KEYS {
                    return Err(ArchiveError::Damaged("a key among the data"));
                }
                self.data.counts.rows += 1;
                self.data.counts.bytes += row.body.len() as u64;
                Ok(Item::Row(row))
            }
            _ => Err(ArchiveError::Damaged("frame kind")),
        }
    }
}

fn next_key(keys: &mut FrameReader<'_>) -> Result<Option<Row>, ArchiveError> {
    let Some((kind, payload)) = keys.frame()? else { return Ok(None) };
    if kind != KEY {
        return Err(ArchiveError::Damaged("frame kind"));
    }
    let mut bytes = payload.as_slice();
    let row = take_partition(&mut bytes).and_then(|partition| decode_row(partition, bytes));
    match row {
        Some(row) if row.collection == Collection::KEYS => {
            keys.counts.rows += 1;
            keys.counts.bytes += row.body.len() as u64;
            Ok(Some(row))
        }
        _ => Err(ArchiveError::Damaged("key")),
    }
}
