//! Typed columns: words that are enums, and JSON that is what it holds. What is
//! stored and cannot be read is an error of the query, never a default.

use std::sync::OnceLock;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::rules::access::Role;
use crate::rules::disposition::{Disposition, Event};
use crate::rules::states::{
    AccountLetterKind, AuditAction, BlockShape, CaseStatus, CommentWeight, DayCount, EditStep,
    Ended, Example, FrameState, LinkPurpose, MessageKind, MessageState, Mode, Prepared, Privacy,
    ResponseState, SessionStage, StudyStatus, SuppressionReason, TrialState, Verdict,
};

/// Lets enums of words stand in text columns.
macro_rules! columns_of_words {
    ($($name:ident),+ $(,)?) => { $(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive, sql_type = Text)]
            #[expect(dead_code, reason = "only carries what diesel derives over to the enum")]
            struct Foreign($name);
        };

        impl<DB> ToSql<Text, DB> for $name
        where
            DB: Backend,
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<Text, DB>::to_sql(self.word(), out)
            }
        }

        impl<DB> FromSql<Text, DB> for $name
        where
            DB: Backend,
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let word = String::from_sql(bytes)?;
                let found = Self::from_word(&word);
                found.ok_or_else(|| format!("{} has no \"{word}\"", stringify!($name)).into())
            }
        }
    )+ };
}

columns_of_words!(
    AccountLetterKind,
    AuditAction,
    BlockShape,
    CaseStatus,
    DayCount,
    Disposition,
    EditStep,
    CommentWeight,
    TrialState,
    Verdict,
    Example,
    Ended,
    Event,
    FrameState,
    LinkPurpose,
    MessageKind,
    MessageState,
    Mode,
    Privacy,
    ResponseState,
    Role,
    SessionStage,
    StudyStatus,
    Prepared,
    SuppressionReason,
);

/// A value that a text column holds as JSON.
#[derive(Clone, Debug, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T> {
    value: T,
    /// What is bound to a statement must live as long as it does.
    text: OnceLock<String>,
}

impl<T> Json<T> {
    /// A value to be stored.
    pub fn new(value: T) -> Self {
        Self { value, text: OnceLock::new() }
    }

    /// What is stored.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, DB> ToSql<Text, DB> for Json<T>
where
    T: Serialize + std::fmt::Debug,
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        let text = match self.text.get() {
            Some(text) => text,
            None => {
                let text = serde_json::to_string(&self.value)?;
                self.text.get_or_init(|| text)
            }
        };
        ToSql::<Text, DB>::to_sql(text.as_str(), out)
    }
}

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    T: DeserializeOwned,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Ok(Self::new(serde_json::from_str(&text)?))
    }
}
