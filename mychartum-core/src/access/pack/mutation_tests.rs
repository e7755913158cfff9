//! Packs changed at random: each is read or refused with a line that it has, and nothing panics.
#![allow(clippy::string_slice, reason = "the good pack is ascii")]

use super::good_pack::GOOD;
use super::*;
use crate::access::grant::LegalBasis;
use proptest::prelude::*;

/// Whatever was read is a whole pack, and whatever was refused names a line that is there.
fn read_or_refused_in_a_line(text: &str) -> Result<(), TestCaseError> {
    match PolicyPack::parse(text) {
        Ok(pack) => {
            prop_assert_eq!(pack.bands().first().unwrap().from, 0);
            for age in 0..=u8::MAX {
                let band = pack.band_at(age).unwrap();
                prop_assert!(band.from <= age && band.until.is_none_or(|until| age < until));
            }
            prop_assert!(pack.templates().iter().all(|template| template.shown.and(BY_CONSENT_ONLY).is_empty()));
            prop_assert!(pack.basis(LegalBasis::PatientConsent).is_some());
        }
        Err(error) => {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1), "{error}");
        }
    }
    Ok(())
}

fn numbers(text: &str) -> Vec<core::ops::Range<usize>> {
    let mut found: Vec<core::ops::Range<usize>> = Vec::new();
    for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match found.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
        assert!(byte.is_ascii_digit());
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_pack_without_some_lines_is_read_or_refused(which in 0usize..17, gone in proptest::collection::vec(0usize..400, 1..3)) {
        let (_, text) = PolicyPack::shipped().nth(which).unwrap();
        let kept: Vec<&str> = text.lines().enumerate().filter(|(n, _)| !gone.contains(n)).map(|(_, line)| line).collect();
        read_or_refused_in_a_line(&kept.join("\n"))?;
    }

    #[test]
    fn a_pack_with_two_lines_exchanged_is_read_or_refused(a in 0usize..200, b in 0usize..200) {
        let mut lines: Vec<&str> = GOOD.lines().collect();
        let count = lines.len();
        lines.swap(a % count, b % count);
        read_or_refused_in_a_line(&lines.join("\r\n"))?;
    }

    #[test]
    fn a_pack_with_another_number_is_read_or_refused(place in 0usize..200, number in any::<i64>(), small in 0i64..70, big: bool) {
        let places = numbers(GOOD);
        let place = places[place % places.len()].clone();
        let number = if big { number } else { small };
        read_or_refused_in_a_line(&format!("{}{number}{}", &GOOD[..place.start], &GOOD[place.end..]))?;
    }

    #[test]
    fn a_pack_with_two_numbers_exchanged_is_read_or_refused(a in 0usize..200, b in 0usize..200) {
        let places = numbers(GOOD);
        let (a, b) = (places[a % places.len()].clone(), places[b % places.len()].clone());
        let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
        prop_assume!(a != b);
        let text = [&GOOD[..a.start], &GOOD[b.clone()], &GOOD[a.end..b.start], &GOOD[a], &GOOD[b.end..]].concat();
        read_or_refused_in_a_line(&text)?;
    }

    #[test]
    fn a_pack_with_other_characters_is_read_or_refused(at in 0usize..4000, cut in 0usize..5, put in "[\\PC\n\"=\\[\\]]{0,4}") {
        let at = at % GOOD.len();
        let end = (at + cut).min(GOOD.len());
        read_or_refused_in_a_line(&format!("{}{put}{}", &GOOD[..at], &GOOD[end..]))?;
        read_or_refused_in_a_line(&format!("{}{put}", &GOOD[..at]))?;
        read_or_refused_in_a_line(&put)?;
    }
}
