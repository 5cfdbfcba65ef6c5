"""The evidence of firefly's tool graph as a Python programmer would compute it: numpy and scipy for the texts, rapidfuzz
for the names, networkx for the graph. Reads a catalogue (one tool a line) and the weights, prints seconds and edges.

usage: tool_graph.py TOOLS.jsonl WORDS.tsv WEIGHTS.toml
"""
import json
import math
import re
import sys
import time
import tomllib

import networkx
import numpy as np
from rapidfuzz import fuzz
from scipy import sparse

VERBS = {
    **dict.fromkeys("list search find query lookup suggest geocode".split(), (1.0, 0.2)),
    **dict.fromkeys("get read fetch show describe check".split(), (0.7, 1.0)),
    **dict.fromkeys("create add open load".split(), (0.6, 0.5)),
    **dict.fromkeys("update cancel".split(), (0.4, 1.0)),
    **dict.fromkeys("delete remove".split(), (0.0, 1.0)),
    **dict.fromkeys("set write".split(), (0.0, 0.5)),
    "book": (0.6, 1.0),
}
FILLERS = set(
    "get list search find read create update delete add set remove fetch show describe check calculate compute convert "
    "validate analyze estimate lookup look query open write make generate modify cancel all by for the of and with "
    "details detail info".split()
)
OPEN = set(
    "query text input string keyword keywords q prompt content message value expression data code number numbers amount "
    "a b n x y".split()
)
PAGING = set("limit offset page page_size per_page cursor count max_results top_k skip".split())
SYNONYMS = {"uuid": "id", "identifier": "id", "guid": "id", "ref": "id", "lat": "latitude", "lng": "longitude", "lon": "longitude"}


def words(text):
    parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", text)
    out = []
    for part in parts:
        part = part.lower()
        if len(part) > 3 and part.endswith("s") and not part.endswith(("ss", "us", "is")):
            part = part[:-1]
        out.append(SYNONYMS.get(part, part))
    return out


def main(tools_path, words_path, weights_path):
    begun = time.perf_counter()
    tools = [json.loads(line) for line in open(tools_path)]
    tools.sort(key=lambda t: (t["server"], t["tool"]))
    frequency = {w: float(n) for w, n in (line.rstrip("\n").split("\t") for line in open(words_path))}
    model = tomllib.load(open(weights_path, "rb"))
    weight = model["weight"]
    vocabulary = {}

    def idf(word):
        return math.log(6045.0 / (frequency.get(word, 2.0) + 1.0))

    def matrix(rows, unit):
        data, columns, ends = [], [], [0]
        for row in rows:
            best = {}
            for word, share in row:
                if len(word) > 1:
                    best[word] = max(best.get(word, 0.0), share * idf(word))
            length = math.sqrt(sum(v * v for v in best.values())) if unit else 1.0
            for word, value in best.items():
                columns.append(vocabulary.setdefault(word, len(vocabulary)))
                data.append(value / (length or 1.0))
            ends.append(len(columns))
        return np.asarray(data, np.float32), np.asarray(columns, np.int32), np.asarray(ends, np.int64)

    servers = {name: i for i, name in enumerate(dict.fromkeys(t["server"] for t in tools))}
    server_of = np.array([servers[t["server"]] for t in tools])
    giving = np.array([next((VERBS[w] for w in words(t["tool"]) if w in VERBS), (0.4, 0.5)) for t in tools], np.float32)
    params = []
    for number, tool in enumerate(tools):
        schema = tool.get("inputSchema") or {}
        required = set(schema.get("required") or [])
        for name, about in (schema.get("properties") or {}).items():
            about = about if isinstance(about, dict) else {}
            if about.get("type") == "boolean" or name in PAGING:
                continue
            params.append((number, name, str(about.get("description") or "")[:400], name in required, "enum" in about))
    told = [[(w, 1.0) for w in words(t["tool"])] + [(w, 0.7) for w in words((t.get("description") or "")[:800])] for t in tools]
    keys = [[] for _ in tools]
    for number, name, *_ in params:
        keys[number] += [(w, 0.7) for w in words(name)]
    takes = [
        [(w, 1.0) for w in words(t["tool"])] + [(w, 0.7) for w in words((t.get("description") or "").split(". ")[0][:300])] + keys[i]
        for i, t in enumerate(tools)
    ]
    called = [[(w, 1.0) for w in words(name)] for _, name, *_ in params]
    parts = [
        matrix(told, True),
        matrix(takes, True),
        matrix([c + [(w, 0.6) for w in words(p[2])] for c, p in zip(called, params)], True),
        matrix(called, False),
        matrix([[(w, 1.0) for w in words(t["tool"]) if w not in FILLERS] for t in tools], False),
        matrix([[(w, 1.0) for w in words(t["server"]) if w not in ("mcp", "server")] for t in tools], False),
    ]
    size = len(vocabulary)
    gives, takes, bags, names, entities, hosts = (
        sparse.csr_matrix((d, c, e), shape=(len(e) - 1, size)) for d, c, e in parts
    )
    text = (gives @ takes.T).toarray()
    held = gives.sign()
    host_total = np.maximum(np.asarray(hosts.sum(axis=1)).ravel(), 1e-9)
    host = (hosts @ hosts.sign().T).toarray() / host_total[:, None] * 0.5
    host[server_of[:, None] == server_of[None, :]] = 1.0
    entity_total = np.maximum(np.asarray(entities.sum(axis=1)).ravel(), 1e-9)
    # Names of results are compared with names of parameters; a catalogue without output schemas has none of the first.
    fields = [list((t.get("outputSchema") or {}).get("properties") or {}) for t in tools]
    with_fields = [i for i, f in enumerate(fields) if f]
    edges = []
    step = 256
    owner = np.array([p[0] for p in params])
    total = np.maximum(np.asarray(names.sum(axis=1)).ravel(), 1e-9)
    flags = np.array([[p[3], p[4], p[1].lower() in OPEN] for p in params], np.float32)
    for start in range(0, len(params), step):
        end = min(start + step, len(params))
        dst = owner[start:end]
        mention = (held @ names[start:end].T).toarray() / total[start:end]
        about = (gives @ bags[start:end].T).toarray()
        entity = (entities @ names[start:end].sign().T).toarray() / entity_total[:, None]
        name = np.zeros_like(mention)
        for i in with_fields:
            for j in range(start, end):
                name[i, j - start] = max(fuzz.token_set_ratio(f, params[j][1]) for f in fields[i]) / 100
        z = (
            model["bias"]
            + weight["name"] * name
            + weight["mention"] * mention
            + weight["text"] * text[:, dst]
            + weight["parameter"] * about
            + weight["entity"] * entity
            + weight["type"] * 0.5
            + weight["server"] * host[:, dst]
            + weight["giving"] * giving[:, :1]
            + weight["taking"] * giving[dst, 1]
            + flags[start:end] @ np.array([weight["required"], weight["choice"], weight["open"]], np.float32)
        )
        prior = 1 / (1 + np.exp(-z))
        prior[dst, np.arange(end - start)] = 0
        near = server_of[:, None] == server_of[dst][None, :]
        for part in (np.where(near, prior, 0), np.where(near, 0, prior)):
            top = np.argpartition(-part, 32, axis=0)[:32]
            rows, columns = top.ravel(), np.tile(np.arange(end - start), 32)
            values = part[rows, columns]
            keep = values >= model["low"]
            edges += zip(rows[keep], dst[columns[keep]], columns[keep] + start, values[keep])
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(range(len(tools)))
    graph.add_edges_from((s, d, {"param": params[p][1], "score": float(v)}) for s, d, p, v in edges)
    print(json.dumps({"seconds": time.perf_counter() - begun, "tools": len(tools), "edges": graph.number_of_edges()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
