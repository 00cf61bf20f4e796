//! JSON text under construction.

use std::io::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Timelike};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use crate::rules::shown;

/// JSON text that only grows. Whoever writes sees to it that the parts make a whole.
#[derive(Debug, Default)]
pub struct Json(Vec<u8>);

impl Json {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Takes back all that was written behind `len`.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Text that is JSON already.
    pub fn raw(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
    }

    pub fn null(&mut self) {
        self.raw(b"null");
    }

    /// Any value that serde can write. One that has no JSON form, such as an infinite number, is null.
    pub fn serialize<T: Serialize + ?Sized>(&mut self, value: &T) {
        let start = self.0.len();
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.truncate(start);
            self.null();
        }
    }

    /// A text without characters that JSON escapes.
    pub fn plain_text(&mut self, text: &str) {
        self.0.push(b'"');
        self.raw(text.as_bytes());
        self.0.push(b'"');
    }

    pub fn uuid(&mut self, id: Uuid) {
        self.plain_text(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    }

    /// Two decimals, as text.
    pub fn decimal(&mut self, value: Decimal) {
        self.0.push(b'"');
        match hundredths(value) {
            Some(hundredths) => self.hundredths(hundredths),
            None => self.format(format_args!("{:.2}", shown(value))),
        }
        self.0.push(b'"');
    }

    fn hundredths(&mut self, hundredths: i64) {
        let whole = hundredths.unsigned_abs();
        self.raw(if hundredths < 0 { b"-" } else { b"" });
        self.raw(itoa::Buffer::new().format(whole / 100).as_bytes());
        self.0.push(b'.');
        self.digits(u32::try_from(whole % 100).unwrap_or_default());
    }

    /// `2026-03-01`
    pub fn date(&mut self, day: NaiveDate) {
        self.0.push(b'"');
        self.day(day);
        self.0.push(b'"');
    }

    /// `08:30:00`, with as many decimals as the time has.
    pub fn time(&mut self, time: NaiveTime) {
        self.0.push(b'"');
        self.clock(time);
        self.0.push(b'"');
    }

    /// `2026-03-01T08:30:00Z`
    pub fn moment(&mut self, moment: NaiveDateTime) {
        self.0.push(b'"');
        if (0..=9999).contains(&moment.year()) && moment.nanosecond() < 1_000_000_000 {
            self.day(moment.date());
            self.0.push(b'T');
            self.clock(moment.time());
            self.0.push(b'Z');
        } else {
            let text = moment.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
            self.raw(text.as_bytes());
        }
        self.0.push(b'"');
    }

    /// By hand, since chrono's own formatting was a tenth of an answer's cost.
    fn day(&mut self, day: NaiveDate) {
        match u32::try_from(day.year()) {
            Ok(year @ 0..=9999) => {
                self.digits(year / 100);
                self.digits(year % 100);
                self.0.push(b'-');
                self.digits(day.month());
                self.0.push(b'-');
                self.digits(day.day());
            }
            _ => self.format(format_args!("{day}")),
        }
    }

    fn clock(&mut self, time: NaiveTime) {
        if time == entity::end_of_day() {
            return self.raw(b"24:00:00");
        }
        if time.nanosecond() >= 1_000_000_000 {
            return self.format(format_args!("{}", time.format("%H:%M:%S%.f")));
        }
        for (before, number) in [("", time.hour()), (":", time.minute()), (":", time.second())] {
            self.raw(before.as_bytes());
            self.digits(number);
        }
        match time.nanosecond() {
            0 => {}
            nanos if nanos % 1_000_000 == 0 => self.format(format_args!(".{:03}", nanos / 1_000_000)),
            nanos if nanos % 1_000 == 0 => self.format(format_args!(".{:06}", nanos / 1_000)),
            nanos => self.format(format_args!(".{nanos:09}")),
        }
    }

    /// Two digits of a number below 100.
    fn digits(&mut self, number: u32) {
        for digit in [number / 10, number % 10] {
            self.0.push(b'0' + u8::try_from(digit % 10).unwrap_or_default());
        }
    }

    fn format(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.0.write_fmt(arguments);
    }
}

/// A number as the databases store it; `None` for one with more decimals, or zero with a sign.
fn hundredths(value: Decimal) -> Option<i64> {
    let mantissa = i64::try_from(value.mantissa()).ok()?;
    let factor = match value.scale() {
        0 => 100,
        1 => 10,
        2 => 1,
        _ => return None,
    };
    mantissa.checked_mul(factor).filter(|_| mantissa != 0 || !value.is_sign_negative())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat};
    use proptest::prelude::*;

    use super::{Decimal, Json, shown};

    fn written(write: impl FnOnce(&mut Json)) -> String {
        let mut json = Json::default();
        write(&mut json);
        let text = String::from_utf8(json.into_bytes()).expect("text");
        text.trim_matches('"').to_owned()
    }

    proptest! {
        #[test]
        fn days_and_moments_read_as_chrono_writes_them(seconds in -99_999_999_999_i64..300_000_000_000, nanos in prop_oneof![
            Just(0), Just(500_000_000), 0..1_000_000_000_u32, (0..1_000_000_u32).prop_map(|micros| micros * 1000),
        ]) {
            let moment = DateTime::from_timestamp(seconds, nanos).expect("a moment");
            let naive = moment.naive_utc();
            prop_assert_eq!(written(|json| json.moment(naive)), moment.to_rfc3339_opts(SecondsFormat::AutoSi, true));
            prop_assert_eq!(written(|json| json.date(naive.date())), naive.date().to_string());
            prop_assert_eq!(written(|json| json.time(naive.time())), naive.time().format("%H:%M:%S%.f").to_string());
        }
    }

    proptest! {
        #[test]
        fn decimals_read_as_they_are_shown(mantissa in prop_oneof![-1000_i64..1000, any::<i64>()], scale in 0_u32..6) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(written(|json| json.decimal(value)), format!("{:.2}", shown(value)));
        }
    }

    #[test]
    fn a_leap_second_and_the_last_day_are_written_too() {
        let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).expect("a leap second");
        assert_eq!(written(|json| json.time(leap)), "23:59:60.500");
        assert_eq!(written(|json| json.date(NaiveDate::MAX)), NaiveDate::MAX.to_string());
    }
}
