//! The uploader: hands what waits in the spool to the vault, for ever, a few items at a time.

use crate::event::{Event, Events};
use crate::random;
use crate::spool::store::Spool;
use crate::spool::{Entry, Failure, Signer, Verdict};
use crate::vault::{Handed, VaultClient, blocking, hand_over};
use eaves_domain::{DeviceId, HouseholdId, HubId};
use eaves_media::Clock;
use ed25519_dalek::SigningKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What the uploader works with.
#[derive(Clone)]
pub(crate) struct Uploader {
    pub(crate) client: Arc<VaultClient>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) household: HouseholdId,
    pub(crate) hub: HubId,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) events: Arc<dyn Events>,
}

impl Uploader {
    /// Works until stopped. An item that is in flight then is handed over again after the next start.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut running: JoinSet<(DeviceId, Entry, Handed)> = JoinSet::new();
        loop {
            let now_us = self.clock.now().monotonic_us;
            let ready = blocking(&self.spool, move |spool| Ok(spool.start_uploads(now_us))).await.unwrap_or_default();
            for (device, entry, record) in ready {
                let this = self.clone();
                running.spawn(async move {
                    let signer = Signer { household: this.household, hub: this.hub, device };
                    (device, entry, hand_over(&this.client, &this.spool, signer, &this.key, entry, record).await)
                });
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.spool.changed() => {}
                () = self.next_due() => {}
                Some(done) = running.join_next() => {
                    if let Ok((device, entry, handed)) = done {
                        self.settle(device, entry, handed).await;
                    }
                }
            }
        }
    }

    /// Sleeps until something is due that is not yet.
    async fn next_due(&self) {
        let wait_us = match self.spool.wake_at_us() {
            Some(at) => at.saturating_sub(self.clock.now().monotonic_us),
            None => return std::future::pending().await,
        };
        // What is due already waits for a free place, or for the disk.
        let wait_us = u64::try_from(wait_us).unwrap_or(0).max(250_000);
        tokio::time::sleep(Duration::from_micros(wait_us)).await;
    }

    async fn settle(&self, device: DeviceId, entry: Entry, handed: Handed) {
        let seq = entry.seq;
        let now_us = self.clock.now().monotonic_us;
        let failed = move |failure| {
            move |spool: &Spool| {
                spool.failed(device, seq, failure, now_us, random::jitter());
                Ok(())
            }
        };
        let settled = match handed {
            Handed::Over(head) => {
                let uploaded = move |spool: &Spool| {
                    spool.uploaded(device, seq, head);
                    Ok(())
                };
                blocking(&self.spool, uploaded).await
            }
            Handed::Not(failure) => {
                match failure {
                    Failure::Unavailable => tracing::debug!(%device, "the vault is away; the spool keeps it"),
                    Failure::Refused => tracing::error!(%device, "the vault refuses a link of this device"),
                    Failure::BodyLost => tracing::error!(%device, "a recording on this disk is damaged"),
                }
                blocking(&self.spool, failed(failure)).await
            }
            Handed::Refused(verdict) => {
                let rolled_back = verdict == Verdict::RolledBack;
                if rolled_back {
                    tracing::error!(%device, "the vault shows less of this device's chain than it has confirmed");
                } else {
                    tracing::error!(%device, "the vault shows another history of this device");
                }
                self.events.tell(Event::ChainRefused { device, rolled_back });
                blocking(&self.spool, failed(Failure::Refused)).await
            }
        };
        if let Err(error) = settled {
            tracing::error!(%error, "the spool could not be settled");
        }
    }
}
