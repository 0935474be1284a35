"""A webhook of the timeline as a command line, to send it again by hand."""

import shlex
from collections.abc import Mapping
from typing import Any


def curl(webhook: Mapping[str, Any]) -> str:
    headers = webhook.get("headers")
    named = [f"{name}: {value}" for name, value in headers.items()] if isinstance(headers, Mapping) else []
    parts = ["curl", "-X", "POST", str(webhook.get("url", ""))]
    for header in named:
        parts += ["-H", header]
    return shlex.join([*parts, "--data-binary", str(webhook.get("raw", ""))])
