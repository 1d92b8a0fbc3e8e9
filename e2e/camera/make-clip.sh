#!/bin/sh
# Makes the clips that camera.py serves, from ffmpeg's test pictures with the time burnt in. Usage: make-clip.sh DIRECTORY [NAME...]
#   small.mp4       768x576, 10 pictures a second, H.264, a keyframe every 2 s, 0.5 Mbit/s
#   small-h265.mp4  the same in H.265
#   tiny.mp4        320x240, a sub stream
#   brisk.mp4       640x360, 10 pictures a second, H.264, a keyframe every second, 0.8 Mbit/s: many groups of pictures
#   reordered.mp4   768x576 with B-frames
#   full.mp4        1920x1080, 15 pictures a second with noise, 3 Mbit/s: what a good camera sends
#   full-h265.mp4   the same in H.265
set -eu
directory=$1
shift
mkdir -p "$directory"

make_clip() { # NAME SIZE RATE SECONDS NOISE CODEC-OPTIONS...
    name=$1 size=$2 rate=$3 seconds=$4 noise=$5
    shift 5
    [ -s "$directory/$name.mp4" ] && return
    # Written aside and renamed, so that a clip that exists is whole.
    ffmpeg -nostdin -v error -y -f lavfi -i "testsrc=size=$size:rate=$rate:duration=$seconds" \
        -vf "noise=alls=$noise:allf=t,format=yuv420p" -an -g "$((rate * 2))" -keyint_min "$((rate * 2))" \
        "$@" -movflags +faststart "$directory/.$name.$$.mp4"
    mv "$directory/.$name.$$.mp4" "$directory/$name.mp4"
}

h264() { echo "-c:v libx264 -preset veryfast -sc_threshold 0 -profile:v $1 -bf $2 -b:v $3 -maxrate $3 -bufsize $3"; }
h265() {
    echo "-c:v libx265 -preset ultrafast -tag:v hvc1 -b:v $1 -maxrate $1 -bufsize $1" \
        "-x265-params log-level=error:bframes=0:scenecut=0:open-gop=0:keyint=$2:min-keyint=$2"
}

[ $# -gt 0 ] || set -- small small-h265 tiny reordered full full-h265
# The options are words on purpose.
# shellcheck disable=SC2046
for wanted in "$@"; do
    case $wanted in
    small) make_clip small 768x576 10 20 2 $(h264 main 0 500k) ;;
    small-h265) make_clip small-h265 768x576 10 20 2 $(h265 500k 20) ;;
    brisk) make_clip brisk 640x360 10 20 12 $(h264 baseline 0 800k) -g 10 -keyint_min 10 ;;
    tiny) make_clip tiny 320x240 10 20 2 $(h264 baseline 0 150k) ;;
    reordered) make_clip reordered 768x576 10 20 2 $(h264 high 2 500k) ;;
    full) make_clip full 1920x1080 15 30 4 $(h264 high 0 3M) ;;
    full-h265) make_clip full-h265 1920x1080 15 30 4 $(h265 3M 30) ;;
    *) echo "make-clip.sh: no clip is called $wanted" >&2 && exit 2 ;;
    esac
done
