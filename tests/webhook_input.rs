//! Webhooks that can't be: addresses that lead inside, and whatever else is wrong, all of it at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use server::outbound::{Names, Outbound};

use crate::both;
use crate::support::{Behaviour, Hooks, Receiver, WEBHOOK_KEY, delivered, failed, with};

/// Names that a test can change, as whoever owns them can.
#[derive(Clone, Default)]
struct Zone(Arc<Mutex<HashMap<String, Vec<IpAddr>>>>);

impl Zone {
    fn names(&self) -> Names {
        Names::Fixed(self.0.clone())
    }

    fn leads(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.0.lock().expect("no panic").insert(name.to_owned(), addresses);
    }
}

fn strict() -> Outbound {
    Outbound::default().with_key(WEBHOOK_KEY)
}

async fn refused(hooks: &Hooks, fields: Value) -> Vec<String> {
    let input = with(json!({ "url": "https://93.184.215.14/", "kinds": ["GOAL_CREATED"] }), fields);
    hooks.clinic.is_refused(&hooks.root, "registerWebhook", input).await
}

both! {
    async fn an_address_inside_of_a_network_is_refused(clinic) {
        let hooks = Hooks::with(clinic, strict()).await;
        for host in [
            "localhost", "127.0.0.1", "[::1]", "127.1", "0x7f000001", "2130706433", "0.0.0.0", "[::]", "10.0.0.1",
            "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
            "[fe80::1]", "[fd00::1]", "[ff02::1]", "[::ffff:93.184.215.14]", "[::ffff:127.0.0.1]",
            "[64:ff9b::5db8:d70e]", "[2002:7f00:1::]", "[2001:db8::1]",
        ] {
            let url = format!("https://{host}/");
            assert_eq!(refused(&hooks, json!({ "url": url })).await, ["INVALID input.url"], "{host}");
        }
    }

    async fn a_name_that_leads_inside_is_refused_with_all_its_addresses(clinic) {
        let zone = Zone::default();
        let hooks = Hooks::with(clinic, strict().with_names(zone.names())).await;
        zone.leads("inside.example", &["10.0.0.1"]);
        zone.leads("both.example", &["93.184.215.14", "127.0.0.1"]);
        zone.leads("outside.example", &["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]);
        for url in ["https://inside.example/", "https://both.example/", "https://nowhere.example/"] {
            assert_eq!(refused(&hooks, json!({ "url": url })).await, ["INVALID input.url"], "{url}");
        }
        let (webhook, _) = hooks.registers("https://outside.example/").await;
        let moved = json!({ "webhookId": webhook, "url": "https://inside.example/" });
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "updateWebhook", moved).await, ["INVALID input.url"]);
    }

    /// Whoever owns a name can change where it leads at any time.
    async fn where_a_name_leads_is_checked_at_each_try(clinic) {
        let zone = Zone::default();
        let hooks = Hooks::with(clinic, strict().with_names(zone.names())).await;
        let receiver = Receiver::opens(Behaviour::Answers(200)).await;
        zone.leads("receiver.example", &["93.184.215.14"]);
        hooks.registers(&format!("https://receiver.example:{}/", receiver.address.port())).await;
        hooks.records().await;
        for addresses in [&["127.0.0.1"][..], &["93.184.215.14", "127.0.0.1"]] {
            zone.leads("receiver.example", addresses);
            assert_eq!(hooks.sends_after(chrono::TimeDelta::hours(4)).await, failed(1));
            assert_eq!(hooks.row().await.last_problem.as_deref(), Some("address_refused"));
        }
        zone.leads("receiver.example", &[]);
        assert_eq!(hooks.sends_after(chrono::TimeDelta::hours(4)).await, failed(1));
        assert_eq!(hooks.row().await.last_problem.as_deref(), Some("name_unknown"));
    }

    /// No name server knows this name: what was checked is what is connected to.
    async fn the_connection_goes_to_the_address_that_was_checked(clinic) {
        let zone = Zone::default();
        let allowed = strict().allowing("127.0.0.0/8".parse().expect("a network"));
        let hooks = Hooks::with(clinic, allowed.with_names(zone.names())).await;
        let receiver = Receiver::opens(Behaviour::Answers(200)).await;
        zone.leads("receiver.invalid", &["127.0.0.1"]);
        let host = format!("receiver.invalid:{}", receiver.address.port());
        hooks.registers(&format!("http://{host}/")).await;
        hooks.records().await;
        assert_eq!(hooks.sends().await, delivered(1));
        assert_eq!(receiver.received()[0].headers["host"], host);
    }

    async fn without_tls_only_what_is_allowed_is_reached(clinic) {
        let hooks = Hooks::of(clinic).await;
        assert_eq!(refused(&hooks, json!({ "url": "http://93.184.215.14/" })).await, ["INVALID input.url"]);
        assert_eq!(refused(&hooks, json!({ "url": "http://127.0.0.2/" })).await, ["INVALID input.url"]);
        hooks.registers("http://127.0.0.1/").await;
    }

    async fn all_that_is_wrong_is_said_at_once(clinic) {
        let hooks = Hooks::with(clinic, strict()).await;
        for url in [
            "", "receiver", "ftp://93.184.215.14/", "https://", "file:///etc/passwd", "javascript:1",
            "https://user@93.184.215.14/", "https://:password@93.184.215.14/", "https://93.184.215.14/#part",
        ] {
            assert_eq!(refused(&hooks, json!({ "url": url })).await, ["INVALID input.url"], "{url}");
        }
        let long = |letter: &str, count: usize| json!({ "url": format!("https://93.184.215.14/{}", letter.repeat(count)) });
        assert_eq!(refused(&hooks, long("x", 1979)).await, ["TOO_LONG input.url"]);
        // As it is sent, each of these letters takes six.
        assert_eq!(refused(&hooks, long("ü", 400)).await, ["TOO_LONG input.url"]);
        hooks.registers_with(long("x", 1978)["url"].as_str().expect("a text"), json!({ "kinds": ["GOAL_CREATED"] })).await;
        for (secret, problem) in [
            ("", "INVALID input.secret"),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "INVALID input.secret"),
            ("whsec_not base64", "INVALID input.secret"),
            ("whsec_c2hvcnQ=", "OUT_OF_RANGE input.secret"),
            ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", "OUT_OF_RANGE input.secret"),
        ] {
            assert_eq!(refused(&hooks, json!({ "secret": secret })).await, [problem], "{secret}");
        }
        let all = json!({ "url": "http://10.0.0.1/", "kinds": [], "secret": "short" });
        let problems = ["INVALID input.secret", "INVALID input.url", "REQUIRED input.kinds"];
        assert_eq!(refused(&hooks, all).await, problems);
        let id = hooks.webhooks("id").await[0]["id"].clone();
        let all = json!({ "webhookId": id, "url": "x", "kinds": [], "isActive": null, "includeMessage": null });
        let problems = ["INVALID input.url", "REQUIRED input.includeMessage", "REQUIRED input.isActive", "REQUIRED input.kinds"];
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "updateWebhook", all).await, problems);
        let rotated = json!({ "webhookId": id, "secret": "short" });
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "rotateWebhookSecret", rotated).await, ["INVALID input.secret"]);
        let both = json!({ "webhookId": "x", "secret": "short" });
        let problems = ["INVALID input.secret", "INVALID input.webhookId"];
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "rotateWebhookSecret", both).await, problems);
    }

    async fn there_are_at_most_twenty(clinic) {
        let hooks = Hooks::with(clinic, strict()).await;
        for _ in 0..20 {
            hooks.registers("https://93.184.215.14/").await;
        }
        assert_eq!(refused(&hooks, json!({})).await, ["OUT_OF_RANGE input"]);
    }

    async fn without_a_key_no_secret_is_kept(clinic) {
        let mut hooks = Hooks::with(clinic, strict()).await;
        let (webhook, _) = hooks.registers("https://93.184.215.14/").await;
        hooks.clinic.app = hooks.clinic.app.with_webhooks(Outbound::default());
        assert_eq!(refused(&hooks, json!({})).await, ["NOT_ALLOWED input"]);
        let rotated = json!({ "webhookId": webhook });
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "rotateWebhookSecret", rotated).await, ["NOT_ALLOWED input"]);
        // What needs no key goes on.
        let off = json!({ "webhookId": webhook, "isActive": false });
        hooks.clinic.does(&hooks.root, "updateWebhook", off, "__typename").await;
        let dead = hooks.clinic.goal(&hooks.ann, &hooks.lee, "Walk").await;
        let webhook = webhook.parse().expect("an id");
        let delivery = hooks.clinic.dead_delivery(hooks.clinic.next_id(), webhook, &dead).await.id;
        let again = json!({ "deliveryId": delivery });
        assert_eq!(hooks.clinic.is_refused(&hooks.root, "resendWebhookDelivery", again).await, ["NOT_ALLOWED input.deliveryId"]);
    }
}
