//! Numbers as people say them, for the languages that have sentences.

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const GERMAN: [&str; 20] = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const GERMAN_TENS: [&str; 8] = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

/// Each way to say a number below a million, with single spaces and no hyphens; none in a language that is not known.
pub fn number_words(language: &str, number: i64) -> Vec<String> {
    let Some(size) = usize::try_from(number.unsigned_abs()).ok().filter(|size| *size < 1_000_000) else {
        return Vec::new();
    };
    let (mut words, minus) = match language.split(['-', '_']).next() {
        Some("en") => (english(size), "minus"),
        Some("de") => (german(size), "minus"),
        _ => return Vec::new(),
    };
    if number < 0 {
        for word in &mut words {
            word.insert_str(0, &format!("{minus} "));
        }
    }
    words
}

fn english(number: usize) -> Vec<String> {
    match number {
        0..20 => vec![ENGLISH[number].into()],
        20..100 if number.is_multiple_of(10) => vec![ENGLISH_TENS[number / 10 - 2].into()],
        20..100 => vec![format!("{} {}", ENGLISH_TENS[number / 10 - 2], ENGLISH[number % 10])],
        100..1000 => joined(&english(number / 100), "hundred", number % 100),
        _ => joined(&english(number / 1000), "thousand", number % 1000),
    }
}

fn joined(much: &[String], unit: &str, rest: usize) -> Vec<String> {
    let mut ways = Vec::new();
    for much in much {
        if rest == 0 {
            ways.push(format!("{much} {unit}"));
            continue;
        }
        for rest_words in english(rest) {
            ways.push(format!("{much} {unit} {rest_words}"));
            if rest < 100 {
                ways.push(format!("{much} {unit} and {rest_words}"));
            }
        }
    }
    ways
}

fn german(number: usize) -> Vec<String> {
    match number {
        // Before a noun it is "ein" or "eine", alone "eins".
        1 => ["ein", "eine", "einer", "eins"].map(str::to_owned).to_vec(),
        2 => ["zwei", "zwo"].map(str::to_owned).to_vec(),
        0..20 => vec![GERMAN[number].into()],
        20..100 if number.is_multiple_of(10) => vec![GERMAN_TENS[number / 10 - 2].into()],
        20..100 => vec![format!("{}und{}", GERMAN[number % 10], GERMAN_TENS[number / 10 - 2])],
        100..1000 => glued(number / 100, "hundert", number % 100),
        _ => glued(number / 1000, "tausend", number % 1000),
    }
}

fn glued(much: usize, unit: &str, rest: usize) -> Vec<String> {
    let much = match much {
        1 => vec!["ein".to_owned(), String::new()],
        much => german(much),
    };
    let rest = if rest == 0 { vec![String::new()] } else { german(rest) };
    much.iter().flat_map(|much| rest.iter().map(move |rest| format!("{much}{unit}{rest}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_every_usual_way() {
        for (language, number, way) in [
            ("en", 0, "zero"),
            ("en", 21, "twenty one"),
            ("en-GB", 90, "ninety"),
            ("en", 121, "one hundred and twenty one"),
            ("en", 2700, "two thousand seven hundred"),
            ("en", -5, "minus five"),
            ("de", 1, "eine"),
            ("de", 21, "einundzwanzig"),
            ("de", 130, "hundertdreißig"),
            ("de", 2700, "zweitausendsiebenhundert"),
        ] {
            assert!(number_words(language, number).iter().any(|said| said == way), "{number}: {way}");
        }
        assert!(number_words("xx", 1).is_empty() && number_words("en", 1_000_000).is_empty());
    }

    #[test]
    fn no_two_numbers_are_said_alike() {
        for language in ["en", "de"] {
            let mut all: Vec<_> = (-20..10_000).flat_map(|number| number_words(language, number)).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
