//! The door for the server's own work: what it has to know before there is a viewer, or for no viewer at
//! all. Nothing that is read here is shown to anybody.

use std::collections::HashMap;

use entity::person::Role;
use entity::{goal, person};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::{Seen, Viewer, Visible, unscoped};
use crate::rules::calendar::Calendar;
use crate::store::span::{Span, Spans};
use crate::store::{Store, dialect, one, rows};

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
        let Some(person) = one(&store, people).await? else { return Ok(None) };
        Ok(person.role().map(|role| Self { person: Seen::new(person), role, store }))
    }

    /// The viewer that the server works as when nobody asked: it sees all and may do all, as an admin. What it
    /// does names nobody as having done it.
    #[must_use]
    pub fn server(store: Store) -> Self {
        let role = Role::Admin;
        let person = person::Model {
            id: Uuid::nil(),
            full_name: String::new(),
            role: role.as_str().to_owned(),
            time_zone: chrono_tz::Tz::UTC.name().to_owned(),
            week_start: entity::week::Start::Monday.as_str().to_owned(),
        };
        Self { person: Seen::new(person), role, store }
    }

    /// As [`identify`](Self::identify), for several people in one statement.
    pub async fn identify_all(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Self>, DbErr> {
        let id = person::Column::Id.into_simple_expr();
        let among = dialect::among(store.get_database_backend(), id, ids);
        let people = unscoped::<person::Entity>(store).filter(among).into_query();
        // One who can't be read keeps nobody else from being known.
        let people = store.find::<person::Entity>(&people).await?.rows;
        let viewer = |person: person::Model| {
            let role = person.role()?;
            Some((person.id, Self { person: Seen::new(person), role, store: store.clone() }))
        };
        Ok(people.into_iter().filter_map(viewer).collect())
    }

    /// A column of a select of goals: a setting of the goal's patient. Seeing the goal is enough.
    #[must_use]
    pub fn setting_of_goal(&self, setting: person::Column) -> SimpleExpr {
        let patient = person::Column::Id.into_simple_expr().eq(goal::Column::PatientId.into_simple_expr());
        let own = unscoped::<person::Entity>(&self.store).filter(patient);
        SimpleExpr::from(own.select_only().column(setting).into_query())
    }

    /// How a patient counts days and weeks.
    pub async fn calendar_of(&self, db: &impl ConnectionTrait, patient: Uuid) -> Result<Calendar, DbErr> {
        Ok(self.calendars_of(db, &[patient]).await?.remove(&patient).unwrap_or_default())
    }

    /// How patients count days and weeks.
    pub async fn calendars_of(
        &self,
        db: &impl ConnectionTrait,
        patients: &[Uuid],
    ) -> Result<HashMap<Uuid, Calendar>, DbErr> {
        let among =
            dialect::among(db.get_database_backend(), person::Column::Id.into_simple_expr(), patients);
        let people =
            rows::<person::Entity>(db, &self.all::<person::Entity>().filter(among).into_query()).await?;
        Ok(people.iter().map(|person| (person.id, Calendar::of(person))).collect())
    }
}

/// Whether this is a therapist who treats the patient at present. Who hands a patient's goal over may not know
/// their colleague yet.
pub async fn treats(
    db: &impl ConnectionTrait,
    store: &Store,
    (therapist, patient): (Uuid, Uuid),
) -> Result<bool, DbErr> {
    let mut pair = store.neighbours().present_pairs();
    let of_pair = |column| Expr::col((Alias::new("p"), Alias::new(column)));
    pair.and_where(of_pair("patient_id").eq(patient)).and_where(of_pair("therapist_id").eq(therapist));
    if db.query_one(&pair).await?.is_none() {
        return Ok(false);
    }
    let person = one(db, unscoped::<person::Entity>(store).filter(person::Column::Id.eq(therapist))).await?;
    Ok(person.and_then(|person| person.role()) == Some(person::Role::Therapist))
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
