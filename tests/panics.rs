//! A panic on any floor is an answer with an error, and everything else goes on. Most are injected by a clock that
//! fails when it is asked: it is asked on every floor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entity::agenda::Kind as Work;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use server::clock::Clock;
use server::history::Tally;
use server::scheduler::{Scheduler, Settings};

use crate::both;
use crate::support::{Clinic, DEADLINE, Kind, SCALE, Socket, eventually, id_at};

const OUR_FAULT: &str = "Something went wrong on our side.";
const FIGURES: &str = "{ goals { nodes { id progress { streak { current } } } } }";
const NEWS: &str =
    "subscription { progressRecorded { entry { id goal { progress { streak { current } } } } } }";
const WHOLE: &str = "subscription { progressRecorded { entry { id } } }";

/// Makes a clock panic when it is asked for the given time from now on, and every time after that.
#[derive(Clone)]
struct Spanner {
    /// How often it may yet be asked.
    left: Arc<AtomicUsize>,
    thrown: Arc<AtomicUsize>,
}

impl Spanner {
    /// In a clinic whose clock tells the time otherwise.
    fn of(clinic: &mut Clinic) -> Self {
        let spanner = Self { left: Arc::new(AtomicUsize::new(usize::MAX)), thrown: Arc::default() };
        let (own, clock) = (spanner.clone(), clinic.app.clock.clone());
        clinic.app.clock = Clock::asked(move || {
            let left = own.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
                0 => None,
                usize::MAX => Some(usize::MAX),
                left => Some(left - 1),
            });
            if left.is_err() {
                own.thrown.fetch_add(1, Ordering::SeqCst);
                panic!("a spanner in the clock");
            }
            clock.now()
        });
        spanner
    }

    fn after(&self, asked: usize) {
        self.left.store(asked, Ordering::SeqCst);
    }

    fn never(&self) {
        self.after(usize::MAX);
    }

    fn thrown(&self) -> usize {
        self.thrown.load(Ordering::SeqCst)
    }
}

fn is_our_fault(body: &Value) -> bool {
    body["errors"][0]["message"] == OUR_FAULT && body["errors"][0]["extensions"]["code"] == "INTERNAL"
}

both! {
    async fn a_question_is_answered_with_an_error_and_the_next_one_as_ever(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.aims(&ann, &lee, SCALE).await;
        let spanner = Spanner::of(&mut clinic);
        // More often than there are connections.
        for _ in 0..30 {
            spanner.after(0);
            let answer = clinic.asks(&lee, FIGURES, json!({})).await;
            assert!(is_our_fault(&answer.body), "{}", answer.text);
        }
        assert!(spanner.thrown() >= 30);
        spanner.never();
        let answer = clinic.asks(&lee, FIGURES, json!({})).await;
        assert_eq!(*answer.at("/goals/nodes/0/progress/streak/current"), json!(0));
    }

    async fn a_change_that_panics_half_way_has_not_happened(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let spanner = Spanner::of(&mut clinic);
        let input = json!({ "goalId": goal.id, "value": "5" });
        let before = clinic.everything().await;
        // More often than there are connections.
        for _ in 0..30 {
            spanner.after(0);
            let answer = clinic.sends_input(&lee, "recordProgress", &input, "entry { id }").await;
            assert!(is_our_fault(&answer.body), "{}", answer.text);
        }
        assert_eq!(clinic.everything().await, before);
        spanner.never();
        assert!(spanner.thrown() >= 30);
        clinic.reports(&ann, &goal, 3).await;
    }

    async fn one_operation_of_a_socket_ends_with_an_error_and_the_others_go_on(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let spanner = Spanner::of(&mut clinic);
        let address = clinic.serves().await;
        let mut socket = Socket::of(&address, &lee).await;
        socket.subscribes("news", WHOLE, json!({})).await;
        eventually("it is subscribed", async || clinic.app.feed.listeners() == 1).await;
        spanner.after(0);
        socket.subscribes("question", FIGURES, json!({})).await;
        let answer = socket.hears().await;
        assert!(answer["id"] == "question" && answer["type"] == "error", "{answer}");
        assert_eq!(answer["payload"][0]["message"], OUR_FAULT);
        spanner.never();
        let entry = clinic.reports(&ann, &goal, 3).await;
        let news = socket.hears().await;
        assert_eq!(news["payload"]["data"]["progressRecorded"]["entry"]["id"], json!(entry), "{news}");
    }

    async fn a_subscription_ends_with_an_error_and_those_beside_it_go_on(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let plain = clinic.app.clone();
        let spanner = Spanner::of(&mut clinic);
        let mut figures = clinic.listens(&lee, NEWS, json!({})).await;
        let mut beside = clinic.listens(&ann, WHOLE, json!({})).await;
        spanner.after(0);
        // By another server's clock, which is whole.
        let broken = std::mem::replace(&mut clinic.app, plain);
        let first = clinic.reports(&ann, &goal, 3).await;
        assert_eq!(beside.news().await["entry"]["id"], json!(first));
        let event = figures.event().await.expect("an answer");
        assert!(is_our_fault(&event.json()), "{event:?}");
        assert!(spanner.thrown() > 0);
        spanner.never();
        clinic.app = broken;
        let second = clinic.reports(&ann, &goal, 4).await;
        assert_eq!(beside.news().await["entry"]["id"], json!(second));
        let mut again = clinic.listens(&lee, NEWS, json!({})).await;
        let third = clinic.reports(&ann, &goal, 5).await;
        assert_eq!(again.news().await["entry"]["id"], json!(third));
    }

    async fn timed_work_that_panics_is_tried_by_itself(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let input = json!({ "goalId": goal.id, "scheduledTime": "12:05" });
        let payload = clinic.does(&lee, "scheduleReminder", input, "reminder { id }").await;
        id_at(&payload, "/reminder/id");
        clinic.catches_up().await;
        clinic.later(chrono::TimeDelta::minutes(6));
        let spanner = Spanner::of(&mut clinic);
        // Asked once for what is due, and then for the reminders, which fails; but not when that is tried again.
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, clock) = (asked.clone(), clinic.app.clock.clone());
        let clock = Clock::asked(move || {
            assert!(count.fetch_add(1, Ordering::SeqCst) != 1, "a spanner in the clock");
            clock.now()
        });
        let scheduler = Scheduler::new(clinic.store(), clock, Settings::default());
        assert_eq!(scheduler.catch_up().await, Ok(Tally { sent: 1, ..Tally::default() }));
        assert!(asked.load(Ordering::SeqCst) > 2);
        assert_eq!((spanner.thrown(), clinic.reminded().await.len()), (0, 1));
    }

    async fn the_scheduler_outlives_its_rounds(clinic) {
        let mut clinic = clinic;
        let spanner = Spanner::of(&mut clinic);
        spanner.after(0);
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(clinic.scheduler().run(stop.clone()));
        eventually("three rounds have panicked", async || {
            clinic.store().wake_scheduler();
            spanner.thrown() >= 3
        })
        .await;
        spanner.never();
        eventually("the work that goes on for ever has begun", async || {
            clinic.store().wake_scheduler();
            !clinic.agenda(Work::Sweep).await.is_empty()
        })
        .await;
        stop.cancel();
        tokio::time::timeout(DEADLINE, running).await.expect("an end in time").expect("no panic");
    }
}

#[tokio::test]
async fn the_one_reader_of_events_outlives_one_that_it_can_not_read() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let mut hearer = clinic.listens(&lee, WHOLE, json!({})).await;
    // The driver panics when it reads a moment that is no moment.
    let spoil = |moment: &str| {
        format!("UPDATE waymark_events SET created_at = {moment} WHERE kind = 'progress_recorded'")
    };
    let trigger = "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.created_at := 'infinity'; RETURN NEW; END $$;
        CREATE TRIGGER spoil BEFORE INSERT ON waymark_events FOR EACH ROW EXECUTE FUNCTION spoil()";
    clinic.db().execute_unprepared(trigger).await.expect("a trigger");
    let first = clinic.reports(&ann, &goal, 1).await;
    hearer.is_silent().await;
    clinic.db().execute_unprepared("DROP TRIGGER spoil ON waymark_events").await.expect("no trigger");
    clinic.db().execute_unprepared(&spoil("now()")).await.expect("a moment");
    let second = clinic.reports(&ann, &goal, 2).await;
    let heard = hearer.hears(2).await;
    let heard: Vec<_> = heard.iter().map(|news| news["entry"]["id"].clone()).collect();
    assert_eq!(heard, [json!(first), json!(second)]);
}
