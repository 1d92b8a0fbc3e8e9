//! The Eaves program: command line, configuration, logging, wiring of the roles.

fn main() {}
