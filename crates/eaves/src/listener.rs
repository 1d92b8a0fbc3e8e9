//! The thread that listens to all cameras.
//!
//! A camera sends each picture in tens of packets, one after the other. Whoever waits for the next one is woken for each,
//! and on a small machine that waking costs more than all else that is done with them. So this thread rests a moment
//! before it waits: then it is woken once, and finds many.

use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

/// How long packets may lie before they are looked at: less than the time between two pictures, and on average half of
/// that is added to the age of a live picture.
const REST: Duration = Duration::from_millis(50);

/// The thread; it ends when this is dropped.
pub(crate) struct Listener(Option<Runtime>);

impl Listener {
    /// Starts it.
    pub(crate) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("eaves-cameras")
            .on_thread_park(|| std::thread::sleep(REST))
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Where to spawn what listens.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.0.as_ref().map(|runtime| runtime.handle().clone())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The hub has ended its cameras; a runtime may not wait for its threads within another.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
