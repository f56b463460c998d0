//! How a draw is coordinated with others of the same list.

use std::fmt;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How a draw is coordinated with others of the same list by permanent random
/// numbers (Ohlsson, 1995): which it shares units with, which it shares none with,
/// and whom it leaves out because they were drawn a short while ago.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overlap {
    /// The text from which, with its id, a unit's permanent number follows. Without
    /// it that of the records named here, or else one made of the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Records of draws of which as many units as can be are to come again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Records of draws of which as few as can be are to come again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub avoid: Vec<String>,
    /// How long somebody who was drawn is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
    /// Records of draws that this is about; those that are older are passed over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
}

impl Overlap {
    /// The records that are named, each once.
    pub fn records(&self) -> Vec<&str> {
        let mut named: Vec<&str> = Vec::new();
        for name in self.keep.iter().chain(&self.avoid).chain(&self.earlier) {
            if !named.contains(&name.as_str()) {
                named.push(name);
            }
        }
        named
    }
}

/// A time of the calendar, such as `12 months`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How many.
    pub number: u32,
    /// Of what.
    pub unit: RestUnit,
}

/// What a rest is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestUnit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months of the calendar.
    Months,
    /// Years of the calendar.
    Years,
}

impl RestUnit {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Days, "days"),
        (Self::Weeks, "weeks"),
        (Self::Months, "months"),
        (Self::Years, "years"),
    ];
}

impl Rest {
    /// Reads `12 months`, `1 year`, `30 days`, `6 weeks`.
    pub fn read(text: &str) -> Option<Self> {
        let (number, unit) = text.trim().split_once(char::is_whitespace)?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        let unit = unit.trim().trim_end_matches('s');
        let known = RestUnit::ALL.iter().find(|(_, name)| name.trim_end_matches('s') == unit)?;
        Some(Self { number, unit: known.0 })
    }

    /// The first day whose draws still rest on a day.
    pub fn since(self, day: NaiveDate) -> NaiveDate {
        let number = u64::from(self.number);
        let months =
            |factor: u32| day.checked_sub_months(Months::new(self.number.saturating_mul(factor)));
        let begin = match self.unit {
            RestUnit::Days => day.checked_sub_days(Days::new(number)),
            RestUnit::Weeks => day.checked_sub_days(Days::new(7 * number)),
            RestUnit::Months => months(1),
            RestUnit::Years => months(12),
        };
        begin.unwrap_or(NaiveDate::MIN)
    }
}

impl fmt::Display for Rest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = RestUnit::ALL.iter().find(|(unit, _)| *unit == self.unit);
        write!(formatter, "{} {}", self.number, name.map_or("", |(_, name)| name))
    }
}

impl Serialize for Rest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom(format!("`{text}` is no rest such as `12 months`"));
        Self::read(&text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_read_and_counted_back() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 31).expect("a day");
        for (text, since) in [
            ("12 months", (2025, 3, 31)),
            ("1 month", (2026, 2, 28)),
            ("1 year", (2025, 3, 31)),
            ("2 weeks", (2026, 3, 17)),
            ("30 days", (2026, 3, 1)),
        ] {
            let rest = Rest::read(text).expect("a rest");
            let (year, month, of_month) = since;
            assert_eq!(Some(rest.since(day)), NaiveDate::from_ymd_opt(year, month, of_month));
            assert_eq!(Rest::read(&rest.to_string()), Some(rest));
        }
        for text in ["", "12", "months", "0 days", "-1 days", "1 decade"] {
            assert_eq!(Rest::read(text), None, "{text}");
        }
    }
}
