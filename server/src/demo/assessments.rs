//! Results of questionnaires: totals with their severity, and for most of them the answers.

use chrono::{NaiveDate, TimeDelta};
use entity::assessment::Model;
use sea_orm::JsonValue;
use uuid::Uuid;

use super::course::{Course, Dice, Shape, clock, days, place};
use super::id;
use super::people::Visit;

/// An instrument in what is stored of it; the catalogue of the rules knows the rest.
#[derive(Debug)]
pub struct Instrument {
    pub code: &'static str,
    items: usize,
    /// The highest answer to an item; the lowest is 0.
    top: i32,
    /// Severity codes with the highest total of each.
    bands: &'static [(i32, &'static str)],
    /// Subscales, each with the place of its first item and the one behind its last.
    scales: &'static [(&'static str, usize, usize)],
    /// Whether the last item asks for thoughts of self-harm.
    asks_for_danger: bool,
}

pub const PHQ_9: Instrument = Instrument {
    code: "PHQ-9",
    items: 9,
    top: 3,
    bands: &[(4, "minimal"), (9, "mild"), (14, "moderate"), (19, "moderately_severe"), (27, "severe")],
    scales: &[],
    asks_for_danger: true,
};
pub const GAD_7: Instrument = Instrument {
    code: "GAD-7",
    items: 7,
    top: 3,
    bands: &[(4, "minimal"), (9, "mild"), (14, "moderate"), (21, "severe")],
    scales: &[],
    asks_for_danger: false,
};
pub const PCL_5: Instrument = Instrument {
    code: "PCL-5",
    items: 20,
    top: 4,
    bands: &[(30, "below_cut"), (80, "probable_ptsd")],
    scales: &[("B", 0, 5), ("C", 5, 7), ("D", 7, 14), ("E", 14, 20)],
    asks_for_danger: false,
};
pub const WHO_5: Instrument = Instrument {
    code: "WHO-5",
    items: 5,
    top: 5,
    bands: &[(7, "very_low"), (12, "low"), (25, "adequate")],
    scales: &[],
    asks_for_danger: false,
};
pub const ORS: Instrument = Instrument {
    code: "ORS",
    items: 4,
    top: 10,
    bands: &[(24, "clinical"), (40, "non_clinical")],
    scales: &[],
    asks_for_danger: false,
};
/// A form of the clinic's own, which no catalogue knows.
const INTAKE: Instrument = Instrument {
    code: "Clinic intake form",
    items: 6,
    top: 5,
    bands: &[],
    scales: &[],
    asks_for_danger: false,
};

/// What a patient fills in apart from any goal: instrument, first and last score, course.
const ROUTINE: [(&Instrument, i64, i64, Shape); 7] = [
    (&PHQ_9, 21, 5, Shape::Reaching),
    (&GAD_7, 13, 6, Shape::Steady),
    (&WHO_5, 7, 16, Shape::Setback),
    (&PHQ_9, 11, 6, Shape::Worsening),
    (&ORS, 17, 30, Shape::Reaching),
    (&PCL_5, 52, 30, Shape::Steady),
    (&GAD_7, 9, 5, Shape::Stagnant),
];

impl Instrument {
    pub fn highest(&self) -> i32 {
        self.top * i32::try_from(self.items).unwrap_or_default()
    }

    pub fn severity(&self, score: i32) -> Option<&'static str> {
        self.bands.iter().find(|(highest, _)| score <= *highest).map(|(_, code)| *code)
    }

    /// Answers that come to the score, spread evenly. The item about self-harm is 0 unless `danger`.
    fn answers(&self, score: i32, danger: bool) -> Vec<i32> {
        let open = self.items - usize::from(self.asks_for_danger);
        let last = i32::from(danger && self.asks_for_danger);
        let mut left = score - last;
        let mut answers: Vec<_> = (1..=i32::try_from(open).unwrap_or_default())
            .rev()
            .map(|places| {
                let answer = (left + places - 1) / places;
                left -= answer;
                answer
            })
            .collect();
        if self.asks_for_danger {
            answers.push(last);
        }
        answers
    }

    /// Each subscale under its code, each item's points as `item_1` and so on.
    fn subscores(&self, answers: &[i32]) -> JsonValue {
        let sum = |from: usize, to: usize| answers.iter().skip(from).take(to - from).sum::<i32>();
        let scales = self.scales.iter().map(|(code, from, to)| ((*code).to_owned(), sum(*from, *to)));
        let items = (1..).zip(answers).map(|(item, answer): (u32, _)| (format!("item_{item}"), *answer));
        scales.chain(items).collect()
    }
}

/// A result on a day. One in four has no answers, so that nothing can be said about single items.
pub fn result(instrument: &Instrument, score: i32, day: NaiveDate, visit: &Visit, id: Uuid) -> Model {
    let mut dice = Dice::of(&id.to_string());
    let has_answers = !dice.one_in(4);
    let danger = has_answers && instrument.asks_for_danger && score >= 17 && dice.one_in(2);
    let subscores = has_answers.then(|| instrument.subscores(&instrument.answers(score, danger)));
    let note = if danger { Some("Item 9 talked over at once, safety plan reviewed together.") } else { None };
    Model {
        id,
        patient_id: visit.row.patient_id,
        goal_id: None,
        assessment_type: instrument.code.to_owned(),
        score,
        severity: instrument.severity(score).map(str::to_owned),
        subscores,
        administered_date: day,
        administered_by: Some(visit.row.therapist_id),
        notes: note.map(str::to_owned),
        created_at: Some(day.and_time(clock(17, 5)) + TimeDelta::seconds(dice.below(3000).into())),
    }
}

/// The form at the first session, and one instrument every fourth week up to the last session. A patient
/// with a goal on an instrument (`in_goals`) fills that one in for the goal only.
pub fn routine(patient: usize, visits: &[Visit], in_goals: &[&str]) -> Vec<Model> {
    let (Some(first), Some(last)) = (visits.first(), visits.last()) else { return Vec::new() };
    let named = |name: &str| id("assessment", format_args!("{patient}/{name}"));
    let mut all = Vec::new();
    if patient.is_multiple_of(9) {
        all.push(result(&INTAKE, 14, first.day, first, named("intake")));
    }
    let (instrument, from, to, shape) = ROUTINE[patient % ROUTINE.len()];
    if in_goals.contains(&instrument.code) {
        return all;
    }
    let high = i64::from(instrument.highest()) * 100;
    let course = Course { shape, from: from * 100, to: to * 100, step: 100, low: 0, high };
    let mut dice = Dice::of(&format!("routine {patient}"));
    let dates = [vec![first.day], days(first.day, last.day, 28)].concat();
    for (number, day) in dates.iter().enumerate() {
        let score = course.value(place(&dates, *day), &mut dice) / 100;
        let visit = visits.iter().rfind(|visit| visit.day <= *day).unwrap_or(first);
        let score = i32::try_from(score).unwrap_or_default();
        all.push(result(instrument, score, *day, visit, named(&number.to_string())));
    }
    all
}
