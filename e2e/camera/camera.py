#!/usr/bin/python3
"""A test camera: serves a clip, or a live picture with the time in it, over RTSP from GStreamer's own server.

Debian packages: python3-gi gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0
gstreamer1.0-plugins-{base,good,bad,ugly}. Prints `ready rtsp://…` once it serves, and nothing
else on its standard output. Ends with SIGINT, SIGTERM, or when its standard input closes (with --tied).

The time code of --clock: two rows of 24 blocks along the top edge; a block is (width // 24) & ~1 pixels wide and high,
white is 1. The 48 bits, first row first, most significant first, are 44 bits of milliseconds since 1970 (UTC) at which
the frame was drawn, and 4 bits of check: the sum of the 11 hexadecimal digits before, modulo 16.

The ledger of --ledger FILE: every picture of a clip carries a number (in an SEI message, H.264 only), is sent at its time,
and gets a line `path session number key bytes milliseconds` in FILE as it is sent. A session is one viewer's connection.
So whoever reads a recording can tell which pictures are in it, and which are not.
"""

import argparse
import os
import secrets
import signal
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

REALM = "eaves-test-camera"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", help="MP4 to serve in an endless loop")
    parser.add_argument("--clock", action="store_true", help="serve a live picture with the time in it instead")
    parser.add_argument("--size", default="640x360", help="size of the live picture")
    parser.add_argument("--fps", type=int, default=15, help="pictures per second of the live picture")
    parser.add_argument("--codec", choices=["h264", "h265"], default="h264")
    parser.add_argument("--audio", choices=["aac", "pcmu", "pcma", "none"], default="aac")
    parser.add_argument("--late-audio", type=float, default=0, metavar="SECS", help="hold the sound back after PLAY")
    parser.add_argument("--sub", metavar="CLIP", help="also serve this clip, at each path with `-sub` appended")
    parser.add_argument(
        "--change-params", type=float, default=0, metavar="SECS", help="go over to the clip of --sub in mid-stream"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="0", help="0 for any free one")
    parser.add_argument("--paths", default="/cam", help="comma-separated; each is a camera of its own")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--basic", action="store_true", help="basic instead of digest authentication")
    parser.add_argument("--max-sessions", type=int, default=0, help="be busy beyond so many viewers")
    parser.add_argument("--ledger", metavar="FILE", help="number the pictures of --clip and note here what was sent")
    parser.add_argument("--tied", action="store_true", help="end when standard input closes")
    args = parser.parse_args()
    if not args.clip and not args.clock:
        parser.error("either --clip or --clock")
    if args.change_params and not args.sub:
        parser.error("--change-params needs --sub")
    if args.ledger and (args.clock or args.codec != "h264" or args.change_params):
        parser.error("--ledger is for an H.264 clip that does not change")
    return args


def pulled(pipeline):
    """All samples of the appsink named `sink`."""
    pipeline = Gst.parse_launch(pipeline)
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    samples = []
    while (sample := sink.emit("try-pull-sample", 10 * Gst.SECOND)) is not None:
        samples.append(sample)
    pipeline.set_state(Gst.State.NULL)
    if not samples:
        sys.exit("camera.py: the clip cannot be read")
    return samples


def content(buffer):
    ok, info = buffer.map(Gst.MapFlags.READ)
    data = bytes(info.data)
    buffer.unmap(info)
    return data


class Units:
    """Coded pictures or sound, with their times, to be served in a loop."""

    def __init__(self, units, duration, caps):
        self.units, self.duration, self.caps = units, duration, caps


def read_video(path, codec):
    samples = pulled(
        f'filesrc location="{path}" ! qtdemux ! {codec}parse config-interval=-1 '
        f"! video/x-{codec},stream-format=byte-stream,alignment=au ! appsink name=sink sync=false"
    )
    caps = samples[0].get_caps()
    ok, rate, per = caps.get_structure(0).get_fraction("framerate")
    frame = Gst.SECOND * per // rate if ok and rate else Gst.SECOND // 10
    units = []
    for index, sample in enumerate(samples):
        buffer = sample.get_buffer()
        # With B-frames the times of the pictures are not in order; a clip begins with its first decode time.
        pts = buffer.pts - samples[0].get_buffer().pts if buffer.pts != Gst.CLOCK_TIME_NONE else index * frame
        key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        units.append((content(buffer), pts, frame, key))
    return Units(units, frame * len(units), caps)


def read_audio(kind):
    encoder = {
        "aac": "audio/x-raw,rate=16000,channels=1 ! voaacenc bitrate=32000 ! aacparse ! audio/mpeg,stream-format=raw",
        "pcmu": "audio/x-raw,rate=8000,channels=1 ! mulawenc",
        "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc",
    }[kind]
    samples = pulled(
        "audiotestsrc wave=ticks num-buffers=400 ! audio/x-raw,rate=16000,channels=1 ! audioconvert ! audioresample "
        f"! {encoder} ! appsink name=sink sync=false"
    )
    data = [content(sample.get_buffer()) for sample in samples]
    if kind == "aac":
        length = 1024 * Gst.SECOND // 16000
    else:
        # As cameras do: packets of 20 ms.
        data, length = b"".join(data), 20 * Gst.MSECOND
        data = [data[i : i + 160] for i in range(0, len(data) - 159, 160)]
    units = [(unit, index * length, length, True) for index, unit in enumerate(data)]
    return Units(units, length * len(units), samples[0].get_caps())


class Feed:
    """Answers an appsrc's wish for data; loops for ever, with times that go on."""

    def __init__(self, source, units, then=None, change_after=0, pause=0):
        self.units, self.then, self.change_at = units, then, change_after * Gst.SECOND if then else None
        self.index, self.base = 0, 0
        # Silence after the first unit.
        self.pause = int(pause * Gst.SECOND)
        source.set_property("format", Gst.Format.TIME)
        # Must be live. Otherwise clients that set up only one of two streams stall at random.
        source.set_property("is-live", True)
        source.set_property("block", False)
        source.set_property("max-bytes", 2_000_000)
        source.connect("need-data", self.wanted)

    def wanted(self, source, _length):
        data, pts, length, key = self.units.units[self.index]
        if key and self.change_at is not None and self.base + pts >= self.change_at:
            self.base, self.index, self.units, self.change_at = self.base + pts, 0, self.then, None
            data, pts, length, key = self.units.units[0]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = self.base + pts
        buffer.duration = length
        if not key:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        self.index += 1
        self.base, self.pause = self.base + self.pause, 0
        if self.index == len(self.units.units):
            self.index, self.base = 0, self.base + self.units.duration
        source.emit("push-buffer", buffer)


MARK = b"eaves-picture-no"


def numbered(unit, text):
    """The picture with a message before its first slice: user data, unregistered. Text needs no escaping."""
    at = 0
    while True:
        at = unit.find(b"\0\0\1", at)
        if at < 0:
            return unit
        if unit[at + 3] & 31 in (1, 5):
            break
        at += 3
    at -= unit[at - 1 : at] == b"\0"
    payload = MARK + text.encode()
    return unit[:at] + b"\0\0\0\1\6\5" + bytes([len(payload)]) + payload + b"\x80" + unit[at:]


class LedgerFeed:
    """Sends the pictures of a clip one by one, each at its time, numbered, and notes each."""

    def __init__(self, source, units, path, ledger):
        self.source, self.units, self.path, self.ledger = source, units, path, ledger
        self.session = secrets.token_hex(4)
        self.running = True
        source.set_property("format", Gst.Format.TIME)
        source.set_property("is-live", True)
        self.begun = False
        source.connect("need-data", self.wanted)

    def wanted(self, _source, _length):
        if not self.begun:
            self.begun = True
            threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        begin, base, number = time.monotonic(), 0, 0
        while True:
            for data, pts, _length, key in self.units.units:
                time.sleep(max(0, begin + (base + pts) / Gst.SECOND - time.monotonic()))
                if not self.running:
                    return
                data = numbered(data, f"{self.session} {number:08}")
                buffer = Gst.Buffer.new_wrapped(data)
                buffer.pts = base + pts
                if not key:
                    buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
                # Noted first: what was sent is noted, whenever this process is killed.
                line = f"{self.path} {self.session} {number} {int(key)} {len(data)} {int(time.time() * 1000)}\n"
                os.write(self.ledger, line.encode())
                if self.source.emit("push-buffer", buffer) not in (Gst.FlowReturn.OK, Gst.FlowReturn.FLUSHING):
                    return
                number += 1
            base += self.units.duration


class ClockFeed:
    """Draws the live picture and pushes it, in a thread of its own, at the pace of the wall clock."""

    def __init__(self, source, width, height, fps):
        self.source, self.width, self.height, self.fps = source, width, height, fps
        self.block = (width // 24) & ~1
        self.running = True
        # A soft slope, so that a moving bar is all that changes besides the code and the clock.
        luma = b"".join(bytes(60 + (x * 60) // width + (y * 60) // height for x in range(width)) for y in range(height))
        self.base = luma + bytes([118]) * (width * height // 4) + bytes([134]) * (width * height // 4)
        source.set_property("format", Gst.Format.TIME)
        source.set_property("is-live", True)
        source.set_property("do-timestamp", True)
        # Not before data are wanted: what is pushed before the pipeline has a clock gets no time, and stalls it.
        self.begun = False
        source.connect("need-data", self.wanted)

    def wanted(self, _source, _length):
        if not self.begun:
            self.begun = True
            threading.Thread(target=self.run, daemon=True).start()

    def draw(self, index):
        picture = bytearray(self.base)
        width, block = self.width, self.block
        bar = bytes([200]) * 16
        x = (index * 8) % (width - 16)
        for y in range(self.height // 3, 2 * self.height // 3):
            picture[y * width + x : y * width + x + 16] = bar
        stamp = int(time.time() * 1000) & (1 << 44) - 1
        check = sum(stamp >> shift & 15 for shift in range(0, 44, 4)) % 16
        code = stamp << 4 | check
        for row in range(2):
            bits = (code >> (24 * (1 - row))) & 0xFFFFFF
            line = b"".join(bytes([235 if bits >> (23 - i) & 1 else 16]) * block for i in range(24))
            for y in range(row * block, (row + 1) * block):
                picture[y * width : y * width + len(line)] = line
        return bytes(picture)

    def run(self):
        begin = time.monotonic()
        index = 0
        while self.running:
            time.sleep(max(0, begin + index / self.fps - time.monotonic()))
            flow = self.source.emit("push-buffer", Gst.Buffer.new_wrapped(self.draw(index)))
            if flow not in (Gst.FlowReturn.OK, Gst.FlowReturn.FLUSHING):
                return
            index += 1


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes one pipeline for each client of a path, from its beginning."""

    def __init__(self, args, video, audio, then, path, ledger):
        super().__init__()
        self.args, self.video, self.audio, self.then = args, video, audio, then
        self.path, self.ledger = path, ledger
        self.alive = []
        codec = args.codec
        if video:
            launch = f"( appsrc name=v caps=video/x-{codec},stream-format=byte-stream,alignment=au ! {codec}parse "
        else:
            width, height = args.size.split("x")
            encoder = {
                # One slice a frame: with the slices of several threads the payloader takes a frame for two.
                "h264": "x264enc tune=zerolatency sliced-threads=false threads=1 speed-preset=ultrafast bitrate=2000 "
                f"key-int-max={args.fps} ! video/x-h264,profile=baseline",
                "h265": f"x265enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max={args.fps}",
            }[codec]
            launch = (
                f"( appsrc name=v caps=video/x-raw,format=I420,width={width},height={height},framerate={args.fps}/1 "
                f"! {encoder} ! {codec}parse "
            )
        launch += f"! rtp{codec}pay name=pay0 pt=96 config-interval=-1 "
        if audio:
            payloader = {"aac": "rtpmp4gpay", "pcmu": "rtppcmupay", "pcma": "rtppcmapay"}[args.audio]
            number = {"aac": 97, "pcmu": 0, "pcma": 8}[args.audio]
            launch += f"appsrc name=a ! {payloader} name=pay1 pt={number} "
        self.set_launch(launch + ")")
        self.connect("media-configure", self.configure)

    def configure(self, _factory, media):
        element = media.get_element()
        source = element.get_by_name("v")
        if self.video and self.ledger is not None:
            source.set_property("caps", self.video.caps)
            feeds = [LedgerFeed(source, self.video, self.path, self.ledger)]
        elif self.video:
            feeds = [Feed(source, self.video, self.then, self.args.change_params)]
        else:
            feeds = [ClockFeed(source, *map(int, self.args.size.split("x")), self.args.fps)]
        if self.audio:
            source = element.get_by_name("a")
            source.set_property("caps", self.audio.caps)
            feeds.append(Feed(source, self.audio, pause=self.args.late_audio))
            if self.args.late_audio:
                media.connect("prepared", self.hold_sound_back)
        # What only a callback knows would be collected.
        self.alive.append(feeds)

        def over(_media):
            for feed in feeds:
                feed.running = False
            self.alive.remove(feeds)

        media.connect("unprepared", over)

    def hold_sound_back(self, media):
        # The server holds a packet of each stream before it can describe them, so there is one, and it is dropped
        # behind the pad where it is held: on the other side of the RTP session.
        # Only this one: nothing before the sink keeps the pace, so more would be dropped without end.
        session = media.get_stream(1).get_srcpad().get_peer().get_parent_element()
        pad = session.get_static_pad("send_rtp_src_1")

        def drop(pad, info):
            pad.remove_probe(info.id)
            return Gst.PadProbeReturn.DROP

        pad.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, drop)


def main():
    args = arguments()
    Gst.init(None)
    video = None if args.clock else read_video(args.clip, args.codec)
    audio = None if args.audio == "none" else read_audio(args.audio)
    sub = read_video(args.sub, args.codec) if args.sub else None

    server = GstRtspServer.RTSPServer()
    server.set_address(args.host)
    server.set_service(args.port)
    if args.max_sessions:
        server.get_session_pool().set_max_sessions(args.max_sessions)
    permissions = None
    if args.user:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        auth.set_realm(REALM)
        if args.basic:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(args.user, args.password or ""), token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(args.user, args.password or "", token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)

    def add(path, factory):
        if permissions:
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(path, factory)

    ledger = os.open(args.ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if args.ledger else None
    paths = args.paths.split(",")
    for path in paths:
        add(path, Factory(args, video, audio, sub if args.change_params else None, path, ledger))
        if sub:
            add(path + "-sub", Factory(args, sub, audio, None, path + "-sub", None))

    if not server.attach(None):
        sys.exit("camera.py: cannot listen")
    # Sessions whose client vanished would otherwise live for ever.
    GLib.timeout_add_seconds(5, lambda: server.get_session_pool().cleanup() or True)
    loop = GLib.MainLoop()
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    if args.tied:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), loop.quit()), daemon=True).start()
    print(f"ready rtsp://{args.host}:{server.get_bound_port()}{paths[0]}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
