# HTTP message signatures with bash, curl and openssl 3 alone (docs/how-to-sign.md); for a copy.
# KEY_FILE holds an Ed25519 private key (PEM); the gateway's own key is ECDSA P-256.

b64() { openssl base64 -A; }
b64url() { b64 | tr '+/' '-_' | tr -d '='; }
unb64url() { # padded again, for openssl
  local text; text=$(printf %s "$1" | tr -- '-_' '+/')
  while (( ${#text} % 4 )); do text+==; done
  printf %s "$text" | openssl base64 -d -A
}
hex() { od -An -v -tx1 | tr -d ' \n'; }
digest() { printf 'sha-256=:%s:' "$(openssl dgst -sha256 -binary < "$1" | b64)"; }

thumbprint() { # the name of the key: RFC 7638
  local x; x=$(openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | b64url)
  printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" | openssl dgst -sha256 -binary | b64url
}

# sign KEY_FILE TAG NAME VALUE...: sets $params and $signature; the base is in $work/base.
sign() {
  local key=$1 tag=$2 names='' now; now=$(date +%s); shift 2
  : > "$work/base"
  while (( $# )); do
    printf '"%s": %s\n' "$1" "$2" >> "$work/base"
    names+="${names:+ }\"$1\""; shift 2
  done
  params="($names);created=$now;expires=$((now + 60));nonce=\"$(openssl rand 16 | b64url)\""
  params+=";keyid=\"$(thumbprint "$key")\";tag=\"$tag\""
  printf '"@signature-params": %s' "$params" >> "$work/base"
  openssl pkeyutl -sign -rawin -inkey "$key" -in "$work/base" -out "$work/signature"
  signature=":$(b64 < "$work/signature"):"
}

answered() { # NAME: a header of the answer, from what curl wrote with -D
  tr -d '\r' < "$work/headers" | sed -n "s/^$1: //Ip" | tail -n 1
}

# check_answer ORIGIN URL STATUS REQUEST_DIGEST: fails unless the gateway said this to our request.
check_answer() {
  local params names component value
  params=$(answered signature-input); params=${params#lephi=}
  [[ $params == *';tag="lephi-response-1"'* ]] || return 1
  [[ $(answered content-digest) == "$(digest "$work/answer")" ]] || return 1
  local created; created=$(sed 's/.*;created=\([0-9]*\).*/\1/' <<< "$params")
  (( $(date +%s) - created <= 60 )) || return 1
  names=${params%%)*}; names=${names#(}
  # Exactly these seven; each is a line of the base.
  [[ $(wc -w <<< "$names") == 7 ]] || return 1
  : > "$work/said"
  for component in $names; do
    case $component in
      '"@status"') value=$3 ;;
      '"content-digest"') value=$(answered content-digest) ;;
      '"content-type"') value=$(answered content-type) ;;
      '"@method";req') value=POST ;;
      '"@target-uri";req') value=$2 ;;
      '"content-digest";req') value=$4 ;;
      '"signature";req;key="lephi"') value=$signature ;;
      *) return 1 ;;
    esac
    printf '%s: %s\n' "$component" "$value" >> "$work/said"
  done
  printf '"@signature-params": %s' "$params" >> "$work/said"
  answer_key "$1" "$(sed 's/.*;keyid="\([^"]*\)".*/\1/' <<< "$params")" || return 1
  # The signature is r and s, 32 bytes each; openssl wants them as DER.
  local raw; raw=$(answered signature); raw=${raw#lephi=:}
  raw=$(printf %s "${raw%:}" | openssl base64 -d -A | hex)
  printf 'asn1=SEQUENCE:rs\n[rs]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${raw:0:64}" "${raw:64}" \
    > "$work/rs"
  openssl asn1parse -genconf "$work/rs" -noout -out "$work/der"
  openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/der" "$work/said" > /dev/null
}

answer_key() { # ORIGIN KEY_ID: writes $work/key.pem. In production keep the keys you were given.
  local jwk x y
  jwk=$(curl -sS "$1/.well-known/jwks.json" | tr '{' '\n' | grep -F "\"kid\":\"$2\"") || return 1
  x=$(sed 's/.*"x":"\([^"]*\)".*/\1/' <<< "$jwk"); y=$(sed 's/.*"y":"\([^"]*\)".*/\1/' <<< "$jwk")
  { # What stands before the point in every P-256 public key (SubjectPublicKeyInfo)
    printf '%b' "$(sed 's/../\\x&/g' <<< 3059301306072a8648ce3d020106082a8648ce3d03010703420004)"
    unb64url "$x"; unb64url "$y"
  } | openssl pkey -pubin -inform DER -out "$work/key.pem"
}
