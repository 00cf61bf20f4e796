//! Who is in the demo clinic, and when they met. Every name is invented.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use entity::person::Role;
use entity::{session, setting};
use uuid::Uuid;

use super::course::clock;
use super::id;

/// A time zone, and how many minutes its standard time is ahead of UTC. Summer time is left out: it would
/// only shift a moment of recording by an hour.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    name: &'static str,
    ahead: i64,
}

const UTC: Zone = Zone { name: "UTC", ahead: 0 };
const LONDON: Zone = Zone { name: "Europe/London", ahead: 0 };
const BERLIN: Zone = Zone { name: "Europe/Berlin", ahead: 60 };
const KOLKATA: Zone = Zone { name: "Asia/Kolkata", ahead: 330 };
const NEW_YORK: Zone = Zone { name: "America/New_York", ahead: -300 };
const CHICAGO: Zone = Zone { name: "America/Chicago", ahead: -360 };

/// Who treats a patient, by place in [`THERAPISTS`].
#[derive(Clone, Copy, Debug)]
pub enum Care {
    With(usize),
    /// Two therapists at present, who take turns.
    Shared(usize, usize),
    /// The first has handed over to the second.
    HandedOver(usize, usize),
    /// Treatment is over.
    Ended(usize),
}
use Care::{Ended, HandedOver, Shared, With};

#[derive(Clone, Copy, Debug)]
pub struct Patient {
    pub name: &'static str,
    pub zone: Zone,
    pub care: Care,
}

/// The first of each table has the well-known address: [`super::ADMIN`], [`super::THERAPIST`] and
/// [`super::PATIENT`].
const ADMINS: [(&str, Zone); 1] = [("Sasha Inkwell", NEW_YORK)];
const THERAPISTS: [(&str, Zone); 4] = [
    ("Dr. Ines Brightwater", NEW_YORK),
    ("Dr. Kwame Oakhollow", LONDON),
    ("Dr. Leila Farshore", BERLIN),
    ("Dr. Haruto Windmere", UTC),
];

pub const PATIENTS: [Patient; 40] = [
    patient("Robin Fairweather", NEW_YORK, With(0)),
    patient("Amara Lanternfield", NEW_YORK, With(0)),
    patient("Tomasz Hazelbrook", BERLIN, With(2)),
    patient("Priya Stillwater", KOLKATA, With(3)),
    patient("Mateo Goldenreed", CHICAGO, With(0)),
    patient("Ingrid Snowberry", BERLIN, With(2)),
    patient("Kofi Emberglen", LONDON, With(1)),
    patient("Mei Harborlight", NEW_YORK, With(0)),
    patient("Yusuf Cloudmere", LONDON, With(1)),
    patient("Noor Willowbank", LONDON, HandedOver(3, 1)),
    patient("Elena Thistledown", BERLIN, With(2)),
    patient("Dara Foxglove", CHICAGO, With(0)),
    patient("Jonas Fernhill", BERLIN, Ended(2)),
    patient("Aisha Pebblecreek", UTC, With(3)),
    patient("Luca Marigold", NEW_YORK, Shared(0, 1)),
    patient("Hana Moonbridge", UTC, With(3)),
    patient("Samuel Driftwood", NEW_YORK, With(0)),
    patient("Oksana Bellflower", BERLIN, With(2)),
    patient("Thabo Riverstone", LONDON, With(1)),
    patient("Freya Honeycroft", LONDON, Ended(1)),
    patient("Diego Larkspur", CHICAGO, With(0)),
    patient("Nadia Quietwood", BERLIN, HandedOver(0, 2)),
    patient("Arjun Maplethorn", KOLKATA, With(3)),
    patient("Chiara Dewfield", BERLIN, With(2)),
    patient("Emeka Starling", LONDON, With(1)),
    patient("Linh Paperlily", NEW_YORK, With(0)),
    patient("Owen Saltmarsh", LONDON, With(1)),
    patient("Zainab Copperleaf", NEW_YORK, Ended(0)),
    patient("Mikkel Nightjar", BERLIN, With(2)),
    patient("Rosa Windlehurst", CHICAGO, With(0)),
    patient("Sunil Ashgrove", KOLKATA, With(3)),
    patient("Tala Brookmist", NEW_YORK, With(0)),
    patient("Viktor Plumfield", BERLIN, Shared(2, 3)),
    patient("Wanjiru Skylark", LONDON, With(1)),
    patient("Xiomara Dunegrass", CHICAGO, HandedOver(1, 0)),
    patient("Yael Juniperhill", UTC, With(3)),
    patient("Bram Cobblewick", BERLIN, With(2)),
    patient("Celine Rainsong", NEW_YORK, With(0)),
    patient("Farid Elmhaven", LONDON, Ended(3)),
    patient("Greta Lindenroot", BERLIN, HandedOver(2, 1)),
];

const fn patient(name: &'static str, zone: Zone, care: Care) -> Patient {
    Patient { name, zone, care }
}

/// A row of `users`, whose entity lacks the e-mail address.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: Uuid,
    pub email: String,
    pub full_name: &'static str,
    pub role: Role,
    pub created_at: NaiveDateTime,
}

/// A row of `therapist_patients`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub therapist: Uuid,
    pub patient: Uuid,
    pub present: bool,
    pub since: NaiveDateTime,
}

/// A therapy session, with the patient's own day beside its moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    pub day: NaiveDate,
    pub row: session::Model,
}

pub fn therapist_id(place: usize) -> Uuid {
    id("therapist", place)
}

pub fn patient_id(place: usize) -> Uuid {
    id("patient", place)
}

/// Everyone who can sign in. The staff came two years ago, patients a week before their first session.
pub fn users(today: NaiveDate) -> Vec<User> {
    let staff_since = today.and_time(clock(9, 0)) - TimeDelta::days(730);
    let admins = (0..).zip(ADMINS).map(|(at, (name, _))| {
        let first = (at == 0).then_some(super::ADMIN);
        user(id("admin", at), first, name, Role::Admin, staff_since)
    });
    let therapists = (0..).zip(THERAPISTS).map(|(at, (name, _))| {
        let first = (at == 0).then_some(super::THERAPIST);
        user(therapist_id(at), first, name, Role::Therapist, staff_since)
    });
    let patients = PATIENTS.iter().enumerate().map(|(at, patient)| {
        let first = (at == 0).then_some(super::PATIENT);
        user(patient_id(at), first, patient.name, Role::Patient, patient.known_since(at, today))
    });
    admins.chain(therapists).chain(patients).collect()
}

fn user(
    id: Uuid,
    email: Option<&str>,
    full_name: &'static str,
    role: Role,
    created_at: NaiveDateTime,
) -> User {
    let words: Vec<_> = full_name.split(' ').filter(|word| *word != "Dr.").collect();
    let own = || format!("{}@waymark.example", words.join(".").to_lowercase());
    User { id, email: email.map_or_else(own, str::to_owned), full_name, role, created_at }
}

/// Everyone's time zone, but for those in UTC: a person without a row has the default.
pub fn settings(users: &[User]) -> Vec<setting::Model> {
    // In the order in which `users` has made them.
    let zones = ADMINS.iter().chain(&THERAPISTS).map(|(_, zone)| *zone);
    let zones = zones.chain(PATIENTS.iter().map(|patient| patient.zone));
    let set = users.iter().zip(zones).filter(|(_, zone)| zone.name != UTC.name);
    let row = |(user, zone): (&User, Zone)| setting::Model {
        user_id: user.id,
        time_zone: zone.name.to_owned(),
        updated_at: user.created_at,
    };
    set.map(row).collect()
}

impl Patient {
    /// The moment in UTC of a local day and time.
    pub fn moment(&self, local: NaiveDateTime) -> NaiveDateTime {
        local - TimeDelta::minutes(self.zone.ahead)
    }

    fn known_since(&self, place: usize, today: NaiveDate) -> NaiveDateTime {
        let first = self
            .visits(place, today)
            .first()
            .map_or(today.and_time(clock(9, 0)), |visit| visit.row.session_date);
        first - TimeDelta::days(7)
    }

    pub fn pairs(&self, place: usize, today: NaiveDate) -> Vec<Pair> {
        let since = self.known_since(place, today);
        let pair = |therapist, present| Pair {
            therapist: therapist_id(therapist),
            patient: patient_id(place),
            present,
            since,
        };
        match self.care {
            With(one) => vec![pair(one, true)],
            Shared(one, other) => vec![pair(one, true), pair(other, true)],
            HandedOver(former, present) => vec![pair(former, false), pair(present, true)],
            Ended(former) => vec![pair(former, false)],
        }
    }

    /// Their sessions, oldest first, at least two: every eighth patient comes every other week, of the
    /// others only the first and the latest session are kept here. All lie before today.
    pub fn visits(&self, place: usize, today: NaiveDate) -> Vec<Visit> {
        let spread = i64::try_from(place).unwrap_or_default();
        let over = if matches!(self.care, Ended(_)) { 45 + spread } else { 0 };
        let latest = working_day(today - TimeDelta::days(1 + spread % 7 + over));
        let fortnights = if place == 0 { 10 } else { 4 + (spread * 5) % 7 };
        let regular = place.is_multiple_of(8);
        let kept = (0..=fortnights).filter(|at| regular || *at == 0 || *at == fortnights);
        let days: Vec<_> = kept.rev().map(|at| latest - TimeDelta::days(14 * at)).collect();
        let local = |day: NaiveDate| day.and_time(clock(9 + place % 7, 0));
        let visit = |(at, day): (usize, &NaiveDate)| Visit {
            day: *day,
            row: session::Model {
                id: id("session", format_args!("{place}/{at}")),
                patient_id: patient_id(place),
                therapist_id: therapist_id(self.therapist_at(at, days.len())),
                session_date: self.moment(local(*day)),
            },
        };
        days.iter().enumerate().map(visit).collect()
    }

    fn therapist_at(&self, visit: usize, visits: usize) -> usize {
        match self.care {
            With(one) | Ended(one) => one,
            Shared(one, other) => [one, other][visit % 2],
            HandedOver(former, present) => {
                if visit < visits / 2 {
                    former
                } else {
                    present
                }
            }
        }
    }
}

fn working_day(day: NaiveDate) -> NaiveDate {
    let back = match day.weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        _ => 0,
    };
    day - TimeDelta::days(back)
}
