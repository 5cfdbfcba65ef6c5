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


LISTED = 0

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
        if MODE == "terse":
            reply(request, {"protocolVersion": "2025-06-18", "serverInfo": {"name": "terse"}})
            continue
        if MODE == "blank":
            reply(request, {})
            continue
        if MODE == "rich":
            offers = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
            reply(request, {"protocolVersion": "2025-11-25", "capabilities": offers, "serverInfo": {"name": "rich", "version": "1"}})
            continue
        reply(request, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "rude", "version": "1"}})
    elif method == "tools/list" and MODE == "rich":
        LISTED += 1
        if LISTED == 1:
            # Its list changes while it is read.
            send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
        reply(request, {"tools": [TOOL] if LISTED == 1 else [TOOL, dict(TOOL, name="shout")]})
    elif method == "resources/list" and MODE == "rich":
        reply(request, {"resources": [{"uri": "memo://one", "name": "one", "mimeType": "text/plain"}]})
    elif method == "resources/templates/list" and MODE == "rich":
        reply(request, {"resourceTemplates": [{"uriTemplate": "memo://{name}", "name": "memo"}]})
    elif method == "prompts/list" and MODE == "rich":
        reply(request, {"prompts": [{"name": "greet", "arguments": [{"name": "who", "required": True}]}]})
    elif method == "tools/list":
        if MODE == "loops":
            reply(request, {"tools": [TOOL], "nextCursor": "again"})
        elif MODE == "invalid":
            print('{"jsonrpc": "2.0", "id": 1, "result": {', flush=True)
        elif MODE == "huge":
            reply(request, {"tools": [dict(TOOL, description="x" * (50 << 20))]})
        elif MODE == "older":
            other = dict(TOOL, inputSchema={"type": "object"})
            reply(request, {"tools": [other, dict(TOOL, name="whisper")]})
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
        if MODE == "leaks":
            text = "your token is ghp_" + "a1B2" * 9
        if MODE == "big":
            text = "y" * (50 << 20)
        reply(request, {"content": [{"type": "text", "text": text}]})
    elif "id" in request:
        send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no such method"}})
