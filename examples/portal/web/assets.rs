//! The style sheet, the script and the mark: part of the program, served from memory.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

const STYLE: &str = concat!(
    include_str!("../assets/tokens.css"),
    include_str!("../assets/page.css"),
    include_str!("../assets/parts.css"),
    include_str!("../assets/pictures.css"),
    include_str!("../assets/modes.css"),
);
const SCRIPT: &str = include_str!("../assets/portal.js");
const MARK: &str = include_str!("../assets/mark.svg");

/// A number that changes with the assets, so that browsers never mix old and new ones.
pub(crate) fn version() -> u32 {
    let bytes = STYLE.bytes().chain(SCRIPT.bytes()).chain(MARK.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Serves an asset by its name.
pub(crate) async fn serve(axum::extract::Path(name): axum::extract::Path<String>) -> Response {
    let (kind, content) = match name.as_str() {
        "portal.css" => ("text/css; charset=utf-8", STYLE),
        "portal.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "mark.svg" => ("image/svg+xml", MARK),
        _ => return Refusal::NotFound.page(),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (StatusCode::OK, headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The luminance of a colour (WCAG 2.2, relative luminance).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let share = f64::from(u8::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn token<'a>(block: &'a str, name: &str) -> &'a str {
        let after = block.split(&format!("--{name}:")).nth(1).unwrap_or_else(|| panic!("--{name} is missing"));
        after.split(';').next().unwrap().trim()
    }

    #[test]
    fn every_pair_of_colours_has_the_contrast_it_needs() {
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
        for (mode, block) in [("light", light), ("dark", dark)] {
            for ground in ["paper", "card", "wash"] {
                for ink in ["ink", "quiet", "link", "in", "out", "far"] {
                    let ratio = contrast(token(block, ink), token(block, ground));
                    assert!(ratio >= 4.5, "{mode}: {ink} on {ground} is {ratio:.2}");
                }
            }
            for (ink, ground) in [
                ("on-link", "link"),
                ("in", "in-wash"),
                ("out", "out-wash"),
                ("far", "far-wash"),
                ("ink", "band"),
                ("on-acting", "acting"),
            ] {
                let ratio = contrast(token(block, ink), token(block, ground));
                assert!(ratio >= 4.5, "{mode}: {ink} on {ground} is {ratio:.2}");
            }
            for mark in ["series", "second", "out", "band-edge", "field"] {
                let ratio = contrast(token(block, mark), token(block, "card"));
                assert!(ratio >= 3.0, "{mode}: {mark} is {ratio:.2}");
            }
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for content in [STYLE, SCRIPT] {
            assert!(!content.contains("http:") && !content.contains("https:") && !content.contains("@import"));
        }
    }
}
