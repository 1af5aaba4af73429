#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Job `image`: what it writes is what it says, also on a loop; and what it says of files that are of no use to it.
set -euo pipefail

workload="$ILV_BIN/interleave-workload"
work=$(mktemp -d "${TMPDIR:-/tmp}/ilv-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

for runtime in threads event-loop; do
  "$workload" image --jobs 2 --width 40 --height 30 --runtime "$runtime" --output "$runtime" >"$runtime.out"
  [ "$(find "$runtime" -name '*.ppm' | wc -l)" = 16 ] || { ls "$runtime"; exit 1; }
done
diff -r threads event-loop
diff <(grep checksum threads.out) <(grep checksum event-loop.out)
python3 - threads <<'END_OF_PYTHON'
import sys
def read(name):
    magic, size, top, pixels = open(f"{sys.argv[1]}/job-0-{name}.ppm", "rb").read().split(b"\n", 3)
    width, height = map(int, size.split())
    assert magic == b"P6" and top == b"255" and len(pixels) == 3 * width * height, name
    return width, height, [[pixels[3 * (y * width + x) :][:3] for x in range(width)] for y in range(height)]
width, height, original = read("0-original")
assert (width, height) == (40, 30)
crop = read("1-crop")
assert crop[:2] == (30, 23)
assert any(all(original[top + y][left : left + 30] == crop[2][y] for y in range(23)) for left in range(11) for top in range(8))
resized, blurred, mirrored, flipped, turned, bright = map(read, ("2-resize", "3-blur", "4-mirror", "5-flip", "6-rotate", "7-brighten"))
assert resized[:2] == blurred[:2] == (45, 34) and turned[:2] == (34, 45)
assert blurred != resized
assert mirrored[2] == [row[::-1] for row in blurred[2]] and flipped[2] == mirrored[2][::-1]
assert turned[2] == [list(row) for row in zip(*flipped[2][::-1])]
assert all(b == min(255, (v * 120 + 50) // 100) for rows in zip(turned[2], bright[2]) for p in zip(*rows) for v, b in zip(*p))
END_OF_PYTHON

picture=threads/job-0-0-original.ppm
sum=$("$workload" image --jobs 1 --input "$picture" | grep checksum)
[ "$sum" = "$("$workload" image --jobs 1 --input "$picture" --runtime sequential | grep checksum)" ]

# The picture decides the size: that is what the run says of itself, and saying another is refused.
"$workload" image --jobs 1 --input "$picture" --truth truth.json >out
grep -q '(jobs=1 width=40 height=30 .*input=threads/job-0-0-original.ppm' out || { cat out; exit 1; }
python3 - <<'END_OF_PYTHON'
import json
truth = json.load(open("truth.json"))
assert (truth["options"]["width"], truth["options"]["height"]) == (40, 30), truth["options"]
assert " width=40 height=30 " in truth["parameters"], truth["parameters"]
END_OF_PYTHON
for option in width height; do
  for check in '' --check; do
    status=0
    # shellcheck disable=SC2086
    "$workload" image --jobs 1 $check --$option 40 --input "$picture" >out 2>&1 || status=$?
    if [ $status != 2 ] || ! grep -q -- "--$option does not go with --input, which decides it" out; then
      echo "FAIL: --$option beside --input: status $status"
      cat out
      exit 1
    fi
  done
done

head -c 100 "$picture" >cut.ppm
printf 'P6\n99999 99999\n255\n' >huge.ppm
printf 'P6\n0 4\n255\n' >empty.ppm
printf 'P6\n2 2\n65535\nabcdefabcdef' >deep.ppm
printf 'P3\n1 1\n255\n1 2 3\n' >text.ppm
: >nothing.ppm
printf 'P6\n-3 4 255 ' >minus.ppm
mkfifo pipe.ppm
# refuse FILE WORDS: one line, and status 1.
refuse() {
  local status=0
  timeout 10 "$workload" image --input "$1" >out 2>&1 || status=$?
  if [ "$status" != 1 ] || [ "$(wc -l <out)" != 1 ] || ! grep -q -- "$2" out; then
    echo "FAIL: $1: status $status, not: $2"
    cat out
    exit 1
  fi
}
refuse cut.ppm 'it ends after [0-9]* of 3600 bytes of pixels'
refuse huge.ppm 'a picture of 99999 x 99999 pixels is too large'
refuse empty.ppm 'its header does not give width, height and largest value'
refuse minus.ppm 'its header does not give width, height and largest value'
refuse deep.ppm 'its largest value is 65535, and only 8 bits a channel are understood'
refuse text.ppm 'it is not a binary PPM file, which begins with P6'
refuse nothing.ppm 'it is not a binary PPM file, which begins with P6'
refuse pipe.ppm 'it is not a file'
refuse . 'it is not a file'
refuse none.ppm 'No such file or directory'
# Comments and a smaller largest value are part of the format.
printf 'P6 # one\n# two\n2 1\n15\n\0\5\17\17\5\0' >small.ppm
"$workload" image --jobs 1 --input small.ppm --output small >/dev/null
printf 'P6\n2#wide\n1\n15\n\0\5\17\17\5\0, and more' >tight.ppm
"$workload" image --jobs 1 --input tight.ppm --output tight >/dev/null
diff -r small tight
[ "$(tail -c 6 small/job-0-0-original.ppm | od -An -tu1 | tr -s ' ')" = ' 0 85 255 255 85 0' ]
