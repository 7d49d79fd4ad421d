#!/bin/sh
# manifest.sh DIR FILE: write the names and sums of the files in DIR to FILE
set -eu
find "$1" -type f | LC_ALL=C sort | xargs sha256sum > "$2"
echo "$(wc -l < "$2") files"
