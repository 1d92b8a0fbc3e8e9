//! Frames: how the protocol puts one event on a stream of bytes.
//!
//! A frame is a line of JSON (`type`, and optionally `version`, `data`, `data_length`, `payload_length`), then
//! `data_length` bytes of JSON whose keys replace those of the inline `data`, then `payload_length` bytes as they are.
//! Lengths count bytes. What the reference reader accepts and its README does not mention is accepted here too:
//! inline data, `null` for data or a length, a negative length (as none), unknown keys. What it accepts by accident is
//! refused: a fraction or a truth value as length, `NaN`, half a surrogate pair, a last line without an end.

use crate::private::PrivateBytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use zeroize::Zeroize;

/// The longest header line, in bytes with its end: what the reference reader's line buffer takes.
pub const HEADER_MAX: usize = 64 * 1024;
/// The longest data section, in bytes. Only `info` of a service with hundreds of voices comes near.
pub const DATA_MAX: usize = 1024 * 1024;
/// The longest payload, in bytes: half a minute of the usual microphone.
pub const PAYLOAD_MAX: usize = 1024 * 1024;
/// The longest name of a type, in bytes.
pub const KIND_MAX: usize = 128;

/// What we say our version is. Readers ignore it.
const VERSION: &str = concat!("eaves-", env!("CARGO_PKG_VERSION"));

/// Why bytes are no frame. After any of these the rest of the stream has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No end of line within [`HEADER_MAX`].
    #[error("the header line is too long")]
    HeaderTooLong,
    /// The header is no JSON object with a proper `type`.
    #[error("the header is not one of an event")]
    Header,
    /// Longer than [`DATA_MAX`].
    #[error("the data section is too long")]
    DataTooLong,
    /// The data section is no JSON object.
    #[error("the data section is no object")]
    Data,
    /// Longer than [`PAYLOAD_MAX`].
    #[error("the payload is too long")]
    PayloadTooLong,
    /// The stream ended inside a frame.
    #[error("the stream ended inside an event")]
    Cut,
}

/// One event as it is on the wire. Its texts are wiped when it is dropped, and `Debug` shows none of them.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// The event's `type`.
    pub kind: String,
    /// Its data, inline and section merged.
    pub data: Map<String, Value>,
    /// Its payload; empty when there is none.
    pub payload: PrivateBytes,
}

impl Frame {
    /// A frame without a payload.
    pub fn new(kind: impl Into<String>, data: Map<String, Value>) -> Self {
        Self { kind: kind.into(), data, payload: PrivateBytes::default() }
    }

    /// The bytes of this frame, as the reference writes them: never inline data, no length of what is empty.
    pub fn to_bytes(&self) -> Result<PrivateBytes, FrameError> {
        let mut data = PrivateBytes::default();
        if !self.data.is_empty() {
            serde_json::to_writer(&mut data, &self.data).map_err(|_| FrameError::Data)?;
        }
        if self.kind.is_empty() || self.kind.len() > KIND_MAX {
            return Err(FrameError::Header);
        }
        if data.len() > DATA_MAX {
            return Err(FrameError::DataTooLong);
        }
        if self.payload.len() > PAYLOAD_MAX {
            return Err(FrameError::PayloadTooLong);
        }
        let mut header = Map::new();
        header.insert("type".into(), Value::from(self.kind.as_str()));
        header.insert("version".into(), Value::from(VERSION));
        for (key, section) in [("data_length", &data), ("payload_length", &self.payload)] {
            if !section.is_empty() {
                header.insert(key.into(), Value::from(section.len()));
            }
        }
        let mut bytes = PrivateBytes::with_capacity(256 + data.len() + self.payload.len());
        serde_json::to_writer(&mut bytes, &header).map_err(|_| FrameError::Header)?;
        bytes.extend(b"\n");
        bytes.extend(data.as_slice());
        bytes.extend(self.payload.as_slice());
        Ok(bytes)
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The type too may be any text.
        write!(f, "Frame({} keys, {:?})", self.data.len(), self.payload)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        wipe_object(&mut self.data);
    }
}

/// Wipes every text of an object.
pub(crate) fn wipe_object(object: &mut Map<String, Value>) {
    object.values_mut().for_each(wipe);
}

/// Wipes every text of a value.
pub(crate) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(object) => wipe_object(object),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "type")]
    kind: String,
    data: Option<Map<String, Value>>,
    data_length: Option<i64>,
    payload_length: Option<i64>,
}

/// A frame whose header is here and whose sections may not be yet.
struct Begun {
    frame: Frame,
    data: usize,
    payload: usize,
}

/// Bytes to frames, in pieces of any size. It holds at most one frame, and after an error nothing but that error.
#[derive(Default)]
pub struct Decoder {
    buffer: PrivateBytes,
    begun: Option<Begun>,
    failed: Option<FrameError>,
}

impl Decoder {
    /// At the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes from the front of `input` until a frame is whole or `input` is empty.
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let read = self.advance(input);
        if let Err(error) = read {
            self.failed = Some(error);
            self.buffer.clear();
            self.begun = None;
        }
        read
    }

    /// Says whether the stream may end here.
    pub fn finish(&self) -> Result<(), FrameError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.begun.is_some() || !self.buffer.is_empty() => Err(FrameError::Cut),
            None => Ok(()),
        }
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, FrameError> {
        let begun = match self.begun.take() {
            Some(begun) => begun,
            None => match self.header(input)? {
                Some(begun) => begun,
                None => return Ok(None),
            },
        };
        let missing = begun.data + begun.payload - self.buffer.len();
        self.take(input, missing);
        if self.buffer.len() < begun.data + begun.payload {
            self.begun = Some(begun);
            return Ok(None);
        }
        let mut frame = begun.frame;
        let (data, payload) = self.buffer.as_slice().split_at(begun.data);
        if !data.is_empty() {
            let data: Map<String, Value> = serde_json::from_slice(data).map_err(|_| FrameError::Data)?;
            frame.data.extend(data);
        }
        frame.payload = payload.into();
        self.buffer.clear();
        Ok(Some(frame))
    }

    fn take(&mut self, input: &mut &[u8], count: usize) {
        let (taken, rest) = input.split_at(count.min(input.len()));
        self.buffer.extend(taken);
        *input = rest;
    }

    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Begun>, FrameError> {
        let end = input.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let count = end.unwrap_or(input.len());
        if self.buffer.len() + count > HEADER_MAX {
            return Err(FrameError::HeaderTooLong);
        }
        self.take(input, count);
        if end.is_none() {
            return Ok(None);
        }
        let header: Header = serde_json::from_slice(self.buffer.as_slice()).map_err(|_| FrameError::Header)?;
        self.buffer.clear();
        if header.kind.is_empty() || header.kind.len() > KIND_MAX {
            return Err(FrameError::Header);
        }
        let length = |length: Option<i64>| usize::try_from(length.unwrap_or(0).max(0)).unwrap_or(usize::MAX);
        let (data, payload) = (length(header.data_length), length(header.payload_length));
        let frame = Frame::new(header.kind, header.data.unwrap_or_default());
        if data > DATA_MAX {
            return Err(FrameError::DataTooLong);
        }
        if payload > PAYLOAD_MAX {
            return Err(FrameError::PayloadTooLong);
        }
        Ok(Some(Begun { frame, data, payload }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn decode(mut bytes: &[u8]) -> Result<Vec<Frame>, FrameError> {
        let mut decoder = Decoder::new();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read(&mut bytes)? {
            frames.push(frame);
        }
        decoder.finish().map(|()| frames)
    }

    fn one(bytes: &[u8]) -> Result<(String, Value, Vec<u8>), FrameError> {
        let frames = decode(bytes)?;
        assert_eq!(frames.len(), 1);
        let frame = &frames[0];
        Ok((frame.kind.clone(), Value::Object(frame.data.clone()), frame.payload.as_slice().to_vec()))
    }

    #[test]
    fn the_data_section_wins_over_inline_data_key_by_key() {
        let section = br#"{"test":"data"}"#;
        let head = br#"{"type":"t","data":{"test":"a","test2":"b"},"data_length":15,"payload_length":3}"#;
        let bytes = [&head[..], b"\n", section, b"\n\x00\n"].concat();
        assert_eq!(one(&bytes), Ok(("t".into(), json!({"test":"data","test2":"b"}), b"\n\x00\n".to_vec())));
    }

    #[test]
    fn lengths_count_bytes_and_nothing_may_be_null_or_less() {
        let mut data = Map::new();
        data.insert("text".into(), "Grüße, 世界".into());
        let bytes = Frame::new("transcript", data).to_bytes().expect("short enough");
        assert_eq!(one(bytes.as_slice()).map(|(_, data, _)| data), Ok(json!({"text":"Grüße, 世界"})));
        for head in [
            &br#"{"type":"t","data":null,"data_length":null,"payload_length":null}"#[..],
            br#"{"type":"t","data_length":-1,"payload_length":-9,"other":[1]}"#,
            br#" {"type":"t"} "#,
        ] {
            assert_eq!(one(&[head, b"\n"].concat()), Ok(("t".into(), json!({}), Vec::new())));
        }
    }

    #[test]
    fn what_is_no_event_is_refused_and_stays_refused() {
        for (bytes, error) in [
            (&b"\n"[..], FrameError::Header),
            (b"GET / HTTP/1.1\r\n", FrameError::Header),
            (b"[]\n", FrameError::Header),
            (b"{\"type\":1}\n", FrameError::Header),
            (b"{\"type\":\"\"}\n", FrameError::Header),
            (b"{\"type\":\"t\",\"data\":[]}\n", FrameError::Header),
            (b"{\"type\":\"t\",\"data_length\":true}\n", FrameError::Header),
            (b"{\"type\":\"t\",\"data_length\":2.5}\n", FrameError::Header),
            (b"{\"type\":\"t\",\"data_length\":2}\n[]", FrameError::Data),
            (b"{\"type\":\"t\",\"data_length\":1048577}\n", FrameError::DataTooLong),
            (b"{\"type\":\"t\",\"payload_length\":9223372036854775807}\n", FrameError::PayloadTooLong),
            (b"{\"type\":\"t\"}", FrameError::Cut),
            (b"{\"type\":\"t\",\"payload_length\":2}\n.", FrameError::Cut),
        ] {
            assert_eq!(decode(bytes).map(|frames| frames.len()), Err(error), "{bytes:?}");
        }
        let mut decoder = Decoder::new();
        assert_eq!(decoder.read(&mut &b"garbage\n"[..]), Err(FrameError::Header));
        assert_eq!(decoder.read(&mut &b"{\"type\":\"ping\"}\n"[..]), Err(FrameError::Header));
    }

    #[test]
    fn a_line_without_end_is_not_collected() {
        let mut decoder = Decoder::new();
        let piece = [b'x'; 4096];
        let refused = (0..100).find(|_| decoder.read(&mut &piece[..]).is_err());
        assert_eq!(refused, Some(HEADER_MAX / piece.len()));
        assert!(decoder.buffer.is_empty());
    }

    #[test]
    fn what_is_too_long_is_not_written() {
        let mut frame = Frame::new("t", Map::new());
        frame.payload = vec![0; PAYLOAD_MAX + 1].into();
        assert_eq!(frame.to_bytes().map(|_| ()), Err(FrameError::PayloadTooLong));
        let mut frame = Frame::new("t", Map::new());
        frame.data.insert("text".into(), "x".repeat(DATA_MAX).into());
        assert_eq!(frame.to_bytes().map(|_| ()), Err(FrameError::DataTooLong));
        assert_eq!(Frame::new("", Map::new()).to_bytes().map(|_| ()), Err(FrameError::Header));
    }

    #[test]
    fn a_frame_prints_nothing_of_what_was_said() {
        let mut data = Map::new();
        data.insert("text".into(), "canary".into());
        let printed = format!("{:?}", Frame::new("canary", data));
        assert!(!printed.contains("canary"), "{printed}");
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    prop_compose! {
        fn frames()(
            kind in "[a-z-]{1,20}",
            data in prop::collection::btree_map(".{0,8}", values(), 0..5),
            payload in prop::collection::vec(any::<u8>(), 0..300),
        ) -> Frame {
            Frame { kind, data: data.into_iter().collect(), payload: payload.into() }
        }
    }

    proptest! {
        #[test]
        fn frames_come_back_whatever_the_pieces(
            sent in prop::collection::vec(frames(), 0..5),
            cuts in prop::collection::vec(1_usize..40, 1..30),
        ) {
            let bytes: Vec<u8> = sent.iter()
                .flat_map(|frame| frame.to_bytes().expect("short enough").as_slice().to_vec())
                .collect();
            let mut decoder = Decoder::new();
            let mut received = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (mut piece, after) = rest.split_at((*cut).min(rest.len()));
                rest = after;
                while let Some(frame) = decoder.read(&mut piece).expect("our own frames") { received.push(frame); }
            }
            prop_assert_eq!(decoder.finish(), Ok(()));
            prop_assert_eq!(received, sent);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode(&bytes);
        }
    }
}
