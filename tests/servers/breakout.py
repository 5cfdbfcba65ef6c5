"""An MCP server that tries to get out of its sandbox: `try` runs Python and says what came of it."""
import json
import sys

TOOL = {"name": "try", "inputSchema": {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}}

for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    match asked["method"]:
        case "initialize":
            version = asked["params"]["protocolVersion"]
            result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "breakout", "version": "1"}}
        case "tools/list":
            result = {"tools": [TOOL]}
        case _:
            found = {}
            try:
                exec(asked["params"]["arguments"]["code"], found)
                said = f"done: {found.get('out')}"
            except BaseException as error:
                said = f"stopped: {type(error).__name__}: {error}"
            result = {"content": [{"type": "text", "text": said}]}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
