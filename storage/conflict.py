"""A conflict: another transaction was first. Nothing has happened; the whole transaction is to be tried again."""


class Conflict(Exception):  # noqa: N818 - not an error: the normal outcome of a lost race
    pass
