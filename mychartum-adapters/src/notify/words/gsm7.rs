//! The letters of text messages: the GSM 7 bit default alphabet (3GPP TS 23.038, section 6.2.1).

/// The default alphabet, one septet a letter.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension, two septets a letter.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Letters outside the alphabet, and what is nearest to them in it.
const NEAREST: &[(&str, &str)] = &[
    ("áâãāăą", "a"),
    ("ÁÀÂÃĀ", "A"),
    ("çćč", "c"),
    ("ĆČ", "C"),
    ("êëēę", "e"),
    ("ÊËÈĒ", "E"),
    ("íîïī", "i"),
    ("ÍÎÏÌ", "I"),
    ("ńň", "n"),
    ("óôõőō", "o"),
    ("ÓÔÕÒ", "O"),
    ("śšş", "s"),
    ("úûūű", "u"),
    ("ÚÛÙ", "U"),
    ("ýÿ", "y"),
    ("źżž", "z"),
    ("ł", "l"),
    ("\u{2018}\u{2019}\u{201a}`´", "'"),
    ("\u{201c}\u{201d}\u{201e}«»", "\""),
    ("\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}", "-"),
    ("\u{a0}\u{2009}\u{202f}", " "),
    ("…", "..."),
];

/// Replaces letters outside the alphabet by the nearest in it, where there is one.
///
/// What has no near one stays: a text in Chinese goes out whole, in the alphabet of 16 bits and 70 letters a part.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        let nearest = NEAREST.iter().find(|(letters, _)| !BASIC.contains(letter) && letters.contains(letter));
        match nearest {
            Some((_, nearest)) => folded.push_str(nearest),
            None => folded.push(letter),
        }
    }
    folded
}

/// How many septets a text takes; `None` where a letter is outside the alphabet. One message holds 160.
#[must_use]
pub fn septets(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |sum, letter| match letter {
        letter if BASIC.contains(letter) => Some(sum + 1),
        letter if EXTENSION.contains(letter) => Some(sum + 2),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_128_places() {
        // One place is the escape to the extension.
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(septets("¿Qué? 50€ {x}"), Some(13 + 3));
        assert_eq!(septets("aquí"), None);
        assert_eq!(septets(""), Some(0));
    }

    #[test]
    fn what_has_a_near_letter_is_folded_and_the_rest_stays() {
        assert_eq!(fold("Clínica \u{201c}María\u{201d} – número … ñ é Ç"), "Clinica \"Maria\" - numero ... ñ é Ç");
        assert_eq!(fold("诊所"), "诊所");
    }
}
