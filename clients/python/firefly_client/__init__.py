"""Client of `firefly serve`: tasks, sessions, calls and rewards. Needs nothing but Python's standard library.

    with Client("http://127.0.0.1:8765") as client:
        for task in client.tasks("train"):
            with client.session(task) as session:
                reply = session.call(session.tools[0].name, city="Oslo")
                reward = session.submit({"temperature": 7})
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Iterator, Mapping, Optional

__all__ = ["Client", "FireflyError", "Reply", "Session", "Task", "Tool"]
__version__ = "0.1.0"


class FireflyError(Exception):
    """The server refused a request, or could not be reached; `status` is the HTTP status where there was one."""

    def __init__(self, message: str, status: Optional[int] = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Task:
    """One task. Its answer never leaves the server."""

    task_id: str
    question: str
    difficulty: str
    calls: int
    servers: int


@dataclass(frozen=True)
class Tool:
    """A tool of a session."""

    name: str
    description: str
    input_schema: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a call gave, and how it came about."""

    blocks: list[dict[str, Any]]
    """Texts and images, as `{"type": "text", "text": …}`."""
    is_error: bool
    verdict: Optional[str]
    """`exact`, `canonical`, `nearest`, `invalid` or `miss`; none for an answer handed in."""
    distance: Optional[float]
    matched: Optional[Mapping[str, Any]]
    """Episode and index of the recorded call that answered."""
    reward: Optional[float]
    finished: bool

    @property
    def text(self) -> str:
        """All its texts."""
        return "\n".join(str(block["text"]) for block in self.blocks if block.get("type") == "text")

    def json(self) -> Any:
        """Its text, read as JSON."""
        return json.loads(self.text)


@dataclass
class Session:
    """One episode, in a world of its own that begins fresh."""

    client: Client
    task: Task
    id: str
    reward: Optional[float] = None
    _tools: Optional[list[Tool]] = field(default=None, repr=False)

    @property
    def prompt(self) -> str:
        """The question, and how the answer is handed in."""
        blocks = self.client._send("GET", "/prompt", session=self.id)
        return "\n".join(str(block["text"]) for block in blocks)

    @property
    def tools(self) -> list[Tool]:
        """The tools of the task, with `submit_answer`."""
        if self._tools is None:
            listed = self.client._send("GET", "/task_tools", session=self.id)["tools"]
            self._tools = [Tool(tool["name"], tool["description"], tool["input_schema"] or {}) for tool in listed]
        return self._tools

    def call(self, name: str, /, **arguments: Any) -> Reply:
        """Calls a tool. An error of the tool is a reply with `is_error`; a tool that is not there is a `FireflyError`."""
        said = self.client._send("POST", "/call", {"name": name, "input": arguments}, session=self.id)
        if not said["ok"]:
            raise FireflyError(str(said["error"]))
        output = said["output"]
        meta = output["metadata"] or {}
        reply = Reply(
            blocks=output["blocks"],
            is_error=bool(meta.get("is_error")),
            verdict=meta.get("firefly/verdict"),
            distance=meta.get("firefly/distance"),
            matched=meta.get("firefly/matched"),
            reward=output["reward"],
            finished=output["finished"],
        )
        if reply.reward is not None:
            self.reward = reply.reward
        return reply

    def submit(self, answer: Any) -> float:
        """Hands in the answer, which ends the episode; its reward, 1 or 0."""
        reward = self.call("submit_answer", answer=answer).reward
        if reward is None:
            raise FireflyError("the answer was not graded")
        return reward

    def close(self) -> None:
        """Ends the session on the server."""
        self.client._send("POST", "/delete", {}, session=self.id)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()


class Client:
    """A server. `token` is needed where the server asks for one; `FIREFLY_TOKEN` is taken where none is given."""

    def __init__(self, url: str = "http://127.0.0.1:8765", token: Optional[str] = None, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.token = token if token is not None else os.environ.get("FIREFLY_TOKEN")
        self.timeout = timeout

    def splits(self) -> list[str]:
        """Names of the splits."""
        return [str(split["name"]) for split in self._send("GET", "/splits")]

    def tasks(self, split: str = "train") -> Iterator[Task]:
        """The tasks of a split, in the server's order."""
        for spec in self._send("POST", "/tasks", {"split": split})["tasks"]:
            yield Task(**{name: spec[name] for name in Task.__dataclass_fields__})

    def session(self, task: Task) -> Session:
        """Opens a session for a task."""
        name = os.urandom(16).hex()
        self._send("POST", "/create", {"task_spec": {"task_id": task.task_id}}, session=name)
        return Session(self, task, name)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        return None

    def _send(self, method: str, path: str, body: Any = None, session: Optional[str] = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if session:
            headers["X-Session-ID"] = session
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                text = response.read().decode()
                kind = response.headers.get_content_type()
        except urllib.error.HTTPError as error:
            raise FireflyError(f"{path}: {error.code} {error.read().decode(errors='replace')[:500]}", error.code) from error
        except OSError as error:
            raise FireflyError(f"{self.url}{path}: {error}") from error
        if kind == "text/event-stream":
            # The last event holds the result.
            text = [line for line in text.splitlines() if line.startswith("data:")][-1].removeprefix("data:")
        return json.loads(text)
