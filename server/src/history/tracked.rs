//! How goals are and were tracked.

use std::collections::{HashMap, HashSet};

use entity::{aim, assessment, goal, tracking};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryTrait};
use uuid::Uuid;

use super::order::{newest_assessment, newest_configuration};
use crate::access::Viewer;
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::rules::progress::Aim;
use crate::store::{dialect, rows, span};

/// What a goal aims at, as rows have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aimed {
    pub baseline: Option<Decimal>,
    pub target: Option<Decimal>,
    pub direction: Option<tracking::Direction>,
}

impl Aimed {
    /// By the goal's own row and the configuration in force.
    #[must_use]
    pub fn present(goal: &goal::Model, configuration: Option<&tracking::Model>) -> Self {
        let direction = configuration.and_then(tracking::Model::direction);
        Self { baseline: goal.baseline_value, target: goal.target_value, direction }
    }

    #[must_use]
    pub fn version(row: &aim::Model) -> Self {
        Self { baseline: row.baseline_value, target: row.target_value, direction: row.direction() }
    }
}

/// How a goal is and was tracked.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// Newest first: the first is in force.
    pub configurations: Vec<tracking::Model>,
    /// That of the goal's newest assessment: no column names it.
    pub instrument: Option<&'static Instrument>,
}

impl Tracked {
    pub async fn of(db: &impl ConnectionTrait, viewer: &Viewer, goal: Uuid) -> Result<Self, DbErr> {
        // By one id and not by a list of them: PostgreSQL plans a list anew each time.
        let mut own = viewer.few::<tracking::Entity>(tracking::Column::GoalId.eq(goal)).into_query();
        newest_configuration().sort(&mut own, false);
        let mut tracked =
            Self { configurations: rows::<tracking::Entity>(db, &own).await?, instrument: None };
        if tracked.by_assessment() {
            let instruments = instruments(db, viewer, &[goal]).await?;
            tracked.instrument = instruments.first().and_then(|(_, instrument)| *instrument);
        }
        Ok(tracked)
    }

    /// Goals without a configuration are left out. Instruments are asked for only when any of the goals
    /// is tracked by one.
    pub async fn of_all(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        goals: &[Uuid],
    ) -> Result<HashMap<Uuid, Self>, DbErr> {
        let family = viewer.under_goals::<tracking::Entity>(goals);
        let mut tracked: HashMap<Uuid, Self> = HashMap::new();
        for row in rows::<tracking::Entity>(db, &family.all(&newest_configuration())).await? {
            tracked.entry(row.goal_id).or_default().configurations.push(row);
        }
        let assessed = tracked.iter().filter(|(_, tracked)| tracked.by_assessment());
        let assessed: Vec<_> = assessed.map(|(goal, _)| *goal).collect();
        for (goal, instrument) in instruments(db, viewer, &assessed).await? {
            if let Some(tracked) = tracked.get_mut(&goal) {
                tracked.instrument = instrument;
            }
        }
        Ok(tracked)
    }

    fn by_assessment(&self) -> bool {
        self.configurations.iter().any(|row| row.method() == Some(tracking::Method::Assessment))
    }

    /// `None` for a goal without a configuration.
    pub fn measure(&self) -> Option<Measure> {
        self.configurations.first().map(|row| self.measure_by(row))
    }

    /// How an entry was measured: by the configuration it was recorded under, when that is known.
    pub fn measure_of(&self, configuration: Option<Uuid>) -> Option<Measure> {
        let own = self.configurations.iter().find(|row| Some(row.id) == configuration);
        own.or(self.configurations.first()).map(|row| self.measure_by(row))
    }

    /// The method that an entry was recorded under, when its configuration is known.
    pub fn method_of(&self, configuration: Option<Uuid>) -> Option<tracking::Method> {
        let own = self.configurations.iter().find(|row| Some(row.id) == configuration);
        own.map(|row| self.measure_by(row).method())
    }

    /// Whether it was ever tracked by another method than now.
    pub fn is_mixed(&self) -> bool {
        let methods = self.configurations.iter().map(|row| self.measure_by(row).method());
        methods.collect::<HashSet<_>>().len() > 1
    }

    fn measure_by(&self, row: &tracking::Model) -> Measure {
        Measure::of(row.method(), (row.scale_min(), row.scale_max()), self.instrument)
    }

    pub fn direction(&self) -> Option<tracking::Direction> {
        self.configurations.first().and_then(tracking::Model::direction)
    }

    /// Where the goal wants to go; one without a configuration is read as a scale.
    pub fn aim(&self, goal: &goal::Model) -> Aim {
        let configuration = self.configurations.first();
        self.aim_of(configuration, Aimed::present(goal, configuration))
    }

    /// Where it wanted to go by one of its configurations.
    pub fn aim_of(&self, configuration: Option<&tracking::Model>, aimed: Aimed) -> Aim {
        let measure = configuration.map(|row| self.measure_by(row));
        let measure = measure.unwrap_or(Measure::Scale { min: 1, max: 10 });
        Aim::new(measure, aimed.baseline, aimed.target, aimed.direction)
    }
}

async fn instruments(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    goals: &[Uuid],
) -> Result<Vec<(Uuid, Option<&'static Instrument>)>, DbErr> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    let family = viewer.under::<goal::Entity, assessment::Entity>(goals, assessment::Column::GoalId);
    let newest = family.slices(&newest_assessment(), &span::ONE);
    let newest = dialect::slices(db.get_database_backend(), newest);
    let newest = rows::<assessment::Entity>(db, &newest).await?;
    let instrument = |row: assessment::Model| Some((row.goal_id?, instrument::find(&row.assessment_type)));
    Ok(newest.into_iter().filter_map(instrument).collect())
}
