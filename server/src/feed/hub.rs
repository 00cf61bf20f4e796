//! Who listens, and how far they are behind. Everything happens under one lock that is never held
//! across an await.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::person::Role;
use tokio::sync::mpsc::{self, Receiver, Sender};
use uuid::Uuid;

use super::{Limits, News, Position, Wish};
use crate::access::Viewer;

#[derive(Debug)]
pub struct Hub {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Everything up to here has been handed out.
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
    wish: Wish,
    queue: Sender<Arc<News>>,
    /// How many events have passed by since the queue was full; `None` while it hears everything.
    missed: Option<u32>,
}

/// A place among those who listen.
#[derive(Debug)]
pub struct Place {
    pub number: u64,
    pub queue: Receiver<Arc<News>>,
    /// Everything behind this will be heard.
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

    /// From now on; one who resumes is behind until [`rejoin`](Self::rejoin).
    pub fn join(&self, viewer: &Viewer, wish: Wish, behind: bool) -> Place {
        let (queue, receiver) = mpsc::channel(self.limits.queue);
        let mut state = self.state();
        state.last += 1;
        let (number, person) = (state.last, viewer.id());
        state.slots.insert(number, Slot { person, wish, queue, missed: behind.then_some(0) });
        state.by_person.entry(person).or_default().insert(number);
        if viewer.role == Role::Admin {
            state.admins.insert(number);
        }
        Place { number, queue: receiver, head: state.head }
    }

    /// When somebody is behind: makes them hear what comes from now on, and gives the place up to which
    /// they have to read for themselves.
    pub fn rejoin(&self, number: u64) -> Option<Position> {
        let mut state = self.state();
        let head = state.head;
        state.slots.get_mut(&number)?.missed.take().map(|_| head)
    }

    pub fn leave(&self, number: u64) {
        self.state().remove(number);
    }

    /// The people who listen for one of these, so that their roles can be read at once.
    pub fn people(&self, news: &[Arc<News>]) -> Vec<Uuid> {
        let state = self.state();
        let people: BTreeSet<_> = news
            .iter()
            .flat_map(|news| state.hearers(news))
            .filter_map(|number| Some(state.slots.get(&number)?.person))
            .collect();
        people.into_iter().collect()
    }

    /// Hands news out, in order. Whoever has a full queue is noted as behind and reads it later from the
    /// outbox; whoever is too far behind is let go.
    pub fn hand_out(&self, news: &[Arc<News>], head: Position) {
        let mut state = self.state();
        for news in news {
            for number in state.hearers(news) {
                if !state.offer(number, news, self.limits.most_missed) {
                    state.remove(number);
                }
            }
        }
        state.head = head;
    }
}

impl State {
    fn hearers(&self, news: &News) -> BTreeSet<u64> {
        let circle = news.circle().filter_map(|person| self.by_person.get(&person)).flatten();
        let wants = |number: &u64| self.slots.get(number).is_some_and(|slot| news.meets(&slot.wish));
        circle.chain(&self.admins).copied().filter(wants).collect()
    }

    /// False when there is no use in waiting for this one.
    fn offer(&mut self, number: u64, news: &Arc<News>, most_missed: u32) -> bool {
        let Some(slot) = self.slots.get_mut(&number) else { return true };
        if slot.missed.is_none() {
            match slot.queue.try_send(news.clone()) {
                Ok(()) => return true,
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
                Err(mpsc::error::TrySendError::Full(_)) => {}
            }
        }
        let missed = slot.missed.unwrap_or_default() + 1;
        slot.missed = Some(missed);
        missed <= most_missed
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
