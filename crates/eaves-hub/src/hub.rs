//! The hub itself: opens its folder, then conducts everything else until it is stopped.
//!
//! One task, the conductor, holds the state that changes rarely (claim, roster, workers) and reacts to what comes down
//! the channel. Everything that is busy (cameras, sealing, uploads, the channel) has tasks of its own.

use crate::camera::{Cameras, RealCameras};
use crate::claim::PublicIdentity;
use crate::commands::Commands;
use crate::conductor::Conductor;
use crate::durable::{Disk, RealDisk, read_if_there, remove_if_there, replace};
use crate::error::Error;
use crate::event::Events;
use crate::household::Household;
use crate::identity::Identity;
use crate::keeping::Keeping;
use crate::spool::store::{Spool, SpoolLimits};
use crate::uplink::Uplink;
use crate::vault::{Connect, VaultClient};
use eaves_domain::link::GapCause;
use eaves_inbox::HubIdentity;
use eaves_media::Clock;
use eaves_media::decoder::DecoderCommand;
use ed25519_dalek::SigningKey;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// How a hub is set up.
#[derive(Clone)]
pub struct HubConfig {
    /// Its data folder. Private to the user that runs it.
    pub dir: PathBuf,
    /// The most that recordings may occupy while the vault is away, in bytes.
    pub spool_bytes_max: u64,
    /// Recording stops when less than this is free on the disk, in bytes.
    pub free_bytes_min: u64,
    /// Whether each group of pictures is flushed to the medium. Without it a power cut costs what the kernel had not
    /// written yet, which may be half a minute.
    pub sync: bool,
    /// The most items that are uploaded at once.
    pub uploads_max: usize,
    /// How long a stopping hub waits for the vault to take what is left.
    pub drain: Duration,
    /// What the vault asks of a hub without an owner, if it asks for anything.
    pub pairing_secret: Option<Zeroizing<String>>,
    /// Where cameras are listened to; where the hub runs when not set. A camera's packets are many and small, and wake
    /// whoever waits for them: a runtime of their own can take its time.
    pub listens_on: Option<tokio::runtime::Handle>,
}

impl HubConfig {
    /// The usual set-up of a hub whose data lie in `dir`.
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            spool_bytes_max: 20 << 30,
            free_bytes_min: 1 << 30,
            sync: true,
            uploads_max: 4,
            drain: Duration::from_secs(10),
            pairing_secret: None,
            listens_on: None,
        }
    }
}

/// What all of the hub shares.
pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) config: HubConfig,
    pub(crate) own: PublicIdentity,
    pub(crate) inbox: HubIdentity,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) client: Arc<VaultClient>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) uplink: Arc<Uplink>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cameras: Arc<dyn Cameras>,
    pub(crate) commands: Mutex<Commands>,
    pub(crate) events: Arc<dyn Events>,
}

/// A hub that is ready to run.
pub struct Hub {
    shared: Arc<Shared>,
    household: Household,
}

impl Hub {
    /// Opens the folder of a hub, and makes it if it is empty. `decoder` starts the child that draws posters.
    pub fn open(
        config: HubConfig,
        connector: Arc<dyn Connect>,
        decoder: DecoderCommand,
        clock: Arc<dyn Clock>,
        events: Arc<dyn Events>,
    ) -> Result<Self, Error> {
        let cameras = Arc::new(RealCameras::new(clock.clone(), decoder));
        Self::open_with(config, connector, cameras, clock, events)
    }

    /// Like [`Hub::open`], with other cameras.
    pub fn open_with(
        config: HubConfig,
        connector: Arc<dyn Connect>,
        cameras: Arc<dyn Cameras>,
        clock: Arc<dyn Clock>,
        events: Arc<dyn Events>,
    ) -> Result<Self, Error> {
        #[cfg(feature = "leaky-for-tests")]
        crate::durable::leaky::begin(&config.dir);
        let disk: Arc<dyn Disk> = Arc::new(RealDisk { skip_sync: !config.sync });
        let identity = Arc::new(Identity::load_or_make(&RealDisk::default(), &config.dir)?);
        let inbox = HubIdentity::from_seed(&identity.age_seed);
        let own = PublicIdentity {
            hub: identity.hub,
            signing_key: identity.public_key(),
            recipient: inbox.recipient().to_text(),
        };
        let household = Household::load(Arc::new(RealDisk::default()), config.dir.join("roster"), &own)?;
        let commands = Commands::load(disk.clone(), config.dir.join("commands.json"))?;
        let limits = SpoolLimits { bytes_max: config.spool_bytes_max, uploads_max: config.uploads_max };
        let spool = Arc::new(Spool::open(disk.clone(), config.dir.join("spool"), limits)?);
        let secret = config.pairing_secret.clone();
        let client = Arc::new(VaultClient::new(connector, identity.clone(), clock.clone(), secret));
        let shared = Shared {
            disk,
            config,
            own,
            inbox,
            key: Arc::new(identity.signing.clone()),
            client,
            spool,
            uplink: Arc::default(),
            clock,
            cameras,
            commands: Mutex::new(commands),
            events,
        };
        Ok(Self { shared: Arc::new(shared), household })
    }

    /// The public half of this hub.
    pub fn public_identity(&self) -> &PublicIdentity {
        &self.shared.own
    }

    /// Works until `stop`, then ends every recording, hands over what the vault takes in time, and returns.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let Self { shared, household } = self;
        let cause = take_stop_note(&shared)?;
        let kept = shared.config.dir.join("home.json");
        let keeping = Keeping::load(shared.disk.clone(), kept, shared.clock.now().wall)?;
        let conductor = Conductor::new(shared.clone(), household, keeping, cause);
        conductor.run(stop).await;
        leave_stop_note(&shared)
    }
}

fn stop_note(shared: &Shared) -> PathBuf {
    shared.config.dir.join("stopped")
}

/// Why nothing has been recorded since the hub last ran: it was stopped if it could say so.
fn take_stop_note(shared: &Shared) -> Result<GapCause, Error> {
    let path = stop_note(shared);
    let note = read_if_there(&*shared.disk, &path)?;
    remove_if_there(&*shared.disk, &path)?;
    shared.disk.sync_dir(&shared.config.dir)?;
    Ok(if note.is_some() { GapCause::HubStopped } else { GapCause::HubInterrupted })
}

fn leave_stop_note(shared: &Shared) -> Result<(), Error> {
    Ok(replace(&*shared.disk, &stop_note(shared), b"")?)
}
