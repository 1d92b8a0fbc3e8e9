//! Cameras: RTSP, fragmented MP4, the demo camera and the sandboxed decoder.
