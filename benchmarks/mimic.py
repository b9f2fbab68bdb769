"""One small server that speaks the job protocols of four gateways; each job takes 12 s."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

JOB_S = 12.0


class Mimic:
    """The server: `.url`, when each job was done, and when each client asked."""

    def __init__(self, job_s: float = JOB_S) -> None:
        self.job_s = job_s
        self.ready: dict[str, float] = {}
        self.asked: dict[str, list[float]] = defaultdict(list)
        self._numbers = count(1)
        handler = type("Handler", (_Handler,), {"mimic": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def submit(self) -> str:
        """Take a job."""
        name = f"job{next(self._numbers)}"
        self.ready[name] = time.time() + self.job_s
        return name

    def done(self, name: str) -> bool:
        """Whether a job is done."""
        return time.time() >= self.ready[name]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    mimic: Mimic

    def do_POST(self) -> None:
        """Take a job."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(self.mimic.submit(), new=True)

    def do_GET(self) -> None:
        """Tell how a job is doing."""
        parts = self.path.split("?")[0].split("/")
        self._answer(next(part for part in parts if part.startswith("job")), new=False)

    def _answer(self, name: str, *, new: bool) -> None:
        client = self.path.split("/")[1]
        self.mimic.asked[client].append(time.time())
        done = not new and self.mimic.done(name)
        body = getattr(self, f"_{client}")(name, done)
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _fal(self, name: str, done: bool) -> dict[str, Any]:  # noqa: FBT001
        if self.path.split("?")[0].endswith(name) and self.command == "GET":
            return {"images": []}
        at = f"{self.mimic.url}/fal/requests/{name}"
        return {
            "status": "COMPLETED" if done else "IN_PROGRESS",
            "request_id": name,
            "response_url": at,
            "status_url": f"{at}/status",
            "cancel_url": f"{at}/cancel",
            "logs": None,
            "metrics": {},
        }

    def _replicate(self, name: str, done: bool) -> dict[str, Any]:  # noqa: FBT001
        at = f"{self.mimic.url}/replicate/v1/predictions/{name}"
        return {
            "id": name,
            "model": "a/b",
            "version": "1",
            "input": {},
            "output": ["x"] if done else None,
            "status": "succeeded" if done else "processing",
            "created_at": "2026-01-01T00:00:00Z",
            "urls": {"get": at, "cancel": f"{at}/cancel"},
        }

    def _openai(self, name: str, done: bool) -> dict[str, Any]:  # noqa: FBT001
        status = "completed" if done else "in_progress"
        return {"id": name, "object": "video", "status": status, "model": "m", "progress": 0,
                "created_at": 0, "seconds": "4", "size": "720x1280"}  # fmt: skip

    def _dashscope(self, name: str, done: bool) -> dict[str, Any]:  # noqa: FBT001
        status = "SUCCEEDED" if done else "RUNNING"
        output = {"task_id": name, "task_status": status, "results": [{"url": "x"}]}
        return {"request_id": name, "output": output, "usage": {}}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
