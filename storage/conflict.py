"""A conflict: another transaction was first. Nothing has happened; the whole transaction is to be tried again."""


class Conflict(Exception):
    pass
