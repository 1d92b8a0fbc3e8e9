//! What parent and child say to each other: a length and an access unit in Annex B one way, an outcome and a JPEG the
//! other way. Neither believes the other's lengths.

use super::DecoderError;

/// The largest access unit.
pub(super) const REQUEST_MAX: usize = 16 << 20;
/// The largest JPEG.
pub(super) const JPEG_MAX: usize = 2 << 20;
/// Bytes before the JPEG.
pub(super) const REPLY_HEAD: usize = 5;

/// The bytes before an access unit of this length, or `None` if it is too long.
pub(super) fn request_head(length: usize) -> Option<[u8; 4]> {
    (length <= REQUEST_MAX).then(|| u32::try_from(length).ok().map(u32::to_be_bytes))?
}

/// The length of an access unit, if it is within bounds.
pub(super) fn request_length(head: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(head)).ok().filter(|length| *length <= REQUEST_MAX)
}

/// What the child answers.
pub(super) fn reply(outcome: &Result<Vec<u8>, DecoderError>) -> Vec<u8> {
    let (status, jpeg): (u8, &[u8]) = match outcome {
        Ok(jpeg) if jpeg.len() <= JPEG_MAX => (0, jpeg),
        Ok(_) | Err(DecoderError::TooLarge) => (2, &[]),
        Err(_) => (1, &[]),
    };
    let mut out = Vec::with_capacity(REPLY_HEAD + jpeg.len());
    out.push(status);
    out.extend_from_slice(&u32::try_from(jpeg.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(jpeg);
    out
}

/// How many bytes of JPEG follow the head of a reply.
pub(super) fn reply_length(head: [u8; REPLY_HEAD]) -> Result<usize, DecoderError> {
    let [status, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    match (status, length) {
        (0, 1..=JPEG_MAX) => Ok(length),
        (1, 0) => Err(DecoderError::Undecodable),
        (2, 0) => Err(DecoderError::TooLarge),
        _ => Err(DecoderError::Crashed),
    }
}

/// Whether these bytes begin and end as a JPEG does. They come from a process that may have been taken over.
pub(super) fn looks_like_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff]) && bytes.ends_with(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reply_reads_back() {
        for outcome in [Ok(vec![1, 2, 3]), Err(DecoderError::Undecodable), Err(DecoderError::TooLarge)] {
            let bytes = reply(&outcome);
            let (head, jpeg) = bytes.split_first_chunk().unwrap();
            assert_eq!(reply_length(*head), outcome.map(|jpeg| jpeg.len()));
            assert_eq!(jpeg.len(), reply_length(*head).unwrap_or(0));
        }
    }

    proptest! {
        #[test]
        fn no_length_of_a_child_is_believed(head: [u8; REPLY_HEAD]) {
            if let Ok(length) = reply_length(head) {
                prop_assert!((1..=JPEG_MAX).contains(&length));
            }
        }

        #[test]
        fn no_length_of_a_parent_is_believed(head: [u8; 4]) {
            prop_assert!(request_length(head).is_none_or(|length| length <= REQUEST_MAX));
        }
    }
}
