"""Platform-neutral talk: what was said is understood here, and what is answered is put into words. No I/O."""
