#!/usr/bin/env bash
# Fills DIR with what the demo's servers expect to find: one folder a server. Usage: prepare.sh DIR
# Everything in it is the same on every machine, so that the demo's results are.
set -euo pipefail
dir=${1:?usage: prepare.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$dir"
mkdir -p "$dir"
cp -R "$here/fixtures/." "$dir/"

mkdir -p "$dir/git/repo"
cd "$dir/git/repo"
export GIT_AUTHOR_NAME='Ingrid Solberg' GIT_AUTHOR_EMAIL=ingrid@example.com GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
commit() {
    git add -A
    GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 git commit -q -m "$2"
}
git init -q -b main
printf 'def ticket_price(age):\n    return 42 if age < 16 else 84\n' > prices.py
commit 2024-03-01T09:00:00Z 'Add ticket prices'
printf 'from prices import ticket_price\n\n\ndef total(ages):\n    return sum(ticket_price(age) for age in ages)\n' > order.py
commit 2024-03-04T10:30:00Z 'Sum an order'
printf '# Ferry tickets\n\nPrices and orders of the harbour ferry.\n' > README.md
commit 2024-03-09T15:45:00Z 'Say what this is'

python3 - "$dir/sqlite/t.db" <<'PY'
import os, sqlite3, sys
os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
db = sqlite3.connect(sys.argv[1])
db.executescript("""
CREATE TABLE ferry (id INTEGER PRIMARY KEY, name TEXT NOT NULL, seats INTEGER NOT NULL, built INTEGER NOT NULL);
CREATE TABLE trip (id INTEGER PRIMARY KEY, ferry_id INTEGER REFERENCES ferry(id), day TEXT NOT NULL, passengers INTEGER NOT NULL);
INSERT INTO ferry VALUES (1, 'Solveig', 240, 1998), (2, 'Nordlys', 310, 2011), (3, 'Havbris', 96, 2020);
INSERT INTO trip VALUES (1, 1, '2024-04-02', 214), (2, 2, '2024-04-02', 187), (3, 1, '2024-04-03', 0), (4, 3, '2024-04-05', 88);
""")
db.commit()
PY
