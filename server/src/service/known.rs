//! What was read of a goal and its patient when the goal was locked, so that it is read once.

use std::sync::OnceLock;

use uuid::Uuid;

use crate::event::Kind;
use crate::history::Tracked;
use crate::rules::calendar::Calendar;

#[derive(Debug, Default)]
pub struct Known {
    locked: OnceLock<Locked>,
    /// How a goal is tracked, when it was asked for.
    tracked: OnceLock<(Uuid, Tracked)>,
}

/// What is read of a goal's patient in the statement that locks the goal.
#[derive(Debug)]
pub struct Locked {
    pub patient: Uuid,
    pub calendar: Calendar,
    /// Whether the viewer is a present therapist of theirs.
    pub treated: bool,
    /// The goal, and whether it ever aimed at something else than now.
    pub goal: Uuid,
    pub aimed_otherwise: bool,
}

impl Known {
    /// Only the goal that was locked first is remembered.
    pub fn lock(&self, locked: Locked) {
        self.locked.get_or_init(|| locked);
    }

    pub fn of_patient(&self, patient: Uuid) -> Option<&Locked> {
        self.locked.get().filter(|locked| locked.patient == patient)
    }

    pub fn of_goal(&self, goal: Uuid) -> Option<&Locked> {
        self.locked.get().filter(|locked| locked.goal == goal)
    }

    pub fn tracked(&self, goal: Uuid) -> Option<Tracked> {
        self.tracked.get().filter(|(id, _)| *id == goal).map(|(_, tracked)| tracked.clone())
    }

    pub fn remember(&self, goal: Uuid, tracked: &Tracked) {
        self.tracked.get_or_init(|| (goal, tracked.clone()));
    }

    /// Forgets how the goal is tracked when that may have changed: its instrument is that of its newest
    /// assessment.
    pub fn forget_after(&mut self, happened: Kind) {
        let changing = [
            Kind::TrackingConfigured,
            Kind::AssessmentRecorded,
            Kind::AssessmentUpdated,
            Kind::AssessmentDeleted,
        ];
        if changing.contains(&happened) {
            self.forget_tracking();
        }
    }

    pub fn forget_tracking(&mut self) {
        self.tracked = OnceLock::new();
    }
}
