"""A microphone for the reference satellite: quiet, two seconds of something loud, and quiet again, in real time."""

import math
import random
import struct
import sys
import time

RATE = 16_000
random.seed(1)
began = time.monotonic()
at = 0
while True:
    second = at / RATE
    loud = 6000 if 2.0 <= second < 3.5 else 0
    samples = [
        int(loud * math.sin(at_ * 0.17) * (0.6 + 0.4 * math.sin(at_ * 0.0011))) + random.randint(-20, 20)
        for at_ in range(at, at + 320)
    ]
    try:
        sys.stdout.buffer.write(struct.pack("<320h", *samples))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        break
    at += 320
    time.sleep(max(0, began + at / RATE - time.monotonic()))
