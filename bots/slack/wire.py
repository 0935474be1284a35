"""How Slack's SDK reaches the network: by urllib, whose connections look at the lease before they write."""

import http.client
import urllib.request
from typing import Any

from bots import lease


class Plain(http.client.HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        lease.insist()
        super().send(data)


class Secure(Plain, http.client.HTTPSConnection): ...


class PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Plain, req)


class SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Secure, req)


def install() -> None:
    """For this whole process: the SDK takes urllib's opener as it finds it. Nothing else here uses urllib."""
    urllib.request.install_opener(urllib.request.build_opener(PlainHandler, SecureHandler))
