//! What a goal aimed at, and how it was tracked, on a day: what is over is not judged by what is wanted now.
//!
//! The goal's own row and its configuration are the truth for the present. The table of versions has what they
//! were before; another program that changes them writes no version. So where the newest version differs from
//! the rows, they were changed since: at the moment they say themselves, or else no earlier than today.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use entity::{aim, goal, tracking};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::subject::{Snapshot, Subject};
use super::tracked::{Aimed, Tracked};
use crate::access::Viewer;
use crate::rules::period::AsOf;
use crate::rules::progress::Aim;
use crate::store::page::{Key, Ordering};
use crate::store::rows;

/// What stood from a moment on.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// `None` when it is not known since when: for the days before today an earlier version stands, if there is
    /// one.
    pub since: Option<NaiveDateTime>,
    pub aimed: Aimed,
    /// `None` when it was there before, or another program wrote it.
    pub set_by: Option<Uuid>,
}

/// The versions of a goal's aim, oldest first; empty when none was written, and then the present one always
/// stood.
#[derive(Clone, Debug, Default)]
pub struct Versions(Vec<Version>);

/// What was in force at the end of a day.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    pub configuration: Option<&'a tracking::Model>,
    pub aim: Aim,
}

/// The versions of each goal's aim as they are stored, oldest first. One statement.
pub async fn stored_versions(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    goals: &[Uuid],
) -> Result<HashMap<Uuid, Vec<aim::Model>>, DbErr> {
    let mut versions: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows::<aim::Entity>(db, &viewer.under_goals(goals).all(&oldest_version())).await? {
        versions.entry(row.goal_id).or_default().push(row);
    }
    Ok(versions)
}

#[must_use]
pub fn oldest_version() -> Ordering<aim::Entity> {
    Ordering { name: "oldest", keys: [aim::Column::Since, aim::Column::Id].map(Key::ascending).to_vec() }
}

/// Since when the present aim stands, by what the rows say, when another program has written it: later than the
/// last version that is known, or `None`.
#[must_use]
pub fn changed_elsewhere(
    last: &aim::Model,
    goal: &goal::Model,
    configuration: Option<&tracking::Model>,
) -> Option<NaiveDateTime> {
    let configured = configuration.map(tracking::Model::created_at);
    let written = configured.into_iter().chain([goal.updated_at()]).max();
    written.filter(|written| *written > last.since)
}

impl Versions {
    #[must_use]
    pub fn of(stored: &[aim::Model], subject: &Subject) -> Self {
        let version = |row: &aim::Model| Version {
            since: Some(row.since),
            aimed: Aimed::version(row),
            set_by: row.set_by,
        };
        let mut versions: Vec<_> = stored.iter().map(version).collect();
        let (goal, configuration) = (&subject.goal, subject.configuration());
        let aimed = Aimed::present(goal, configuration);
        if let Some(last) = stored.last().filter(|last| Aimed::version(last) != aimed) {
            let since = changed_elsewhere(last, goal, configuration);
            versions.push(Version { since, aimed, set_by: None });
        }
        Self(versions)
    }

    /// All of them, the present one first.
    #[must_use]
    pub fn newest_first(&self, subject: &Subject) -> Vec<Version> {
        let aimed = Aimed::present(&subject.goal, subject.configuration());
        let present = self.0.is_empty().then_some(Version { since: None, aimed, set_by: None });
        present.into_iter().chain(self.0.iter().rev().copied()).collect()
    }

    /// The newest version that stood at the end of a day; before the first that is known, the oldest.
    fn at(&self, day: NaiveDate, subject: &Subject) -> Option<&Version> {
        let begun = |version: &&Version| version.since.is_some_and(|since| subject.local_day(since) <= day);
        self.0.iter().rfind(begun).or(self.0.first())
    }

    /// The days on which a version began, as far as they are known.
    fn days(&self, subject: &Subject) -> impl Iterator<Item = NaiveDate> {
        self.0.iter().filter_map(|version| Some(subject.local_day(version.since?)))
    }
}

impl Subject {
    /// What is in force now.
    #[must_use]
    pub fn present(&self) -> InForce<'_> {
        InForce { configuration: self.configuration(), aim: self.aim() }
    }

    /// What was in force at the end of a day before today.
    #[must_use]
    pub fn in_force(&self, versions: &Versions, day: NaiveDate) -> InForce<'_> {
        let configuration = self.tracked.at(|row| self.local_day(row.created_at()) <= day);
        let Some(version) = versions.at(day, self) else {
            let aimed = Aimed::present(&self.goal, configuration);
            return InForce { configuration, aim: self.tracked.aim_of(configuration, aimed) };
        };
        // A version has the direction of the configuration that it stood with: of one that was replaced before
        // it came, its own row knows better. Both may have been written at one moment.
        let since = version.since.unwrap_or_default();
        let stood_with = |row: &tracking::Model| {
            let made = row.created_at();
            let later = self.tracked.configurations.iter().map(tracking::Model::created_at);
            let mut later = later.filter(|other| *other > made);
            made <= since && later.all(|other| other >= since)
        };
        let same = configuration.is_none_or(stood_with);
        let own = configuration.and_then(tracking::Model::direction);
        let aimed = Aimed { direction: if same { version.aimed.direction } else { own }, ..version.aimed };
        InForce { configuration, aim: self.tracked.aim_of(configuration, aimed) }
    }

    /// What was in force up to a day, each with its first day, oldest first. The first one stands for the days
    /// before it too.
    #[must_use]
    pub fn ever_in_force(&self, versions: &Versions, as_of: AsOf) -> Vec<(NaiveDate, InForce<'_>)> {
        let AsOf { day, over } = as_of;
        let (last, today) = if over { (day, None) } else { (day.pred_opt().unwrap_or(day), Some(day)) };
        let configured = self.tracked.configurations.iter().map(|row| self.local_day(row.created_at()));
        let mut days: Vec<_> = configured.chain(versions.days(self)).collect();
        days.sort_unstable();
        days.dedup();
        let oldest = (days.first().copied().unwrap_or(last), self.in_force(versions, NaiveDate::MIN));
        let later = days.iter().filter(|day| **day <= last);
        let mut all = vec![oldest];
        all.extend(later.map(|day| (*day, self.in_force(versions, *day))));
        all.extend(today.map(|today| (today, self.present())));
        all.dedup_by(|later, earlier| later.1.is_as(&earlier.1));
        all
    }
}

impl Snapshot {
    /// At the end of a day before today, by what was in force then.
    #[must_use]
    pub fn past(subject: &Arc<Subject>, versions: &Versions, day: NaiveDate) -> Self {
        let InForce { configuration, aim } = subject.in_force(versions, day);
        Self { subject: subject.clone(), day, aim, configuration: configuration.cloned(), over: true }
    }
}

impl InForce<'_> {
    /// Whether both judge alike.
    fn is_as(&self, other: &Self) -> bool {
        let parts = |one: &Self| {
            (one.configuration.map(|row| row.id), one.aim.baseline, one.aim.target, one.aim.direction)
        };
        parts(self) == parts(other)
    }
}

impl Tracked {
    /// The newest configuration that meets a condition; else the oldest.
    fn at(&self, condition: impl Fn(&tracking::Model) -> bool) -> Option<&tracking::Model> {
        self.configurations.iter().find(|row| condition(row)).or(self.configurations.last())
    }
}
