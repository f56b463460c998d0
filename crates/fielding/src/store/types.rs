//! The three column types that both databases share: identities, instants and
//! JSON kept as text.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Binary};
use uuid::Uuid;

/// An identity: 16 bytes on both databases.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
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

/// A moment: microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
#[diesel(sql_type = BigInt)]
pub struct Instant(pub i64);

impl Instant {
    /// Now.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_micros())
    }

    /// This moment plus `seconds` (which may be negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The start of its day, for studies that keep times to the day.
    #[must_use]
    pub fn to_day(self) -> Self {
        const DAY_US: i64 = 86_400_000_000;
        Self((self.0 + EAST_US).div_euclid(DAY_US) * DAY_US - EAST_US)
    }

    /// Its day in Vietnam, where the last day of a study ends at midnight.
    pub fn day(self) -> NaiveDate {
        DateTime::<Utc>::from_timestamp_micros(self.0.saturating_add(EAST_US))
            .map_or_else(NaiveDate::default, |at| at.date_naive())
    }
}

/// Vietnam's time: 7 hours ahead of UTC, all year.
const EAST_US: i64 = 7 * 3_600_000_000;

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
