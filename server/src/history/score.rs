//! The episodes that scores belong to.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::value;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use crate::access::Viewer;
use crate::rules::episode::{Episode, Taken, of_last};
use crate::rules::instrument;

/// What each of these scores is compared with, among those that the viewer may see. One statement.
pub async fn episodes(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    scores: &[Uuid],
) -> Result<HashMap<Uuid, Episode>, DbErr> {
    let mut courses: BTreeMap<(Uuid, &str), Vec<Taken>> = BTreeMap::new();
    for row in db.query_all(&viewer.earlier_scores(scores).in_order()).await? {
        let code: String = value(&row, "assessment_type")?;
        if let Some(instrument) = instrument::find(&code) {
            let course = (value(&row, "patient_id")?, instrument.code.as_str());
            courses.entry(course).or_default().push(taken(&row)?);
        }
    }
    let asked: HashSet<_> = scores.iter().collect();
    let of_course = |course: &Vec<Taken>| -> Vec<_> {
        let ends = (1..=course.len())
            .filter_map(|end| course.get(..end)?.split_last().map(|(last, _)| (last.id, end)));
        let ends = ends.filter(|(id, _)| asked.contains(id));
        ends.filter_map(|(id, end)| Some((id, of_last(course.get(..end)?)?))).collect()
    };
    Ok(courses.values().flat_map(of_course).collect())
}

fn taken(row: &QueryResult) -> Result<Taken, DbErr> {
    Ok(Taken {
        id: value(row, "id")?,
        goal: value(row, "goal_id")?,
        day: value(row, "administered_date")?,
        score: value(row, "score")?,
    })
}
