//! Where messages of PostgreSQL's protocol end (PostgreSQL documentation, "Message Formats").

/// Follows one direction of one connection, byte by byte.
#[derive(Debug)]
pub(super) struct Framing {
    /// How many bytes come before the length: the message's type, which the first message of a client does not have.
    before_length: u32,
    /// How many bytes of the present message have passed.
    passed: u32,
    length: u32,
}

impl Framing {
    /// What a client sends from the beginning of a connection on; without TLS.
    pub(super) const fn of_client() -> Self {
        Self { before_length: 0, passed: 0, length: 0 }
    }

    /// What a server sends.
    pub(super) const fn of_server() -> Self {
        Self { before_length: 1, passed: 0, length: 0 }
    }

    /// Takes a byte and says whether it is the last one of its message.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        self.passed += 1;
        let header = self.before_length + 4;
        if self.passed > self.before_length && self.passed <= header {
            self.length = (self.length << 8) | u32::from(byte);
        }
        // The length counts itself, and not the type.
        if self.passed < header || self.passed < self.before_length.saturating_add(self.length) {
            return false;
        }
        *self = Self::of_server();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(mut framing: Framing, bytes: &[u8]) -> Vec<usize> {
        (1..).zip(bytes).filter_map(|(place, byte)| framing.take(*byte).then_some(place)).collect()
    }

    #[test]
    fn messages_end_where_their_lengths_say() {
        let startup = [0, 0, 0, 9, 0, 3, 0, 0, 0];
        let query = [b'Q', 0, 0, 0, 6, b'x', 0];
        let sync = [b'S', 0, 0, 0, 4];
        let client = [&startup[..], &query, &sync].concat();
        assert_eq!(ends(Framing::of_client(), &client), [9, 16, 21]);
        assert_eq!(ends(Framing::of_server(), &[&sync[..], &query].concat()), [5, 12]);
    }
}
