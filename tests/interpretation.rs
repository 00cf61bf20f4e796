//! What scores mean, each with where it comes from, and the catalogue of instruments.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, IntoActiveModel, Set};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day, with};

/// The interpretations of a person's scores, oldest first, in the fields asked for.
async fn read(clinic: &Clinic, viewer: &Person, patient: &Person, fields: &str) -> Vec<Value> {
    let query = format!(
        "query($id: ID!) {{ person(id: $id) {{ assessments(last: 100) {{ nodes {{ interpretation {{ {fields} }} }} }} }} }}"
    );
    let answer = clinic.asks(viewer, &query, json!({ "id": patient.id })).await;
    let scores = answer.at("/person/assessments/nodes").as_array().expect("a list");
    scores.iter().rev().map(|score| score["interpretation"].clone()).collect()
}

const CHANGE: &str = "changeSinceFirst pointsSinceFirst changeSincePrevious pointsSincePrevious";

fn change(first: (&str, Option<i32>), previous: (&str, Option<i32>)) -> Value {
    json!({
        "changeSinceFirst": first.0, "pointsSinceFirst": first.1,
        "changeSincePrevious": previous.0, "pointsSincePrevious": previous.1,
    })
}

both! {
    async fn a_score_is_read_with_its_sources(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.answered(&ann, "PHQ-9", 12, day(2026, 2, 1), json!({ "item_9": 1 })).await;
        let fields = "instrument { code } band { code label min max } bandsOfficial safety safetyItems
            changeThreshold changeThresholdSource ruleVersion";
        assert_eq!(read(&clinic, &ann, &ann, fields).await, [json!({
            "instrument": { "code": "PHQ-9" },
            "band": { "code": "moderate", "label": "Moderate", "min": 10, "max": 14 },
            "bandsOfficial": true, "safety": "FLAGGED", "safetyItems": [9], "changeThreshold": 6,
            "changeThresholdSource":
                "NHS Talking Therapies manual (outcome measures table)",
            "ruleVersion": server::rules::VERSION,
        })]);
    }

    async fn change_is_told_since_the_first_and_the_previous_score(clinic) {
        let ann = clinic.patient("Ann").await;
        // Written out of order, in other spellings, with another instrument and another person between.
        clinic.assessment(&ann, None, "PHQ-9", 11, day(2026, 1, 15)).await;
        clinic.assessment(&ann, None, "phq9", 9, day(2026, 2, 1)).await;
        clinic.assessment(&ann, None, "PHQ 9", 18, day(2026, 1, 1)).await;
        clinic.assessment(&ann, None, "PHQ_9", 16, day(2026, 2, 1)).await;
        clinic.assessment(&clinic.patient("Bob").await, None, "PHQ-9", 27, day(2025, 1, 1)).await;
        clinic.assessment(&ann, None, "GAD-7", 21, day(2025, 12, 1)).await;
        assert_eq!(read(&clinic, &ann, &ann, CHANGE).await, [
            change(("NOT_AVAILABLE", None), ("NOT_AVAILABLE", None)),
            change(("NOT_AVAILABLE", None), ("NOT_AVAILABLE", None)),
            change(("RELIABLE_IMPROVEMENT", Some(-7)), ("RELIABLE_IMPROVEMENT", Some(-7))),
            change(("RELIABLE_RECOVERY", Some(-9)), ("RECOVERY_NOT_RELIABLE", Some(-2))),
            change(("NO_RELIABLE_CHANGE", Some(-2)), ("DETERIORATED", Some(7))),
        ]);
    }

    async fn scores_that_the_viewer_may_not_see_are_not_told(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Mood").await;
        clinic.assessment(&ann, None, "PHQ-9", 20, day(2026, 1, 1)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 15, day(2026, 1, 8)).await;
        let last = clinic.assessment(&ann, None, "PHQ-9", 9, day(2026, 1, 15)).await;
        let query = "query($id: ID!) { assessment(id: $id) { interpretation {
            pointsSinceFirst episodeStart comparedWith { score } } } }";
        let seen_by = async |viewer: &Person| {
            let answer = clinic.asks(viewer, query, json!({ "id": last.id })).await;
            answer.at("/assessment/interpretation").clone()
        };
        let whole = json!({ "pointsSinceFirst": -11, "episodeStart": "2026-01-01", "comparedWith": { "score": 20 } });
        assert_eq!([seen_by(&lee).await, seen_by(&ann).await], [whole.clone(), whole]);
        // A former therapist sees what hangs on a goal of theirs.
        clinic.no_longer_treats(&lee, &ann).await;
        let mut of_goal = last.clone().into_active_model();
        of_goal.goal_id = Set(Some(goal.id));
        of_goal.update(clinic.db()).await.expect("an assessment");
        let part = json!({ "pointsSinceFirst": -6, "episodeStart": "2026-01-08", "comparedWith": { "score": 15 } });
        assert_eq!(seen_by(&lee).await, part);
    }

    async fn a_score_is_compared_within_its_episode(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.assessment(&ann, None, "PHQ-9", 20, day(2023, 1, 10)).await;
        clinic.assessment(&ann, None, "PHQ-9", 4, day(2023, 6, 10)).await;
        let goal = clinic.goal(&ann, &lee, "Mood").await;
        // Shortly before the goal's first score, and not one of the goal's.
        clinic.assessment(&ann, None, "PHQ-9", 25, day(2026, 1, 25)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 16, day(2026, 2, 1)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 12, day(2026, 2, 8)).await;
        // 180 days later, and 181.
        clinic.assessment(&ann, None, "PHQ-9", 10, day(2026, 8, 7)).await;
        clinic.assessment(&ann, None, "PHQ-9", 3, day(2027, 2, 4)).await;
        let fields = format!("{CHANGE} episodeStart improvementPossible comparedWith {{ score administeredDate }}");
        let read = read(&clinic, &lee, &ann, &fields).await;

        let first = |start: &str, possible: bool| with(
            change(("NOT_AVAILABLE", None), ("NOT_AVAILABLE", None)),
            json!({ "episodeStart": start, "improvementPossible": possible, "comparedWith": null }),
        );
        let later = |told: Value, start: &str, score: i32| with(told, json!({
            "episodeStart": start, "improvementPossible": true,
            "comparedWith": { "score": score, "administeredDate": start },
        }));
        let better = change(("RELIABLE_RECOVERY", Some(-16)), ("RELIABLE_RECOVERY", Some(-16)));
        let little = change(("NO_RELIABLE_CHANGE", Some(-4)), ("NO_RELIABLE_CHANGE", Some(-4)));
        let after = change(("RELIABLE_IMPROVEMENT", Some(-15)), ("NO_RELIABLE_CHANGE", Some(-2)));
        assert_eq!(read, [
            first("2023-01-10", true),
            later(better, "2023-01-10", 20),
            first("2026-01-25", true),
            first("2026-02-01", true),
            later(little, "2026-02-01", 16),
            later(after, "2026-01-25", 25),
            first("2027-02-04", false),
        ]);
    }

    async fn recovery_goes_by_the_cutoff_of_the_source_of_the_threshold(clinic) {
        let scores = [("EPDS", 12, 8), ("EPDS", 14, 10), ("K6", 20, 4)];
        let mut people = vec![];
        for (code, earlier, later) in scores {
            let person = clinic.patient(&format!("{code} {earlier}")).await;
            clinic.assessment(&person, None, code, earlier, day(2026, 1, 1)).await;
            clinic.assessment(&person, None, code, later, day(2026, 2, 1)).await;
            people.push(person);
        }
        let fields = "changeSinceFirst changeThreshold caseness casenessSource isCase";
        let mut found = vec![];
        for person in &people {
            found.extend(read(&clinic, person, person, fields).await.pop());
        }
        let matthey = "Matthey 2004 J Affect Disord 78:269 (cut-off 12/13)";
        let epds = |class: &str| json!({ "changeSinceFirst": class, "changeThreshold": 4, "caseness": 13,
            "casenessSource": matthey, "isCase": false });
        assert_eq!(found, [
            epds("RELIABLE_IMPROVEMENT"),
            epds("RELIABLE_RECOVERY"),
            json!({ "changeSinceFirst": "RELIABLE_IMPROVEMENT", "changeThreshold": 9, "caseness": null,
                "casenessSource": null, "isCase": null }),
        ]);
    }

    async fn subscales_are_told_with_their_severity(clinic) {
        let ann = clinic.patient("Ann").await;
        let stored = json!({ "DEPRESSION": 28, "ANXIETY": 8, "STRESS": 13 });
        clinic.answered(&ann, "DASS-21", 50, day(2026, 2, 1), stored).await;
        clinic.assessment(&ann, None, "PHQ-9", 9, day(2026, 2, 2)).await;
        let read = read(&clinic, &ann, &ann, "subscales { code name score band { code label } }").await;
        let scale = |code: &str, name: &str, score: Value, band: Value| {
            json!({ "code": code, "name": name, "score": score, "band": band })
        };
        let severe = json!({ "code": "extremely_severe", "label": "Extremely severe" });
        assert_eq!(read, [
            json!({ "subscales": [
                scale("DEPRESSION", "Depression", json!(28), severe),
                scale("ANXIETY", "Anxiety", json!(8), json!({ "code": "mild", "label": "Mild" })),
                // No subscale of the DASS-21 comes to 13.
                scale("STRESS", "Stress", Value::Null, Value::Null),
            ] }),
            json!({ "subscales": [] }),
        ]);
    }

    async fn a_moment_that_is_missing_comes_first(clinic) {
        let ann = clinic.patient("Ann").await;
        // Only an adopted database leaves it out, and SQLite takes no constraint back.
        if clinic.db().get_database_backend() == DbBackend::Postgres {
            let loosen = "ALTER TABLE assessment_scores ALTER created_at DROP NOT NULL";
            clinic.db().execute_unprepared(loosen).await.expect("an adopted table");
            clinic.assessment(&ann, None, "PHQ-9", 9, day(2026, 1, 1)).await;
            let mut row = clinic.assessment(&ann, None, "PHQ-9", 20, day(2026, 1, 1)).await.into_active_model();
            row.created_at = Set(None);
            row.update(clinic.db()).await.expect("an assessment");
            let points = read(&clinic, &ann, &ann, "pointsSinceFirst").await;
            assert_eq!(points, [json!({ "pointsSinceFirst": null }), json!({ "pointsSinceFirst": -11 })]);
        }
    }

    async fn an_instrument_that_is_not_in_the_catalogue_is_not_interpreted(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.assessment(&ann, None, "Horoscope", 12, day(2026, 2, 1)).await;
        assert_eq!(read(&clinic, &ann, &ann, "safety").await, [Value::Null]);
    }

    async fn an_answer_that_is_missing_is_unknown_and_never_clear(clinic) {
        let ann = clinic.patient("Ann").await;
        let mut date = day(2026, 1, 1);
        for subscores in [json!({ "item_9": 0 }), json!({}), json!({ "item_9": null }), json!({ "item_8": 0 })] {
            clinic.answered(&ann, "PHQ-9", 0, date, subscores).await;
            date = date.succ_opt().expect("a value");
        }
        clinic.assessment(&ann, None, "PHQ-9", 0, date).await;
        clinic.assessment(&ann, None, "GAD-7", 0, date).await;
        let safety: Vec<_> = read(&clinic, &ann, &ann, "safety safetyItems").await;
        let states: Vec<_> = safety.iter().map(|safety| safety["safety"].as_str().expect("a value")).collect();
        assert_eq!(states, ["CLEAR", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "NOT_APPLICABLE"]);
        assert!(safety.iter().all(|safety| safety["safetyItems"] == json!([])), "{safety:?}");
    }

    async fn disputed_bands_are_not_official_and_a_total_beyond_the_range_has_none(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.assessment(&ann, None, "PCL-5", 40, day(2026, 2, 1)).await;
        clinic.assessment(&ann, None, "PHQ-9", 28, day(2026, 2, 2)).await;
        let read = read(&clinic, &ann, &ann, "bandsOfficial band { code }").await;
        assert_eq!(read[0]["bandsOfficial"], json!(false));
        assert_eq!(read[1], json!({ "bandsOfficial": true, "band": null }));
    }

    async fn the_catalogue_can_be_read(clinic) {
        let ann = clinic.patient("Ann").await;
        let query = "{ instruments { code bands { min max } sources }
            one: instrument(code: \"phq9\") { code name items totalMin totalMax higherIsWorse bands { code }
                bandsOfficial loinc licence }
            none: instrument(code: \"Horoscope\") { code } }";
        let answer = clinic.asks(&ann, query, json!({})).await;
        let all = answer.at("/instruments").as_array().expect("a list");
        assert_eq!(all.len(), 38);
        assert!(all.iter().all(|instrument| instrument["sources"] != json!([])));
        assert_eq!(answer.at("/one"), &json!({
            "code": "PHQ-9", "name": "Patient Health Questionnaire, 9 items (depression)", "items": 9,
            "totalMin": 0, "totalMax": 27, "higherIsWorse": true,
            "bands": [{ "code": "minimal" }, { "code": "mild" }, { "code": "moderate" },
                { "code": "moderately_severe" }, { "code": "severe" }],
            "bandsOfficial": true, "loinc": "44261-6",
            "licence": "FREE_NO_PERMISSION: Pfizer-funded; no permission needed to reproduce, translate, display or distribute",
        }));
        assert_eq!(answer.at("/none"), &Value::Null);
        assert_eq!(answer.statements, 0);
    }

    async fn the_catalogue_says_what_a_form_needs(clinic) {
        let ann = clinic.patient("Ann").await;
        let query = "query($code: String!) { instrument(code: $code) { totalStep prorating
            answers { lowestCode itemOrder note } cutoffs { value comparison scale usedFor source }
            subscales { code items min max } safetyItems { item flaggedFrom unknownFrom rule flag note }
            itemCoding { number values canBeLeftOut } } }";
        let of = async |code: &str| {
            clinic.asks(&ann, query, json!({ "code": code })).await.at("/instrument").clone()
        };
        let (madrs, dass, who, core, audit) =
            (of("MADRS").await, of("DASS-21").await, of("WHO-5").await, of("CORE-10").await, of("AUDIT").await);
        assert_eq!(madrs["safetyItems"], json!([{ "item": 10, "flaggedFrom": 2, "unknownFrom": 1,
            "rule": "response >= 2; 1 is UNKNOWN", "flag": "SUICIDAL_IDEATION", "note": null }]));
        assert_eq!((&dass["totalStep"], &core["totalStep"]), (&json!(2), &json!(1)));
        assert_eq!(dass["subscales"][2],
            json!({ "code": "STRESS", "items": [1, 6, 8, 11, 12, 14, 18], "min": 0, "max": 42 }));
        let sources = "Topp 2015";
        assert_eq!((&who["cutoffs"][0]["value"], &who["cutoffs"][0]["comparison"]), (&json!(12), &json!("AT_MOST")));
        assert_eq!((&who["cutoffs"][1]["scale"], &who["cutoffs"][1]["usedFor"]),
            (&json!("PERCENT"), &json!("screen for depression")));
        assert!(who["cutoffs"][1]["source"].as_str().expect("a source").contains(sources), "{who}");
        assert_eq!(who["answers"], json!({ "lowestCode": "at no time", "itemOrder": "as in the published form",
            "note": "the number printed beside the answer" }));
        assert!(core["prorating"].as_str().expect("a rule").contains("times 10"));
        assert_eq!(core["itemCoding"][0], json!({ "number": 1, "values": [0, 1, 2, 3, 4], "canBeLeftOut": true }));
        assert_eq!(audit["itemCoding"][8], json!({ "number": 9, "values": [0, 2, 4], "canBeLeftOut": false }));
    }
}
