//! The vault's role: keeps ciphertext and accounts, serves the app.
