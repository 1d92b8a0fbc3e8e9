//! What is in memory of each household: its roster in force, its event stream, the states its hub told.
//!
//! All of it can be lost: rosters are read again, states are told again, and readers of events are told to read anew.

use super::failure::Answer;
use crate::store::{ErasedSome, Store};
use eaves_api::app::Event;
use eaves_api::channel::DeviceStatus;
use eaves_api::problem::Code;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::Roster;
use eaves_domain::{DeviceId, Digest, HouseholdId, HubId, MemberId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Events that a slow reader may be behind before it is told that it missed some.
const EVENTS_MAX: usize = 256;
/// States that a hub may tell of devices.
const STATUSES_MAX: usize = 1_024;

/// The roster in force. It was verified when it was stored.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) roster: Roster,
    pub(crate) digest: Digest,
}

/// An event and who may know of it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) event: Event,
    /// Only who may see this device.
    pub(crate) device: Option<DeviceId>,
    /// Only this member.
    pub(crate) member: Option<MemberId>,
}

struct Home {
    roster: Option<Arc<InForce>>,
    events: broadcast::Sender<Arc<Told>>,
    statuses: HashMap<DeviceId, DeviceStatus>,
    states: HashMap<HubId, Envelope>,
    hub: Option<(bool, Timestamp)>,
    /// The network that the hub last came from, as a keyed digest.
    hub_network: Option<String>,
}

impl Default for Home {
    fn default() -> Self {
        Self {
            roster: None,
            events: broadcast::channel(EVENTS_MAX).0,
            statuses: HashMap::new(),
            states: HashMap::new(),
            hub: None,
            hub_network: None,
        }
    }
}

/// All households.
#[derive(Default)]
pub(crate) struct Homes {
    homes: Mutex<HashMap<HouseholdId, Home>>,
}

impl Homes {
    fn homes(&self) -> MutexGuard<'_, HashMap<HouseholdId, Home>> {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The roster in force.
    pub(crate) async fn roster(&self, store: &Store, household: HouseholdId) -> Answer<Arc<InForce>> {
        if let Some(found) = self.homes().get(&household).and_then(|home| home.roster.clone()) {
            return Ok(found);
        }
        let envelope = store.newest_roster(household).await?.ok_or(Code::NotFound)?;
        let roster = envelope.peek::<Roster>().map_err(|_| Code::Internal)?;
        Ok(self.put_roster(&envelope, roster))
    }

    /// A newer roster is in force.
    pub(crate) fn put_roster(&self, envelope: &Envelope, roster: Roster) -> Arc<InForce> {
        let mut homes = self.homes();
        let home = homes.entry(roster.household).or_default();
        match &home.roster {
            Some(there) if there.roster.version >= roster.version => there.clone(),
            _ => {
                let new = Arc::new(InForce { roster, digest: envelope.payload_digest() });
                home.roster = Some(new.clone());
                new
            }
        }
    }

    /// The household whose roster in force names `hub`.
    pub(crate) async fn of_hub(&self, store: &Store, hub: HubId) -> Answer<Option<(HouseholdId, Arc<InForce>)>> {
        for household in store.households().await? {
            let in_force = self.roster(store, household).await?;
            if in_force.roster.hub(hub).is_some() {
                return Ok(Some((household, in_force)));
            }
        }
        Ok(None)
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, household: HouseholdId, told: Told) {
        if let Some(home) = self.homes().get(&household) {
            // Nobody listening is fine.
            let _ = home.events.send(Arc::new(told));
        }
    }

    /// Tells everybody in the household.
    pub(crate) fn tell_all(&self, household: HouseholdId, event: Event) {
        self.tell(household, Told { event, device: None, member: None });
    }

    /// Tells that recordings are gone.
    pub(crate) fn tell_erased(&self, erased: ErasedSome) {
        let ErasedSome { household, device, recordings } = erased;
        if !recordings.is_empty() {
            let event = Event::Erased { device, recordings };
            self.tell(household, Told { event, device: Some(device), member: None });
        }
    }

    /// Events from now on, and what is known already.
    pub(crate) fn listen(&self, household: HouseholdId) -> (Vec<Told>, broadcast::Receiver<Arc<Told>>) {
        let mut homes = self.homes();
        let home = homes.entry(household).or_default();
        let receiver = home.events.subscribe();
        let mut known = Vec::new();
        if let Some((connected, since_us)) = home.hub {
            known.push(Told { event: Event::Hub { connected, since_us }, device: None, member: None });
        }
        let kept = home.states.values();
        known.extend(kept.map(|state| Told {
            event: Event::Home { state: state.clone() },
            device: None,
            member: None,
        }));
        let states = home.statuses.values();
        known.extend(states.map(|status| Told {
            event: Event::Device { status: *status },
            device: Some(status.device),
            member: None,
        }));
        (known, receiver)
    }

    /// A hub came or went. Its devices' states are void.
    pub(crate) fn hub_changed(&self, household: HouseholdId, connected: bool, now: Timestamp) {
        {
            let mut homes = self.homes();
            let home = homes.entry(household).or_default();
            home.hub = Some((connected, now));
            home.statuses.clear();
        }
        self.tell_all(household, Event::Hub { connected, since_us: now });
    }

    /// Where the household's hub is.
    pub(crate) fn put_hub_network(&self, household: HouseholdId, network: Option<String>) {
        self.homes().entry(household).or_default().hub_network = network;
    }

    /// The network that the household's hub last came from.
    pub(crate) fn hub_network(&self, household: HouseholdId) -> Option<String> {
        self.homes().get(&household)?.hub_network.clone()
    }

    /// Whether a hub is connected.
    pub(crate) fn is_hub_connected(&self, household: HouseholdId) -> bool {
        self.homes().get(&household).is_some_and(|home| home.hub.is_some_and(|(connected, _)| connected))
    }

    /// A device's state, as its hub told it.
    pub(crate) fn put_status(&self, household: HouseholdId, status: DeviceStatus) {
        {
            let mut homes = self.homes();
            let home = homes.entry(household).or_default();
            if home.statuses.len() >= STATUSES_MAX && !home.statuses.contains_key(&status.device) {
                return;
            }
            home.statuses.insert(status.device, status);
        }
        self.tell(household, Told { event: Event::Device { status }, device: Some(status.device), member: None });
    }

    /// What a hub keeps to, and who watches, as it signed it.
    pub(crate) fn put_home(&self, household: HouseholdId, hub: HubId, state: Envelope) {
        {
            let mut homes = self.homes();
            let home = homes.entry(household).or_default();
            if home.states.len() >= STATUSES_MAX && !home.states.contains_key(&hub) {
                return;
            }
            home.states.insert(hub, state.clone());
        }
        self.tell_all(household, Event::Home { state });
    }

    /// The last state that was told of a device.
    pub(crate) fn status(&self, household: HouseholdId, device: DeviceId) -> Option<DeviceStatus> {
        self.homes().get(&household)?.statuses.get(&device).copied()
    }
}
