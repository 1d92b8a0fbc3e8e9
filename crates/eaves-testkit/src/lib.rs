//! Development only: fake clock, faulty stores, simulated home.
