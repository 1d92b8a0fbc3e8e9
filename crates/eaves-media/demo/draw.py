#!/usr/bin/python3
"""Draws the minute that the demo camera shows, a front garden at dusk, as raw RGB frames on standard output.

No library: a shape is a function that says whether a point is inside, and a pixel asks it four times.
"""

import math
import random
import sys

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 15, 60


def blend(picture, box, inside, colour, strength=1.0):
    """Paints where inside(x, y) holds. box: left, top, right, bottom."""
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(WIDTH, int(box[2]) + 1), min(HEIGHT, int(box[3]) + 1)
    red, green, blue = colour
    for y in range(top, bottom):
        for x in range(left, right):
            hits = (
                inside(x + 0.25, y + 0.25) + inside(x + 0.75, y + 0.25)
                + inside(x + 0.25, y + 0.75) + inside(x + 0.75, y + 0.75)
            )
            if hits:
                part = strength * hits / 4
                at = (y * WIDTH + x) * 3
                picture[at] += int((red - picture[at]) * part)
                picture[at + 1] += int((green - picture[at + 1]) * part)
                picture[at + 2] += int((blue - picture[at + 2]) * part)


def glow(picture, x0, y0, radius, colour, strength):
    """Adds light that fades with the distance."""
    for y in range(max(0, int(y0 - radius)), min(HEIGHT, int(y0 + radius) + 1)):
        for x in range(max(0, int(x0 - radius)), min(WIDTH, int(x0 + radius) + 1)):
            fade = 1 - math.hypot(x - x0, y - y0) / radius
            if fade > 0:
                part = strength * fade * fade
                at = (y * WIDTH + x) * 3
                for channel in range(3):
                    picture[at + channel] = min(255, picture[at + channel] + int(colour[channel] * part))


def ellipse(picture, x0, y0, rx, ry, colour, strength=1.0):
    blend(
        picture, (x0 - rx, y0 - ry, x0 + rx, y0 + ry),
        lambda x, y: ((x - x0) / rx) ** 2 + ((y - y0) / ry) ** 2 <= 1, colour, strength,
    )


def polygon(picture, points, colour, strength=1.0):
    edges = list(zip(points, points[1:] + points[:1]))

    def inside(x, y):
        odd = False
        for (ax, ay), (bx, by) in edges:
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                odd = not odd
        return odd

    xs, ys = [p[0] for p in points], [p[1] for p in points]
    blend(picture, (min(xs), min(ys), max(xs), max(ys)), inside, colour, strength)


def rectangle(picture, x, y, width, height, colour, strength=1.0):
    polygon(picture, [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour, strength)


def line(picture, points, thickness, colour):
    """A thick line through points, with round ends."""
    for (ax, ay), (bx, by) in zip(points, points[1:]):
        length = max(1e-6, math.hypot(bx - ax, by - ay))

        def inside(x, y, ax=ax, ay=ay, bx=bx, by=by, length=length):
            along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length / length
            along = max(0, min(1, along))
            return math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)) <= thickness / 2

        box = (min(ax, bx) - thickness, min(ay, by) - thickness, max(ax, bx) + thickness, max(ay, by) + thickness)
        blend(picture, box, inside, colour)


def background():
    picture = bytearray(WIDTH * HEIGHT * 3)
    top, middle, low = (30, 34, 70), (120, 84, 120), (240, 158, 110)
    for y in range(HEIGHT):
        t = min(1, y / 190)
        a, b, u = (top, middle, t / 0.6) if t < 0.6 else (middle, low, (t - 0.6) / 0.4)
        row = bytes(int(a[c] + (b[c] - a[c]) * u) for c in range(3)) * WIDTH
        picture[y * WIDTH * 3 : (y + 1) * WIDTH * 3] = row
    chance = random.Random(7)
    for _ in range(40):
        x, y = chance.uniform(0, WIDTH), chance.uniform(0, 90)
        ellipse(picture, x, y, 0.9, 0.9, (230, 230, 255), chance.uniform(0.3, 0.9))
    blend(
        picture, (100, 44, 136, 80),
        lambda x, y: math.hypot(x - 118, y - 62) <= 17 and math.hypot(x - 125, y - 57) > 15, (250, 240, 214),
    )
    for base, height, wave, colour in [(176, 20, 80, (78, 62, 98)), (190, 16, 47, (54, 50, 76))]:
        blend(
            picture, (0, base - 2 * height, WIDTH, 220),
            lambda x, y, b=base, h=height, w=wave: y > b - h * (math.sin(x / w) + 0.5 * math.sin(x / w * 2.7 + 1)), colour,
        )
    rectangle(picture, 0, 200, WIDTH, 100, (44, 62, 52))
    for _ in range(900):
        x, y = chance.uniform(0, WIDTH), chance.uniform(203, 298)
        line(picture, [(x, y), (x + chance.uniform(-1, 1), y - chance.uniform(2, 5))], 1, (56, 80, 60))
    # The house.
    rectangle(picture, 380, 84, 230, 146, (92, 76, 88))
    for y in range(92, 228, 9):
        rectangle(picture, 380, y, 230, 1, (82, 68, 80))
    polygon(picture, [(362, 88), (496, 22), (628, 88)], (60, 46, 60))
    rectangle(picture, 570, 34, 20, 40, (70, 52, 62))
    # The window, lit, with a plant.
    rectangle(picture, 534, 126, 58, 50, (52, 40, 50))
    rectangle(picture, 538, 130, 50, 42, (255, 212, 138))
    rectangle(picture, 562, 130, 2, 42, (52, 40, 50))
    rectangle(picture, 538, 150, 50, 2, (52, 40, 50))
    ellipse(picture, 550, 166, 7, 6, (96, 104, 66))
    rectangle(picture, 546, 168, 8, 5, (140, 82, 60))
    # The door, with its steps and its lamp.
    rectangle(picture, 428, 130, 56, 100, (50, 40, 48))
    rectangle(picture, 433, 136, 46, 94, (140, 62, 52))
    for x, y in [(438, 142), (458, 142), (438, 186), (458, 186)]:
        rectangle(picture, x, y, 16, 36, (118, 50, 44))
    ellipse(picture, 474, 184, 2.5, 2.5, (236, 196, 110))
    rectangle(picture, 418, 230, 76, 8, (120, 112, 116))
    rectangle(picture, 410, 238, 92, 9, (104, 96, 102))
    rectangle(picture, 496, 148, 9, 13, (255, 232, 170))
    polygon(picture, [(493, 148), (500, 142), (508, 148)], (40, 32, 40))
    # The path and the street.
    polygon(picture, [(416, 247), (498, 247), (360, 304), (228, 304)], (128, 114, 112))
    rectangle(picture, 0, 300, WIDTH, 7, (122, 116, 122))
    rectangle(picture, 0, 307, WIDTH, 53, (58, 56, 66))
    for x in range(10, WIDTH, 90):
        rectangle(picture, x, 333, 44, 3, (150, 146, 140))
    # A tree and a hedge.
    line(picture, [(86, 250), (84, 200), (92, 160)], 13, (52, 40, 44))
    for x, y, r in [(92, 138, 40), (62, 156, 30), (122, 158, 30), (92, 112, 28)]:
        ellipse(picture, x, y, r, r * 0.9, (40, 60, 52))
    for x, y, r in [(84, 126, 24), (66, 146, 18), (112, 148, 18)]:
        ellipse(picture, x, y, r, r * 0.8, (50, 74, 60))
    for x in range(150, 376, 18):
        ellipse(picture, x, 212 + chance.uniform(-2, 2), 15, 15, (38, 60, 50))
        ellipse(picture, x - 3, 207, 8, 7, (50, 76, 60))
    # Flowers along the steps.
    for _ in range(26):
        x, y = chance.uniform(506, 620), chance.uniform(226, 240)
        ellipse(picture, x, y, 2, 2, chance.choice([(230, 150, 160), (240, 210, 130), (200, 170, 230)]))
    glow(picture, 500, 154, 90, (90, 66, 30), 1.0)
    glow(picture, 563, 151, 60, (70, 48, 20), 0.8)
    return picture


def car(picture, x, forwards, colour):
    """A car whose middle is at x."""
    m = 1 if forwards else -1
    ellipse(picture, x, 342, 62, 5, (26, 26, 32), 0.6)
    body = [(-60, 338), (-60, 320), (-52, 316), (-34, 314), (-18, 298), (20, 298), (38, 314), (58, 318), (60, 338)]
    polygon(picture, [(x + m * px, py) for px, py in body], colour)
    for window in [[(-28, 314), (-15, 301), (-1, 301), (-1, 314)], [(3, 314), (3, 301), (18, 301), (32, 314)]]:
        polygon(picture, [(x + m * px, py) for px, py in window], (150, 170, 190))
    for wheel in (-36, 36):
        ellipse(picture, x + m * wheel, 338, 10, 10, (24, 24, 28))
        ellipse(picture, x + m * wheel, 338, 5, 5, (130, 130, 136))
    rectangle(picture, x + m * 57 - 2, 321, 4, 5, (255, 246, 200))
    rectangle(picture, x - m * 58 - 2, 320, 4, 5, (210, 40, 40))
    glow(picture, x + m * 92, 334, 58, (150, 140, 96), 0.9)


def cat(picture, x, phase, walks, looks):
    """A cat that goes to the left; phase is that of its step."""
    fur, y = (34, 30, 38), 286
    ellipse(picture, x, y + 12, 24, 3, (30, 38, 34), 0.5)
    for foot, shift in ((-13, 0), (-9, math.pi), (11, math.pi), (15, 0)):
        swing = 6 * math.sin(phase + shift) if walks else 0
        line(picture, [(x + foot, y), (x + foot + swing, y + 12)], 4, fur)
    ellipse(picture, x, y - 2, 20, 8, fur)
    tail = 4 * math.sin(phase / 2)
    line(picture, [(x + 17, y - 4), (x + 28, y - 12), (x + 31 + tail, y - 26)], 4, fur)
    hx, hy = x - 21, y - 11
    ellipse(picture, hx, hy, 8, 7, fur)
    for ear in (-5, 4):
        polygon(picture, [(hx + ear - 3, hy - 4), (hx + ear, hy - 13), (hx + ear + 4, hy - 4)], fur)
    if looks:
        for eye in (-3, 3):
            ellipse(picture, hx + eye, hy - 1, 1.5, 1.8, (220, 240, 120))
    else:
        ellipse(picture, hx - 4, hy - 1, 1.3, 1.6, (220, 240, 120))


def draw(still, t):
    picture = bytearray(still)
    # Everything repeats after a minute, so that the loop has no seam.
    glow(picture, 500, 154, 26, (60, 50, 24), 0.5 + 0.12 * math.sin(2 * math.pi * t * 3 / 10))
    for i in range(3):
        angle = 2 * math.pi * t * (0.7 + 0.1 * i) + i * 2.1
        ellipse(picture, 500 + (12 + 4 * i) * math.cos(angle), 152 + 9 * math.sin(angle * 1.5), 1.3, 1.3, (240, 224, 190))
    for i in range(4):
        if math.sin(2 * math.pi * (t * (i + 3) / 60 + i / 4)) > 0.2:
            ellipse(picture, 180 + 52 * i, 180 + 9 * math.sin(2 * math.pi * t / 6 + i), 1.1, 1.1, (236, 240, 150), 0.8)
    walks = 17 <= t < 24 or 27 <= t < 36
    if 17 <= t < 36:
        gone = (min(t, 24) - 17) + max(0, t - 27)
        cat(picture, 680 - gone * 46, gone * 9, walks, not walks)
    if 4 <= t < 10:
        car(picture, -120 + (t - 4) * 150, True, (86, 116, 150))
    if 44 <= t < 50:
        car(picture, 760 - (t - 44) * 150, False, (176, 92, 70))
    return picture


def main():
    still = background()
    frames = range(FPS * SECONDS)
    if len(sys.argv) > 1:
        frames = [int(float(sys.argv[1]) * FPS)]
    for frame in frames:
        sys.stdout.buffer.write(draw(still, frame / FPS))


if __name__ == "__main__":
    main()
