//! Receivers that fail: each try ends in time, is repeated for a day, and is given up and sent again on demand.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use server::agenda::CLAIM;
use server::outbound::Outbound;
use server::scheduler::Sent;

use crate::both;
use crate::support::{Behaviour, Hooks, Receiver, delivered, eventually, failed, id_at};

/// Far less than a good answer may take on a busy machine: for those that give none.
const HURRY: Duration = Duration::from_millis(200);

/// State, problem and status of the one delivery.
async fn told(hooks: &Hooks) -> Value {
    let deliveries = "deliveries { nodes { state lastProblem lastStatus attempts } }";
    hooks.webhooks(deliveries).await.pointer("/0/deliveries/nodes/0").expect("a delivery").clone()
}

both! {
    async fn a_bad_answer_is_no_delivery_and_says_what_it_was(clinic) {
        let hooks = Hooks::of(clinic).await;
        let elsewhere = Receiver::opens(Behaviour::Answers(200)).await;
        let (receiver, _) = hooks.receiver(Behaviour::Closes).await;
        hooks.records().await;
        for (attempt, (behaviour, problem, status)) in [
            (Behaviour::Answers(500), "ANSWERED", Some(500)),
            (Behaviour::Answers(404), "ANSWERED", Some(404)),
            (Behaviour::Redirects(elsewhere.url()), "REDIRECTED", Some(307)),
            (Behaviour::Closes, "UNREACHABLE", None),
        ].into_iter().enumerate() {
            receiver.behaves(behaviour.clone());
            assert_eq!(hooks.sends_after(TimeDelta::hours(1)).await, failed(1), "{behaviour:?}");
            assert_eq!(told(&hooks).await, json!({ "state": "PENDING", "lastProblem": problem,
                "lastStatus": status, "attempts": attempt + 1 }));
        }
        assert_eq!(elsewhere.received().len(), 0);
        let messages = receiver.received();
        assert_eq!(messages.len(), 4);
        // The same message each time, signed anew.
        assert!(messages.iter().all(|message| message.id() == messages[0].id() && message.body == messages[0].body));
        let times = messages.iter().map(|message| message.headers["webhook-timestamp"].clone());
        assert_eq!(times.collect::<Vec<_>>(), ["1772370000", "1772373600", "1772377200", "1772380800"]);
    }

    async fn a_receiver_that_hangs_or_answers_too_late_is_given_no_more_time(clinic) {
        let mut hooks = Hooks::of(clinic).await;
        hooks.hurries(HURRY);
        let (receiver, _) = hooks.receiver(Behaviour::Hangs).await;
        hooks.records().await;
        assert_eq!(hooks.sends().await, failed(1));
        receiver.releases();
        assert_eq!(told(&hooks).await, json!({ "state": "PENDING", "lastProblem": "TIMED_OUT",
            "lastStatus": null, "attempts": 1 }));
        assert_eq!(receiver.received().len(), 1);
    }

    async fn an_answer_without_end_is_cut_off_and_its_status_counts(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Floods).await;
        hooks.records().await;
        assert_eq!(hooks.sends().await, delivered(1));
        eventually("it is cut off", async || receiver.cut().len() == 1).await;
        // 64 KB are read; the rest lies in buffers of the system.
        assert!(receiver.cut()[0] < 64 << 20, "{:?}", receiver.cut());
    }

    async fn nobody_there_is_a_failure_too(clinic) {
        let hooks = Hooks::of(clinic).await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("its address");
        drop(free);
        hooks.registers(&format!("http://{address}/")).await;
        hooks.records().await;
        assert_eq!(hooks.sends().await, failed(1));
        assert_eq!(told(&hooks).await["lastProblem"], "UNREACHABLE");
    }

    async fn without_a_certificate_there_is_no_delivery(clinic) {
        let hooks = Hooks::of(clinic).await;
        let receiver = Receiver::opens(Behaviour::Answers(200)).await;
        hooks.registers(&receiver.url().replace("http://", "https://")).await;
        hooks.records().await;
        // It closes what is no HTTP.
        let mut hurried = hooks;
        hurried.hurries(HURRY);
        assert_eq!(hurried.sends().await, failed(1));
        assert_eq!(receiver.received().len(), 0);
    }

    async fn it_is_tried_for_a_day_then_given_up_and_sent_again_on_demand(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(503)).await;
        hooks.records().await;
        let begun = hooks.clinic.now();
        let (mut longest, mut tries) = (TimeDelta::seconds(10), 0);
        loop {
            let sent = hooks.sends().await;
            tries += 1;
            let Some(next) = hooks.row().await.next_attempt_at else {
                assert_eq!(sent, Sent { dead: 1, ..Sent::default() });
                break;
            };
            assert_eq!(sent, failed(1));
            let wait = next - hooks.clinic.now();
            assert!(wait <= longest, "{wait} after {tries} tries");
            longest = (longest * 2).min(TimeDelta::hours(4));
            assert_eq!(hooks.sends_after(wait - TimeDelta::microseconds(1)).await, Sent::default());
            hooks.clinic.later(TimeDelta::microseconds(1));
        }
        assert_eq!(hooks.clinic.now() - begun, TimeDelta::hours(24));
        // Half of the longest wait on average: 24 tries, and hardly ever half as many.
        assert!((12..60).contains(&tries), "{tries}");
        assert_eq!(receiver.received().len(), tries);
        assert_eq!(hooks.sends_after(TimeDelta::days(1)).await, Sent::default());
        assert_eq!(told(&hooks).await, json!({ "state": "DEAD", "lastProblem": "ANSWERED", "lastStatus": 503,
            "attempts": tries }));

        receiver.behaves(Behaviour::Answers(200));
        let input = json!({ "deliveryId": hooks.row().await.id });
        let again = "delivery { state attempts settledAt } webhook { id }";
        let payload = hooks.clinic.does(&hooks.root, "resendWebhookDelivery", input, again).await;
        assert_eq!(payload["delivery"], json!({ "state": "PENDING", "attempts": 0, "settledAt": null }));
        assert_eq!(hooks.sends().await, delivered(1));
        assert_eq!(told(&hooks).await, json!({ "state": "DELIVERED", "lastProblem": null, "lastStatus": 200,
            "attempts": 1 }));
        let messages = receiver.received();
        assert_eq!(messages[0].id(), messages.last().expect("messages").id());
    }

    async fn what_a_dead_server_had_taken_is_sent_again_when_the_claim_ends(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Hangs).await;
        hooks.records().await;
        {
            // Dropped in the middle, as a kill would.
            let scheduler = hooks.scheduler();
            tokio::select! {
                sent = scheduler.send_to_webhooks() => panic!("it did not hang: {sent:?}"),
                () = eventually("it hangs", async || receiver.received().len() == 1) => {}
            }
        }
        receiver.behaves(Behaviour::Answers(200));
        assert_eq!(hooks.sends().await, Sent::default());
        assert_eq!(hooks.sends_after(CLAIM - TimeDelta::microseconds(1)).await, Sent::default());
        assert_eq!(hooks.sends_after(TimeDelta::microseconds(1)).await, delivered(1));
        let messages = receiver.received();
        assert_eq!((messages.len(), messages[0].id()), (2, messages[1].id()));
        assert_eq!(hooks.row().await.attempts, 2);
    }

    async fn whoever_lost_a_claim_notes_nothing(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Hangs).await;
        hooks.records().await;
        let scheduler = hooks.scheduler();
        let late = tokio::spawn(async move { scheduler.send_to_webhooks().await });
        eventually("it hangs", async || receiver.received().len() == 1).await;
        receiver.behaves(Behaviour::Answers(500));
        assert_eq!(hooks.sends_after(CLAIM).await, failed(1));
        let noted = hooks.row().await;
        receiver.releases();
        late.await.expect("no panic").expect("the database");
        assert_eq!(hooks.row().await, noted);
    }

    async fn a_secret_of_another_key_sends_nothing(clinic) {
        let mut hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        let allowed = || Outbound::default().allowing("127.0.0.1".parse().expect("a network"));
        let keys = [allowed(), allowed().with_key(b"another key for webhooks, as long as ours")];
        for outbound in keys {
            hooks.outbound = outbound;
            assert_eq!(hooks.sends_after(TimeDelta::hours(1)).await, failed(1));
            assert_eq!(told(&hooks).await["lastProblem"], "SECRET_UNREADABLE");
        }
        assert_eq!(receiver.received().len(), 0);
    }

    async fn counts_tell_operators_how_it_goes(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, webhook) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        hooks.sends().await;
        receiver.behaves(Behaviour::Answers(500));
        hooks.records().await;
        hooks.sends().await;
        let counts = async |person, arguments: &str| {
            let query = format!("{{ webhookCounts{arguments} {{ delivered dead pending }} }}");
            hooks.clinic.asks(person, &query, json!({})).await.at("/webhookCounts").clone()
        };
        let counted = |delivered, dead, pending| json!({ "delivered": delivered, "dead": dead, "pending": pending });
        assert_eq!(counts(&hooks.root, "").await, counted(1, 0, 1));
        assert_eq!(counts(&hooks.lee, "").await, counted(0, 0, 0));
        assert_eq!(hooks.sends_after(TimeDelta::hours(24)).await, Sent { dead: 1, ..Sent::default() });
        assert_eq!(counts(&hooks.root, "").await, counted(0, 1, 0));
        assert_eq!(counts(&hooks.root, "(since: \"2026-03-01T12:00:00Z\")").await, counted(1, 1, 0));
        assert_eq!(counts(&hooks.root, "(since: \"2026-03-01T12:00:00Z\", until: \"2026-03-02T12:00:00Z\")").await, counted(1, 0, 0));
        let deleted = hooks.clinic.does(&hooks.root, "deleteWebhook", json!({ "webhookId": webhook }),
            "deletedId deletedDeliveries").await;
        assert_eq!((id_at(&deleted, "/deletedId"), &deleted["deletedDeliveries"]), (webhook, &json!(2)));
        assert!(hooks.rows().await.is_empty());
    }
}
