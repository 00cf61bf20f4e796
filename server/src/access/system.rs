//! The door for the server's own work: what it has to know before there is a viewer, or for no viewer at
//! all. Nothing that is read here is shown to anybody.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::{goal, person};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::{Seen, Viewer, Visible, unscoped};
use crate::store::span::{Span, Spans};
use crate::store::{Store, dialect};

/// Rows that the server works on by itself when their time has come. What it does is told by events, and
/// whoever hears of one reads what it is about through their own eyes.
#[must_use]
pub fn worked_on<E: Visible>(store: &Store) -> Select<E> {
    unscoped::<E>(store)
}

/// The spans of goals that the server works on by itself.
#[must_use]
pub fn spans_worked_on(store: &Store, spans: &[Span]) -> Spans {
    let mut rows = Query::select();
    rows.columns([(Alias::new("span"), Asterisk)])
        .from_subquery(dialect::spans(store.get_database_backend(), spans), Alias::new("span"));
    Spans(rows)
}

impl Viewer {
    /// The viewer a verified token stands for; `None` when the person is gone or their role is not one
    /// that Waymark knows.
    pub async fn identify(store: Store, id: Uuid) -> Result<Option<Self>, DbErr> {
        let people = unscoped::<person::Entity>(&store).filter(person::Column::Id.eq(id));
        let Some(person) = people.one(&store).await? else { return Ok(None) };
        Ok(person.role().map(|role| Self { person: Seen::new(person), role, store }))
    }

    /// As [`identify`](Self::identify), for several people in one statement.
    pub async fn identify_all(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Self>, DbErr> {
        let id = person::Column::Id.into_simple_expr();
        let among = dialect::among(store.get_database_backend(), id, ids);
        let people = unscoped::<person::Entity>(store).filter(among).all(store).await?;
        let viewer = |person: person::Model| {
            let role = person.role()?;
            Some((person.id, Self { person: Seen::new(person), role, store: store.clone() }))
        };
        Ok(people.into_iter().filter_map(viewer).collect())
    }

    /// A column of a select of goals: the zone that the goal's patient lives in. Seeing the goal is enough.
    #[must_use]
    pub fn zone_of_goal(&self) -> SimpleExpr {
        let patient = person::Column::Id.into_simple_expr().eq(goal::Column::PatientId.into_simple_expr());
        let zone = unscoped::<person::Entity>(&self.store).filter(patient);
        SimpleExpr::from(zone.select_only().column(person::Column::TimeZone).into_query())
    }

    /// The zone a patient lives in; UTC for a name that is no zone.
    pub async fn zone_of(&self, db: &impl ConnectionTrait, patient: Uuid) -> Result<Tz, DbErr> {
        Ok(self.zones_of(db, &[patient]).await?.remove(&patient).unwrap_or_default())
    }

    /// The zones patients live in.
    pub async fn zones_of(
        &self,
        db: &impl ConnectionTrait,
        patients: &[Uuid],
    ) -> Result<HashMap<Uuid, Tz>, DbErr> {
        let among =
            dialect::among(db.get_database_backend(), person::Column::Id.into_simple_expr(), patients);
        let people = self.all::<person::Entity>().filter(among).all(db).await?;
        Ok(people.iter().map(|person| (person.id, person.time_zone.parse().unwrap_or_default())).collect())
    }
}

/// Who treats these patients at present: for finding out whom news may concern. What they hear of it
/// is read through their own eyes.
pub async fn therapists_of(store: &Store, patients: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, DbErr> {
    let mut pairs = store.neighbours().present_pairs();
    let patient = Expr::col((Alias::new("p"), Alias::new("patient_id")));
    pairs.and_where(dialect::among(store.get_database_backend(), patient, patients));
    let mut therapists = HashMap::<Uuid, Vec<Uuid>>::new();
    for row in store.query_all(&pairs).await? {
        therapists.entry(row.try_get("", "patient_id")?).or_default().push(row.try_get("", "therapist_id")?);
    }
    Ok(therapists)
}

/// The id of a user by e-mail address or id, for whoever has the database's own key.
pub async fn user_id(store: &Store, email_or_id: &str) -> Result<Option<Uuid>, DbErr> {
    let mut user = Query::select();
    user.column("id").from("users");
    match email_or_id.parse::<Uuid>() {
        Ok(id) => user.and_where(Expr::col("id").eq(id)),
        Err(_) => user.and_where(Expr::from(Func::lower(Expr::col("email"))).eq(email_or_id.to_lowercase())),
    };
    store.query_one(&user).await?.map(|row| row.try_get("", "id")).transpose()
}
