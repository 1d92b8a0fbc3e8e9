//! What waits for one viewer: bounded, and dropped up to the next keyframe when the viewer is too slow.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// A queue holds so many bytes at most. It must have room for what [`super::memory::Memory`] keeps.
pub const QUEUE_BYTES_MAX: usize = 12 << 20;
/// A queue holds so many items at most.
pub const QUEUE_ITEMS_MAX: usize = 1_200;

/// Something to send to a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A live key, as JSON.
    Key(Arc<str>),
    /// A sealed frame.
    Frame {
        /// As the hub sent it.
        bytes: Bytes,
        /// It is an init segment.
        is_init: bool,
        /// A picture can be shown from here.
        is_keyframe: bool,
    },
    /// Anything else, as JSON.
    Text(Arc<str>),
    /// So many frames were dropped; the next is a keyframe.
    Dropped(u64),
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Key(text) | Self::Text(text) => text.len(),
            Self::Frame { bytes, .. } => bytes.len(),
            Self::Dropped(_) => 0,
        }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    dropped: u64,
    /// Keys and init segments that came while frames were dropped: without them, nothing after them opens.
    missed_key: Option<Item>,
    missed_init: Option<Item>,
}

impl Queue {
    /// Takes `item`, or drops it.
    pub fn push(&mut self, item: Item) {
        if self.dropped > 0 {
            match item {
                Item::Frame { is_keyframe: true, .. } => self.resume(item),
                Item::Frame { is_init: true, .. } => self.missed_init = Some(item),
                Item::Frame { .. } => self.dropped += 1,
                // An init segment under an older key is of no use any more; the hub sends a new one with each key.
                Item::Key(_) => (self.missed_key, self.missed_init) = (Some(item), None),
                Item::Text(_) => self.put_text(item),
                Item::Dropped(_) => {}
            }
        } else if self.has_room(item.bytes()) {
            self.put(item);
        } else {
            match item {
                Item::Frame { is_init: true, .. } => {
                    self.missed_init = Some(item);
                    self.dropped = 1;
                }
                Item::Frame { .. } => self.dropped = 1,
                Item::Key(_) => {
                    self.missed_key = Some(item);
                    self.dropped = 1;
                }
                Item::Text(_) | Item::Dropped(_) => {}
            }
        }
    }

    /// The next item to send.
    pub fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.bytes = self.bytes.saturating_sub(item.bytes());
        Some(item)
    }

    fn resume(&mut self, keyframe: Item) {
        let missed = [&self.missed_key, &self.missed_init].into_iter().flatten().map(Item::bytes).sum::<usize>();
        // Half empty before it goes on, or it would stumble over every group of pictures.
        let is_calm = self.items.len() <= QUEUE_ITEMS_MAX / 2 && self.bytes <= QUEUE_BYTES_MAX / 2;
        if !is_calm || !self.has_room(keyframe.bytes().saturating_add(missed)) {
            self.dropped += 1;
            return;
        }
        let dropped = std::mem::take(&mut self.dropped);
        self.put(Item::Dropped(dropped));
        let missed = [self.missed_key.take(), self.missed_init.take()];
        missed.into_iter().flatten().chain([keyframe]).for_each(|item| self.put(item));
    }

    fn put_text(&mut self, item: Item) {
        if self.has_room(item.bytes()) {
            self.put(item);
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        // Four places are left for what `resume` puts in one go.
        self.items.len() + 4 < QUEUE_ITEMS_MAX && self.bytes.saturating_add(bytes) <= QUEUE_BYTES_MAX
    }

    fn put(&mut self, item: Item) {
        self.bytes += item.bytes();
        self.items.push_back(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(mark: u8, size: usize, is_keyframe: bool, is_init: bool) -> Item {
        Item::Frame { bytes: Bytes::from(vec![mark; size]), is_init, is_keyframe }
    }

    fn drain(queue: &mut Queue) -> Vec<Item> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn a_fast_viewer_gets_everything_in_order() {
        let mut queue = Queue::default();
        let sent: Vec<_> = (0..50).map(|i| frame(i, 100, i % 10 == 0, false)).collect();
        let mut got = Vec::new();
        for item in &sent {
            queue.push(item.clone());
            got.extend(queue.pop());
        }
        assert_eq!(got, sent);
    }

    #[test]
    fn a_slow_viewer_is_told_what_it_missed_and_goes_on_with_a_keyframe() {
        let mut queue = Queue::default();
        for i in 0..30 {
            queue.push(frame(i, 1 << 20, i % 10 == 0, false));
        }
        let first = drain(&mut queue);
        assert_eq!(first.len(), 12, "what fitted, from the start");
        queue.push(frame(31, 10, false, false));
        queue.push(frame(32, 10, true, false));
        assert_eq!(drain(&mut queue), [Item::Dropped(19), frame(32, 10, true, false)]);
    }

    #[test]
    fn memory_stays_bounded_however_long_a_viewer_sleeps() {
        let mut queue = Queue::default();
        for i in 0..10_000_u32 {
            queue.push(frame(0, 100_000, i % 20 == 0, false));
            queue.push(Item::Text("x".repeat(1_000).into()));
            assert!(queue.bytes <= QUEUE_BYTES_MAX && queue.items.len() <= QUEUE_ITEMS_MAX);
        }
    }

    #[test]
    fn keys_and_init_segments_that_came_meanwhile_are_not_lost() {
        let mut queue = Queue::default();
        for _ in 0..13 {
            queue.push(frame(1, 1 << 20, false, false));
        }
        queue.push(Item::Key("old".into()));
        queue.push(frame(2, 10, false, true));
        queue.push(Item::Key("new".into()));
        queue.push(frame(3, 10, false, true));
        drain(&mut queue);
        queue.push(frame(4, 10, true, false));
        assert_eq!(
            drain(&mut queue),
            [Item::Dropped(1), Item::Key("new".into()), frame(3, 10, false, true), frame(4, 10, true, false)]
        );
    }
}
