//! The rows of a goal.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use entity::goal::{self, Status};
use entity::milestone::Kind;
use entity::progress::{self, Context};
use entity::tracking::{self, Frequency};
use entity::{aim, assessment, milestone};
use rust_decimal::Decimal;
use sea_orm::JsonValue;
use uuid::Uuid;

use super::course::{Dice, clock};
use super::goals::{Point, Pursuit};
use super::milestones::Watch;
use super::people::patient_id;
use super::templates::{Every, Step, Way};
use super::{assessments, id};

/// Short remarks that fit any goal.
const NOTES: [&str; 10] = [
    "A bit easier than last time.",
    "Busy day, but I managed to fit it in.",
    "Did not feel like it at first.",
    "Tried what we talked about.",
    "A harder day today.",
    "My sister helped.",
    "Noticed it earlier than usual.",
    "Quiet weekend.",
    "Tired, but glad I did it.",
    "Nothing special.",
];
const LATE_NOTE: &str = "Entered later, from my notebook.";

impl Pursuit<'_> {
    pub fn goal(&self, points: &[Point]) -> goal::Model {
        let (updated_at, completed_at) = self.changed(points);
        let whole = |value: Option<i32>| value.map(Decimal::from);
        // Some goals are agreed on the telephone, between two sessions.
        let in_session = !self.dice("session").one_in(4);
        goal::Model {
            id: self.id,
            patient_id: self.patient_id,
            therapist_id: self.agreed.row.therapist_id,
            session_id: in_session.then_some(self.agreed.row.id),
            description: self.template.description.to_owned(),
            category: self.template.category.map(str::to_owned),
            status: Some(self.status.as_str().to_owned()),
            baseline_value: whole(self.template.baseline()),
            target_value: whole(self.template.target()),
            target_date: self.target_date(),
            created_at: Some(self.created_at),
            updated_at: Some(updated_at),
            completed_at,
        }
    }

    /// What it has aimed at since it was set.
    pub fn aim(&self, goal: &goal::Model, in_force: Option<&tracking::Model>) -> aim::Model {
        let target_direction = in_force.and_then(|tracking| tracking.target_direction.clone());
        aim::Model {
            id: id("aim", &self.name),
            goal_id: self.id,
            since: self.created_at,
            baseline_value: goal.baseline_value,
            target_value: goal.target_value,
            direction_said: target_direction.is_some(),
            target_direction,
            set_by: Some(goal.therapist_id),
        }
    }

    /// When the goal was last changed, and when it was completed: a day after the last entry. Work on a
    /// goal begins with the first entry.
    fn changed(&self, points: &[Point]) -> (NaiveDateTime, Option<NaiveDateTime>) {
        let moments = || points.iter().map(|point| point.recorded_at);
        let closed = || moments().max().map(|last| last + TimeDelta::hours(20));
        let changed = match self.status {
            Status::Assigned => None,
            Status::InProgress => moments().min(),
            Status::OnHold | Status::Completed | Status::Abandoned => closed(),
        };
        let changed = changed.unwrap_or(self.created_at).max(self.created_at);
        let changed = changed.min(self.today.and_time(clock(0, 0)) - TimeDelta::seconds(1));
        (changed, (self.status == Status::Completed).then_some(changed))
    }

    /// Four of five goals have a date; of those that are under way most have it before them.
    fn target_date(&self) -> Option<NaiveDate> {
        let mut dice = self.dice("target date");
        let days = i64::from(10 + dice.below(80));
        let has_one = !dice.one_in(5);
        let overdue = dice.one_in(6);
        let date = match self.status {
            Status::Completed | Status::Abandoned => self.until() + TimeDelta::days(days / 2),
            Status::InProgress | Status::OnHold if overdue => self.today - TimeDelta::days(days / 8),
            _ => self.today + TimeDelta::days(days),
        };
        has_one.then(|| date.max(self.agreed.day + TimeDelta::days(14)))
    }

    /// The configurations, oldest first: none for a few goals that were only just assigned, two where a
    /// scale was first to be rated in sessions only.
    pub fn trackings(&self) -> Vec<tracking::Model> {
        let undecided = self.status == Status::Assigned && self.dice("tracking").one_in(3);
        let in_force = self.tracking("now");
        if undecided && self.patient_id != patient_id(0) {
            return Vec::new();
        }
        let first = tracking::Model {
            tracking_frequency: Some(Frequency::Session.as_str().to_owned()),
            custom_frequency_days: None,
            scale_labels: None,
            reminder_enabled: Some(false),
            ..self.tracking("at first")
        };
        let later = Some(self.created_at + TimeDelta::days(15));
        if self.was_reconfigured() {
            vec![first, tracking::Model { created_at: later, ..in_force }]
        } else {
            vec![in_force]
        }
    }

    /// A streak is judged by the rhythm of its day, so goals with one keep theirs.
    fn was_reconfigured(&self) -> bool {
        let counts_periods = self.template.steps.iter().any(|step| step.kind == Kind::Streak);
        let long_enough = self.until() > self.agreed.day + TimeDelta::days(30);
        matches!(self.template.way, Way::Scale { .. }) && !counts_periods && long_enough
    }

    fn tracking(&self, when: &str) -> tracking::Model {
        let (frequency, custom_frequency_days) = match self.template.every {
            Every::Day => (Frequency::Daily, None),
            Every::Week { .. } => (Frequency::Weekly, None),
            Every::Days(days) => (Frequency::Custom, i32::try_from(days).ok()),
            Every::Session => (Frequency::Session, None),
        };
        let (mut scale, mut labels, mut unit, mut duration) = ((1, 10), None, None, None);
        match self.template.way {
            Way::Scale { min, max, labels: words } => {
                scale = (min, max);
                labels = Some(words.iter().map(|(value, word)| (value.to_string(), *word)).collect());
            }
            Way::Frequency(of) => unit = Some(of.to_owned()),
            Way::Duration(of, _) => duration = Some(of.to_owned()),
            Way::Binary | Way::Assessment(_) => {}
        }
        tracking::Model {
            id: id("tracking", format_args!("{}/{when}", self.name)),
            goal_id: self.id,
            tracking_method: self.template.method().as_str().to_owned(),
            tracking_frequency: Some(frequency.as_str().to_owned()),
            custom_frequency_days,
            scale_min: Some(scale.0),
            scale_max: Some(scale.1),
            scale_labels: labels.filter(|labels: &JsonValue| labels.is_object()),
            frequency_unit: unit,
            duration_unit: duration,
            target_direction: self.template.direction.map(|direction| direction.as_str().to_owned()),
            reminder_enabled: Some(true),
            created_at: Some(self.created_at),
        }
    }

    /// The entries, each under the configuration that was in force when it was recorded.
    pub fn entries(&self, points: &[Point], trackings: &[tracking::Model]) -> Vec<progress::Model> {
        let mut dice = self.dice("notes");
        let mut entry = |(at, point): (usize, &Point)| {
            let in_force = trackings.iter().rfind(|one| one.created_at() <= point.recorded_at);
            let visit = self.visit_on(point.day);
            let by_patient = point.context == Context::SelfReport;
            let remark = if dice.one_in(9) { dice.pick(&NOTES).filter(|_| by_patient) } else { None };
            progress::Model {
                id: id("entry", format_args!("{}/{at}", self.name)),
                goal_id: self.id,
                tracking_config_id: in_force.map(|one| one.id),
                entry_date: point.day,
                entry_time: point.time,
                value: Decimal::new(point.value, 2),
                value_label: self.label(point.value),
                notes: if point.late { Some(LATE_NOTE) } else { remark }.map(str::to_owned),
                context: Some(point.context.as_str().to_owned()),
                session_id: visit.map(|visit| visit.row.id).filter(|_| !by_patient),
                recorded_by: Some(if by_patient { self.patient_id } else { self.therapist_on(point) }),
                recorded_at: Some(point.recorded_at),
            }
        };
        points.iter().enumerate().map(&mut entry).collect()
    }

    /// The word that the scale has for a value.
    fn label(&self, value: i64) -> Option<String> {
        let Way::Scale { labels, .. } = self.template.way else { return None };
        let word = labels.iter().find(|(marked, _)| i64::from(*marked) * 100 == value);
        word.map(|(_, word)| (*word).to_owned())
    }

    fn therapist_on(&self, point: &Point) -> Uuid {
        let visit = self.visits.iter().rfind(|visit| visit.day <= point.day).unwrap_or(self.agreed);
        visit.row.therapist_id
    }

    /// The milestones, each achieved when the entries had it so.
    pub fn milestones(&self, points: &[Point]) -> Vec<milestone::Model> {
        let sessions: Vec<_> = self.visits.iter().map(|visit| visit.day).collect();
        let reached = Watch::new(self, &sessions).reached(points);
        let judged = self.judged(points);
        let milestone = |(at, (step, reached)): (usize, (&Step, Option<_>))| {
            let custom = step.kind == Kind::Custom;
            milestone::Model {
                id: id("milestone", format_args!("{}/{at}", self.name)),
                goal_id: self.id,
                milestone_type: Some(step.kind.as_str().to_owned()),
                title: step.title.to_owned(),
                description: custom.then(|| "To be marked together in a session.".to_owned()),
                target_value: step.target.map(Decimal::from),
                achieved_at: if custom { judged } else { reached },
                created_at: Some(self.created_at),
            }
        };
        self.template.steps.iter().zip(reached).enumerate().map(milestone).collect()
    }

    /// When the milestones that people judge were marked, if they were: along with the goal, or in the
    /// latest session.
    fn judged(&self, points: &[Point]) -> Option<NaiveDateTime> {
        let latest = self.visits.last().filter(|visit| visit.day > self.agreed.day);
        let moment = match self.status {
            Status::Completed => self.changed(points).1,
            Status::InProgress => latest.map(|visit| visit.row.session_date + TimeDelta::minutes(40)),
            _ => None,
        };
        moment.filter(|_| !self.dice("judged").one_in(3))
    }

    /// The results behind the entries of a goal that is tracked by an instrument.
    pub fn assessments(&self, points: &[Point]) -> Vec<assessment::Model> {
        let Way::Assessment(instrument) = self.template.way else { return Vec::new() };
        let result = |(at, point): (usize, &Point)| {
            let visit = self.visits.iter().rfind(|visit| visit.day <= point.day).unwrap_or(self.agreed);
            let score = i32::try_from(point.value / 100).unwrap_or_default();
            let id = id("assessment", format_args!("goal {}/{at}", self.name));
            let result = assessments::result(instrument, score, point.day, visit, id);
            assessment::Model { goal_id: Some(self.id), created_at: Some(point.recorded_at), ..result }
        };
        points.iter().enumerate().map(result).collect()
    }

    pub fn dice(&self, about: &str) -> Dice {
        Dice::of(&format!("{} {about}", self.name))
    }
}
