"""The marketplace itself: facts and a command go in, a decision comes out. No I/O, no clock, no dice."""
