//! The registered subscribers of this process, and how far each of them lags behind. All state is under one
//! lock, which is never held across an await.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::person::Role;
use tokio::sync::mpsc::{self, Receiver, Sender};
use uuid::Uuid;

use super::{Delivery, Filter, Limits, Position};
use crate::access::Viewer;

#[derive(Debug)]
pub struct Hub {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The last event that was handed out.
    head: Position,
    last: u64,
    slots: HashMap<u64, Slot>,
    by_person: HashMap<Uuid, BTreeSet<u64>>,
    /// Admins see everything, so everything is offered to them.
    admins: BTreeSet<u64>,
}

#[derive(Debug)]
struct Slot {
    person: Uuid,
    filter: Filter,
    queue: Sender<Arc<Delivery>>,
    /// How many events were not queued since the queue was full; `None` while every event is queued.
    lag: Option<u32>,
}

/// What a subscriber gets when it joins the hub.
#[derive(Debug)]
pub struct Registration {
    pub number: u64,
    pub queue: Receiver<Arc<Delivery>>,
    /// Every matching event after this one will be put into the queue.
    pub head: Position,
}

impl Hub {
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn start_at(&self, head: Position) {
        self.state().head = head;
    }

    pub fn head(&self) -> Position {
        self.state().head
    }

    pub fn listeners(&self) -> usize {
        self.state().slots.len()
    }

    /// Registers a subscriber for events from now on. One who resumes (`behind`) gets nothing queued until
    /// [`rejoin`](Self::rejoin).
    pub fn join(&self, viewer: &Viewer, filter: Filter, behind: bool) -> Registration {
        let (queue, receiver) = mpsc::channel(self.limits.queue);
        let mut state = self.state();
        state.last += 1;
        let (number, person) = (state.last, viewer.id());
        state.slots.insert(number, Slot { person, filter, queue, lag: behind.then_some(0) });
        state.by_person.entry(person).or_default().insert(number);
        if viewer.role == Role::Admin {
            state.admins.insert(number);
        }
        Registration { number, queue: receiver, head: state.head }
    }

    /// Queues events again for a subscriber that is behind, and returns the position up to which it has to
    /// read the outbox itself; `None` when it is not behind.
    pub fn rejoin(&self, number: u64) -> Option<Position> {
        let mut state = self.state();
        let head = state.head;
        state.slots.get_mut(&number)?.lag.take().map(|_| head)
    }

    pub fn leave(&self, number: u64) {
        self.state().remove(number);
    }

    /// The people who subscribed to one of these events, so that their roles can be read with one statement.
    pub fn people(&self, deliveries: &[Arc<Delivery>]) -> Vec<Uuid> {
        let state = self.state();
        let people: BTreeSet<_> = deliveries
            .iter()
            .flat_map(|delivery| state.hearers(delivery))
            .filter_map(|number| Some(state.slots.get(&number)?.person))
            .collect();
        people.into_iter().collect()
    }

    /// Queues these events, in order. A subscriber whose queue is full is marked as behind, and reads the
    /// events later from the outbox; one that lags more than `max_lag` events is removed.
    pub fn hand_out(&self, deliveries: &[Arc<Delivery>], head: Position) {
        let mut state = self.state();
        for delivery in deliveries {
            for number in state.hearers(delivery) {
                if !state.offer(number, delivery, self.limits.max_lag) {
                    state.remove(number);
                }
            }
        }
        state.head = head;
    }
}

impl State {
    fn hearers(&self, delivery: &Delivery) -> BTreeSet<u64> {
        let concerned = delivery.audience_ids().filter_map(|person| self.by_person.get(&person)).flatten();
        let wants = |number: &u64| self.slots.get(number).is_some_and(|slot| delivery.matches(&slot.filter));
        concerned.chain(&self.admins).copied().filter(wants).collect()
    }

    /// False when the subscriber has gone or lags too far, so that it must be removed.
    fn offer(&mut self, number: u64, delivery: &Arc<Delivery>, max_lag: u32) -> bool {
        let Some(slot) = self.slots.get_mut(&number) else { return true };
        if slot.lag.is_none() {
            match slot.queue.try_send(delivery.clone()) {
                Ok(()) => return true,
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
                Err(mpsc::error::TrySendError::Full(_)) => {}
            }
        }
        let lag = slot.lag.unwrap_or_default() + 1;
        slot.lag = Some(lag);
        lag <= max_lag
    }

    fn remove(&mut self, number: u64) {
        let Some(slot) = self.slots.remove(&number) else { return };
        self.admins.remove(&number);
        if let Some(own) = self.by_person.get_mut(&slot.person) {
            own.remove(&number);
            if own.is_empty() {
                self.by_person.remove(&slot.person);
            }
        }
    }
}
