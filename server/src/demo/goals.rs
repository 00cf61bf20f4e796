//! Who pursues which goal, and what is recorded of it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use entity::goal::Status;
use entity::progress::Context;
use uuid::Uuid;

use super::course::{Course, Dice, Shape, clock, days, kept, place};
use super::id;
use super::people::{Care, PATIENTS, Patient, Visit, patient_id};
use super::templates::{Every, TEMPLATES, Template, Way};
use Shape::{Plateau, Reaching, Setback, Stagnant, Steady, Worsening};
use Status::{Abandoned, Assigned, Completed, InProgress, OnHold};

/// A goal of one patient.
#[derive(Debug)]
pub struct Pursuit<'a> {
    pub id: Uuid,
    /// Where it stands in the demo, as `patient/goal`: ids and dice are made from it.
    pub name: String,
    pub patient: &'a Patient,
    pub patient_id: Uuid,
    pub template: &'static Template,
    pub status: Status,
    shape: Shape,
    /// All sessions of the patient, and the one in which the goal was agreed.
    pub visits: &'a [Visit],
    pub agreed: &'a Visit,
    pub created_at: NaiveDateTime,
    pub today: NaiveDate,
}

/// Something recorded, its value in hundredths.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub day: NaiveDate,
    pub time: Option<NaiveTime>,
    pub value: i64,
    pub recorded_at: NaiveDateTime,
    pub context: Context,
    pub late: bool,
}

/// Template, status, course, and the session in which it was agreed, by number.
type Plan = (usize, Status, Shape, usize);

/// The goals of [`super::PATIENT`], who has eleven sessions.
const OWN: [Plan; 7] = [
    (0, InProgress, Steady, 0),
    (1, InProgress, Setback, 2),
    (2, Completed, Reaching, 1),
    (3, InProgress, Steady, 5),
    (4, InProgress, Steady, 0),
    (5, OnHold, Plateau, 1),
    (6, Assigned, Stagnant, 10),
];

/// What becomes of the others' goals, in turn.
const FATES: [(Status, Shape); 13] = [
    (InProgress, Steady),
    (Completed, Reaching),
    (InProgress, Worsening),
    (InProgress, Setback),
    (OnHold, Plateau),
    (InProgress, Stagnant),
    (InProgress, Reaching),
    (Abandoned, Worsening),
    (Assigned, Stagnant),
    (Completed, Reaching),
    (InProgress, Steady),
    (InProgress, Plateau),
    (Abandoned, Stagnant),
];

/// The goals of a patient, oldest first.
pub fn of_patient(at: usize, visits: &[Visit], today: NaiveDate) -> Vec<Pursuit<'_>> {
    let Some(patient) = PATIENTS.get(at) else { return Vec::new() };
    let pursuit = |(number, plan): (usize, &Plan)| {
        let (template, status, shape, agreed) = *plan;
        let (template, agreed) = (TEMPLATES.get(template)?, visits.get(agreed)?);
        let name = format!("{at}/{number}");
        let minutes = 35 + 5 * i64::try_from(number).unwrap_or_default();
        let created_at = agreed.row.session_date + TimeDelta::minutes(minutes);
        let (id, patient_id) = (id("goal", &name), patient_id(at));
        Some(Pursuit {
            id,
            name,
            patient,
            patient_id,
            template,
            status,
            shape,
            visits,
            agreed,
            created_at,
            today,
        })
    };
    plans(at, patient, visits).iter().enumerate().filter_map(pursuit).collect()
}

/// One to three goals each. The factors have no divisor in common with the lengths of the two tables, so
/// that all of their rows get their turn.
fn plans(at: usize, patient: &Patient, visits: &[Visit]) -> Vec<Plan> {
    if at == 0 {
        return OWN.to_vec();
    }
    let plan = |number: usize| {
        let (status, shape) = match (FATES[(at * 3 + number * 5) % FATES.len()], patient.care) {
            ((Abandoned, shape), Care::Ended(_)) => (Abandoned, shape),
            (_, Care::Ended(_)) => (Completed, Reaching),
            (fate, _) => fate,
        };
        let newest = visits.len().saturating_sub(1);
        let agreed = if status == Assigned { newest } else { (number * 2).min(newest / 2) };
        let template = (at * 7 + number * 5) % TEMPLATES.len();
        // Two sessions are too few to record anything in; the next template never is of this kind.
        let seldom = visits.len() < 3 && TEMPLATES[template].every == Every::Session;
        (template + usize::from(seldom), status, shape, agreed)
    };
    (0..=at % 3).map(plan).collect()
}

impl Pursuit<'_> {
    /// The last day on which something could be recorded.
    pub fn until(&self) -> NaiveDate {
        let yesterday = self.today - TimeDelta::days(1);
        let last = match (self.patient.care, self.visits.last()) {
            (Care::Ended(_), Some(visit)) => visit.day,
            _ => yesterday,
        };
        let share = match self.status {
            Assigned => 0,
            InProgress => 100,
            OnHold => 70,
            Completed => 85,
            Abandoned => 45,
        };
        self.agreed.day + TimeDelta::days((last - self.agreed.day).num_days() * share / 100)
    }

    /// All that was recorded, oldest day first. Nothing before the goal was made, or today.
    pub fn points(&self) -> Vec<Point> {
        let mut dice = Dice::of(&self.name);
        let (first, last) = (self.agreed.day, self.until());
        let visited = self.visits.iter().map(|visit| visit.day);
        let due = match self.template.every {
            Every::Day => days(first, last, 1),
            Every::Week { entries } => days(first, last, 7 / i64::from(entries.max(1))),
            Every::Days(apart) => days(first, last, apart),
            Every::Session => visited.filter(|day| *day > first && *day <= last).collect(),
        };
        // The demo patient is a diligent one: a long streak is worth seeing.
        let forgets_one_in = if self.patient_id == patient_id(0) { 40 } else { 7 + dice.below(9) };
        let dates = kept(&due, forgets_one_in, &mut dice);
        // Everyone has an hour for it; late hours are left out, since they are tomorrow's in UTC.
        let hour = 7 + usize::try_from(dice.below(9)).unwrap_or_default();
        let course = self.course();
        let mut points = Vec::new();
        for day in &dates {
            let at = place(&dates, *day);
            let value = match self.template.way {
                Way::Binary => course.done(at, &mut dice),
                _ => course.value(at, &mut dice),
            };
            points.extend(self.day(*day, hour, value, &mut dice));
        }
        points
    }

    fn course(&self) -> Course {
        // What a week adds up to is recorded in parts.
        let parts = if let Every::Week { entries } = self.template.every { entries } else { 1 };
        let (low, high, step) = match self.template.way {
            Way::Scale { min, max, .. } => (min, max, 100),
            Way::Frequency(_) | Way::Binary => (0, 60, 100),
            Way::Duration(_, step) => (0, 600, step),
            Way::Assessment(instrument) => (0, instrument.highest(), 100),
        };
        let hundredths = |value: i32| i64::from(value) * 100;
        let (from, to) = self.template.course;
        let (from, to) = (hundredths(from / parts), hundredths(to / parts));
        Course { shape: self.shape, from, to, step, low: hundredths(low), high: hundredths(high) }
    }

    /// The entries of a day: one, now and then two where a day may have them.
    fn day(&self, day: NaiveDate, hour: usize, value: i64, dice: &mut Dice) -> Vec<Point> {
        let timed = self.context(day) == Context::SelfReport && !dice.one_in(5);
        let late = dice.one_in(25);
        let twice = timed && !late && self.template.every == Every::Day && dice.one_in(12);
        let main = self.point(day, timed.then(|| clock(hour, dice.below(50))), value, late, dice);
        let earlier = clock(6, dice.below(50));
        match self.template.way {
            // The day's last rating counts.
            Way::Scale { min, .. } if twice => {
                let lower = (value - 100).max(i64::from(min) * 100);
                vec![self.point(day, Some(earlier), lower, false, dice), main]
            }
            // Both count.
            Way::Duration(_, step) if twice && value > step => {
                vec![self.point(day, Some(earlier), step, false, dice), Point { value: value - step, ..main }]
            }
            _ => vec![main],
        }
    }

    fn point(
        &self,
        day: NaiveDate,
        time: Option<NaiveTime>,
        value: i64,
        late: bool,
        dice: &mut Dice,
    ) -> Point {
        let context = self.context(day);
        // A session is written up in the afternoon, and an entry without a time is from then too.
        let moment = self.patient.moment(day.and_time(time.unwrap_or(clock(16, 0))));
        let at_once = moment + TimeDelta::seconds(i64::from(30 + dice.below(900)));
        let afterwards = at_once + TimeDelta::days(i64::from(2 + dice.below(4)));
        let late = late && context == Context::SelfReport && afterwards.date() < self.today;
        Point { day, time, value, recorded_at: if late { afterwards } else { at_once }, context, late }
    }

    fn context(&self, day: NaiveDate) -> Context {
        match self.template.way {
            Way::Assessment(_) => Context::Assessment,
            _ if self.visit_on(day).is_some() => Context::Session,
            _ => Context::SelfReport,
        }
    }

    pub fn visit_on(&self, day: NaiveDate) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.day == day)
    }
}
