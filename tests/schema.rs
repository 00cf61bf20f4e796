//! The API's contract: the committed schema is the one that is served, all of it is described, and the
//! names that front ends are written against are there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Clinic, Kind, Waymark};

const COMMITTED: &str = include_str!("../schema.graphql");

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    assert!(COMMITTED == server::graphql::sdl(), "run `cargo run -q -- schema > schema.graphql`");
    assert!(COMMITTED.ends_with("}\n") && !COMMITTED.ends_with("\n\n"), "one newline at the end");
}

#[tokio::test]
async fn the_command_prints_the_committed_schema() {
    let ended = Waymark::new(&["schema"]).ends().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout == COMMITTED);
}

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let types = introspected().await;
    // The engine's own, and the specification's.
    let ours = types.values().filter(|each| each["name"] != "ID");
    let bare: Vec<String> = ours.flat_map(undescribed).collect();
    assert_eq!(bare, Vec::<String>::new());
}

#[tokio::test]
async fn every_scalar_of_ours_says_where_it_is_specified() {
    let types = introspected().await;
    let own = types.values().filter(|each| each["kind"] == "SCALAR");
    let own =
        own.filter(|each| !["Int", "Float", "String", "Boolean", "ID", "JSON"].contains(&word(each, "name")));
    let without: Vec<&str> =
        own.filter(|each| each["specifiedByURL"].is_null()).map(|each| word(each, "name")).collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[tokio::test]
async fn the_names_that_front_ends_are_written_against_are_there() {
    let types = introspected().await;
    let broken: Vec<String> =
        contract().filter(|promise| !promise.is_kept(&types)).map(|it| it.text).collect();
    assert_eq!(broken, Vec::<String>::new());
}

#[tokio::test]
async fn enums_have_the_agreed_values_and_no_others() {
    let types = introspected().await;
    for (name, expected) in ENUMS {
        let mut expected: Vec<&str> = expected.split(' ').collect();
        expected.sort_unstable();
        let values = items(&types[*name], "enumValues");
        let mut values: Vec<&str> = values.iter().map(|value| word(value, "name")).collect();
        values.sort_unstable();
        assert_eq!(values, expected, "{name}");
    }
}

#[tokio::test]
async fn everything_with_an_id_is_a_node() {
    let types = introspected().await;
    let objects = types.values().filter(|each| each["kind"] == "OBJECT");
    let with_id = objects.filter(|each| items(each, "fields").iter().any(|field| field["name"] == "id"));
    for each in with_id {
        let interfaces = items(each, "interfaces");
        assert!(interfaces.iter().any(|it| it["name"] == "Node"), "{}", each["name"]);
    }
}

/// Names, arguments and nullability as agreed. There may be more; none of these may be another.
const CONTRACT: &str = "
Query
    viewer: Person!
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    goal(id: ID!): Goal
    goals(first: Int, after: String, last: Int, before: String, filter: GoalFilter, orderBy: GoalOrder): GoalConnection!
    person(id: ID!): Person
    patients(first: Int, after: String, last: Int, before: String, search: String): PersonConnection!
    assessment(id: ID!): AssessmentScore
Node
    id: ID!
Person
    id: ID!
    fullName: String!
    role: Role!
    timeZone: TimeZone!
    goals(first: Int, after: String, last: Int, before: String, filter: GoalFilter, orderBy: GoalOrder): GoalConnection!
    assessments(first: Int, after: String, last: Int, before: String, type: String): AssessmentScoreConnection!
    sessions(first: Int, after: String, last: Int, before: String): TherapySessionConnection!
    reminders: [Reminder!]!
TherapySession
    id: ID!
    patient: Person!
    therapist: Person!
    sessionDate: DateTime!
Goal
    id: ID!
    patient: Person!
    therapist: Person!
    session: TherapySession
    description: String!
    category: String
    status: GoalStatus!
    statusText: String!
    baselineValue: Decimal
    targetValue: Decimal
    targetDate: Date
    createdAt: DateTime!
    updatedAt: DateTime!
    completedAt: DateTime
    tracking: TrackingConfig
    trackingHistory: [TrackingConfig!]!
    entries(first: Int, after: String, last: Int, before: String, from: Date, to: Date, context: EntryContext): ProgressEntryConnection!
    milestones(achieved: Boolean): [Milestone!]!
    assessments(first: Int, after: String, last: Int, before: String): AssessmentScoreConnection!
    reminders: [Reminder!]!
TrackingConfig
    id: ID!
    method: TrackingMethod!
    frequency: TrackingFrequency!
    customFrequencyDays: Int
    scaleMin: Int!
    scaleMax: Int!
    scaleLabels: JSON
    frequencyUnit: String
    durationUnit: String
    targetDirection: TargetDirection
    reminderEnabled: Boolean!
    createdAt: DateTime!
ProgressEntry
    id: ID!
    goal: Goal!
    trackingConfig: TrackingConfig
    entryDate: Date!
    entryTime: LocalTime
    value: Decimal!
    valueLabel: String
    notes: String
    context: EntryContext
    session: TherapySession
    recordedBy: Person
    recordedAt: DateTime!
Milestone
    id: ID!
    goal: Goal!
    milestoneType: MilestoneType
    title: String!
    description: String
    targetValue: Decimal
    achievedAt: DateTime
    createdAt: DateTime!
AssessmentScore
    id: ID!
    patient: Person!
    goal: Goal
    assessmentType: String!
    score: Int!
    severity: String
    subscores: JSON
    administeredDate: Date!
    administeredBy: Person
    notes: String
    createdAt: DateTime!
Reminder
    id: ID!
    goal: Goal!
    patient: Person!
    reminderType: ReminderType
    scheduledTime: LocalTime
    scheduledDays: [Int!]
    message: String
    isActive: Boolean!
    lastSentAt: DateTime
    createdAt: DateTime!
GoalFilter
    patientId: ID
    therapistId: ID
    sessionId: ID
    status: [GoalStatus!]
    category: String
    createdFrom: DateTime
    createdTo: DateTime
    targetFrom: Date
    targetTo: Date
    search: String
PageInfo
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
GoalConnection
    edges: [GoalEdge!]!
    nodes: [Goal!]!
    pageInfo: PageInfo!
    totalCount: Int!
GoalEdge
    cursor: String!
    node: Goal!
PersonConnection
    edges: [PersonEdge!]!
    nodes: [Person!]!
    pageInfo: PageInfo!
    totalCount: Int!
PersonEdge
    cursor: String!
    node: Person!
TherapySessionConnection
    edges: [TherapySessionEdge!]!
    nodes: [TherapySession!]!
    pageInfo: PageInfo!
    totalCount: Int!
TherapySessionEdge
    cursor: String!
    node: TherapySession!
ProgressEntryConnection
    edges: [ProgressEntryEdge!]!
    nodes: [ProgressEntry!]!
    pageInfo: PageInfo!
    totalCount: Int!
ProgressEntryEdge
    cursor: String!
    node: ProgressEntry!
AssessmentScoreConnection
    edges: [AssessmentScoreEdge!]!
    nodes: [AssessmentScore!]!
    pageInfo: PageInfo!
    totalCount: Int!
AssessmentScoreEdge
    cursor: String!
    node: AssessmentScore!
";

const ENUMS: &[(&str, &str)] = &[
    ("Role", "PATIENT THERAPIST ADMIN"),
    ("GoalStatus", "ASSIGNED IN_PROGRESS ON_HOLD COMPLETED ABANDONED UNKNOWN"),
    ("GoalOrder", "CREATED_AT_DESC CREATED_AT_ASC UPDATED_AT_DESC TARGET_DATE_ASC"),
    ("TrackingMethod", "SCALE FREQUENCY DURATION BINARY ASSESSMENT"),
    ("TrackingFrequency", "DAILY WEEKLY SESSION CUSTOM"),
    ("TargetDirection", "INCREASE DECREASE MAINTAIN"),
    ("EntryContext", "SESSION SELF_REPORT ASSESSMENT"),
    ("MilestoneType", "PERCENTAGE VALUE STREAK CUSTOM"),
    ("ReminderType", "CHECK_IN PROGRESS MOTIVATION"),
];

/// One line of the contract.
struct Promise {
    owner: &'static str,
    field: &'static str,
    arguments: Vec<(&'static str, &'static str)>,
    kind: &'static str,
    /// To be shown.
    text: String,
}

fn contract() -> impl Iterator<Item = Promise> {
    let mut owner = "";
    CONTRACT.lines().skip(1).filter_map(move |line| match line.strip_prefix("    ") {
        None => {
            owner = line;
            None
        }
        Some(line) => Some(Promise::read(owner, line)),
    })
}

impl Promise {
    fn read(owner: &'static str, line: &'static str) -> Self {
        let (signature, kind) = line.rsplit_once(": ").expect("a type");
        let (field, arguments) = signature.split_once('(').unwrap_or((signature, ""));
        let arguments = arguments.trim_end_matches(')').split(", ").filter_map(|it| it.split_once(": "));
        Self { owner, field, arguments: arguments.collect(), kind, text: format!("{owner}.{line}") }
    }

    fn is_kept(&self, types: &BTreeMap<String, Value>) -> bool {
        let Some(owner) = types.get(self.owner) else { return false };
        let fields = [items(owner, "fields"), items(owner, "inputFields")].concat();
        let Some(field) = fields.iter().find(|field| field["name"] == self.field) else { return false };
        let given = items(field, "args");
        let is_given = |(name, kind): &(&str, &str)| {
            given.iter().any(|argument| argument["name"] == *name && spelled(&argument["type"]) == *kind)
        };
        // What is given beyond the promised must be left out at will.
        let needed = given.iter().filter(|argument| argument["type"]["kind"] == "NON_NULL").count();
        let promised = self.arguments.iter().filter(|(_, kind)| kind.ends_with('!')).count();
        spelled(&field["type"]) == self.kind && self.arguments.iter().all(is_given) && needed == promised
    }
}

/// A type reference as the schema language spells it.
fn spelled(reference: &Value) -> String {
    let inner = || spelled(&reference["ofType"]);
    match word(reference, "kind") {
        "NON_NULL" => format!("{}!", inner()),
        "LIST" => format!("[{}]", inner()),
        _ => word(reference, "name").to_owned(),
    }
}

/// The coordinates of what has no description within a type.
fn undescribed(each: &Value) -> Vec<String> {
    let name = word(each, "name");
    let mut parts = vec![(name.to_owned(), each.clone())];
    for list in ["fields", "inputFields", "enumValues"] {
        for part in items(each, list) {
            let place = format!("{name}.{}", word(&part, "name"));
            let arguments = items(&part, "args").into_iter();
            parts.extend(arguments.map(|it| (format!("{place}({}:)", word(&it, "name")), it.clone())));
            parts.push((place, part));
        }
    }
    let bare = |part: &Value| part["description"].as_str().is_none_or(|text| text.trim().is_empty());
    parts.into_iter().filter(|(_, part)| bare(part)).map(|(place, _)| place).collect()
}

fn items(value: &Value, list: &str) -> Vec<Value> {
    value[list].as_array().cloned().unwrap_or_default()
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// All types by name, but for introspection's own.
async fn introspected() -> BTreeMap<String, Value> {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let query = "{ __schema { types { kind name description specifiedByURL interfaces { name }
            fields(includeDeprecated: true) { name description args { ...input } type { ...reference } }
            inputFields { ...input } enumValues(includeDeprecated: true) { name description } } } }
        fragment input on __InputValue { name description type { ...reference } }
        fragment reference on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let answer = clinic.asks(&ann, query, json!({})).await;
    let types = items(answer.at("/__schema"), "types").into_iter();
    let named = types.map(|each| (word(&each, "name").to_owned(), each));
    named.filter(|(name, _)| !name.starts_with("__")).collect()
}
