#!/bin/bash
# WANT_JSON
set -e
printf '{"changed": false, "length_is_known": %s}\n' "$([ "$(wc -c < "$1")" -gt 10 ] && echo true)"
