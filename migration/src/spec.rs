//! The specification of the six tables, as data to compare a database with. It is written apart from
//! the steps on purpose: a slip in either shows up as a difference.

use Kind::{Boolean, Date, Integer, Integers, Jsonb, Numeric, Text, Time, Timestamp, Uuid, Varchar};

#[derive(Debug)]
pub(crate) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// Conditions that mean the same on both stores; see also [`Column::sqlite_checks`].
    pub checks: &'static [&'static str],
    /// Name and definition.
    pub indexes: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    pub default: Option<&'static str>,
    pub reference: Option<Reference>,
}

/// A foreign key to the `id` of another table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub table: &'static str,
    pub on_delete: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Varchar(usize),
    Text,
    /// `NUMERIC(10,2)`, the only one there is.
    Numeric,
    Date,
    Time,
    Timestamp,
    Jsonb,
    /// `INTEGER[]`
    Integers,
    Boolean,
    Integer,
}

/// `now()` in the text form in which moments are stored on SQLite: no fraction where it is zero.
pub(crate) const SQLITE_NOW: &str = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')";

impl Column {
    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn cascade(self, table: &'static str) -> Self {
        Self { reference: Some(Reference { table, on_delete: "CASCADE" }), ..self }
    }

    const fn set_null(self, table: &'static str) -> Self {
        Self { reference: Some(Reference { table, on_delete: "SET NULL" }), ..self }
    }

    /// What the type alone promises on PostgreSQL, and a check must promise on SQLite.
    pub fn sqlite_checks(&self) -> Option<String> {
        let name = self.name;
        match self.kind {
            Varchar(length) => Some(format!("length({name}) <= {length}")),
            Numeric => Some(format!("{name} BETWEEN -99999999.99 AND 99999999.99")),
            Jsonb | Integers => Some(format!("json_valid({name})")),
            Boolean => Some(format!("{name} IN (0, 1)")),
            Uuid | Text | Date | Time | Timestamp | Integer => None,
        }
    }
}

/// A column that must have a value.
const fn needs(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: false, default: None, reference: None }
}

/// A column that may be NULL.
const fn may(name: &'static str, kind: Kind) -> Column {
    Column { nullable: true, ..needs(name, kind) }
}

pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "treatment_goals",
        columns: &[
            needs("id", Uuid),
            needs("patient_id", Uuid).cascade("users"),
            needs("therapist_id", Uuid).cascade("users"),
            may("session_id", Uuid).set_null("therapy_sessions"),
            needs("description", Text),
            may("category", Varchar(50)),
            needs("status", Varchar(20)).default("'assigned'"),
            may("baseline_value", Numeric),
            may("target_value", Numeric),
            may("target_date", Date),
            needs("created_at", Timestamp).default("now()"),
            needs("updated_at", Timestamp).default("now()"),
            may("completed_at", Timestamp),
        ],
        checks: &[],
        indexes: &[
            ("idx_treatment_goals_patient_created", "(patient_id, created_at DESC)"),
            ("idx_treatment_goals_therapist_status", "(therapist_id, status)"),
        ],
    },
    Table {
        name: "goal_tracking_config",
        columns: &[
            needs("id", Uuid),
            needs("goal_id", Uuid).cascade("treatment_goals"),
            needs("tracking_method", Varchar(50)),
            needs("tracking_frequency", Varchar(20)).default("'session'"),
            may("custom_frequency_days", Integer),
            needs("scale_min", Integer).default("1"),
            needs("scale_max", Integer).default("10"),
            may("scale_labels", Jsonb),
            may("frequency_unit", Varchar(20)),
            may("duration_unit", Varchar(20)),
            may("target_direction", Varchar(10)),
            needs("reminder_enabled", Boolean).default("true"),
            needs("created_at", Timestamp).default("now()"),
        ],
        checks: &[
            "tracking_method IN ('scale', 'frequency', 'duration', 'binary', 'assessment')",
            "scale_min < scale_max",
            "scale_min >= 1",
            "scale_max <= 10",
            "tracking_frequency IN ('daily', 'weekly', 'session', 'custom')",
            "target_direction IS NULL OR target_direction IN ('increase', 'decrease', 'maintain')",
        ],
        indexes: &[("idx_goal_tracking_config_goal", "(goal_id)")],
    },
    Table {
        name: "progress_entries",
        columns: &[
            needs("id", Uuid),
            needs("goal_id", Uuid).cascade("treatment_goals"),
            may("tracking_config_id", Uuid).set_null("goal_tracking_config"),
            needs("entry_date", Date),
            may("entry_time", Time),
            needs("value", Numeric),
            may("value_label", Varchar(100)),
            may("notes", Text),
            may("context", Varchar(50)),
            may("session_id", Uuid).set_null("therapy_sessions"),
            may("recorded_by", Uuid).set_null("users"),
            needs("recorded_at", Timestamp).default("now()"),
        ],
        checks: &["context IS NULL OR context IN ('session', 'self_report', 'assessment')"],
        indexes: &[
            ("idx_progress_entries_goal_date", "(goal_id, entry_date DESC)"),
            ("idx_progress_entries_session", "(session_id)"),
        ],
    },
    Table {
        name: "assessment_scores",
        columns: &[
            needs("id", Uuid),
            needs("patient_id", Uuid).cascade("users"),
            may("goal_id", Uuid).set_null("treatment_goals"),
            needs("assessment_type", Varchar(50)),
            needs("score", Integer),
            may("severity", Varchar(20)),
            may("subscores", Jsonb),
            needs("administered_date", Date),
            may("administered_by", Uuid).set_null("users"),
            may("notes", Text),
            needs("created_at", Timestamp).default("now()"),
        ],
        checks: &["score >= 0"],
        indexes: &[
            ("idx_assessment_scores_patient_date", "(patient_id, administered_date DESC)"),
            ("idx_assessment_scores_type", "(assessment_type)"),
        ],
    },
    Table {
        name: "progress_milestones",
        columns: &[
            needs("id", Uuid),
            needs("goal_id", Uuid).cascade("treatment_goals"),
            may("milestone_type", Varchar(50)),
            needs("title", Varchar(200)),
            may("description", Text),
            may("target_value", Numeric),
            may("achieved_at", Timestamp),
            needs("created_at", Timestamp).default("now()"),
        ],
        checks: &["milestone_type IS NULL OR milestone_type IN ('percentage', 'value', 'streak', 'custom')"],
        indexes: &[
            ("idx_progress_milestones_goal", "(goal_id)"),
            (
                "idx_progress_milestones_goal_achieved",
                "(goal_id, achieved_at DESC) WHERE achieved_at IS NOT NULL",
            ),
        ],
    },
    Table {
        name: "goal_reminders",
        columns: &[
            needs("id", Uuid),
            needs("goal_id", Uuid).cascade("treatment_goals"),
            needs("patient_id", Uuid).cascade("users"),
            may("reminder_type", Varchar(20)),
            may("scheduled_time", Time),
            may("scheduled_days", Integers),
            may("message", Text),
            needs("is_active", Boolean).default("true"),
            may("last_sent_at", Timestamp),
            needs("created_at", Timestamp).default("now()"),
        ],
        checks: &["reminder_type IS NULL OR reminder_type IN ('check_in', 'progress', 'motivation')"],
        indexes: &[
            ("idx_goal_reminders_patient", "(patient_id)"),
            ("idx_goal_reminders_goal_active", "(goal_id, is_active)"),
        ],
    },
];
