//! Reading side of the sealed formats, and the command that opens an archive without a server.
