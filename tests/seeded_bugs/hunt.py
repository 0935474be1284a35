"""Plays histories until one goes wrong, and says after how many operations. The exit status is 1 if one did."""

import json
import sys

from simulator import database, history

OPERATIONS_MAX = 50_000
PER_SEED = 500


def hunt(operations_max: int) -> tuple[int, str]:
    """Operations played, and the rule that was broken ("" for none)."""
    operations, seed = 0, 0
    place = database.place("sqlite://")
    while operations < operations_max:
        result = history.run(place, seed, PER_SEED)
        operations += result.operations
        seed += 1
        if result.violation:
            return operations, result.violation.rule
    return operations, ""


if __name__ == "__main__":
    played, rule = hunt(int(sys.argv[1]))
    sys.stdout.write(json.dumps({"operations": played, "rule": rule}) + "\n")
    sys.exit(1 if rule else 0)
