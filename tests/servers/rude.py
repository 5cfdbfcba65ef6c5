"""A small MCP server over stdio that misbehaves in the way its first argument names. Standard library only."""

import json
import sys
import time

MODE = sys.argv[1]
TOOL = {"name": "echo", "description": "Echo a text.", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}


def send(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def reply(request, result):
    send({"jsonrpc": "2.0", "id": request["id"], "result": result})


if MODE == "dies":
    print("no licence found", file=sys.stderr)
    sys.exit(3)
if MODE == "silent":
    time.sleep(600)
if MODE == "stubborn":
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)

for line in sys.stdin:
    request = json.loads(line)
    method = request.get("method")
    if method == "initialize":
        if MODE == "junk":
            print("Welcome to the rude server!", flush=True)
        reply(request, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "rude", "version": "1"}})
    elif method == "tools/list":
        if MODE == "loops":
            reply(request, {"tools": [TOOL], "nextCursor": "again"})
        elif MODE == "invalid":
            print('{"jsonrpc": "2.0", "id": 1, "result": {', flush=True)
        elif MODE == "huge":
            reply(request, {"tools": [dict(TOOL, description="x" * (50 << 20))]})
        else:
            reply(request, {"tools": [TOOL]})
    elif method == "tools/call":
        if MODE == "exits":
            sys.exit(1)
        if MODE in ("hangs", "stubborn"):
            time.sleep(600)
        text = request["params"]["arguments"].get("text", "")
        if MODE == "soft":
            text = "Error: the echo chamber is closed"
        if MODE == "big":
            text = "y" * (50 << 20)
        reply(request, {"content": [{"type": "text", "text": text}]})
    elif "id" in request:
        send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no such method"}})
