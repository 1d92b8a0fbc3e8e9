//! What the roster in force says about a camera of this hub.

use crate::spool::Place;
use eaves_domain::DeviceId;
use eaves_domain::home::Home;
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{CameraSettings, Roster};
use eaves_inbox::HubIdentity;
use eaves_media::{CameraAddress, Credentials, Source};
use eaves_seal::Recipient;

/// A camera, as the roster has it.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) device: DeviceId,
    pub(crate) place: Place,
    pub(crate) recipient: Recipient,
    recipient_text: String,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) main: Source,
    pub(crate) sub: Option<Source>,
    pub(crate) microphone: bool,
    settings: Vec<u8>,
}

/// Why a camera of the roster cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanError {
    #[error("the room's recipient is not one that this hub can seal to")]
    Recipient,
    #[error("the camera's settings are not sealed to this hub, or not understood")]
    Settings,
}

/// What a newer plan asks of a running camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// Go on, but seal what comes now under the new room, key or rules.
    Seal,
    /// Connect anew.
    Connect,
}

impl Plan {
    /// The plan of `device`. Recipients come from the verified roster and from nowhere else: nobody but an owner can
    /// name the key that a recording is sealed to.
    pub(crate) fn of(device: DeviceId, roster: &Roster, home: &Home, inbox: &HubIdentity) -> Result<Self, PlanError> {
        let entry = roster.device(device).ok_or(PlanError::Settings)?;
        let room = roster.room(entry.room).ok_or(PlanError::Recipient)?;
        let recipient = Recipient::parse(&room.recipient).map_err(|_| PlanError::Recipient)?;
        let letter = inbox.open_letter(&entry.settings.0).map_err(|_| PlanError::Settings)?;
        #[cfg(feature = "leaky-for-tests")]
        crate::durable::leaky::settings(&letter);
        let settings: CameraSettings = serde_json::from_slice(&letter).map_err(|_| PlanError::Settings)?;
        let (main, sub, microphone) = match settings {
            CameraSettings::Demo { microphone } => (Source::Demo, None, microphone),
            CameraSettings::Rtsp { main_url, sub_url, username, password, microphone } => {
                let credentials = username.map(|username| {
                    let password = zeroize::Zeroizing::new(password.unwrap_or_default());
                    Credentials::new(&username, &password)
                });
                let source = |url: &str| {
                    let (address, _) = CameraAddress::parse(url).map_err(|_| PlanError::Settings)?;
                    Ok(Source::Rtsp { address, credentials: credentials.clone() })
                };
                (source(&main_url)?, sub_url.as_deref().map(source).transpose()?, microphone)
            }
        };
        Ok(Self {
            device,
            place: Place { room: room.room, epoch: room.epoch, roster: roster.version },
            recipient,
            recipient_text: room.recipient.clone(),
            lifetimes: home.lifetimes(room),
            main,
            sub,
            microphone,
            settings: entry.settings.0.clone(),
        })
    }

    /// What changed from this plan to `next`.
    pub(crate) fn change(&self, next: &Self) -> Change {
        let settings_changed = self.settings != next.settings
            && (self.microphone != next.microphone || !same(&self.main, &next.main) || !same_sub(&self.sub, &next.sub));
        if settings_changed {
            Change::Connect
        } else if self.place.room != next.place.room
            || self.place.epoch != next.place.epoch
            || self.recipient_text != next.recipient_text
            || self.lifetimes != next.lifetimes
        {
            Change::Seal
        } else {
            Change::None
        }
    }
}

#[cfg(test)]
impl Plan {
    /// A demo camera in a room whose identity grows from `seed`.
    pub(crate) fn example(device: DeviceId, seed: [u8; 32]) -> Self {
        let recipient = Recipient::of_seed(&seed);
        Self {
            device,
            place: Place { room: eaves_domain::RoomId([3; 16]), epoch: 1, roster: 1 },
            recipient_text: recipient.to_text(),
            recipient,
            lifetimes: Lifetimes::default(),
            main: Source::Demo,
            sub: None,
            microphone: true,
            settings: Vec::new(),
        }
    }
}

fn same_sub(a: &Option<Source>, b: &Option<Source>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same(a: &Source, b: &Source) -> bool {
    match (a, b) {
        (Source::Demo, Source::Demo) => true,
        (
            Source::Rtsp { address: a, credentials: a_credentials },
            Source::Rtsp { address: b, credentials: b_credentials },
        ) => a == b && a_credentials == b_credentials,
        _ => false,
    }
}
