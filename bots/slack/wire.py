"""How Slack's SDK reaches the network: by urllib, whose connections look at the lease before they write."""

import http.client
import ssl
import urllib.request
from functools import cache

from bots.lease import Careful


class Secure(Careful, http.client.HTTPSConnection): ...


class PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Careful, req)


class SecureHandler(urllib.request.HTTPSHandler):
    """With one context: to read all that is trusted takes longer than the request."""

    def __init__(self) -> None:
        self.trusted = ssl.create_default_context()
        self.trusted.set_alpn_protocols(["http/1.1"])
        super().__init__(context=self.trusted)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Secure, req, context=self.trusted)


@cache
def install() -> None:
    """For this whole process: the SDK takes urllib's opener as it finds it. Nothing else here uses urllib."""
    urllib.request.install_opener(urllib.request.build_opener(PlainHandler, SecureHandler))
