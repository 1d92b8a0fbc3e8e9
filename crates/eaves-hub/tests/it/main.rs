//! The whole hub against a vault and cameras made for the test: honest ones, and others.
#![allow(clippy::unwrap_used, reason = "the switch that allows it in tests does not reach this folder")]

mod camera;
mod claim;
mod commands;
mod demo;
mod faults;
mod home;
mod keeping;
mod live;
mod people;
mod record;
mod roster;
mod vault;
