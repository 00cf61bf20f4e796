//! Waymark: a GraphQL server for therapy goal tracking.
//!
//! # The map
//!
//! In reading order, from what a client sends down to what is stored. Imports point down, and
//! `tests/architecture.rs` holds the order.
//!
//! ```text
//! cli, config    the command and its settings
//! demo           the demo clinic
//! app            what a running server is made of
//! http           routes, media types, tokens, WebSocket, server-sent events, playground
//! graphql        the schema: one file a noun, and below them
//!   engine       from a document to an answer: parsing, validation, variables, prepared documents
//!   object       objects that write themselves; the macro that declares their fields
//!   input        input objects, read into the drafts that the services take
//! scheduler      what happens by the clock: reminders, periods that close, webhooks, what is forgotten by age
//! service        what mutations do: check, build, write, emit; plain values, nothing of GraphQL
//! history        what figures are made of, read for any number of goals at once
//! outbound       messages to webhooks: where they may go, how they are signed, how their secrets are kept
//! feed           events, in order, to whoever may hear of them
//! access         who sees what: the whole policy
//! agenda         what the server has to do at a given time
//! store          connections, transactions, shapes of reading; `dialect` knows the database
//! rules          pure knowledge: scores, trends, streaks, and which inputs are refused
//! event, clock   what can happen; the time, as a value
//! panics         a mistake of ours ends the work in which it happens, and nothing else
//! ```
//!
//! # Glossary
//!
//! - **Viewer**: the person who asks. Every read of rows starts from one.
//! - **Seen**: a row that this operation has read through its viewer, so that rows below it need no new
//!   question whether the viewer may see them.
//! - **Level**: all objects of one type at one place of an operation. A field is read once a level.
//! - **Draft**: the plain values of an input, not yet checked.
//! - **Aim**: a goal's baseline, target and direction. **Version**: the aim as it stood from a moment on.
//! - **Outbox**: the table of events. An event is written in the transaction of what it tells of.
//! - **Instrument**: a questionnaire with a score, such as the PHQ-9.
//! - **Episode**: the scores that a score is compared with: those of its goal, or those before it without a
//!   long gap.
//! - **Step**: one migration.
//!
//! # Decisions
//!
//! - **Rows that may not be seen are never fetched.** The condition is part of the statement, so hidden
//!   and absent look the same, and no resolver can forget to filter. A row that was read this way is
//!   `Seen`: what hangs on it is read without asking again whether the row may be seen.
//! - **A viewer's row is known for a second**, since one page sends many requests. A change of role takes
//!   effect within that second. Whom a therapist treats is part of every statement, so it counts at once.
//! - **apollo-compiler parses and validates documents**, as async-graphql's own parser does not follow the
//!   specification in all. `graphql/engine/overlooked.rs` adds the rules that its validation lacks.
//! - **A document is prepared once for each shape of its variables** and kept in a bounded cache: what
//!   `@skip` and `@include` decide, and which fields are merged, is the same for all requests of one shape.
//! - **Objects write themselves, level by level.** A boxed future and a map entry for each field were
//!   most of a read's cost. Plain fields are written as JSON at once; only what is read is awaited.
//! - **One declaration a field** gives the schema and the way the field is written, so they cannot differ.
//! - **`plan_cache_mode = force_generic_plan`** on PostgreSQL: it plans `= ANY($1)` anew each time otherwise,
//!   though the plan would not change.
//! - **Requests have connections of their own** (`store/postgres.rs`, `store/sqlite.rs`). On PostgreSQL the driver's
//!   pool asks each connection whether it lives after every statement, which is a second round trip, and takes
//!   back connections that were given up half way; ours closes those. On SQLite the driver hands over row by
//!   row from thread to thread; ours runs a statement to its end, and makes models of its rows where they are
//!   found. There rows are read by their numbers, so tables WITHOUT ROWID are refused.
//! - **A policy has two forms** (`Visible`): where rows are looked for, the condition finds those that a viewer
//!   may see; where they were narrowed down to a few, it judges each. A therapist's dashboard costs as much
//!   as an admin's that way.
//! - **Events go through an outbox.** A subscriber can resume, and no event is lost or told of a
//!   transaction that failed. `NOTIFY` only wakes readers up, outside of the transaction, since it would
//!   make commits wait for each other.
//! - **Webhooks have their deliveries in rows of their own** (`scheduler/webhooks`), made from the outbox and its
//!   position in one transaction, and not in the agenda: the deliveries of one webhook are claimed together and sent
//!   apart from all others, so a receiver that hangs holds up neither another nor a reminder. An address is looked
//!   up, checked and connected to in one go, without a client that would look it up again.
//! - **What is over keeps its aim.** Each version of an aim is written down (`service/aim.rs`), and read where
//!   a figure looks at a day before today (`history/versions.rs`). The goal's own row is the truth for the present:
//!   what another program writes there stands from the moment that the row names, or else from today.
//! - **A score and the entry made of it are one thing.** The entry's id is the score's with its last bit turned
//!   (`service/link.rs`), since no column links them; only the score can be corrected, and the entry follows.
//! - **Services take plain values**, so that an import or another system can call them.
//!
//! # How to add
//!
//! **A field**: one line in the `object!` block of its noun in `graphql/`: `leaf` for what is at hand,
//! `link` for a foreign key, `all` for what is read for a whole level, `each` for what is worked out for
//! one object. `graphql/object/declare.rs` shows every form. Then update `schema.graphql`.
//!
//! **A mutation**: its draft and checks in `rules/input`; a function in the noun's file of `service`; the
//! input object in `graphql/input`; the resolver in `graphql/mutation.rs`; a line for it in the table of
//! `tests/permissions.rs`, whose test fails until it is there.
//!
//! **A step of migration**: a new `migration/src/mNN_name.rs`, named in the list of `migration/src/lib.rs`.
//! A step that was released is never changed: databases have taken it already.
//!
//! **An instrument**: an entry of `rules/instruments.json` with its range, how its answers are coded, its bands and
//! their source. Threshold and case cut-off come from one source, as `change_pair`, or recovery is not told.

pub mod access;
pub mod agenda;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod event;
pub mod feed;
pub mod graphql;
pub mod history;
pub mod http;
pub mod outbound;
pub mod panics;
pub mod rules;
pub mod scheduler;
pub mod service;
pub mod store;
pub mod wire;
