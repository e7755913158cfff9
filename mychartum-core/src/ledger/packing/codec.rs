//! Compressing and decompressing a text: the only file that knows whose zstd it is.
//!
//! A context is costly to make, so each thread keeps one. What it holds between two rows (hashes of positions, coded
//! sequences, the last row's literals) is neither shown nor wiped; see the decision's record.

use std::cell::RefCell;

use zeroize::Zeroizing;
use zstd_rs::{CompressionConfig, Compressor, Decompressor, FrameFormat};

use super::dictionary::Tables;

/// The level of zstd. The next lower one makes a tenth to a third more of a row, the next higher one takes twice the
/// time to save a thirtieth.
pub(super) const LEVEL: i32 = 5;

/// The longest text for which a thread's context is used. A longer one gets a context of its own, so that a thread
/// does not keep the memory that one large row took.
const LARGE: usize = 128 << 10;

/// How many bytes a decoder may write behind a text before it cuts them off.
const SLACK: usize = 64;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor>> = const { RefCell::new(None) };
}

/// Compresses a text, behind what is in `out`. `None` if it cannot be done; then `out` may have anything behind it.
pub(super) fn compress(text: &[u8], tables: &Tables, out: &mut Vec<u8>) -> Option<()> {
    let run =
        |compressor: &mut Compressor, out: &mut Vec<u8>| compressor.compress(text, Some(&tables.encoder), out).ok();
    if text.len() > LARGE {
        return run(&mut compressor()?, out);
    }
    COMPRESSOR.with(|kept| {
        let mut kept = kept.try_borrow_mut().ok()?;
        // Taken out and put back, so that one which panics in the middle is not used again.
        let mut one = kept.take().or_else(compressor)?;
        let done = run(&mut one, out);
        *kept = Some(one);
        done
    })
}

/// Decompresses a text of at most this length. `None` if it is none, or longer.
pub(super) fn decompress(frame: &[u8], tables: &Tables, longest: usize) -> Option<Zeroizing<Vec<u8>>> {
    // All that it may need at once: a buffer that grows leaves unwiped copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(longest.checked_add(SLACK)?));
    let mut run = |decompressor: &mut Decompressor| {
        decompressor.decompress_format(FrameFormat::Magicless, frame, Some(&tables.decoder), longest, &mut text).ok()
    };
    if longest > LARGE {
        run(&mut Decompressor::new())?;
        return Some(text);
    }
    DECOMPRESSOR.with(|kept| {
        let mut kept = kept.try_borrow_mut().ok()?;
        let mut one = kept.take().unwrap_or_default();
        let done = run(&mut one);
        *kept = Some(one);
        done
    })?;
    Some(text)
}

fn compressor() -> Option<Compressor> {
    // The packed body says the length and the dictionary itself, and the seal stands for a checksum.
    let config = CompressionConfig {
        level: LEVEL,
        window_log: 23,
        checksum: false,
        content_size: false,
        dict_id: false,
        format: FrameFormat::Magicless,
    };
    Compressor::new(config).ok()
}
