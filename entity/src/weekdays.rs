use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::sqlx::error::BoxDynError;
use sea_orm::sqlx::postgres::{PgRow, PgTypeInfo, PgValueRef};
use sea_orm::sqlx::{Decode, Postgres, Row, Type};
use sea_orm::{ColIdx, DbBackend, DbErr, QueryResult, RuntimeErr, TryGetError, TryGetable, Value};
use serde::{Deserialize, Serialize};

/// Days of the week, 0 = Sunday to 6 = Saturday: `INTEGER[]` on PostgreSQL, JSON text on SQLite.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<i32>", into = "Vec<i32>")]
pub struct Weekdays {
    days: Vec<i32>,
    as_array: bool,
}

impl Weekdays {
    #[must_use]
    pub fn new(days: Vec<i32>) -> Self {
        Self { days, as_array: false }
    }

    /// What is no number in it is no day.
    pub(crate) fn from_json(json: &sea_orm::JsonValue) -> Self {
        let days = json.as_array().map(Vec::as_slice).unwrap_or_default();
        Self::new(days.iter().filter_map(|day| day.as_i64()?.try_into().ok()).collect())
    }

    #[must_use]
    pub fn days(&self) -> &[i32] {
        &self.days
    }

    /// The form in which this database takes them.
    #[must_use]
    pub fn for_backend(self, backend: DbBackend) -> Self {
        Self { as_array: backend == DbBackend::Postgres, ..self }
    }
}

impl From<Vec<i32>> for Weekdays {
    fn from(days: Vec<i32>) -> Self {
        Self::new(days)
    }
}

impl From<Weekdays> for Vec<i32> {
    fn from(weekdays: Weekdays) -> Self {
        weekdays.days
    }
}

impl PartialEq for Weekdays {
    fn eq(&self, other: &Self) -> bool {
        self.days == other.days
    }
}

impl Eq for Weekdays {}

impl From<Weekdays> for Value {
    fn from(weekdays: Weekdays) -> Self {
        if weekdays.as_array {
            weekdays.days.into()
        } else {
            sea_orm::JsonValue::from(weekdays.days).to_string().into()
        }
    }
}

impl TryGetable for Weekdays {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        match row.try_as_pg_row() {
            Some(row) => from_array(row, index),
            None => from_json_text(row, index),
        }
    }
}

impl Type<Postgres> for Weekdays {
    fn type_info() -> PgTypeInfo {
        <Vec<i32> as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Weekdays {
    /// An array of another writer may hold NULLs, which are no days.
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let days = <Vec<Option<i32>> as Decode<Postgres>>::decode(value)?;
        Ok(Self::new(days.into_iter().flatten().collect()))
    }
}

fn from_array<I: ColIdx>(row: &PgRow, index: I) -> Result<Weekdays, TryGetError> {
    let days: Option<Weekdays> = row
        .try_get(index.as_sqlx_postgres_index())
        .map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
    days.ok_or_else(|| TryGetError::Null(format!("{index:?}")))
}

fn from_json_text<I: ColIdx>(row: &QueryResult, index: I) -> Result<Weekdays, TryGetError> {
    Ok(Weekdays::from_json(&sea_orm::JsonValue::try_get_by(row, index)?))
}

impl ValueType for Weekdays {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::String(Some(text)) => {
                let days = text.trim_matches(['[', ']']).split(',').filter(|day| !day.trim().is_empty());
                let days =
                    days.map(|day| day.trim().parse().map_err(|_| ValueTypeErr)).collect::<Result<_, _>>()?;
                Ok(Self::new(days))
            }
            array => <Vec<i32> as ValueType>::try_from(array).map(Self::new),
        }
    }

    fn type_name() -> String {
        "Weekdays".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Array(ColumnType::Integer.into())
    }
}

impl Nullable for Weekdays {
    fn null() -> Value {
        Value::String(None)
    }
}
