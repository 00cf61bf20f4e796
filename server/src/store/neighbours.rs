//! The product's own tables - `users`, `therapy_sessions`, `therapist_patients` - whose columns vary
//! from one installation to the next. Each is read through a derived table that gives it the columns
//! of its entity, so that nothing above has to know.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The derived tables, found out once when connecting.
#[derive(Clone, Debug)]
pub struct Neighbours {
    backend: DbBackend,
    users: Columns,
    pairs: Columns,
}

type Columns = HashSet<String>;

impl Neighbours {
    pub async fn discover(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        Ok(Self {
            backend: db.get_database_backend(),
            users: columns(db, "users").await?,
            pairs: columns(db, "therapist_patients").await?,
        })
    }

    /// `id, full_name, role, time_zone, week_start` of every user; UTC and Monday unless our settings say
    /// otherwise. A user without a role has one that we do not know.
    #[must_use]
    pub fn people(&self) -> SelectStatement {
        let mut people = Query::select();
        people
            .expr_as(Expr::cust("u.id"), "id")
            .expr_as(Expr::cust(self.name()), "full_name")
            .expr_as(Expr::cust("COALESCE(CAST(u.role AS text), '')"), "role")
            .expr_as(Expr::cust("COALESCE(s.time_zone, 'UTC')"), "time_zone")
            .expr_as(Expr::cust("COALESCE(w.week_start, 'monday')"), "week_start")
            .from_as("users", "u")
            .left_join(
                sea_orm::sea_query::TableRef::from("waymark_settings").alias("s"),
                Expr::cust("s.user_id = u.id"),
            )
            .left_join(
                sea_orm::sea_query::TableRef::from("waymark_weeks").alias("w"),
                Expr::cust("w.user_id = u.id"),
            );
        people
    }

    /// Sessions that have both a patient and a therapist; their date as a moment in UTC.
    #[must_use]
    pub fn sessions(&self) -> SelectStatement {
        let date = match self.backend {
            DbBackend::Postgres => "CAST(t.session_date AS timestamp)",
            _ => "t.session_date",
        };
        let mut sessions = Query::select();
        sessions
            .exprs([Expr::cust("t.id"), Expr::cust("t.patient_id"), Expr::cust("t.therapist_id")])
            .expr_as(Expr::cust(date), "session_date")
            .from_as("therapy_sessions", "t")
            .and_where(Expr::cust("t.patient_id").is_not_null())
            .and_where(Expr::cust("t.therapist_id").is_not_null());
        sessions
    }

    /// `therapist_id, patient_id` of the pairs that are or were together.
    #[must_use]
    pub fn pairs(&self) -> SelectStatement {
        let mut pairs = Query::select();
        pairs
            .exprs([Expr::cust("p.therapist_id"), Expr::cust("p.patient_id")])
            .from_as("therapist_patients", "p");
        pairs
    }

    /// Those that are together at present.
    #[must_use]
    pub fn present_pairs(&self) -> SelectStatement {
        let mut pairs = self.pairs();
        if self.pairs.contains("is_active") {
            pairs.and_where(Expr::cust("COALESCE(p.is_active, TRUE)"));
        }
        if self.pairs.contains("ended_at") {
            pairs.and_where(Expr::cust("p.ended_at").is_null());
        }
        pairs
    }

    /// The first of full name, first and last name, name and e-mail that is there and not empty.
    fn name(&self) -> String {
        let candidates = [
            ("full_name", "u.full_name"),
            ("first_name", "COALESCE(u.first_name, '') || ' ' || COALESCE(u.last_name, '')"),
            ("name", "u.name"),
            ("email", "u.email"),
        ];
        let present = candidates.iter().filter(|(column, _)| self.users.contains(*column));
        let parts: Vec<_> = present.map(|(_, text)| format!("NULLIF(TRIM({text}), '')")).collect();
        format!("COALESCE({}, '')", [parts, vec!["NULL".to_owned()]].concat().join(", "))
    }
}

async fn columns(db: &impl ConnectionTrait, table: &str) -> Result<Columns, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT attname::text AS name FROM pg_attribute \
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped"
        }
        _ => "SELECT name FROM pragma_table_info(?)",
    };
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [table.into()]);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}
