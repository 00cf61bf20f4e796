//! The goals that are pursued in the demo clinic. The first seven are those of [`super::PATIENT`].

use entity::milestone::Kind;
use entity::tracking::{Direction, Method};

use super::assessments::{GAD_7, Instrument, ORS, PCL_5, PHQ_9, WHO_5};
use Direction::{Decrease, Increase, Maintain};
use Every::{Day, Days, Session, Week};
use Stated::{BaselineOnly, Both, Nothing, TargetOnly};
use Way::{Assessment, Binary, Duration, Frequency, Scale};

/// A goal as it may be agreed with any patient. Values are whole, in the unit of its tracking.
#[derive(Debug)]
pub struct Template {
    pub description: &'static str,
    pub category: Option<&'static str>,
    pub way: Way,
    pub every: Every,
    /// Where its course starts, and where it is to lead.
    pub course: (i32, i32),
    /// Which of these two the goal's own columns tell.
    pub stated: Stated,
    pub direction: Option<Direction>,
    pub steps: &'static [Step],
}

/// How it is measured.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Scale {
        min: i32,
        max: i32,
        labels: &'static [(i32, &'static str)],
    },
    Frequency(&'static str),
    /// In steps of so many hundredths of the unit.
    Duration(&'static str, i64),
    Binary,
    Assessment(&'static Instrument),
}

/// How often it is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Day,
    /// In how many entries a week.
    Week {
        entries: i32,
    },
    Days(i64),
    Session,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    Both,
    BaselineOnly,
    TargetOnly,
    Nothing,
}

/// A milestone on the way.
#[derive(Debug)]
pub struct Step {
    pub kind: Kind,
    pub title: &'static str,
    /// Value, percent or number of periods; none where people judge.
    pub target: Option<i32>,
}

impl Template {
    pub fn method(&self) -> Method {
        match self.way {
            Scale { .. } => Method::Scale,
            Frequency(_) => Method::Frequency,
            Duration(..) => Method::Duration,
            Binary => Method::Binary,
            Assessment(_) => Method::Assessment,
        }
    }

    pub fn baseline(&self) -> Option<i32> {
        matches!(self.stated, Both | BaselineOnly).then_some(self.course.0)
    }

    pub fn target(&self) -> Option<i32> {
        matches!(self.stated, Both | TargetOnly).then_some(self.course.1)
    }

    /// The direction as configured, or as the course has it.
    pub fn direction(&self) -> Direction {
        let falls = self.course.1 < self.course.0;
        self.direction.unwrap_or(if falls { Decrease } else { Increase })
    }
}

const fn percent(target: i32, title: &'static str) -> Step {
    Step { kind: Kind::Percentage, title, target: Some(target) }
}

const fn value(target: i32, title: &'static str) -> Step {
    Step { kind: Kind::Value, title, target: Some(target) }
}

const fn streak(target: i32, title: &'static str) -> Step {
    Step { kind: Kind::Streak, title, target: Some(target) }
}

const fn custom(title: &'static str) -> Step {
    Step { kind: Kind::Custom, title, target: None }
}

const WEEKLY: Every = Week { entries: 1 };
const FULLY: &[(i32, &str)] = &[(1, "not at all"), (5, "partly"), (10, "fully")];
const STRONG: &[(i32, &str)] = &[(1, "hardly noticeable"), (5, "noticeable"), (10, "very strong")];
const OFTEN: &[(i32, &str)] = &[(1, "never"), (2, "rarely"), (3, "sometimes"), (4, "often"), (5, "always")];
const TO_TEN: Way = Scale { min: 1, max: 10, labels: FULLY };

macro_rules! templates {
    ($($description:literal, $category:expr, $way:expr, $every:expr, $from:literal => $to:literal,
       $stated:expr, $direction:expr, [$($step:expr),*];)+) => {
        pub const TEMPLATES: &[Template] = &[$(Template {
            description: $description,
            category: $category,
            way: $way,
            every: $every,
            course: ($from, $to),
            stated: $stated,
            direction: $direction,
            steps: &[$($step),*],
        }),+];
    };
}

// Description; category, way, rhythm, course from => to, what is stated of it, direction; milestones.
templates! {
    "Wake up rested on most mornings",
    Some("sleep"), TO_TEN, Day, 3 => 8, Both, Some(Increase),
    [value(5, "A morning at 5"), percent(60, "More than half way"), streak(14, "Two weeks of check-ins")];

    "Meet or call a friend three times a week",
    Some("relationships"), Frequency("contacts"), WEEKLY, 1 => 3, Both, Some(Increase),
    [value(2, "Twice in a week"), streak(3, "Three full weeks in a row")];

    "Walk outdoors for half an hour a day",
    Some("activity"), Duration("minutes", 500), Day, 10 => 30, Both, Some(Increase),
    [percent(50, "Half way"), value(30, "The first half hour"), custom("Walked the river path to the end")];

    "Do the breathing exercise once a day",
    Some("anxiety"), Binary, Day, 0 => 1, Nothing, Some(Increase),
    [streak(5, "Five days in a row"), streak(30, "A whole month"), custom("Used it in a difficult moment")];

    "Bring depressive symptoms down to a mild level",
    Some("mood"), Assessment(&PHQ_9), Days(14), 18 => 7, Both, Some(Decrease),
    [value(14, "Moderate range"), value(9, "Mild range"), percent(100, "Where we want to be")];

    "Feel able to speak up in team meetings",
    Some("work"), TO_TEN, Session, 2 => 6, Both, Some(Increase),
    [value(4, "A noticeable change"), custom("Led a meeting")];

    "Keep the bedroom free of screens at night",
    Some("sleep"), Binary, Day, 0 => 5, TargetOnly, Some(Increase),
    [percent(100, "Five nights"), streak(3, "Three nights in a row")];

    "Notice and name feelings before they take over",
    Some("emotions"), Scale { min: 1, max: 5, labels: OFTEN }, Session, 2 => 4, Both, Some(Increase),
    [value(3, "Sometimes in time"), custom("Explained it to someone else")];

    "Have fewer panic attacks",
    Some("anxiety"), Frequency("attacks"), WEEKLY, 6 => 1, Both, Some(Decrease),
    [value(3, "A week with three or fewer"), percent(100, "At most one in a week")];

    "Practise mindfulness",
    Some("self-care"), Duration("minutes", 500), Week { entries: 3 }, 15 => 60, Both, Some(Increase),
    [value(30, "Half an hour in a week"), streak(4, "Four weeks on target")];

    "Take the prescribed medication every day",
    None, Binary, Day, 0 => 60, TargetOnly, Some(Increase),
    [percent(50, "Thirty days"), streak(7, "A week without a gap")];

    "Worry less about what might go wrong",
    Some("anxiety"), Assessment(&GAD_7), Days(14), 15 => 5, Both, Some(Decrease),
    [percent(50, "Half way"), value(9, "Mild range")];

    "Rate the pull to check the door again",
    Some("compulsions"), Scale { min: 1, max: 10, labels: STRONG }, Day, 8 => 3, Both, Some(Decrease),
    [value(6, "Down to 6"), percent(80, "Nearly there"), streak(21, "Three weeks of check-ins")];

    "Sleep between seven and eight hours",
    Some("sleep"), Duration("hours", 50), Day, 7 => 7, TargetOnly, Some(Maintain),
    [custom("Slept through in a new place")];

    "Be less burdened by memories of the accident",
    Some("trauma"), Assessment(&PCL_5), Days(28), 46 => 26, Both, Some(Decrease),
    [value(30, "Below the provisional cut"), percent(25, "A first step")];

    "Go to the weekly group",
    Some("relationships"), Binary, WEEKLY, 0 => 12, TargetOnly, None,
    [percent(25, "Three times"), percent(100, "Twelve times"), custom("Told my own story")];

    "Feel well on more days",
    Some("well-being"), Assessment(&WHO_5), Days(21), 8 => 17, TargetOnly, Some(Increase),
    [value(13, "Adequate well-being")];

    "Cook a warm meal at home",
    None, Frequency("meals"), Day, 0 => 1, TargetOnly, Some(Increase),
    [streak(3, "Three days in a row")];

    "Rate the mood of the day",
    Some("mood"), TO_TEN, Day, 4 => 7, BaselineOnly, Some(Increase),
    [value(7, "A good day"), streak(10, "Ten days noted")];

    "See how daily life is going",
    None, Assessment(&ORS), Session, 18 => 27, Both, None,
    [value(25, "Above the cut-off")];

    "Cut down on cigarettes",
    Some("health"), Frequency("cigarettes"), Day, 14 => 4, Both, Some(Decrease),
    [percent(50, "Half way"), value(4, "A day on target"), streak(7, "A week on target")];

    "Take the bus alone",
    Some("anxiety"), Frequency("rides"), Days(3), 0 => 2, TargetOnly, Some(Increase),
    [value(1, "The first ride"), streak(4, "Four times in a row on target")];

    "Find out what helps on difficult days",
    None, TO_TEN, WEEKLY, 4 => 6, Nothing, None,
    [custom("A list of five things that help")];

    "Spend time on the guitar again",
    Some("activity"), Duration("minutes", 500), WEEKLY, 20 => 90, BaselineOnly, Some(Increase),
    [value(60, "An hour in a week"), streak(6, "Six weeks in a row")];
}
