"""Replies in a dict behind the official MCP SDK's server, over streamable HTTP. The file of replies is the argument."""

import json
import socket
import sys

import uvicorn
from mcp.server.lowlevel import Server
from mcp.types import CallToolResult, ListToolsResult

replies = {key: CallToolResult.model_validate(reply) for key, reply in json.load(open(sys.argv[1])).items()}


async def list_tools(context, params):
    return ListToolsResult(tools=[])


async def call_tool(context, params):
    return replies[f"{params.name}\u0001{json.dumps(params.arguments, sort_keys=True, separators=(',', ':'))}"]


server = Server("peer", on_list_tools=list_tools, on_call_tool=call_tool)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error")).run(sockets=[listener])
