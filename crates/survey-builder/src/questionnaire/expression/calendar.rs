//! Days and times of day: reading, printing and counting them.
//!
//! Years run from 1 to 9999, so that a day has one printed form of ten
//! characters in both evaluators and in every export.

use chrono::{Datelike, Days, NaiveDate};

/// Reads `2026-11-23`.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(
        text[0..4].parse().ok()?,
        text[5..7].parse().ok()?,
        text[8..10].parse().ok()?,
    )?;
    (day.year() >= 1).then_some(day)
}

/// Prints `2026-11-23`.
pub(super) fn print_date(day: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// Prints a day by a form in which `%Y` is the year, `%y` its last two digits,
/// `%m` and `%d` month and day with two digits, `%n` and `%e` without a zero.
/// Anything else stands for itself.
pub(super) fn format_date(day: NaiveDate, form: &str) -> String {
    let mut printed = String::with_capacity(form.len() + 8);
    let mut signs = form.chars();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            printed.push(sign);
            continue;
        }
        match signs.next() {
            Some('Y') => printed.push_str(&format!("{:04}", day.year())),
            Some('y') => printed.push_str(&format!("{:02}", day.year() % 100)),
            Some('m') => printed.push_str(&format!("{:02}", day.month())),
            Some('n') => printed.push_str(&day.month().to_string()),
            Some('d') => printed.push_str(&format!("{:02}", day.day())),
            Some('e') => printed.push_str(&day.day().to_string()),
            Some(other) => printed.extend(['%', other]),
            None => printed.push('%'),
        }
    }
    printed
}

/// Reads `18:30` as minutes since midnight.
pub(super) fn parse_time(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 5
        && bytes[2] == b':'
        && [0, 1, 3, 4].iter().all(|place| bytes[*place].is_ascii_digit());
    if !shaped {
        return None;
    }
    let hour: u16 = text[0..2].parse().ok()?;
    let minute: u16 = text[3..5].parse().ok()?;
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Prints minutes since midnight as `18:30`.
pub(super) fn print_time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Days from `from` to `to`.
pub(super) fn days_between(from: NaiveDate, to: NaiveDate) -> f64 {
    // A difference of days within years 1 to 9999 is far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "below four million")]
    let days = (to - from).num_days() as f64;
    days
}

/// Whole months from `from` to `to`: one has passed when its day of the month
/// is reached; negative when `to` is earlier.
pub(super) fn months_between(from: NaiveDate, to: NaiveDate) -> f64 {
    if to < from {
        return -months_between(to, from);
    }
    let months =
        (to.year() - from.year()) * 12 + to.month().cast_signed() - from.month().cast_signed();
    f64::from(months - i32::from(to.day() < from.day()))
}

/// Whole years from `from` to `to`: one has passed when its day of the year
/// is reached; negative when `to` is earlier.
pub(super) fn years_between(from: NaiveDate, to: NaiveDate) -> f64 {
    if to < from {
        return -years_between(to, from);
    }
    let reached = (to.month(), to.day()) >= (from.month(), from.day());
    f64::from(to.year() - from.year() - i32::from(!reached))
}

/// The day `count` days later (earlier if negative; a fraction is cut off),
/// if it lies in years 1 to 9999.
pub(super) fn add_days(day: NaiveDate, count: f64) -> Option<NaiveDate> {
    let count = count.trunc();
    if count.abs() > 4_000_000.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let distance = Days::new(count.abs() as u64);
    let moved =
        if count < 0.0 { day.checked_sub_days(distance) } else { day.checked_add_days(distance) }?;
    (1..=9999).contains(&moved.year()).then_some(moved)
}
