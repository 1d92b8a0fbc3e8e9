//! What is remembered of one camera, so that who comes late sees a picture at once.

use super::queue::Item;

/// Frames since the last keyframe are remembered up to so many bytes together.
pub const MEMORY_BYTES_MAX: usize = 8 << 20;
const MEMORY_ITEMS_MAX: usize = 1_000;

/// Live key, init segment, and everything since the last keyframe.
#[derive(Debug, Default)]
pub struct Memory {
    key: Option<Item>,
    /// Under [`Memory::key`]: the hub sends a new one with each key.
    init: Option<Item>,
    /// From a keyframe on, or empty; the keyframe is under [`Memory::opening`].
    frames: Vec<Item>,
    bytes: usize,
    /// Key and init segment of the moment of the keyframe.
    opening: Vec<Item>,
}

impl Memory {
    /// Takes note of what goes by.
    pub fn take(&mut self, item: &Item) {
        match item {
            Item::Key(_) => {
                self.key = Some(item.clone());
                self.init = None;
                self.append(item);
            }
            Item::Frame { is_init: true, .. } => {
                self.init = Some(item.clone());
                self.append(item);
            }
            Item::Frame { is_keyframe: true, .. } => {
                self.opening = [&self.key, &self.init].into_iter().flatten().cloned().collect();
                (self.frames, self.bytes) = (Vec::new(), 0);
                self.keep(item);
            }
            Item::Frame { .. } => self.append(item),
            Item::Text(_) | Item::Dropped(_) => {}
        }
    }

    /// What a late joiner needs, in order.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        let opening = if self.frames.is_empty() {
            [&self.key, &self.init].into_iter().flatten().cloned().collect()
        } else {
            self.opening.clone()
        };
        opening.into_iter().chain(self.frames.iter().cloned())
    }

    fn append(&mut self, item: &Item) {
        if !self.frames.is_empty() {
            self.keep(item);
        }
    }

    fn keep(&mut self, item: &Item) {
        let bytes = match item {
            Item::Frame { bytes, .. } => bytes.len(),
            Item::Key(text) | Item::Text(text) => text.len(),
            Item::Dropped(_) => 0,
        };
        if self.bytes.saturating_add(bytes) > MEMORY_BYTES_MAX || self.frames.len() >= MEMORY_ITEMS_MAX {
            // Half a group of pictures is of no use: wait for the next keyframe.
            (self.frames, self.bytes) = (Vec::new(), 0);
            return;
        }
        self.bytes += bytes;
        self.frames.push(item.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn frame(mark: u8, size: usize, is_keyframe: bool, is_init: bool) -> Item {
        Item::Frame { bytes: Bytes::from(vec![mark; size]), is_init, is_keyframe }
    }

    #[test]
    fn a_late_joiner_gets_key_init_and_the_running_group_of_pictures() {
        let mut memory = Memory::default();
        let key = Item::Key("key".into());
        for item in [&key, &frame(1, 9, false, true), &frame(2, 9, true, false), &frame(3, 9, false, false)] {
            memory.take(item);
        }
        memory.take(&frame(4, 9, true, false));
        memory.take(&frame(5, 9, false, false));
        let got: Vec<_> = memory.items().collect();
        assert_eq!(got, [key, frame(1, 9, false, true), frame(4, 9, true, false), frame(5, 9, false, false)]);
    }

    #[test]
    fn a_key_that_changes_amid_a_group_of_pictures_keeps_its_place() {
        let mut memory = Memory::default();
        let sent = [
            Item::Key("old".into()),
            frame(1, 9, false, true),
            frame(2, 9, true, false),
            Item::Key("new".into()),
            frame(3, 9, false, true),
            frame(4, 9, false, false),
        ];
        sent.iter().for_each(|item| memory.take(item));
        assert_eq!(memory.items().collect::<Vec<_>>(), sent);
    }

    #[test]
    fn memory_is_bounded_and_never_hands_out_half_a_group() {
        let mut memory = Memory::default();
        memory.take(&frame(0, 9, true, false));
        for _ in 0..100 {
            memory.take(&frame(1, 1 << 20, false, false));
            assert!(memory.bytes <= MEMORY_BYTES_MAX);
        }
        assert_eq!(memory.items().count(), 0);
        memory.take(&frame(2, 9, true, false));
        assert_eq!(memory.items().count(), 1);
    }
}
