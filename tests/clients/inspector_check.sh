#!/usr/bin/env bash
# The MCP Inspector's command line against the server, over HTTP and over stdio: the tools are listed, their schemas are portable
# (`--strict`), and one of them answers. Usage: inspector_check.sh NODE HTTP_URL TOKEN STDIO_COMMAND [ARGS…]
set -euo pipefail

[ $# -ge 4 ] || { sed -n '2,3p' "$0" >&2; exit 2; }
node=$1 url=$2 token=$3
shift 3

here=$(cd "$(dirname "$0")" && pwd)
inspector="$here/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/socrazi-inspector.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
failed=0

# The Inspector keeps a catalogue in its user's home: not in ours.
inspect() { HOME="$scratch" timeout 60 "$node" "$inspector" --cli "$@" </dev/null; }

# `check SENTENCE WORD ARGS…`: the Inspector succeeds and its answer holds the word.
check() {
  local sentence=$1 word=$2
  shift 2
  if inspect "$@" >"$scratch/out" 2>"$scratch/err" && grep -q -- "$word" "$scratch/out"; then
    echo "ok   $sentence"
  else
    failed=1
    echo "FAIL $sentence"
    head -c 2000 "$scratch/out" "$scratch/err"
  fi
}

# `refused SENTENCE ARGS…`: the Inspector fails.
refused() {
  local sentence=$1
  shift
  if inspect "$@" >"$scratch/out" 2>"$scratch/err"; then
    failed=1
    echo "FAIL $sentence"
    head -c 2000 "$scratch/out"
  else
    echo "ok   $sentence"
  fi
}

"$node" -e 'require("fs").writeFileSync(process.argv[1], JSON.stringify({ mcpServers:
  { socrazi: { type: "stdio", command: process.argv[2], args: process.argv.slice(3) } } }))' "$scratch/servers.json" "$@"

http=("$url" --transport http --header "Authorization: Bearer $token")
stdio=(--config "$scratch/servers.json" --server socrazi)

check "Inspector, http: the tools are listed and portable" '"schedule_post"' "${http[@]}" --method tools/list --strict
check "Inspector, http: list_accounts answers" '"structuredContent"' "${http[@]}" --method tools/call --tool-name list_accounts
refused "Inspector, http: nothing without a token" "$url" --transport http --method tools/list
check "Inspector, stdio: the tools are listed and portable" '"schedule_post"' "${stdio[@]}" --method tools/list --strict
check "Inspector, stdio: list_accounts answers" '"structuredContent"' "${stdio[@]}" --method tools/call --tool-name list_accounts
exit "$failed"
