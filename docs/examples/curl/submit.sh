#!/usr/bin/env bash
# Submit a dossier as a portal: sign it, send it, check the signed answer, and print it.
#
#     submit.sh ORIGIN CLIENT_ID KEY_FILE DOSSIER_FILE IDEMPOTENCY_KEY
#
# No answer came? Run it again with the same IDEMPOTENCY_KEY. Leaves with 0 when the dossier was
# taken, 1 when it was refused, 2 when no word of the gateway came.
set -euo pipefail
(( $# == 5 )) || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64; }
origin=$1 client=$2 key=$3 dossier=$4 idempotency_key=$5

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/signing.sh"

url=$origin/v1/dossiers
content_digest=$(digest "$dossier")
sign "$key" lephi-fee-request-1 \
  @method POST \
  @target-uri "$url" \
  content-digest "$content_digest" \
  content-type application/json \
  idempotency-key "$idempotency_key" \
  lephi-client "$client"

status=$(curl -sS -m 10 -X POST "$url" --data-binary "@$dossier" \
  -H "content-digest: $content_digest" \
  -H "content-type: application/json" \
  -H "idempotency-key: $idempotency_key" \
  -H "lephi-client: $client" \
  -H "signature-input: lephi=$params" \
  -H "signature: lephi=$signature" \
  -D "$work/headers" -o "$work/answer" -w '%{http_code}') || exit 2

if ! check_answer "$origin" "$url" "$status" "$content_digest"; then
  echo 'No word of the gateway: the answer is not signed by it. Ask again.' >&2
  exit 2
fi
cat "$work/answer"
echo
[[ $status == 200 || $status == 201 ]]
