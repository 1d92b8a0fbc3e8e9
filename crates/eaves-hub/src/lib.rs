//! The home's role: talks to cameras, sees plaintext in memory only, seals.
