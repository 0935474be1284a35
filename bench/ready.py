"""python -m bench.ready DATABASE: seconds the three SDKs take to import, and from there to a ready server."""

import importlib
import json
import sys
import threading
import time

SDKS = ("linebot.v3.messaging", "slack_sdk.web", "slack_sdk.webhook", "aiogram")
GIVE_UP_SECONDS = 60


def main(url: str) -> None:
    begun = time.perf_counter()
    for name in SDKS:
        importlib.import_module(name)
    imported = time.perf_counter()
    # Our own modules are part of what one waits for.
    app, server, uvicorn = (importlib.import_module(name) for name in ("app", "bench.server", "uvicorn"))
    house = app.build(server.settings_for(("line", "slack", "telegram"), url, "http://127.0.0.1:9"))
    running = uvicorn.Server(uvicorn.Config(app.web(house), port=server.free_port(), log_level="warning"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started and time.perf_counter() - imported < GIVE_UP_SECONDS:
        time.sleep(0.005)
    ready = time.perf_counter()
    running.should_exit = True
    thread.join()
    print(json.dumps({"sdk_imports": imported - begun, "serve_ready_after_imports": ready - imported}))


if __name__ == "__main__":
    main(*sys.argv[1:])
