//! What a server answers.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// The most bytes of one reply, all its lines together. Ours are a tenth of it.
const MOST: u64 = 16 << 10;

/// A reply (RFC 5321, section 4.2), with its enhanced code (RFC 3463) where it has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) enhanced: Option<(u16, u16, u16)>,
    /// What stands behind the code in each line, in upper case: keywords of EHLO, challenges of AUTH.
    pub(super) lines: Vec<String>,
}

/// No reply, or none that one can read: closed, cut, too long, not SMTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

impl Reply {
    /// Reads one reply with all its lines.
    pub(super) async fn read<S: AsyncBufRead + Unpin>(stream: &mut S) -> Result<Self, Broken> {
        let mut reply = Self::default();
        let mut limited = stream.take(MOST);
        loop {
            let mut line = Vec::new();
            limited.read_until(b'\n', &mut line).await.map_err(|_| Broken)?;
            let line = line.strip_suffix(b"\n").ok_or(Broken)?;
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
            let (digits, rest) = line.split_at_checked(3).ok_or(Broken)?;
            let code = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
            let code: u16 = code.filter(|code| (200..600).contains(code)).ok_or(Broken)?;
            if !reply.lines.is_empty() && code != reply.code {
                return Err(Broken);
            }
            let last = rest.is_empty() || rest.starts_with(' ');
            let text = match rest.strip_prefix([' ', '-']) {
                Some(text) => text,
                None if rest.is_empty() => "",
                None => return Err(Broken),
            };
            reply.code = code;
            reply.enhanced = reply.enhanced.or_else(|| enhanced(text));
            reply.lines.push(text.to_owned());
            if last {
                return Ok(reply);
            }
        }
    }

    pub(super) const fn is_positive(&self) -> bool {
        self.code < 400
    }

    /// The parameters of a keyword of EHLO, if it is there.
    pub(super) fn keyword(&self, keyword: &str) -> Option<String> {
        self.lines.iter().skip(1).find_map(|line| {
            let (name, parameters) = line.split_once(' ').unwrap_or((line, ""));
            name.eq_ignore_ascii_case(keyword).then(|| parameters.to_ascii_uppercase())
        })
    }
}

/// The enhanced code at the beginning of a line.
fn enhanced(text: &str) -> Option<(u16, u16, u16)> {
    let mut numbers = text.split(' ').next()?.split('.').map(str::parse::<u16>);
    let found = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    (numbers.next().is_none() && matches!(found.0, 2 | 4 | 5)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Reply, Broken> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Reply::read(&mut &*bytes))
    }

    #[test]
    fn replies_have_lines_codes_and_keywords() {
        let hello = read(b"250-mx.example.org\r\n250-AUTH PLAIN LOGIN\r\n250-starttls\r\n250 SIZE 1000\r\n").unwrap();
        assert_eq!(hello.code, 250);
        assert_eq!(hello.keyword("auth").as_deref(), Some("PLAIN LOGIN"));
        assert_eq!(hello.keyword("STARTTLS").as_deref(), Some(""));
        assert_eq!(hello.keyword("SMTPUTF8"), None);
        let refused = read(b"550-5.1.1 no such\r\n550 5.1.1 user\r\n").unwrap();
        assert_eq!(refused.enhanced, Some((5, 1, 1)));
        assert_eq!(read(b"354\r\n").unwrap().lines, [""]);
        assert_eq!(read(b"550 5.1 x\r\n").unwrap().enhanced, None);
    }

    #[test]
    fn what_is_no_reply_is_broken() {
        let long = [b"250-".as_slice(), &vec![b'x'; MOST as usize], b"\r\n250 x\r\n"].concat();
        let many = [b"250-x\r\n".repeat(5000), b"250 x\r\n".to_vec()].concat();
        let wrong: [&[u8]; 10] = [
            b"",
            b"250",
            b"25\r\n",
            b"+250 x\r\n",
            b"999 x\r\n",
            b"250_x\r\n",
            b"250-x\r\n",
            b"250-x\r\n550 y\r\n",
            &long,
            &many,
        ];
        for bytes in wrong {
            assert_eq!(read(bytes), Err(Broken), "{:?}", String::from_utf8_lossy(bytes.get(..20).unwrap_or(bytes)));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn nothing_after_the_reply_is_read(text in "[a-z ]{0,40}") {
            let bytes = format!("250 {text}\r\nMORE");
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut rest = bytes.as_bytes();
            runtime.block_on(Reply::read(&mut rest)).unwrap();
            prop_assert_eq!(rest, b"MORE");
        }
    }
}
