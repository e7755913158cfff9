//! Any bytes as a stream of frames, cut where the first byte says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mychartum_adapters::mllp::{FrameDecoder, FrameError, encode};

const LIMIT: usize = 256;

fuzz_target!(|bytes: &[u8]| {
    let Some((&step, stream)) = bytes.split_first() else { return };
    let whole = decode(&mut [stream].into_iter());
    let pieces = decode(&mut stream.chunks(usize::from(step).max(1)));
    assert_eq!(whole, pieces);
    for frame in whole.0 {
        assert!(frame.len() <= LIMIT);
        if let Ok(again) = encode(&frame) {
            assert_eq!(decode(&mut [&again[..]].into_iter()).0, [frame]);
        }
    }
});

fn decode<'a>(pieces: &mut dyn Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let (mut decoder, mut found) = (FrameDecoder::new(LIMIT), Vec::new());
    for piece in pieces {
        let mut rest = piece;
        loop {
            match decoder.next(&mut rest) {
                Ok(Some(frame)) => found.push(frame),
                Ok(None) => break,
                Err(error) => return (found, Some(error)),
            }
        }
    }
    (found, None)
}
