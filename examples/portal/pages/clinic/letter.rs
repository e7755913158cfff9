//! A letter with a code, to be printed. It is shown once: nothing but a hash of the code is kept.

use maud::{Markup, html};
use mychartum_core::account::LetterCode;

use crate::words::{count, fill, say};

/// The letter.
pub(crate) fn letter(name: &str, code: &LetterCode, port: u16, days: usize) -> Markup {
    let address = format!("http://localhost:{port}/activate");
    html! {
        article.card.letter {
            p { (fill("letter.dear", &[("name", name)])) }
            p { (say("letter.text")) }
            ol.steps {
                li { (say("letter.go")) " " strong { (address) } }
                li { (say("letter.type")) p.letter-code { code { (code.expose()) } } }
                li { (say("letter.born")) }
            }
            p { (fill("letter.until", &[("time", &count("count.days", days))])) }
            p.quiet { (say("letter.not-you")) }
        }
        p.notice { (say("letter.once")) }
    }
}
