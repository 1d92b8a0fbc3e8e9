//! What the fuzz targets run: every reader of bytes that we did not write. Each must return, whatever it is given, and
//! what it accepted must be read as the same when it is written again. Not part of the interface.

use crate::wyoming::{Decoder, Event};

/// Frames and events of the Wyoming protocol.
pub fn wyoming(mut bytes: &[u8]) {
    let mut decoder = Decoder::new();
    while let Ok(Some(frame)) = decoder.read(&mut bytes) {
        let Ok(event) = Event::from_frame(frame) else { continue };
        let Ok(written) = event.to_frame().expect("what was read can be written").to_bytes() else { continue };
        let mut again = Decoder::new();
        let frame = again.read(&mut written.as_slice()).expect("our own bytes").expect("a whole frame");
        assert_eq!(Event::from_frame(frame).expect("our own event"), event);
    }
    let _ = decoder.finish();
}
