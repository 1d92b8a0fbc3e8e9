//! The vault role: keeps ciphertext and accounts, serves the app.

pub mod store;
