#!/usr/bin/env bash
# Installs what the tests read exports with, outside the checkout: PyPI's packages in an environment of their own, and
# PostgreSQL from the system's packages where it is missing. What can't be had is said; its tests then say that they skip.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/firefly/clients"
stamp=$(sha256sum "$here/requirements.txt" | cut -c1-16)
python=$(for p in python3.13 python3.12 python3.11 python3; do command -v $p > /dev/null && $p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && { echo $p; break; }; done)
if [ ! -e "$folder/$stamp" ]; then
    echo "installing the readers of the export tests into a cache folder (half a minute)"
    rm -rf "$folder"
    if "${python:-python3}" -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check uv \
        && "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" -r "$here/requirements.txt"; then
        touch "$folder/$stamp"
    else
        echo "the readers of the export tests can't be installed; those tests will say that they skip" >&2
    fi
fi
# The clients of `firefly serve`, each in an environment of its own: they want different versions of the same packages.
for list in "$here"/serve/*.txt; do
    name=$(basename "$list" .txt)
    own="$(dirname "$folder")/serve-clients/$name"
    # What is taken without the packages it asks for, since no test needs those.
    alone="${list%.txt}.alone"
    [ -e "$alone" ] || alone=/dev/null
    stamp=$(cat "$list" "$alone" | sha256sum | cut -c1-16)
    [ -e "$own/$stamp" ] && continue
    echo "installing the client \`$name\` into a cache folder"
    rm -rf "$own"
    if "${python:-python3}" -m venv "$own" && { "$folder/bin/uv" pip install --quiet --python "$own/bin/python" -r "$list" 2> /dev/null \
        || "$own/bin/pip" install --quiet --disable-pip-version-check -r "$list"; } \
        && "$own/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$alone"; then
        touch "$own/$stamp"
    else
        echo "the client \`$name\` can't be installed; its test will say that it skips" >&2
    fi
done
if ! ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } > /dev/null 2>&1
    fi
    ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || echo "PostgreSQL can't be installed; its test will say that it skips" >&2
fi
exit 0
