//! What holds for the repository as a whole: who may reach what, which licences, which habits, and that every claim has
//! its tests.

mod architecture;
mod asvs;
mod claims;
mod graph;
mod licences;
mod sources;
mod tidy;
