//! The searcher.

use core::fmt;
use std::collections::HashMap;
use std::path::Path;

use super::form::{self, Form};
use super::leak::Leak;

/// Searches bytes for planted canaries, in every [`Form`] that a careless program may write them in.
///
/// ```
/// use mychartum_testkit::leak_tester::LeakTester;
///
/// let mut tester = LeakTester::new();
/// let name = tester.canary("the patient's name");
/// // ... put `name` into a chart, and then look at what comes out:
/// tester.assert_absent("the log", b"GET /results 200");
/// let line = format!("GET /results?name={name} 200");
/// assert_eq!(tester.find("the log", line.as_bytes()).len(), 1);
/// ```
#[derive(Default)]
pub struct LeakTester {
    names: Vec<String>,
    /// Everything that is searched for, by its first four bytes.
    needles: HashMap<[u8; 4], Vec<Needle>>,
    /// How many canaries were made.
    made: u32,
}

struct Needle {
    canary: usize,
    form: Form,
    bytes: Vec<u8>,
}

impl LeakTester {
    /// The fewest bytes of a canary: shorter ones would be found by chance.
    pub const SHORTEST: usize = 8;

    /// A tester that looks for nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a new canary, 16 letters and digits that stand nowhere else, and looks for it from now on under this name.
    pub fn canary(&mut self, name: &str) -> String {
        self.made += 1;
        // Odd factors permute the numbers, so that neighbours have no long part in common.
        let one = self.made.wrapping_mul(0x9e37_79b1);
        let two = self.made.wrapping_mul(0x85eb_ca77);
        let text: String = format!("{one:08x}{two:08x}").chars().map(Self::letter).collect();
        self.plant(name, &text);
        text
    }

    /// Looks for this text from now on.
    ///
    /// # Panics
    /// If the text is shorter than [`SHORTEST`](Self::SHORTEST) bytes.
    pub fn plant(&mut self, name: &str, text: &str) {
        self.look_for(name, text.len(), form::of_text(text));
    }

    /// Looks for these bytes from now on: a key, for instance.
    ///
    /// # Panics
    /// If there are fewer than [`SHORTEST`](Self::SHORTEST).
    pub fn plant_bytes(&mut self, name: &str, bytes: &[u8]) {
        self.look_for(name, bytes.len(), form::of_bytes(bytes));
    }

    /// How many canaries are looked for.
    #[must_use]
    pub fn planted(&self) -> usize {
        self.names.len()
    }

    /// Every place in some bytes where a canary begins.
    #[must_use]
    pub fn find(&self, place: &str, bytes: &[u8]) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for (offset, start) in bytes.windows(4).enumerate() {
            let Some(needles) = <&[u8; 4]>::try_from(start).ok().and_then(|start| self.needles.get(start)) else {
                continue;
            };
            let rest = bytes.get(offset..).unwrap_or_default();
            for needle in needles.iter().filter(|needle| rest.starts_with(&needle.bytes)) {
                let canary = self.names.get(needle.canary).cloned().unwrap_or_default();
                leaks.push(Leak { canary, place: place.to_owned(), form: needle.form, offset });
            }
        }
        leaks
    }

    /// Asserts that no canary is in some bytes.
    ///
    /// # Panics
    /// If there is one; the message names each, and where and in which form it is, and shows none.
    pub fn assert_absent(&self, place: &str, bytes: &[u8]) {
        let leaks = self.find(place, bytes);
        let told: Vec<String> = leaks.iter().take(20).map(Leak::to_string).collect();
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), told.join("\n"));
    }

    /// Searches a file. Its place is the file's name without its folder.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn scan_file(&self, path: impl AsRef<Path>) -> std::io::Result<Vec<Leak>> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(self.find(&name, &std::fs::read(path)?))
    }

    fn look_for(&mut self, name: &str, length: usize, forms: Vec<(Form, Vec<u8>)>) {
        assert!(length >= Self::SHORTEST, "a canary of {length} bytes would be found by chance");
        let canary = self.names.len();
        self.names.push(name.to_owned());
        for (form, bytes) in forms {
            if let Some(start) = bytes.first_chunk::<4>() {
                self.needles.entry(*start).or_default().push(Needle { canary, form, bytes });
            }
        }
    }

    /// A letter for a hexadecimal digit: of both cases, and none that is such a digit itself.
    const fn letter(digit: char) -> char {
        match digit {
            '0' => 'G',
            '1' => 'h',
            '2' => 'J',
            '3' => 'k',
            '4' => 'L',
            '5' => 'm',
            '6' => 'N',
            '7' => 'p',
            '8' => 'Q',
            '9' => 'r',
            'a' => 'S',
            'b' => 't',
            'c' => 'V',
            'd' => 'w',
            'e' => 'X',
            _ => 'y',
        }
    }
}

impl fmt::Debug for LeakTester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeakTester").field("planted", &self.names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_form_anywhere_and_says_where() {
        let mut tester = LeakTester::new();
        let text = tester.canary("name");
        tester.canary("other");
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let written = [
            (Form::Plain, text.clone().into_bytes()),
            (Form::Utf16, utf16),
            (Form::Hex, hex.to_uppercase().into_bytes()),
            (Form::Hex, hex.into_bytes()),
            (Form::OtherCase, text.to_lowercase().into_bytes()),
            (Form::OtherCase, text.to_uppercase().into_bytes()),
            (Form::ByteList, format!("{:?}", text.as_bytes()).as_bytes()[1..].to_vec()),
        ];
        for (form, bytes) in written {
            let found = tester.find("here", &[b"before ".as_slice(), &bytes, b" after"].concat());
            let expected = Leak { canary: "name".into(), place: "here".into(), form, offset: 7 };
            assert_eq!(found, [expected]);
            assert!(!found[0].to_string().to_lowercase().contains(&text.to_lowercase()));
        }
        tester.assert_absent("nothing", b"");
        tester.assert_absent("cut off", &text.as_bytes()[1..]);
    }

    #[test]
    fn finds_base64_at_all_three_places() {
        // Coded with the `base64` of coreutils; the last one with the letters of section 5.
        let mut tester = LeakTester::new();
        tester.plant("fox", "the quick brown fox?>~");
        for coded in [
            "dGhlIHF1aWNrIGJyb3duIGZveD8+fg==",
            "eHRoZSBxdWljayBicm93biBmb3g/Pn55",
            "eHh0aGUgcXVpY2sgYnJvd24gZm94Pz5+eXk=",
            "eHRoZSBxdWljayBicm93biBmb3g_Pn55",
        ] {
            let found = tester.find("here", coded.as_bytes());
            assert_eq!(found.iter().map(|leak| leak.form).collect::<Vec<_>>(), [Form::Base64], "{coded}");
        }
    }

    #[test]
    fn canaries_are_all_different_and_debug_shows_none() {
        let mut tester = LeakTester::new();
        let mut all: Vec<String> = (0..5_000).map(|n| tester.canary(&n.to_string())).collect();
        tester.assert_absent("its own debug", format!("{tester:?}").as_bytes());
        let joined = all.join("\n");
        assert_eq!(tester.find("all", joined.as_bytes()).len(), all.len());
        all.sort();
        all.dedup();
        assert_eq!(all.len(), tester.planted());
    }
}
