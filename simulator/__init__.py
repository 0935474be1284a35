"""The simulator: the real talk, rules and SQL; people, platforms, a bank, a clock and faults made from one seed."""
