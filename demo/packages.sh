#!/usr/bin/env bash
# Makes `uvx` available, in demo/tools where the machine has none, and bubblewrap, in which servers are contained. `npx` comes with
# Node. The packages of the servers themselves are fetched by npx and uvx at their first start and stay in their caches.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v node > /dev/null && command -v npx > /dev/null || { echo "node and npx are needed (Node 20 or newer)" >&2; exit 1; }
command -v python3 > /dev/null || { echo "python3 is needed (3.11 or newer)" >&2; exit 1; }
if ! command -v bwrap > /dev/null && [ "$(uname)" = Linux ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        echo "installing bubblewrap"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends bubblewrap; } > /dev/null 2>&1 || true
    fi
    command -v bwrap > /dev/null || echo "bubblewrap is not installed: servers will run without a sandbox (apt-get install bubblewrap)" >&2
fi
if command -v uvx > /dev/null && uvx --version > /dev/null 2>&1; then exit 0; fi
if [ ! -x "$here/tools/bin/uvx" ]; then
    echo "installing uv into demo/tools"
    python3 -m venv "$here/tools"
    "$here/tools/bin/pip" install --quiet --disable-pip-version-check uv
fi
