//! Markup to plain text, for text that people read: nothing of the markup survives, no script, no style, no address.
//!
//! Not a renderer and not a sanitiser of HTML: what comes out is text, and a front end must escape it like any other.

/// Elements whose content is never text for people.
const HIDDEN: [&str; 9] = ["script", "style", "head", "template", "noscript", "iframe", "object", "svg", "title"];

/// Elements that begin and end a line: HTML's, and those of the narrative block of CDA R2.
const BLOCKS: [&str; 28] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "item",
    "li",
    "list",
    "ol",
    "p",
    "paragraph",
    "section",
    "tr",
    "ul",
];

/// The named characters that clinical text uses; others stay as they are written.
const NAMED: [(&str, &str); 32] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("deg", "°"),
    ("micro", "µ"),
    ("plusmn", "±"),
    ("times", "×"),
    ("divide", "÷"),
    ("frac12", "½"),
    ("sup2", "²"),
    ("sup3", "³"),
    ("le", "≤"),
    ("ge", "≥"),
    ("ne", "≠"),
    ("ndash", "-"),
    ("mdash", "-"),
    ("hellip", "…"),
    ("bull", "•"),
    ("middot", "·"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("alpha", "α"),
    ("beta", "β"),
    ("mu", "μ"),
];

/// The text of an HTML or XHTML document, or of a narrative block of CDA R2: markup taken out, characters decoded, blocks as lines, cells apart.
pub(crate) fn plain_text(markup: &str) -> String {
    let mut page = Page::default();
    let mut rest = markup;
    while let Some((text, tag)) = rest.split_once('<') {
        page.text(text);
        rest = page.tag(tag);
    }
    page.text(rest);
    page.finish()
}

#[derive(Default)]
struct Page {
    lines: Vec<String>,
    line: String,
    /// Whether a blank is due before the next word.
    gap: bool,
    /// How many `pre` elements are open: there, line ends count.
    preformatted: usize,
}

impl Page {
    /// What follows a `<`; returns what follows the tag.
    fn tag<'a>(&mut self, tag: &'a str) -> &'a str {
        if let Some(comment) = tag.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        if let Some(section) = tag.strip_prefix("![CDATA[") {
            let (text, rest) = section.split_once("]]>").unwrap_or((section, ""));
            self.text(text);
            return rest;
        }
        let closing = tag.starts_with('/');
        let name = tag.strip_prefix('/').unwrap_or(tag);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            // A bare `<` in text, as in `< 5`.
            self.text("<");
            return tag;
        }
        let length = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, attributes) = name.split_at_checked(length).unwrap_or((name, ""));
        let name = name.to_ascii_lowercase();
        let (inside, rest) = after_tag(attributes);
        if !closing && !inside.ends_with('/') && HIDDEN.contains(&name.as_str()) {
            return after_element(&name, rest);
        }
        if BLOCKS.contains(&name.as_str()) || name == "table" || name == "pre" {
            self.end_line();
        } else if name == "td" || name == "th" {
            self.gap = true;
        }
        if name == "pre" {
            self.preformatted = if closing { self.preformatted.saturating_sub(1) } else { self.preformatted + 1 };
        }
        rest
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('&') {
            self.words(before);
            // Only a few characters are searched: a text of nothing but `&` must not take forever.
            let end = after.char_indices().take(12).find(|(_, character)| *character == ';').map(|(at, _)| at);
            let split = end.and_then(|end| after.split_at_checked(end));
            let decoded = split.and_then(|(name, following)| Some((decode(name)?, following.strip_prefix(';')?)));
            rest = match decoded {
                Some((character, following)) => {
                    self.words(&character);
                    following
                }
                None => {
                    self.words("&");
                    after
                }
            };
        }
        self.words(rest);
    }

    fn words(&mut self, text: &str) {
        for character in text.chars() {
            if character == '\n' && self.preformatted > 0 {
                self.end_line();
            } else if character.is_whitespace() || character.is_control() {
                self.gap = true;
            } else {
                if self.gap && !self.line.is_empty() {
                    self.line.push(' ');
                }
                self.gap = false;
                self.line.push(character);
            }
        }
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.lines.push(core::mem::take(&mut self.line));
        }
        self.gap = false;
    }

    fn finish(mut self) -> String {
        self.end_line();
        self.lines.join("\n")
    }
}

/// The inside of a tag after its name, and what follows it; a `>` in quotes does not end it.
fn after_tag(attributes: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, character) in attributes.char_indices() {
        match (quote, character) {
            (None, '>') => {
                let (inside, rest) = attributes.split_at_checked(at).unwrap_or((attributes, ""));
                return (inside, rest.strip_prefix('>').unwrap_or(rest));
            }
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    // An unclosed quote would swallow the whole text: end at the next bracket instead.
    attributes.split_once('>').unwrap_or((attributes, ""))
}

/// What follows the end of an element, whatever is inside it; without an end it reaches to the end of the text.
fn after_element<'a>(name: &str, mut rest: &'a str) -> &'a str {
    while let Some((_, after)) = rest.split_once("</") {
        let found = after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let tail = after.get(name.len()..).unwrap_or("");
        if found && !tail.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return tail.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

fn decode(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).map(String::from);
    }
    named_character(name).map(str::to_owned)
}

/// The character that an entity of HTML names, as plain text has it.
pub(crate) fn named_character(name: &str) -> Option<&'static str> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_goes_and_text_stays() {
        for (markup, expected) in [
            ("plain", "plain"),
            ("<p>one</p><p>two</p>", "one\ntwo"),
            ("a<br/>b<BR>c", "a\nb\nc"),
            ("<div><p>a <b>bold</b> word</p></div>", "a bold word"),
            ("<script>alert('x')</script>safe", "safe"),
            ("<SCRIPT type='a>b'>x</b></ScRiPt >safe", "safe"),
            ("<style>p{}</style><p>a</p>", "a"),
            ("<script>never closed", ""),
            ("<script/>after", "after"),
            ("<img src=x onerror=\"alert(1)\">a", "a"),
            ("<a href=\"http://example.org/?a>b\">link</a>", "link"),
            ("a &amp; b &lt;c&gt; &#233; &#xE9; &deg;", "a & b <c> é é °"),
            ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
            ("&unknown; &amp &;", "&unknown; &amp &;"),
            ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
            ("<!-- hidden --><p>seen</p><!-- open", "seen"),
            ("<![CDATA[a & b]]>", "a & b"),
            ("<table><tr><td>Na</td><td>140</td></tr><tr><td>K</td><td>4</td></tr></table>", "Na 140\nK 4"),
            ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
            ("<pre>a\n b</pre>c", "a\nb\nc"),
            ("  spaced \n\t out&nbsp;words ", "spaced out words"),
            ("<?xml version=\"1.0\"?><!DOCTYPE html><html><head><title>t</title></head><body>b</body></html>", "b"),
            ("<p title='unclosed>text</p>", "text"),
            ("<", "<"),
            ("a<b", "a"),
        ] {
            assert_eq!(plain_text(markup), expected, "{markup}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(markup in "[<>&;/!a-zé \"'#x0-9-]{0,200}") {
            let text = plain_text(&markup);
            prop_assert!(text.chars().count() <= markup.chars().count() * 2);
        }

        #[test]
        fn scripts_never_survive(before in "[a-z ]{0,10}", inside in "[a-z<>&;'\"= ]{0,20}", after in "[a-z ]{0,10}") {
            let text = plain_text(&format!("{before}<script>CANARY{inside}</script>{after}"));
            prop_assert!(!text.contains("CANARY"));
        }
    }
}
