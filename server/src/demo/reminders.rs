//! When the patients are reminded of their goals.

use chrono::{Datelike, NaiveDateTime, NaiveTime, TimeDelta};
use entity::Weekdays;
use entity::goal::Status;
use entity::reminder::{Kind, Model};

use super::course::clock;
use super::goals::Pursuit;
use super::id;
use super::people::patient_id;

/// On which days (0 = Sunday); none at all means every day.
const DAYS: [Option<&[i32]>; 5] = [None, Some(&[1, 3, 5]), Some(&[0]), Some(&[1, 2, 3, 4, 5]), Some(&[2, 6])];

/// Nothing that a stranger should not read on a locked screen.
const fn message(kind: Kind) -> &'static str {
    match kind {
        Kind::CheckIn => "Time for your check-in.",
        Kind::Progress => "Have a look at how far you have come.",
        Kind::Motivation => "Small steps count, too.",
    }
}

impl Pursuit<'_> {
    /// One for most goals that are not closed, two for some; a goal on hold keeps quiet.
    pub fn reminders(&self) -> Vec<Model> {
        let mut dice = self.dice("reminders");
        let open = !matches!(self.status, Status::Completed | Status::Abandoned);
        let many = if open { [1, 1, 0, 2, 1][usize::try_from(dice.below(5)).unwrap_or_default()] } else { 0 };
        // The demo patient has one on every open goal.
        let many = if self.patient_id == patient_id(0) { many.max(usize::from(open)) } else { many };
        let mut kinds: Vec<_> = Kind::ALL.to_vec();
        kinds.rotate_left(usize::try_from(dice.below(3)).unwrap_or_default());
        let mut reminder = |(at, kind): (usize, &Kind)| {
            let days = dice.pick(&DAYS).flatten();
            let time = clock(8 + usize::try_from(dice.below(12)).unwrap_or_default(), 15 * dice.below(4));
            let is_active = self.status != Status::OnHold && !dice.one_in(6);
            let created_at = self.created_at + TimeDelta::minutes(2);
            Model {
                id: id("reminder", format_args!("{}/{at}", self.name)),
                goal_id: self.id,
                patient_id: self.patient_id,
                reminder_type: Some(kind.as_str().to_owned()),
                scheduled_time: Some(time),
                scheduled_days: days.map(|days| Weekdays::new(days.to_vec())),
                message: (!dice.one_in(4)).then(|| message(*kind).to_owned()),
                is_active: Some(is_active),
                last_sent_at: self.last_sent(days, time).filter(|sent| is_active && *sent > created_at),
                created_at: Some(created_at),
            }
        };
        kinds.iter().take(many).enumerate().map(&mut reminder).collect()
    }

    /// The latest moment before today, in UTC, at which the reminder was due.
    fn last_sent(&self, days: Option<&[i32]>, time: NaiveTime) -> Option<NaiveDateTime> {
        let recent = (0..=8).map(|back| self.today - TimeDelta::days(back));
        let due = recent.filter(|day| {
            let weekday = i32::try_from(day.weekday().num_days_from_sunday()).unwrap_or_default();
            days.is_none_or(|days| days.contains(&weekday))
        });
        let mut moments = due.map(|day| self.patient.moment(day.and_time(time)));
        moments.find(|moment| moment.date() < self.today)
    }
}
