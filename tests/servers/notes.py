"""A small MCP server over stdio that keeps notes while it runs. Standard library only."""

import json
import sys

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = [
    {"name": "create_note", "description": "Keep a note.", "inputSchema": TEXT},
    {"name": "list_notes", "description": "All notes.", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "get_length", "description": "Length of a text.", "inputSchema": TEXT},
]
NOTES = []

for line in sys.stdin:
    request = json.loads(line)
    method, arguments = request.get("method"), request.get("params", {}).get("arguments", {})
    if "id" not in request:
        continue
    result, error = None, None
    if method == "initialize":
        result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "notes", "version": "1"}}
    elif method == "tools/list":
        result = {"tools": TOOLS}
    elif method == "tools/call":
        name = request["params"]["name"]
        if name == "create_note":
            NOTES.append(arguments["text"])
        said = {"create_note": {"note": len(NOTES)}, "list_notes": {"notes": NOTES, "weight": 130 + 17 * sum(len(text) for text in NOTES)}, "get_length": {"length": len(arguments.get("text", ""))}}[name]
        result = {"content": [{"type": "text", "text": json.dumps(said)}]}
    else:
        error = {"code": -32601, "message": "Method not found"}
    said = {"result": result} if error is None else {"error": error}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **said}), flush=True)
