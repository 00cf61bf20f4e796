//! Numbers, days and texts that are refused wherever they come from.

use serde_json::json;

use super::{date, decimal, told};
use crate::rules::input::number::{self, Purpose};
use crate::rules::input::{Code, Path, Today, date as dates, text};
use crate::rules::instrument;
use crate::rules::measure::Measure;

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };

fn here() -> Path {
    Path::input()
}

#[test]
fn numbers_that_no_column_holds() {
    let parsed = |text: &str| number::parse(&here(), "The value", text).map_err(|problem| problem.code);
    for (text, value) in
        [("5", "5"), (" -2.50 ", "-2.5"), ("1e3", "1000"), ("99999999.99", "99999999.99"), ("1.100", "1.1")]
    {
        assert_eq!(parsed(text), Ok(decimal(value)), "{text}");
    }
    for text in ["1e400", "-1e400", "100000000", "99999999.995", "1e28", "123456789012345678901234567890123"]
    {
        assert_eq!(parsed(text), Err(Code::OutOfRange), "{text}");
    }
    let long = "0.00000000000000000000000000000000000001";
    for text in [
        "NaN",
        "inf",
        "-Infinity",
        "",
        " ",
        "abc",
        "1_000",
        "0x10",
        "1,5",
        "1e",
        "--1",
        "1.001",
        "1e-3",
        long,
    ] {
        assert_eq!(parsed(text), Err(Code::Invalid), "{text}");
    }
}

#[test]
fn values_by_measure() {
    let code = |measure: Measure, value: &str, purpose| {
        number::measured(&here(), "The value", decimal(value), Some(measure), purpose)
            .map(|problem| problem.code)
    };
    let entry = |measure, value: &str| code(measure, value, Purpose::Entry);
    let phq9 = Measure::Assessment(instrument::find("PHQ-9"));
    assert_eq!((entry(SCALE, "1"), entry(SCALE, "10"), entry(SCALE, "7.25")), (None, None, None));
    assert_eq!(
        (entry(SCALE, "0.99"), entry(SCALE, "10.01")),
        (Some(Code::OutOfRange), Some(Code::OutOfRange))
    );
    assert_eq!((entry(Measure::Binary, "0"), entry(Measure::Binary, "1.00")), (None, None));
    assert_eq!(
        (entry(Measure::Binary, "2"), entry(Measure::Binary, "0.5")),
        (Some(Code::OutOfRange), Some(Code::OutOfRange))
    );
    assert_eq!((entry(Measure::Frequency, "0"), entry(Measure::Frequency, "3")), (None, None));
    assert_eq!(
        (entry(Measure::Frequency, "-1"), entry(Measure::Frequency, "1.5")),
        (Some(Code::OutOfRange), Some(Code::Invalid))
    );
    assert_eq!(
        (entry(Measure::Duration, "7.5"), entry(Measure::Duration, "-0.01")),
        (None, Some(Code::OutOfRange))
    );
    assert_eq!(
        (entry(phq9, "27"), entry(phq9, "28"), entry(phq9, "9.5")),
        (None, Some(Code::OutOfRange), Some(Code::Invalid))
    );
    assert_eq!(entry(Measure::Assessment(instrument::find("ORS")), "24.6"), None);
    assert_eq!(entry(Measure::Assessment(instrument::find("K10")), "9"), Some(Code::OutOfRange));
    assert_eq!(
        (entry(Measure::Assessment(None), "400"), entry(Measure::Assessment(None), "-1")),
        (None, Some(Code::OutOfRange))
    );
    assert_eq!(code(Measure::Binary, "12", Purpose::Goal), None);
    assert_eq!(code(Measure::Binary, "1.5", Purpose::Goal), Some(Code::Invalid));
    assert_eq!(code(Measure::Frequency, "2.5", Purpose::Goal), None);
    assert_eq!(code(phq9, "4.5", Purpose::Goal), None);
    let unmeasured = number::measured(&here(), "The value", decimal("-1e8"), None, Purpose::Entry);
    assert_eq!(told(unmeasured), ["OutOfRange input"]);
}

#[test]
fn days_and_times() {
    let today = date("2026-03-08");
    for text in ["10000-01-01", "+10000-01-01", "2026-02-30", "8.3.2026", ""] {
        let found = dates::parse(&here(), "The date", text).map_err(|problem| problem.code);
        assert!(matches!(found, Err(Code::Invalid | Code::OutOfRange)), "{text}");
    }
    for text in ["0000-01-01", "0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"] {
        let found = dates::parse(&here(), "The date", text).map_err(|problem| problem.code);
        assert_eq!(found, Err(Code::OutOfRange), "{text}");
    }
    assert_eq!(dates::parse(&here(), "The date", "2026-03-08"), Ok(today));
    for text in ["24:00", "9", "23:59:60", "noon"] {
        assert!(dates::parse_time(&here(), "The time", text).is_err(), "{text}");
    }
    assert_eq!(
        dates::parse_time(&here(), "The time", "09:30").map(|time| time.to_string()),
        Ok("09:30:00".into())
    );
    let known = Today::Known(today);
    assert_eq!(told(dates::past(&here(), "The date", date("2026-03-09"), known)), ["OutOfRange input"]);
    assert_eq!(dates::past(&here(), "The date", today, known), None);
    assert_eq!(told(dates::upcoming(&here(), "The date", date("2026-03-07"), known)), ["OutOfRange input"]);
    assert_eq!(dates::upcoming(&here(), "The date", today, known), None);
    // It may be yesterday where the patient is, but not the day after.
    let unknown = Today::AtMost(today);
    assert_eq!(dates::upcoming(&here(), "The date", date("2026-03-07"), unknown), None);
    assert_eq!(told(dates::past(&here(), "The date", date("2026-03-09"), unknown)), ["OutOfRange input"]);
}

#[test]
fn texts() {
    let code = |words: &str| text::required(&here(), "The title", words, 5).map(|problem| problem.code);
    assert_eq!((code("fünf!"), code("a"), code("sechs!")), (None, None, Some(Code::TooLong)));
    assert_eq!(
        (code(""), code(" \n"), code("a\0b")),
        (Some(Code::Required), Some(Code::Required), Some(Code::Invalid))
    );
    assert_eq!(text::optional(&here(), "The notes", None, 5), None);
    assert_eq!(
        told(text::optional(&here(), "The notes", Some(&"x".repeat(10_000_000)), text::LONG)),
        ["TooLong input"]
    );
    let json = |value| text::json(&here(), "The labels", Some(&value)).map(|problem| problem.code);
    assert_eq!(json(json!({ "1": "low", "10": ["high", null, 1, true] })), None);
    assert_eq!(json(json!({ "1": ["a\0"] })), Some(Code::Invalid));
    assert_eq!(json(json!({ "a\0": 1 })), Some(Code::Invalid));
    assert_eq!(json(json!("x".repeat(20_000))), Some(Code::TooLong));
}
