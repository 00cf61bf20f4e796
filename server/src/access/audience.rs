//! Whom news may concern, and how they stand now: the policy of the rows, asked from the other side.

use std::collections::HashMap;
use std::sync::Arc;

use entity::person::{self, Role};
use sea_orm::sea_query::{Alias, Expr};
use sea_orm::{ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter};
use uuid::Uuid;

use super::{Viewer, unscoped};
use crate::store::{Store, dialect};

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

impl Viewer {
    /// As [`identify`](Self::identify), for several people in one statement.
    pub async fn identify_all(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Self>, DbErr> {
        let id = person::Column::Id.into_simple_expr();
        let among = dialect::among(store.get_database_backend(), id, ids);
        let people = unscoped::<person::Entity>(store).filter(among).all(store).await?;
        let viewer = |person: person::Model| {
            let role = person.role()?;
            Some((person.id, Self { person: Arc::new(person), role, store: store.clone() }))
        };
        Ok(people.into_iter().filter_map(viewer).collect())
    }

    /// Whether the viewer could see a goal that is gone, and whose patient and owner are known.
    pub async fn could_see(
        &self,
        db: &impl ConnectionTrait,
        patient: Uuid,
        owner: Option<Uuid>,
    ) -> Result<bool, DbErr> {
        match self.role {
            Role::Admin => Ok(true),
            Role::Patient => Ok(patient == self.id()),
            Role::Therapist => Ok(owner == Some(self.id()) || self.treats(db, patient).await?),
        }
    }
}
