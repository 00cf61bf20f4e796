//! Webhooks are for admins, and their secrets for nobody: shown once, and not to be had from the database.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::{request, webhook};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Behaviour, Hooks, Person, id_at, with};

/// All that the database holds of webhooks and of answers to repeat, in words.
async fn stored(hooks: &Hooks) -> String {
    let webhooks = webhook::Entity::find().all(hooks.clinic.store()).await.expect("webhooks");
    let requests = request::Entity::find().all(hooks.clinic.store()).await.expect("requests");
    format!("{webhooks:?} {requests:?}")
}

both! {
    async fn a_secret_is_shown_once_and_stored_sealed(clinic) {
        let hooks = Hooks::of(clinic).await;
        let shown = "secret webhook { id }";
        let input = json!({ "url": "https://93.184.215.14/", "kinds": ["GOAL_CREATED"], "idempotencyKey": "one" });
        let first = hooks.clinic.does(&hooks.root, "registerWebhook", input.clone(), shown).await;
        let webhook = id_at(&first, "/webhook/id");
        let rotated = json!({ "webhookId": webhook, "idempotencyKey": "two" });
        let second = hooks.clinic.does(&hooks.root, "rotateWebhookSecret", rotated.clone(), shown).await;
        let secrets = [id_at(&first, "/secret"), id_at(&second, "/secret")];
        assert_ne!(secrets[0], secrets[1]);

        // A retry gets the webhook, and no secret.
        for (mutation, input) in [("registerWebhook", input), ("rotateWebhookSecret", rotated)] {
            let again = hooks.clinic.does(&hooks.root, mutation, input, shown).await;
            assert_eq!(again, json!({ "secret": null, "webhook": { "id": webhook } }));
        }
        let stored = stored(&hooks).await;
        for secret in secrets {
            let text = secret.strip_prefix("whsec_").expect("a secret");
            let bytes = STANDARD.decode(text).expect("base64");
            assert_eq!(bytes.len(), 32);
            let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            for form in [text.to_owned(), format!("{bytes:?}"), hex] {
                assert!(!stored.contains(&form), "{stored}");
            }
        }
        // Nor is there a sealed one in an answer that is kept.
        let row = webhook::Entity::find().one(hooks.clinic.store()).await.expect("a webhook").expect("a webhook");
        let requests = request::Entity::find().all(hooks.clinic.store()).await.expect("requests");
        assert!(!format!("{requests:?}").contains(&row.secret));
        assert_eq!(requests.len(), 2);
    }

    async fn a_chosen_secret_is_stored_sealed_too(clinic) {
        let hooks = Hooks::of(clinic).await;
        let chosen = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
        let fields = json!({ "kinds": ["GOAL_CREATED"], "secret": chosen, "idempotencyKey": "one" });
        let (_, shown) = hooks.registers_with("https://93.184.215.14/", fields).await;
        assert_eq!(shown, chosen);
        assert!(!stored(&hooks).await.contains(&chosen[6..]));
    }

    async fn whoever_is_no_admin_sees_none(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (_receiver, webhook) = hooks.receiver(Behaviour::Answers(200)).await;
        hooks.records().await;
        hooks.sends().await;
        let delivery = hooks.row().await.id;
        let query = "query($webhook: ID!, $delivery: ID!) {
            webhooks { totalCount nodes { id url deliveries { nodes { id } } } }
            webhook: node(id: $webhook) { id } delivery: node(id: $delivery) { id __typename } }";
        let ids = json!({ "webhook": webhook, "delivery": delivery });
        for person in [&hooks.ann, &hooks.lee] {
            let answer = hooks.clinic.asks(person, query, ids.clone()).await;
            assert_eq!(*answer.data(), json!({ "webhooks": { "totalCount": 0, "nodes": [] }, "webhook": null, "delivery": null }));
        }
        let answer = hooks.clinic.asks(&hooks.root, query, ids).await;
        assert_eq!(answer.at("/webhooks/totalCount"), &json!(1));
        assert_eq!(answer.at("/webhooks/nodes/0/deliveries/nodes"), &json!([{ "id": delivery }]));
        assert_eq!(answer.at("/delivery"), &json!({ "id": delivery, "__typename": "WebhookDelivery" }));
    }

    async fn whoever_is_no_admin_any_more_gets_no_first_answer(clinic) {
        let hooks = Hooks::of(clinic).await;
        let input = json!({ "url": "https://93.184.215.14/", "kinds": ["GOAL_CREATED"], "idempotencyKey": "one" });
        hooks.clinic.does(&hooks.root, "registerWebhook", input.clone(), "webhook { id }").await;
        let demote = sea_orm::sea_query::Query::update().table("users").value("role", "therapist")
            .and_where(sea_orm::sea_query::ExprTrait::eq(sea_orm::sea_query::Expr::col("id"), hooks.root.id)).to_owned();
        sea_orm::ConnectionTrait::execute(hooks.clinic.db(), &demote).await.expect("an update");
        // A viewer's row is known for a second.
        let fresh = server::app::App::new(hooks.clinic.store().clone(), hooks.clinic.app.keys.clone(), hooks.clinic.app.clock.clone());
        let mut hooks = hooks;
        hooks.clinic.app = fresh;
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "registerWebhook", input).await, ["NOT_FOUND input.idempotencyKey"]);
    }

    async fn deliveries_are_paged_by_their_state_newest_first(clinic) {
        let hooks = Hooks::of(clinic).await;
        let (receiver, _) = hooks.receiver(Behaviour::Answers(200)).await;
        for status in [200, 500, 200, 200] {
            receiver.behaves(Behaviour::Answers(status));
            hooks.records().await;
            hooks.clinic.later(chrono::TimeDelta::milliseconds(1));
            hooks.sends().await;
        }
        let rows: Vec<Value> = hooks.rows().await.iter().rev().map(|row| json!({ "id": row.id })).collect();
        let page = async |person: &Person, arguments: &str| {
            let query = format!("{{ webhooks {{ nodes {{ deliveries{arguments} {{ totalCount nodes {{ id }}
                pageInfo {{ endCursor hasNextPage }} }} }} }} }}");
            hooks.clinic.asks(person, &query, json!({})).await.at("/webhooks/nodes/0/deliveries").clone()
        };
        let first = page(&hooks.root, "(first: 3)").await;
        assert_eq!((&first["nodes"], &first["totalCount"]), (&json!(rows[..3]), &json!(4)));
        let cursor = first["pageInfo"]["endCursor"].as_str().expect("a cursor");
        assert_eq!(page(&hooks.root, &format!("(after: \"{cursor}\")")).await["nodes"], json!(rows[3..]));
        assert_eq!(page(&hooks.root, "(state: PENDING)").await["nodes"], json!([rows[2]]));
        assert_eq!(page(&hooks.root, "(state: DELIVERED)").await["totalCount"], 3);
        assert_eq!(page(&hooks.root, "(state: DEAD)").await["nodes"], json!([]));
    }

    async fn a_webhook_is_shown_as_it_was_set_up(clinic) {
        let hooks = Hooks::of(clinic).await;
        let input = json!({ "url": "https://93.184.215.14", "kinds": ["REMINDER_DUE", "GOAL_CREATED", "REMINDER_DUE"] });
        let shown = "webhook { url kinds includeMessage isActive secretSetAt formerSecretUntil missedEventsAt createdAt updatedAt }";
        let payload = hooks.clinic.does(&hooks.root, "registerWebhook", input, shown).await;
        let now = "2026-03-01T12:00:00Z";
        let webhook = json!({ "url": "https://93.184.215.14/", "kinds": ["GOAL_CREATED", "REMINDER_DUE"],
            "includeMessage": false, "isActive": true, "secretSetAt": now, "formerSecretUntil": null,
            "missedEventsAt": null, "createdAt": now, "updatedAt": now });
        assert_eq!(payload["webhook"], webhook);
        let id = hooks.webhooks("id").await[0]["id"].clone();
        hooks.clinic.later(chrono::TimeDelta::seconds(1));
        let changes = json!({ "webhookId": id, "url": "https://93.184.215.14/a?b", "includeMessage": true, "isActive": false });
        let payload = hooks.clinic.does(&hooks.root, "updateWebhook", changes, shown).await;
        let changed = json!({ "url": "https://93.184.215.14/a?b", "includeMessage": true, "isActive": false,
            "updatedAt": "2026-03-01T12:00:01Z" });
        assert_eq!(payload["webhook"], with(webhook, changed));
    }
}
