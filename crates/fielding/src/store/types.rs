//! Column types that both databases share: identities, instants and time zones.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Text};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An identity: 16 bytes on both databases.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    FromSqlRow,
    AsExpression,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = Binary)]
pub struct Id(pub Uuid);

impl Id {
    /// A new identity that rises with time, so that inserts go to the end of
    /// the index.
    pub fn rising() -> Self {
        Self(Uuid::now_v7())
    }

    /// A new identity that says nothing about when it was made: for responses,
    /// whose order must not be matched with the order of cases.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads the form that stands in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_simple().fmt(formatter)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<DB> ToSql<Binary, DB> for Id
where
    DB: Backend,
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_bytes().as_slice().to_sql(out)
    }
}

impl<DB> FromSql<Binary, DB> for Id
where
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = Vec::<u8>::from_sql(bytes)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

const MICROS_A_DAY: i64 = 86_400_000_000;

/// A moment: microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
#[diesel(sql_type = BigInt)]
pub struct Instant(pub i64);

impl Instant {
    /// This moment plus `seconds` (which may be negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Its day in a time zone; a day begins at local midnight.
    pub fn day_in(self, zone: Zone) -> NaiveDate {
        self.in_zone(zone).map_or_else(NaiveDate::default, |at| at.date_naive())
    }

    /// The start of its day in a time zone, for studies that keep times to the day.
    #[must_use]
    pub fn to_day_in(self, zone: Zone) -> Self {
        let day = self.day_in(zone);
        // Where clocks are put forward at midnight the day begins later.
        let start = (0..24)
            .find_map(|hour| zone.0.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest());
        // Never the moment itself: it would tell more than the day.
        let utc_day = Self(self.0.div_euclid(MICROS_A_DAY) * MICROS_A_DAY);
        start.map_or(utc_day, |start| Self(start.timestamp_micros()))
    }

    /// The moment as a clock in a time zone shows it.
    pub fn in_zone(self, zone: Zone) -> Option<DateTime<Tz>> {
        DateTime::<Utc>::from_timestamp_micros(self.0).map(|at| at.with_timezone(&zone.0))
    }
}

/// A time zone by its name in the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Zone(pub Tz);

impl Default for Zone {
    /// Vietnam's.
    fn default() -> Self {
        Self(Tz::Asia__Ho_Chi_Minh)
    }
}

impl<DB> ToSql<Text, DB> for Zone
where
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.name().to_sql(out)
    }
}

impl<DB> FromSql<Text, DB> for Zone
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let name = String::from_sql(bytes)?;
        name.parse().map(Self).map_err(|_| format!("\"{name}\" is no time zone").into())
    }
}

impl<DB> ToSql<BigInt, DB> for Instant
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB> FromSql<BigInt, DB> for Instant
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self)
    }
}
