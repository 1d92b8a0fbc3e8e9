//! Whether there is space for recordings: acts before the disk is full, and not at every wobble.

/// The machine.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    free_bytes_min: u64,
    has_space: bool,
}

impl Space {
    /// Recordings stop when less than `free_bytes_min` is free.
    pub fn new(free_bytes_min: u64) -> Self {
        Self { free_bytes_min, has_space: true }
    }

    /// Whether recordings may be made.
    pub fn has_space(&self) -> bool {
        self.has_space
    }

    /// Takes what is free now, and says whether that changes anything.
    pub fn observe(&mut self, free_bytes: u64) -> bool {
        let enough_again = self.free_bytes_min.saturating_add(self.free_bytes_min / 4);
        let has_space = free_bytes >= if self.has_space { self.free_bytes_min } else { enough_again };
        std::mem::replace(&mut self.has_space, has_space) != has_space
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_stop_before_the_disk_is_full_and_start_again_with_some_to_spare() {
        let mut space = Space::new(1000);
        assert!(!space.observe(1000));
        assert!(space.observe(999) && !space.has_space());
        assert!(!space.observe(1100), "a wobble");
        assert!(space.observe(1250) && space.has_space());
    }
}
