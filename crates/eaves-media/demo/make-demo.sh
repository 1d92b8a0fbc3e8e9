#!/bin/sh
# Remakes demo.h264 and demo.aac, the minute that the demo camera shows: drawn by draw.py, with a sound of crickets and
# passing cars made by ffmpeg's own generators. Both are elementary streams (Annex B with access unit delimiters, ADTS).
# One keyframe a second and no B-frames, so that the camera can start at any second; 32 kHz, because a minute
# is then a whole number of AAC frames. Needs ffmpeg, python3 and the DejaVu fonts.
set -eu
cd "$(dirname "$0")"
font=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf
text="drawtext=fontfile=$font:fontsize=22:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=6"

python3 draw.py | ffmpeg -nostdin -v error -y -f rawvideo -pixel_format rgb24 -video_size 640x360 -framerate 15 -i pipe:0 \
    -vf "$text:x=14:y=14:text='EAVES DEMO  \:%{eif\:floor(t)\:d\:2}',format=yuv420p" \
    -c:v libx264 -preset veryslow -profile:v main -level 3.0 -bf 0 -refs 2 -g 15 -keyint_min 15 -sc_threshold 0 \
    -crf 27 -bsf:v h264_metadata=aud=insert,filter_units=remove_types=6 -f h264 demo.h264

# The encoder begins with a frame of silence, which the camera leaves out; hence one frame more than a minute.
ffmpeg -nostdin -v error -y \
    -f lavfi -i "anoisesrc=color=pink:amplitude=0.05:seed=3:sample_rate=32000:duration=61" \
    -f lavfi -i "aevalsrc='0.05*sin(2*PI*4300*t)*gt(sin(2*PI*21*t)\,0)*gt(sin(2*PI*t/1.5)\,0.3)':s=32000:d=61" \
    -f lavfi -i "anoisesrc=color=brown:amplitude=0.8:seed=5:sample_rate=32000:duration=61" \
    -filter_complex "[2]volume='exp(-pow((t-7)/1.4\,2))+exp(-pow((t-47)/1.4\,2))':eval=frame[cars];[0][1][cars]amix=3:normalize=0,lowpass=9000" \
    -ac 1 -c:a aac -b:a 32k -frames:a 1876 -f adts demo.aac
ls -l demo.h264 demo.aac
