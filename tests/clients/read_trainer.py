"""Reads one of `firefly export`'s forms with Hugging Face `datasets`, as trainers do, and counts rows that are whole. Usage: read_trainer.py FORM DIR"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
from datasets import load_dataset

form, folder = sys.argv[1:3]
kind = "json" if form in ("nemo-gym", "openai") else "parquet"
ending = "jsonl" if kind == "json" else "parquet"


def tools_are_whole(tools):
    return bool(tools) and all(
        t["type"] == "function" and t["function"]["name"] and isinstance(t["function"]["parameters"], dict) for t in tools)


def talk_is_whole(messages):
    """Question, calls each with its result, and an answer that is JSON."""
    open_calls = []
    for message in messages[1:-1]:
        for call in message.get("tool_calls") or []:
            assert isinstance(json.loads(call["function"]["arguments"]), dict)
            open_calls.append(call["id"])
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_calls.pop(0) and message["content"]
    return messages[0]["role"] == "user" and not open_calls and isinstance(json.loads(messages[-1]["content"]), dict)


def whole(row):
    if form == "trl-sft":
        return talk_is_whole(row["messages"]) and tools_are_whole(json.loads(row["tools"]))
    if form == "trl-grpo":
        return row["prompt"][0]["role"] == "user" and tools_are_whole(json.loads(row["tools"])) and bool(json.loads(row["answer"]))
    if form == "verl":
        extra = row["extra_info"]
        return (row["data_source"] == "firefly" and row["prompt"][0]["content"] and row["reward_model"]["style"] == "rule"
                and bool(json.loads(row["reward_model"]["ground_truth"])) and extra["index"] >= 0 and bool(extra["task_id"]))
    if form == "nemo-gym":
        return "submit_answer" in row["responses_create_params"]["input"][0]["content"] and bool(row["task_id"])
    if form == "toucan":
        return talk_is_whole(json.loads(row["messages"])) and tools_are_whole(json.loads(row["available_tools"])) and bool(row["target_tools"])
    raise SystemExit(f"{form}?")


found = {}
for split in ("train", "test"):
    path = os.path.join(folder, f"{split}.{ending}")
    if form == "openai":
        # Schemas differ from tool to tool: what reads this form reads it line by line.
        rows = [json.loads(line) for line in open(path, encoding="utf-8")]
        good = [r for r in rows if talk_is_whole(r["messages"]) and tools_are_whole(r["tools"])]
    else:
        rows = load_dataset(kind, data_files=path, split="train")
        good = [r for r in rows if whole(r)]
    found[split] = {"rows": len(rows), "whole": len(good)}
if form == "verl":
    assert json.load(open(os.path.join(folder, "mcp_server.json")))["mcpServers"]["firefly"]["url"].endswith("/mcp")
    assert "mcp_servers_config_path" in open(os.path.join(folder, "tools.yaml")).read()
# Threads of these libraries now and then abort a process that winds down.
print(json.dumps(found), flush=True)
os._exit(0)
