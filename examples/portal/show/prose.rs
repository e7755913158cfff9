//! What people wrote: always as text, never as markup.

use maud::{Markup, html};

/// A long text in paragraphs; blank lines part them and single line breaks stay.
pub(crate) fn paragraphs(text: &str) -> Markup {
    let text = text.replace("\r\n", "\n");
    html! {
        @for paragraph in text.split("\n\n").map(|part| part.trim_matches('\n')).filter(|part| !part.trim().is_empty()) {
            p.prose { (paragraph) }
        }
    }
}

/// The beginning of a text, cut at a word, for a list.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= most {
        return one_line;
    }
    let cut: String = one_line.chars().take(most).collect();
    let kept = cut.rsplit_once(' ').map_or(cut.as_str(), |(kept, _)| kept);
    format!("{}\u{2026}", kept.trim_end_matches([',', '.', ';', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_note_stays_text() {
        let shown = paragraphs("one\r\n\r\n<script>two</script>").into_string();
        assert_eq!(shown, "<p class=\"prose\">one</p><p class=\"prose\">&lt;script&gt;two&lt;/script&gt;</p>");
    }

    #[test]
    fn a_beginning_ends_at_a_word() {
        assert_eq!(beginning("short", 10), "short");
        assert_eq!(beginning("the quick, brown fox", 12), "the quick\u{2026}");
    }
}
