"""How LINE's SDK reaches the network: by urllib3, whose connections look at the lease before they write."""

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from bots.lease import Careful


class Plain(Careful, HTTPConnection): ...


class Secure(Careful, HTTPSConnection): ...


class PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = Plain


class SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = Secure


POOLS = {"http": PlainPool, "https": SecurePool}
