//! A believable clinic for those who try Waymark out. All of it is invented.
//!
//! The same day gives the same rows: there is no chance in it, and every moment is counted back from that
//! day, so that the demo looks alive on any. Nothing lies in the future but target dates.

mod assessments;
mod course;
mod goals;
mod milestones;
mod people;
mod reminders;
mod rows;
mod templates;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use chrono::NaiveDate;
use entity::{aim, assessment, goal, milestone, progress, reminder, session, setting, tracking};
use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait, Value,
};
use uuid::Uuid;

use people::{PATIENTS, Pair, User, Visit};
use templates::Way;

/// A therapist with more than a dozen patients.
pub const THERAPIST: &str = "therapist@waymark.example";
/// A present patient of that therapist, with goals of all five methods.
pub const PATIENT: &str = "patient@waymark.example";
/// Sees everything.
pub const ADMIN: &str = "admin@waymark.example";

/// The ids of the demo are made in this namespace.
const NAMESPACE: Uuid = Uuid::from_u128(0x7761_796d_6172_6b5f_6465_6d6f_5f69_6473);

/// `SQLite` takes 32,766 parameters a statement; an entry has 12.
const ROWS_A_STATEMENT: usize = 500;

/// All rows of the clinic.
#[derive(Debug, Default, PartialEq)]
struct Clinic {
    users: Vec<User>,
    settings: Vec<setting::Model>,
    pairs: Vec<Pair>,
    sessions: Vec<session::Model>,
    goals: Vec<goal::Model>,
    aims: Vec<aim::Model>,
    trackings: Vec<tracking::Model>,
    entries: Vec<progress::Model>,
    milestones: Vec<milestone::Model>,
    assessments: Vec<assessment::Model>,
    reminders: Vec<reminder::Model>,
}

/// Fills a migrated database that holds no one yet, in one transaction. Where there are people already,
/// nothing is done. `today` is the day in UTC.
///
/// # Errors
/// When the database refuses; it is left as it was.
pub async fn fill(db: &DatabaseConnection, today: NaiveDate) -> Result<(), DbErr> {
    // On SQLite the lock is taken at once: of two servers that start together one finds the other's demo.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let work = db.begin_with_options(options).await?;
    if !is_filled(&work).await? {
        Clinic::on(today).write(&work).await?;
    }
    work.commit().await
}

/// Whether there are people in the database: the demo's, or others who must not get its company.
///
/// # Errors
/// When the database can't be read.
pub async fn is_filled(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let anyone = Query::select().expr(Expr::val(1)).from("users").limit(1).to_owned();
    Ok(db.query_one(&anyone).await?.is_some())
}

fn id(kind: &str, name: impl Display) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}/{name}").as_bytes())
}

impl Clinic {
    fn on(today: NaiveDate) -> Self {
        let users = people::users(today);
        let mut clinic = Self { settings: people::settings(&users), users, ..Self::default() };
        for (at, patient) in PATIENTS.iter().enumerate() {
            let visits = patient.visits(at, today);
            clinic.pairs.extend(patient.pairs(at, today));
            clinic.pursue(at, &visits, today);
            clinic.sessions.extend(visits.into_iter().map(|visit| visit.row));
        }
        clinic
    }

    /// Adds what a patient does: their goals and their questionnaires.
    fn pursue(&mut self, patient: usize, visits: &[Visit], today: NaiveDate) {
        let mut in_goals = Vec::new();
        for pursuit in goals::of_patient(patient, visits, today) {
            let points = pursuit.points();
            let trackings = pursuit.trackings();
            if let Way::Assessment(instrument) = pursuit.template.way {
                in_goals.push(instrument.code);
            }
            let goal = pursuit.goal(&points);
            self.aims.push(pursuit.aim(&goal, trackings.last()));
            self.goals.push(goal);
            self.entries.extend(pursuit.entries(&points, &trackings));
            self.trackings.extend(trackings);
            self.milestones.extend(pursuit.milestones(&points));
            self.assessments.extend(pursuit.assessments(&points));
            self.reminders.extend(pursuit.reminders());
        }
        self.assessments.extend(assessments::routine(patient, visits, &in_goals));
    }

    async fn write(self, work: &DatabaseTransaction) -> Result<(), DbErr> {
        // The tables that the product may own have columns that our entities don't know.
        let users = self.users.into_iter().map(|user| {
            let (name, role) = (user.full_name.into(), user.role.as_str().into());
            [user.id.into(), user.email.into(), name, role, user.created_at.into()]
        });
        insert(work, "users", ["id", "email", "full_name", "role", "created_at"], users).await?;
        let pairs = self
            .pairs
            .into_iter()
            .map(|pair| [pair.therapist.into(), pair.patient.into(), pair.present.into(), pair.since.into()]);
        let columns = ["therapist_id", "patient_id", "is_active", "created_at"];
        insert(work, "therapist_patients", columns, pairs).await?;
        let sessions = self.sessions.into_iter().map(|one| {
            let at = one.session_date;
            [one.id.into(), one.patient_id.into(), one.therapist_id.into(), at.into(), at.into()]
        });
        let columns = ["id", "patient_id", "therapist_id", "session_date", "created_at"];
        insert(work, "therapy_sessions", columns, sessions).await?;

        insert_models(work, self.settings).await?;
        insert_models(work, self.goals).await?;
        insert_models(work, self.aims).await?;
        insert_models(work, self.trackings).await?;
        insert_models(work, self.entries).await?;
        insert_models(work, self.milestones).await?;
        insert_models(work, self.assessments).await?;
        // One by one: only so does a reminder bring its weekdays into the database's own form.
        for reminder in self.reminders {
            reminder.into_active_model().reset_all().insert(work).await?;
        }
        Ok(())
    }
}

async fn insert<const N: usize>(
    work: &DatabaseTransaction,
    table: &'static str,
    columns: [&'static str; N],
    rows: impl Iterator<Item = [Value; N]>,
) -> Result<(), DbErr> {
    let mut statement = InsertStatement::new();
    statement.into_table(table).columns(columns);
    for row in rows {
        let unfit = |error: sea_orm::sea_query::error::Error| DbErr::Custom(error.to_string());
        statement.values(row.map(Expr::val)).map_err(unfit)?;
    }
    work.execute(&statement).await.map(|_| ())
}

async fn insert_models<M>(work: &DatabaseTransaction, models: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    let mut rows = models.into_iter().map(|model| model.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(ROWS_A_STATEMENT).collect();
        M::Entity::insert_many(some).exec_without_returning(work).await?;
    }
    Ok(())
}
