"""Slack's views: modals opened, pushed and updated; the Home tab published."""

import secrets as dice
from collections.abc import Callable
from typing import Any

from playground.exchange import Answer, Exchange
from playground.limits import Check
from playground.slack_chats import BOT_ID, Desk, SlackChats, with_ids
from playground.slack_limits import check_view

Method = Callable[[dict[str, Any]], Answer]
TRIGGER_SECONDS = 3
MODALS_MAX = 3


def fine(**result: Any) -> Answer:
    return Answer(200, {"ok": True, **result})


def refused(error: str, check: Check | None = None) -> Answer:
    body: dict[str, Any] = {"ok": False, "error": error}
    if check is not None:
        told = [f"[ERROR] {problem.message} [json-pointer:/{problem.where}]" for problem in check.problems]
        body["response_metadata"] = {"messages": told}
    return Answer(200, body, breaches=tuple(check.problems) if check else ())


def breach(error: str, where: str, message: str) -> Answer:
    check = Check()
    check.fail(where, message)
    return refused(error, check)


class SlackViews:
    """The views.* methods, and what a view_submission's answer does."""

    def __init__(self, exchange: Exchange, chats: SlackChats) -> None:
        self.exchange = exchange
        self.chats = chats

    def methods(self) -> dict[str, Method]:
        return {
            "views.open": self._open,
            "views.push": self._push,
            "views.update": self._update,
            "views.publish": self._publish,
        }

    def full(self, view: dict[str, Any], stack: list[tuple[dict[str, Any], float]]) -> dict[str, Any]:
        """The view as Slack hands it out: with its id, hash and place in the stack."""
        id = "V" + dice.token_hex(5).upper()
        workspace = self.chats.workspace
        return {
            "callback_id": "",
            "external_id": "",
            "private_metadata": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            **view,
            "id": id,
            "team_id": workspace.team_id,
            "app_id": workspace.app_id,
            "app_installed_team_id": workspace.team_id,
            "bot_id": BOT_ID,
            "blocks": with_ids(view["blocks"]),
            "state": {"values": {}},
            "hash": self._hash(),
            "root_view_id": stack[0][0]["id"] if stack else id,
            "previous_view_id": stack[-1][0]["id"] if stack else None,
        }

    def put(self, desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
        with self.exchange.changed:
            shown = self.full(view, desk.modals)
            desk.modals.append((shown, self.exchange.now()))
            self.exchange.changed.notify_all()
            return shown

    def replace(self, desk: Desk, old: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
        with self.exchange.changed:
            at = next(number for number, (each, _) in enumerate(desk.modals) if each["id"] == old["id"])
            kept = {name: old[name] for name in ("id", "root_view_id", "previous_view_id", "state")}
            desk.modals[at] = ({**self.full(view, []), **kept}, self.exchange.now())
            self.exchange.changed.notify_all()
            return desk.modals[at][0]

    def _hash(self) -> str:
        return f"{int(self.exchange.clock())}.{dice.token_hex(4)}"

    def _desk_of_trigger(self, args: dict[str, Any]) -> tuple[Desk | None, Answer]:
        known = self.chats.triggers.get(str(args.get("trigger_id")))
        if known is None:
            return None, breach("invalid_trigger_id", "trigger_id", "unknown")
        known.uses += 1
        if known.uses > 1:
            return None, breach("exchanged_trigger_id", "trigger_id", "used before")
        if self.exchange.clock() - known.issued_at > TRIGGER_SECONDS:
            return None, breach("expired_trigger_id", "trigger_id", "older than 3 seconds")
        return self.chats.desks[known.user], fine()

    def _open(self, args: dict[str, Any]) -> Answer:
        check = Check()
        check_view(check, args.get("view"), "modal")
        if check.problems:
            return refused("invalid_arguments", check)
        desk, refusal = self._desk_of_trigger(args)
        if desk is None:
            return refusal
        with self.exchange.changed:
            desk.modals.clear()
        return fine(view=self.put(desk, args["view"]))

    def _push(self, args: dict[str, Any]) -> Answer:
        check = Check()
        check_view(check, args.get("view"), "modal")
        if check.problems:
            return refused("invalid_arguments", check)
        desk, refusal = self._desk_of_trigger(args)
        if desk is None:
            return refusal
        if not desk.modals or len(desk.modals) >= MODALS_MAX:
            return breach("push_limit_reached", "view", f"{len(desk.modals)} views are open")
        return fine(view=self.put(desk, args["view"]))

    def _update(self, args: dict[str, Any]) -> Answer:
        check = Check()
        view = args.get("view")
        kind = view.get("type", "modal") if isinstance(view, dict) else "modal"
        check_view(check, view, kind)
        if check.problems:
            return refused("invalid_arguments", check)
        for desk in self.chats.desks.values():
            for old, _ in list(desk.modals):
                named = args.get("external_id") and old["external_id"] == args["external_id"]
                if old["id"] == args.get("view_id") or named:
                    if args.get("hash") and args["hash"] != old["hash"]:
                        return refused("hash_conflict")
                    return fine(view=self.replace(desk, old, args["view"]))
            if desk.home and desk.home[0]["id"] == args.get("view_id"):
                return self._publish({**args, "user_id": desk.person.id})
        return refused("not_found")

    def _publish(self, args: dict[str, Any]) -> Answer:
        check = Check()
        check_view(check, args.get("view"), "home")
        if check.problems:
            return refused("invalid_arguments", check)
        desk = self.chats.desks.get(str(args.get("user_id")))
        if desk is None:
            return refused("user_not_found")
        with self.exchange.changed:
            if desk.home and args.get("hash") and args["hash"] != desk.home[0]["hash"]:
                return refused("hash_conflict")
            kept = {"id": desk.home[0]["id"]} if desk.home else {}
            view = {**self.full(args["view"], []), **kept}
            desk.home = (view, self.exchange.now())
            self.exchange.changed.notify_all()
        return fine(view=view)
