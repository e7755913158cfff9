//! Check digits of identifiers (HL7 v2 `CX`, components 2 and 3; HL7 v2.9 section 2A.2.14).

use crate::hl7v2::Repetition;

/// Whether an identifier does not contradict its own check digit.
///
/// Judged are numbers of digits alone whose scheme (HL7 table 0061) is `M10` or `M11`; all others are as sound as they say.
pub(crate) fn is_sound(id: &Repetition<'_>) -> bool {
    let part = |number| id.component(number).value().map(|text| text.trim().to_ascii_uppercase());
    let (Some(value), Some(digit), Some(scheme)) = (part(1), part(2), part(3)) else { return true };
    let Some(digits) = value.chars().map(|sign| sign.to_digit(10)).collect::<Option<Vec<u32>>>() else { return true };
    match scheme.as_str() {
        "M10" => digit == mod_10(&digits).to_string(),
        "M11" => mod_11(&digits).is_none_or(|expected| digit == expected.to_string()),
        _ => true,
    }
}

/// Every second digit from the right doubled, the last one first; the digits of all that added up, and what is missing to a ten.
fn mod_10(digits: &[u32]) -> u32 {
    let doubled = |(place, digit): (usize, &u32)| {
        let value = if place.is_multiple_of(2) { digit * 2 } else { *digit };
        value / 10 + value % 10
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    (10 - sum % 10) % 10
}

/// The digits from the right times 2, 3, 4, 5, 6, 7 and again 2; what is missing to an eleven. None for the two remainders that no
/// digit stands for in all uses of the scheme.
fn mod_11(digits: &[u32]) -> Option<u32> {
    let sum: u32 =
        digits.iter().rev().zip([2, 3, 4, 5, 6, 7].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    let rest = sum % 11;
    (rest > 1).then(|| 11 - rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(mod_10(&[1, 2, 3, 4, 5]), 5);
        assert_eq!([mod_10(&[4, 0, 1]), mod_10(&[9; 4]), mod_10(&[9; 8])], [0, 4, 8]);
        assert_eq!(mod_11(&[1, 2, 3, 4, 5, 6, 7]), Some(4));
        assert_eq!(mod_11(&[0]), None);
    }
}
