//! The frames of MLLP: 0x0B, a message, 0x1C 0x0D (HL7 v2.9 appendix C, release 1 of the protocol).

use memchr::{memchr, memmem};

use super::error::FrameError;

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const AFTER_END: u8 = 0x0d;

/// Puts a message in a frame.
///
/// # Errors
/// [`FrameError::EndInside`]: the frame would end early, and what is left would be lost.
pub fn encode(message: &[u8]) -> Result<Vec<u8>, FrameError> {
    if memmem::find(message, &[END, AFTER_END]).is_some() {
        return Err(FrameError::EndInside);
    }
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend([END, AFTER_END]);
    Ok(frame)
}

/// Finds frames in a stream of bytes, however it is cut into reads.
///
/// What comes before a start byte is passed over and counted. A frame ends only where 0x0D follows 0x1C; either byte alone is content.
/// Each byte is looked at once. The decoder holds one unfinished frame, never more than the limit.
pub struct FrameDecoder {
    limit: usize,
    state: State,
    frame: Vec<u8>,
    skipped: u64,
    /// Bytes since the last frame, outside of one.
    outside: usize,
}

impl core::fmt::Debug for FrameDecoder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FrameDecoder({} bytes, [hidden])", self.frame.len())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// Inside, and the last byte was the first of the end.
    Ending,
}

impl FrameDecoder {
    /// A decoder of frames of at most so many bytes, without the three around them.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limit, state: State::Outside, frame: Vec::new(), skipped: 0, outside: 0 }
    }

    /// Takes the next bytes of the stream and gives the first message that is complete with them. Call again with the rest, which
    /// `bytes` is left at, until there is no more.
    ///
    /// # Errors
    /// [`FrameError`]: nothing that follows can be trusted to be a frame.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        while let Some((&first, rest)) = bytes.split_first() {
            match self.state {
                State::Outside => {
                    let start = memchr(START, bytes);
                    let passed = start.unwrap_or(bytes.len());
                    self.skipped += passed as u64;
                    self.outside = self.outside.saturating_add(passed);
                    *bytes = bytes.get(passed + 1..).unwrap_or_default();
                    if self.outside > self.limit {
                        return Err(FrameError::NoStart { limit: self.limit });
                    }
                    if start.is_some() {
                        (self.state, self.outside) = (State::Inside, 0);
                    }
                }
                State::Inside => {
                    let end = memchr(END, bytes);
                    let (content, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or_default();
                    self.keep(content)?;
                    *bytes = rest.get(1..).unwrap_or_default();
                    if end.is_some() {
                        self.state = State::Ending;
                    }
                }
                State::Ending if first == AFTER_END => {
                    *bytes = rest;
                    self.state = State::Outside;
                    return Ok(Some(core::mem::take(&mut self.frame)));
                }
                State::Ending => {
                    self.keep(&[END])?;
                    self.state = State::Inside;
                }
            }
        }
        Ok(None)
    }

    fn keep(&mut self, content: &[u8]) -> Result<(), FrameError> {
        if self.frame.len().saturating_add(content.len()) > self.limit {
            self.frame = Vec::new();
            return Err(FrameError::TooLarge { limit: self.limit });
        }
        self.frame.extend_from_slice(content);
        Ok(())
    }

    /// Whether a frame has begun that has not ended.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.state != State::Outside
    }

    /// How many bytes of an unfinished frame there are.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.frame.len()
    }

    /// How many bytes came outside of frames so far.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(decoder: &mut FrameDecoder, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut found = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while let Some(frame) = decoder.next(&mut rest)? {
                found.push(frame);
            }
            assert!(rest.is_empty());
        }
        Ok(found)
    }

    fn all(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        decode(&mut FrameDecoder::new(100), pieces).unwrap()
    }

    #[test]
    fn frames_however_they_are_cut() {
        assert_eq!(all(&[b"\x0bA\x1c\r\x0bB\x1c\r"]), [b"A", b"B"]);
        assert_eq!(all(&[b"\x0bA\x1c", b"\r\x0bB\x1c\r"]), [b"A", b"B"]);
        assert_eq!(all(&[b"\x0bA\x1c\r\x0b", b"B", b"\x1c\r"]), [b"A", b"B"]);
        assert_eq!(all(&[b"\x1c\rnoise\x0bA\x1c\r\r\n\x0bB\x1c\r"]), [b"A", b"B"]);
        assert_eq!(all(&[b"\x0bA\x1cB\x1c\x1c\r"]), [b"A\x1cB\x1c"]);
        assert_eq!(all(&[b"\x0bA\rB\x0bC\x1c\r"]), [b"A\rB\x0bC"]);
        assert_eq!(all(&[b"\x0b\x1c\r"]), [b""]);
        assert!(all(&[b"\x0bA\x1c", b"\x1c", b"", b"A"]).is_empty());
    }

    #[test]
    fn what_passes_the_limit_ends_it() {
        let mut decoder = FrameDecoder::new(4);
        assert_eq!(decode(&mut decoder, &[b"abc\x0b1234\x1c\rabcd"]).unwrap(), [b"1234"]);
        assert_eq!((decoder.skipped(), decoder.is_inside(), decoder.pending()), (7, false, 0));
        assert_eq!(decode(&mut decoder, &[b"e"]), Err(FrameError::NoStart { limit: 4 }));
        let too_large = Err(FrameError::TooLarge { limit: 4 });
        assert_eq!(decode(&mut FrameDecoder::new(4), &[b"\x0b123", b"45"]), too_large);
        assert_eq!(decode(&mut FrameDecoder::new(4), &[b"\x0b1234\x1c\x1c\r"]), too_large);
    }

    #[test]
    fn no_message_ends_its_own_frame() {
        assert_eq!(encode(b"A").unwrap(), b"\x0bA\x1c\r");
        assert_eq!(encode(b"A\x1c\rB"), Err(FrameError::EndInside));
        assert_eq!(all(&[&encode(b"A\x1c").unwrap()]), [b"A\x1c"]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            messages in proptest::collection::vec("[a\u{b}\u{1c}\r]{0,9}", 0..6), cuts in proptest::collection::vec(1usize..9, 60)
        ) {
            let frames: Vec<_> = messages.iter().filter_map(|message| encode(message.as_bytes()).ok()).collect();
            let sent: Vec<_> = messages.iter().map(String::as_bytes).filter(|message| encode(message).is_ok()).collect();
            let stream = frames.concat();
            let (mut pieces, mut rest) = (Vec::new(), &stream[..]);
            for cut in cuts.into_iter().cycle() {
                if rest.is_empty() { break }
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(all(&pieces), sent);
        }

        #[test]
        fn any_bytes_in_any_pieces_give_the_same(bytes in "[a\u{b}\u{1c}\r]{0,40}", cut in 0usize..40) {
            let bytes = bytes.as_bytes();
            let (one, two) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(all(&[bytes]), all(&[one, two]));
        }
    }
}
