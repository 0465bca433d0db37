#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole way, as one would type it: train a network on 60,000 pictures of clothes, convert it,
# shrink it, and let it name what is on ten pictures. Nothing is left behind.
#
#   examples/article.sh [MIDGE]       MIDGE: the command, build/midge or midge
#
# The pictures are those of Debian's package dataset-fashion-mnist; MIDGE_FASHION_MNIST may name
# another folder with its four files.
set -eu
midge=${1:-midge}
case $midge in */*) midge=$(cd "$(dirname "$midge")" && pwd)/$(basename "$midge") ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$(cd "${MIDGE_FASHION_MNIST:-/usr/share/datasets/fashion-mnist}" && pwd)
export MIDGE_FASHION_MNIST="$data"
cd "$work"

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || step() { printf '\n%s\n' "$*"; }

step "1. Train: Flatten, Dense 128 relu, Dense 10"
"$midge" train dense --data fashion-mnist --epochs 10 -o article.keras

step "2. Convert to .tflite"
"$midge" convert article.keras -o article.tflite

step "3. Shrink to 8-bit integers, calibrated with 500 of the pictures"
"$midge" convert article.keras -o article_int8.tflite --optimize int8 \
    --calibration "$data/train-images-idx3-ubyte.gz" --samples 500 --pixels 0:1

step "4. What that costs, on 10,000 pictures that it has not seen"
accuracy() {
    "$midge" evaluate "$1" --data "$data/t10k-images-idx3-ubyte.gz" \
        --labels "$data/t10k-labels-idx1-ubyte.gz" --pixels 0:1 --json |
        sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p'
}
bytes() { wc -c < "$1" | tr -d ' '; }
printf '%-22s %9s  %s\n' file bytes accuracy
printf '%-22s %9d\n' article.keras "$(bytes article.keras)"
for model in article article_int8; do
    printf '%-22s %9d  %.4f\n' "$model.tflite" "$(bytes "$model.tflite")" \
        "$(accuracy "$model.tflite")"
done

step "5. Classify ten pictures with the smallest"
"$midge" classify --model article_int8.tflite --labels article_labels.txt \
    --range 0:1 --softmax --top 2
