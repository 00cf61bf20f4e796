//! Webhooks are sent what happens: once for each event that they asked for, with ids alone, signed.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use entity::event;
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use serde_json::json;
use server::scheduler::{Scheduler, Settings};
use sha2::{Digest, Sha256};

use crate::both;
use crate::support::{Behaviour, Hooks, Received, Receiver, delivered, id_at};

/// HMAC-SHA256 as RFC 2104 has it, apart from the server's.
fn hmac(key: &[u8], message: &str) -> String {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let hash =
        |pad: u8, rest: &[u8]| Sha256::digest([block.map(|byte| byte ^ pad).as_slice(), rest].concat());
    STANDARD.encode(hash(0x5c, &hash(0x36, message.as_bytes())))
}

/// What a message must be signed with by this secret.
fn signature(secret: &str, message: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
    let (id, time) = (message.id(), &message.headers["webhook-timestamp"]);
    format!("v1,{}", hmac(&key, &format!("{id}.{time}.{}", message.body)))
}

both! {
    async fn what_happens_is_sent_with_ids_alone_and_signed(clinic) {
        let hooks = Hooks::of(clinic).await;
        let receiver = Receiver::opens(Behaviour::Answers(200)).await;
        let (webhook, secret) = hooks.registers(&receiver.url()).await;
        hooks.clinic.records_with(&hooks.ann, &hooks.goal, "5", json!({ "notes": "lithium" })).await;

        assert_eq!(hooks.sends().await, delivered(1));
        assert_eq!(hooks.sends().await, delivered(0));

        let [message] = receiver.received().try_into().expect("one message");
        let event = hooks.clinic.events_of("progress_recorded").await.remove(0);
        assert_eq!(message.json(), json!({ "type": "PROGRESS_RECORDED", "timestamp": "2026-03-01T12:00:00Z",
            "data": { "patientId": hooks.ann.id, "therapistId": hooks.lee.id, "goalId": hooks.goal,
                "subjectId": event.subject_id, "entryId": event.entry_id } }));
        assert_eq!(message.line, "POST /hooks?token=secret-of-the-url HTTP/1.1");
        assert_eq!(message.headers["host"], receiver.address.to_string());
        assert_eq!(message.headers["content-type"], "application/json");
        assert_eq!(message.headers["webhook-timestamp"], "1772366400");
        assert_eq!(message.headers["webhook-signature"], signature(&secret, &message));
        let row = hooks.row().await;
        assert_eq!((message.id(), row.webhook_id.to_string()), (row.id.to_string().as_str(), webhook));
        assert_eq!((row.state.as_str(), row.attempts, row.last_status), ("delivered", 1, Some(200)));
    }

    async fn a_webhook_is_sent_what_it_asked_for_from_its_registration_on(clinic) {
        let hooks = Hooks::of(clinic).await;
        hooks.records().await;
        let [one, two] = [Receiver::opens(Behaviour::Answers(204)).await, Receiver::opens(Behaviour::Answers(299)).await];
        hooks.registers_with(&one.url(), json!({ "kinds": ["PROGRESS_RECORDED", "MILESTONE_ADDED"] })).await;
        let (second, _) = hooks.registers_with(&two.url(), json!({ "kinds": ["GOAL_UPDATED"] })).await;
        hooks.records().await;
        hooks.clinic.adds_milestone(&hooks.lee, &hooks.goal, "CUSTOM", "1").await;
        hooks.clinic.does(&hooks.lee, "updateGoal", json!({ "goalId": hooks.goal, "category": "x" }), "__typename").await;
        assert_eq!(hooks.sends().await, delivered(3));
        let kinds = |receiver: &Receiver| -> BTreeSet<String> {
            receiver.received().iter().map(|message| id_at(&message.json(), "/type")).collect()
        };
        assert_eq!(kinds(&one), ["MILESTONE_ADDED", "PROGRESS_RECORDED"].map(String::from).into());
        assert_eq!(kinds(&two), ["GOAL_UPDATED"].map(String::from).into());

        // Other kinds from now on.
        let input = json!({ "webhookId": second, "kinds": ["PROGRESS_RECORDED"] });
        hooks.clinic.does(&hooks.root, "updateWebhook", input, "__typename").await;
        hooks.clinic.does(&hooks.lee, "updateGoal", json!({ "goalId": hooks.goal, "category": "y" }), "__typename").await;
        hooks.records().await;
        assert_eq!(hooks.sends().await, delivered(2));
        assert_eq!(kinds(&two), ["GOAL_UPDATED", "PROGRESS_RECORDED"].map(String::from).into());
    }

    async fn a_due_reminder_comes_without_its_text_unless_that_was_asked_for(clinic) {
        let hooks = Hooks::of(clinic).await;
        let [bare, told] = [Receiver::opens(Behaviour::Answers(200)).await, Receiver::opens(Behaviour::Answers(200)).await];
        let due = json!({ "kinds": ["REMINDER_DUE"] });
        hooks.registers_with(&bare.url(), due).await;
        hooks.registers_with(&told.url(), json!({ "kinds": ["REMINDER_DUE"], "includeMessage": true })).await;
        let input = json!({ "goalId": hooks.goal, "scheduledTime": "13:00", "message": "Take your lithium" });
        let payload = hooks.clinic.does(&hooks.lee, "scheduleReminder", input, "reminder { id }").await;
        hooks.clinic.catches_up().await;
        assert_eq!(hooks.clinic.catches_up_at("2026-03-01T13:00:00").await.sent, 1);
        assert_eq!(hooks.sends().await, delivered(2));

        let mut data = json!({ "patientId": hooks.ann.id, "therapistId": hooks.lee.id, "goalId": hooks.goal,
            "subjectId": id_at(&payload, "/reminder/id"), "entryId": null, "dueAt": "2026-03-01T13:00:00Z" });
        assert_eq!(bare.received()[0].json()["data"], data);
        data["message"] = json!("Take your lithium");
        assert_eq!(told.received()[0].json()["data"], data);
    }

    async fn while_a_secret_is_replaced_both_sign_for_a_day(clinic) {
        let hooks = Hooks::of(clinic).await;
        let receiver = Receiver::opens(Behaviour::Answers(200)).await;
        let (webhook, first) = hooks.registers(&receiver.url()).await;
        let chosen = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        let input = json!({ "webhookId": webhook, "secret": chosen });
        let payload = hooks.clinic.does(&hooks.root, "rotateWebhookSecret", input,
            "secret webhook { secretSetAt formerSecretUntil }").await;
        assert_eq!(payload, json!({ "secret": chosen, "webhook": {
            "secretSetAt": "2026-03-01T12:00:00Z", "formerSecretUntil": "2026-03-02T12:00:00Z" } }));

        let signed = async |wait: TimeDelta| {
            hooks.records().await;
            assert_eq!(hooks.sends_after(wait).await, delivered(1));
            receiver.received().pop().expect("a message")
        };
        let message = signed(TimeDelta::hours(24) - TimeDelta::microseconds(1)).await;
        let both = [signature(chosen, &message), signature(&first, &message)].join(" ");
        assert_eq!(message.headers["webhook-signature"], both);
        let message = signed(TimeDelta::microseconds(1)).await;
        assert_eq!(message.headers["webhook-signature"], signature(chosen, &message));
    }

    async fn of_several_servers_one_sends_each(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        for _ in 0..30 {
            hooks.records().await;
        }
        let servers: Vec<Scheduler> = (0..4).map(|_| hooks.scheduler()).collect();
        let sent = join_all(servers.iter().map(Scheduler::send_to_webhooks)).await;
        let all: u32 = sent.into_iter().map(|sent| sent.expect("the database").delivered).sum();
        let messages = receiver.received();
        let ids: BTreeSet<_> = messages.iter().map(Received::id).collect();
        assert_eq!((all, messages.len(), ids.len()), (30, 30, 30));
    }

    async fn a_webhook_that_is_off_is_sent_nothing_of_that_time(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, webhook) = hooks.receiver(Behaviour::Answers(500)).await;
        hooks.records().await;
        assert_eq!(hooks.sends().await.failed, 1);
        receiver.behaves(Behaviour::Answers(200));
        let turn = async |on: bool| {
            let input = json!({ "webhookId": webhook, "isActive": on });
            hooks.clinic.does(&hooks.root, "updateWebhook", input, "webhook { isActive }").await
        };
        assert_eq!(turn(false).await["webhook"]["isActive"], false);
        hooks.records().await;
        assert_eq!(hooks.sends_after(TimeDelta::hours(1)).await, delivered(0));
        turn(true).await;
        // What was pending then has waited.
        assert_eq!(hooks.sends().await, delivered(1));
        hooks.records().await;
        assert_eq!(hooks.sends().await, delivered(1));
        assert_eq!(hooks.rows().await.len(), 2);
    }

    async fn what_was_not_handed_over_is_before_it_is_forgotten(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        hooks.records().await;
        // No server has sent anything for eight days; the newest event is never forgotten.
        hooks.clinic.later(TimeDelta::days(8));
        hooks.clinic.catches_up().await;
        assert_eq!(hooks.clinic.events().await.len(), 1);
        assert_eq!(hooks.sends().await, delivered(2));
        assert_eq!(receiver.received().len(), 2);
        assert_eq!(hooks.webhooks("missedEventsAt").await, json!([{ "missedEventsAt": null }]));
    }

    async fn what_another_program_has_forgotten_is_said(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (_receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        event::Entity::delete_many().exec(hooks.clinic.db()).await.expect("a statement");
        hooks.records().await;
        assert_eq!(hooks.sends().await, delivered(1));
        assert_eq!(hooks.webhooks("missedEventsAt").await, json!([{ "missedEventsAt": "2026-03-01T12:00:00Z" }]));
    }

    async fn what_became_of_deliveries_long_ago_is_forgotten(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        hooks.sends().await;
        receiver.behaves(Behaviour::Answers(500));
        hooks.records().await;
        hooks.sends().await;
        let prunes = async || {
            let settings = Settings { deliveries_kept: TimeDelta::hours(10), ..Settings::default() };
            hooks.clinic.scheduler_with(settings).catch_up().await.expect("the database");
            hooks.rows().await.into_iter().map(|row| row.state).collect::<Vec<_>>()
        };
        hooks.clinic.later(TimeDelta::hours(10));
        assert_eq!(prunes().await, ["delivered", "pending"]);
        // What is not settled is never forgotten.
        hooks.clinic.later(TimeDelta::minutes(10));
        assert_eq!(prunes().await, ["pending"]);
    }

    /// With the runner itself: a receiver that hangs holds up no reminder, and no other receiver.
    async fn a_receiver_that_hangs_holds_up_nobody(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (hangs, _) = hooks.receiver(Behaviour::Hangs).await;
        let (good, _) = hooks.receiver(Behaviour::Answers(200)).await;
        for _ in 0..20 {
            hooks.records().await;
        }
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(hooks.scheduler().run(stop.clone()));
        crate::support::eventually("it hangs", async || !hangs.received().is_empty()).await;
        crate::support::eventually("the other gets all", async || good.received().len() == 20).await;
        let input = json!({ "goalId": hooks.goal, "scheduledTime": "13:00" });
        hooks.clinic.does(&hooks.lee, "scheduleReminder", input, "__typename").await;
        hooks.clinic.later(TimeDelta::hours(1));
        hooks.records().await;
        crate::support::eventually("a reminder", async || hooks.clinic.reminded().await.len() == 1).await;
        crate::support::eventually("one more", async || good.received().len() == 21).await;
        stop.cancel();
        hangs.releases();
        running.await.expect("no panic");
    }
}

#[test]
fn the_tests_own_signature_is_that_of_the_specification() {
    // The example of Standard Webhooks.
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
    let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
    assert_eq!(hmac(&key, signed), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
