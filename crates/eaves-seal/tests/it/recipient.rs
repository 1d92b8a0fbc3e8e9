//! Which recipients are taken.

use eaves_seal::{Recipient, SealError};

#[test]
fn text_reads_back() {
    let recipient = Recipient::of_seed(&[1; 32]);
    assert!(recipient.as_str().starts_with("age1pq1"));
    assert_eq!(Recipient::parse(recipient.as_str()).unwrap(), recipient);
}

#[test]
fn recipients_that_a_quantum_computer_opens_are_refused_by_name() {
    let x25519 = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    assert_eq!(Recipient::parse(x25519), Err(SealError::NotPostQuantum));
    assert_eq!(Recipient::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA"), Err(SealError::NotPostQuantum));
}

#[test]
fn damaged_recipients_are_refused() {
    let text = Recipient::of_seed(&[1; 32]).to_text();
    let mut wrong_digit = text.clone().into_bytes();
    wrong_digit[500] = if wrong_digit[500] == b'q' { b'p' } else { b'q' };
    for bad in [
        String::from_utf8(wrong_digit).unwrap(),
        text.to_uppercase(),
        text[..text.len() - 1].to_owned(),
        format!(" {text}"),
        format!("{text}\n"),
        String::new(),
    ] {
        assert_eq!(Recipient::parse(&bad), Err(SealError::NotARecipient));
    }
    assert_eq!(Recipient::from_key_bytes(&[0xff; 1216]).err(), Some(SealError::NotARecipient), "not a key of ML-KEM");
    assert_eq!(Recipient::from_key_bytes(&[0; 1215]).err(), Some(SealError::NotARecipient));
}
