//! The steps of durable work, so that tests can stop the store at each of them as a crash would.
//!
//! Before and after every write that must survive a power cut the store passes [`Steps::pass`]. In the program that does
//! nothing. A test lets the n-th step fail and all later ones with it: the process is "dead", and what is on disk then
//! is what a restart finds. A step before a write is "failed and not persisted", one after it "failed but persisted".

/// The step counter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    #[cfg(test)]
    left: std::sync::Arc<std::sync::Mutex<Option<u32>>>,
}

impl Steps {
    /// Passes one step.
    #[cfg(not(test))]
    #[inline]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the test build counts and fails here")]
    pub(crate) fn pass(&self) -> std::io::Result<()> {
        Ok(())
    }

    /// Passes one step, unless the test has none left.
    #[cfg(test)]
    pub(crate) fn pass(&self) -> std::io::Result<()> {
        match &mut *self.left.lock().unwrap() {
            None => Ok(()),
            Some(0) => Err(std::io::Error::other("the test stops here")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    /// Lets `steps` more steps succeed.
    #[cfg(test)]
    pub(crate) fn allow(&self, steps: u32) {
        *self.left.lock().unwrap() = Some(steps);
    }

    /// Whether the store was stopped.
    #[cfg(test)]
    pub(crate) fn is_stopped(&self) -> bool {
        *self.left.lock().unwrap() == Some(0)
    }
}
