//! The last line: a constraint of the database that a rule should have kept from being reached. It is
//! logged as a missing rule, and the client is told about a field and not about a constraint.

use sea_orm::DbErr;

use crate::rules::input::{Code, Path, Problem};
use crate::store::dialect::{is_untranslatable, violated};

/// What a violated constraint means for the input; `None` for any other error.
pub fn problem(error: &DbErr) -> Option<Problem> {
    if is_untranslatable(error) {
        let message =
            "This text has a character that the database can't store: its encoding does not know it.";
        return Some(Problem::new(Code::Invalid, &Path::input(), message));
    }
    let constraint = violated(error)?;
    tracing::error!(constraint, "a rule is missing: the database refused a row");
    let (code, message) = if constraint.starts_with("fk_") {
        (Code::NotFound, "What this refers to is not there any more.")
    } else {
        (Code::Invalid, "This value can't be stored.")
    };
    let path = field(&constraint).map_or_else(Path::input, |field| Path::input().at(field));
    Some(Problem::new(code, &path, message))
}

/// Input fields, by the column in the name of a constraint.
const FIELDS: &[(&str, &str)] = &[
    ("scale_min", "scaleMin"),
    ("scale_max", "scaleMax"),
    ("scale_labels", "scaleLabels"),
    ("scale", "scaleMax"),
    ("method", "method"),
    ("frequency_unit", "frequencyUnit"),
    ("duration_unit", "durationUnit"),
    ("frequency", "frequency"),
    ("direction", "targetDirection"),
    ("context", "context"),
    ("assessment_type", "assessmentType"),
    ("score", "score"),
    ("milestone_type", "milestoneType"),
    ("reminder_type", "reminderType"),
    ("scheduled_days", "scheduledDays"),
    ("category", "category"),
    ("title", "title"),
    ("value_label", "valueLabel"),
    ("baseline_value", "baselineValue"),
    ("target_value", "targetValue"),
    ("value", "value"),
    ("session", "sessionId"),
    ("patient", "patientId"),
    ("therapist", "therapistId"),
    ("goal", "goalId"),
];

/// Their names hold words of columns too, so only what follows them counts.
const TABLES: [&str; 6] = [
    "treatment_goals",
    "goal_tracking_config",
    "progress_entries",
    "assessment_scores",
    "progress_milestones",
    "goal_reminders",
];

/// The input field of a constraint.
fn field(constraint: &str) -> Option<&'static str> {
    let rest = TABLES.iter().find_map(|table| constraint.split_once(table))?.1;
    FIELDS.iter().find(|(column, _)| rest.contains(column)).map(|(_, field)| *field)
}
