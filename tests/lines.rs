//! What is read out of many days: trend, streak, projection, pace and chart.

use entity::{goal, pause};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day};

const DOWN: Aim = Aim { baseline: Some(18), target: Some(5), direction: Some("decrease"), ..SCALE };

/// A goal with the worked example of the definitions: five weeks of falling values.
async fn falling(clinic: &Clinic, aim: Aim) -> (Person, goal::Model) {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.aims(&ann, &lee, aim).await;
    clinic.has_entries(&goal, day(2026, 1, 1), 7, &[18, 16, 15, 12, 10]).await;
    (ann, goal)
}

async fn trend(clinic: &Clinic, person: &Person, goal: &goal::Model, arguments: &str) -> Value {
    let fields = format!("trend{arguments} {{ class slopePerDay intercept method n from to lowConfidence }}");
    let mut trend = clinic.progress(person, goal, &fields).await["trend"].take();
    // Six decimals are what the definitions give.
    let slope = trend["slopePerDay"].as_f64().map(|slope| (slope * 1e6).round() / 1e6);
    trend["slopePerDay"] = json!(slope);
    trend
}

async fn projection(clinic: &Clinic, person: &Person, goal: &goal::Model) -> Value {
    clinic.progress(person, goal, "projection { status date }").await["projection"].take()
}

async fn streak(clinic: &Clinic, person: &Person, goal: &goal::Model) -> Value {
    let fields = "streak { current longest unit kind complete }";
    clinic.progress(person, goal, fields).await["streak"].take()
}

async fn chart(clinic: &Clinic, person: &Person, goal: &goal::Model, arguments: &str) -> Value {
    let fields = format!("series{arguments} {{ date value rollingMean7 entries }}");
    let points = clinic.progress(person, goal, &fields).await["series"].take();
    let row = |point: &Value| json!([point["date"], point["value"], point["rollingMean7"], point["entries"]]);
    points.as_array().expect("a list").iter().map(row).collect()
}

both! {
    async fn a_trend_is_named_by_its_meaning(clinic) {
        let line = |class: &str| json!({
            "class": class, "slopePerDay": -0.285_714, "intercept": 18.0, "method": "theil-sen", "n": 5,
            "from": "2026-01-01", "to": "2026-01-29", "lowConfidence": false,
        });
        let (ann, goal) = falling(&clinic, DOWN).await;
        assert_eq!(trend(&clinic, &ann, &goal, "").await, line("IMPROVING"));
        let (bob, goal) = falling(&clinic, Aim { target: Some(31), direction: Some("increase"), ..DOWN }).await;
        assert_eq!(trend(&clinic, &bob, &goal, "").await, line("WORSENING"));
    }

    async fn a_trend_reads_its_window(clinic) {
        let (ann, goal) = falling(&clinic, DOWN).await;
        clinic.has_entries(&goal, day(2025, 1, 1), 1, &[1, 2]).await;
        assert_eq!(trend(&clinic, &ann, &goal, "(days: null)").await["n"], json!(7));
        assert_eq!(trend(&clinic, &ann, &goal, "").await["n"], json!(5));
        // The window of 32 days begins on 29 January, with the last entry.
        assert_eq!(trend(&clinic, &ann, &goal, "(days: 32)").await, json!({
            "class": "INSUFFICIENT_DATA", "slopePerDay": null, "intercept": null, "method": "theil-sen", "n": 1,
            "from": "2026-01-29", "to": "2026-01-29", "lowConfidence": true,
        }));
        assert_eq!(trend(&clinic, &ann, &goal, "(days: 31)").await["n"], json!(0));
        for days in [0, -1] {
            let query = format!("query($id: ID!) {{ goal(id: $id) {{ progress {{ trend(days: {days}) {{ n }} }} }} }}");
            assert_eq!(clinic.asks(&ann, &query, json!({ "id": goal.id })).await.codes(), ["BAD_USER_INPUT"]);
        }
    }

    async fn a_window_that_a_variable_leaves_out_is_the_default(clinic) {
        let (ann, goal) = falling(&clinic, DOWN).await;
        clinic.has_entries(&goal, day(2025, 1, 1), 1, &[1, 2]).await;
        let query = "query($id: ID!, $days: Int) { goal(id: $id) { progress { trend(days: $days) { n } } } }";
        let unsent = clinic.asks(&ann, query, json!({ "id": goal.id })).await;
        assert_eq!(unsent.at("/goal/progress/trend/n"), 5);
        let null = clinic.asks(&ann, query, json!({ "id": goal.id, "days": null })).await;
        assert_eq!(null.at("/goal/progress/trend/n"), 7);
    }

    async fn a_projection_dates_the_target(clinic) {
        let (ann, goal) = falling(&clinic, DOWN).await;
        let at = async |day| {
            let shown = clinic.progress_as_of(&ann, goal.id, Some(day), "projection { status date }").await;
            shown["projection"].clone()
        };
        let projected = json!({ "status": "PROJECTED", "date": "2026-02-16" });
        assert_eq!(at(day(2026, 2, 15)).await, projected);
        // It is 1 March, and nothing was recorded since January.
        let overdue = json!({ "status": "OVERDUE", "date": null });
        assert_eq!(projection(&clinic, &ann, &goal).await, overdue);
        let early = clinic.progress_as_of(&ann, goal.id, Some(day(2026, 1, 28)), "projection { status }").await;
        assert_eq!(early, json!({ "projection": { "status": "INSUFFICIENT_DATA" } }));
        clinic.entry(&goal, day(2026, 2, 1), 5).await;
        assert_eq!(projection(&clinic, &ann, &goal).await, json!({ "status": "ALREADY_REACHED", "date": null }));
        let (bob, goal) = falling(&clinic, Aim { target: Some(31), direction: Some("increase"), ..DOWN }).await;
        assert_eq!(projection(&clinic, &bob, &goal).await, json!({ "status": "NOT_APPROACHING", "date": null }));
        for aim in [
            Aim { target: None, ..DOWN },
            Aim { direction: Some("maintain"), ..DOWN },
            Aim { method: "binary", ..DOWN },
            Aim { method: "frequency", frequency: "weekly", ..DOWN },
        ] {
            let (eve, goal) = falling(&clinic, aim).await;
            let none = json!({ "status": "NOT_APPLICABLE", "date": null });
            assert_eq!(projection(&clinic, &eve, &goal).await, none, "{aim:?}");
        }
    }

    async fn a_pace_is_held_against_an_even_way(clinic) {
        let (ann, goal) = falling(&clinic, DOWN).await;
        // 61.54 percent after 59 days.
        for (date, pace) in [
            (Some(day(2026, 4, 11)), "ON_TRACK"),
            (Some(day(2026, 3, 26)), "AT_RISK"),
            (Some(day(2026, 3, 2)), "OFF_TRACK"),
            (None, "NOT_AVAILABLE"),
        ] {
            let mut row = goal.clone().into_active_model();
            row.target_date = Set(date);
            row.update(clinic.db()).await.expect("a goal");
            assert_eq!(clinic.progress(&ann, &goal, "pace").await, json!({ "pace": pace }));
        }
    }

    async fn a_streak_goes_on_while_today_is_open(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        clinic.has_entries(&goal, day(2026, 2, 10), 1, &[3; 10]).await;
        clinic.has_entries(&goal, day(2026, 2, 25), 1, &[3; 4]).await;
        let check_in = |current, longest| json!({
            "current": current, "longest": longest, "unit": "DAILY", "kind": "check_in", "complete": true,
        });
        assert_eq!(streak(&clinic, &ann, &goal).await, check_in(4, 10));
        let row = pause::ActiveModel {
            id: Set(clinic.next_id()),
            goal_id: Set(goal.id),
            first_day: Set(day(2026, 2, 20)),
            last_day: Set(Some(day(2026, 2, 24))),
        };
        row.insert(clinic.db()).await.expect("a pause");
        assert_eq!(streak(&clinic, &ann, &goal).await, check_in(14, 14));
        let fields = "streak { current longest }";
        let earlier = clinic.progress_as_of(&ann, goal.id, Some(day(2026, 2, 12)), fields).await;
        assert_eq!(earlier, json!({ "streak": { "current": 3, "longest": 3 } }));
    }

    async fn each_period_is_judged_by_the_configuration_of_its_time(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let daily = Aim { method: "frequency", baseline: None, target: Some(2), direction: None, ..SCALE };
        let goal = clinic.aims(&ann, &lee, daily).await;
        let weekly = Aim { frequency: "weekly", ..daily };
        clinic.configuration(&goal, weekly, |row| {
            row.created_at = Set(day(2026, 2, 16).and_hms_opt(0, 0, 0));
        }).await;
        // Three days of two, and in each of the last two weeks one of two.
        clinic.has_entries(&goal, day(2026, 2, 13), 1, &[2, 2, 2]).await;
        clinic.has_entries(&goal, day(2026, 2, 18), 7, &[2, 2]).await;
        assert_eq!(streak(&clinic, &ann, &goal).await, json!({
            "current": 5, "longest": 5, "unit": "WEEKLY", "kind": "target", "complete": true,
        }));
    }

    async fn a_chart_has_one_point_a_day_and_a_mean_of_its_week(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        for (date, value) in [(1, 9), (1, 4), (2, 6), (4, 8), (8, 2)] {
            clinic.entry(&goal, day(2026, 1, date), value).await;
        }
        clinic.entry(&goal, day(2026, 3, 2), 10).await;
        let all = json!([
            ["2026-01-01", "4.00", 4.0, 2],
            ["2026-01-02", "6.00", 5.0, 1],
            ["2026-01-04", "8.00", 6.0, 1],
            ["2026-01-08", "2.00", 5.33, 1],
        ]);
        assert_eq!(chart(&clinic, &ann, &goal, "").await, all);
        let some = chart(&clinic, &ann, &goal, "(from: \"2026-01-03\", to: \"2026-01-08\")").await;
        assert_eq!(some.as_array().map(Vec::as_slice), all.as_array().and_then(|all| all.get(2..)));
        assert_eq!(chart(&clinic, &ann, &goal, "(from: \"2026-01-09\")").await, json!([]));
        assert_eq!(chart(&clinic, &ann, &goal, "(from: \"2026-01-04\", to: \"2026-01-01\")").await, json!([]));
    }

    async fn a_chart_ends_with_the_newest_400_days(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let values: Vec<_> = (0..450).map(|day| day % 10).collect();
        let first = day(2024, 12, 7);
        clinic.has_entries(&goal, first, 1, &values).await;
        clinic.has_entries(&goal, first, 1, &values).await;
        let points = chart(&clinic, &ann, &goal, "").await;
        let points = points.as_array().expect("a list");
        assert_eq!(points.len(), 400);
        // The fiftieth day is left out; the mean of the first point looks back on it all the same.
        assert_eq!(points[0], json!(["2025-01-26", "0.00", 5.57, 2]));
        assert_eq!(points[399], json!(["2026-03-01", "9.00", 6.0, 2]));
        let before = chart(&clinic, &ann, &goal, "(to: \"2025-01-25\")").await;
        assert_eq!(before.as_array().map(Vec::len), Some(50));
    }
}
