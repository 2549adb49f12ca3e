#!/usr/bin/env bash
# Look something up as a portal: sign the request, send it, print the answer.
#
#     read.sh ORIGIN CLIENT_ID KEY_FILE TARGET
#
# TARGET is path and query, exactly as sent: '/v1/dossiers?limit=5'. Leaves with 0, or with 1 when
# it is refused, 2 when no answer came. Looks are answered unsigned.
set -euo pipefail
(( $# == 4 )) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
origin=$1 client=$2 key=$3 target=$4

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/signing.sh"

sign "$key" lephi-read-1 \
  @method GET \
  @target-uri "$origin$target" \
  lephi-client "$client"

status=$(curl -sS -m 10 "$origin$target" \
  -H "lephi-client: $client" \
  -H "signature-input: lephi=$params" \
  -H "signature: lephi=$signature" \
  -o "$work/answer" -w '%{http_code}') || exit 2

cat "$work/answer"
echo
[[ $status == 200 ]]
