"""Every lifecycle in the house. No other line names a next stage (ADR 0008)."""

from engine.lifecycle import Lifecycle, Move, Reminder, Role

C, W, OP = Role.CLIENT, Role.WORKER, Role.OPERATOR
MEMBER = Role.MEMBER
CLOCK, PROVIDER = Role.CLOCK, Role.PROVIDER

USER = Lifecycle(
    noun="user",
    moves=(
        Move("join", (C, W), (), "active"),
        # Who left while suspended and comes back is a new member, and suspended.
        Move("join_banned", (C, W), (), "suspended"),
        Move("suspend", (OP,), ("active",), "suspended"),
        Move("restore", (OP,), ("suspended",), "active"),
        # Their address belongs to another user now; there was nothing else to keep.
        Move("fold", (MEMBER,), ("active",), "folded"),
        Move("erase", (MEMBER, OP), ("active",), "erased"),
        Move("erase", (OP,), ("suspended",), "erased"),
    ),
    ends=("folded", "erased"),
)

LINK = Lifecycle(
    noun="link",
    moves=(
        Move("offer", (MEMBER,), (), "offered"),
        Move("use", (MEMBER,), ("offered",), "used"),
        Move("confirm", (MEMBER,), ("used",), "asked"),
        Move("confirm", (MEMBER,), ("asked",), "linked"),
        Move("refuse", (MEMBER,), ("used", "asked"), "refused"),
        Move("replace", (MEMBER,), ("offered", "used", "asked"), "replaced"),
        Move("unlink", (MEMBER,), ("linked",), "unlinked"),
        # The address an account began with was never linked to it.
        Move("unlink_first", (MEMBER,), (), "unlinked"),
        Move("disown", (MEMBER,), ("linked",), "disowned"),
        Move("resume_payouts", (OP,), ("disowned",), "checked"),
    ),
    ends=("refused", "replaced", "unlinked", "checked", "linked"),
)

JOB = Lifecycle(
    noun="job",
    moves=(
        Move("post", (C,), (), "open"),
        Move("post_doubtful", (C,), (), "held"),
        Move("hold", (OP,), ("open",), "held"),
        Move("publish", (OP,), ("held", "appealed", "rejected"), "open"),
        Move("reject", (OP,), ("held", "appealed", "open"), "rejected"),
        Move("appeal", (C,), ("held", "rejected"), "appealed"),
        # Whoever has applied in time may still be hired when the job has left the board.
        Move("hire", (C,), ("open", "expired"), "filled"),
        Move("reopen", (C, W, CLOCK), ("filled",), "open"),
        Move("close", (C,), ("open", "held", "appealed", "rejected"), "closed"),
        Move("expire", (CLOCK,), ("open",), "expired", due="open_until"),
    ),
    ends=("filled", "closed", "expired", "rejected"),
)

APPLICATION = Lifecycle(
    noun="application",
    moves=(
        Move("apply", (W,), (), "applied"),
        Move("withdraw", (W,), ("applied",), "withdrawn"),
        Move("decline", (C,), ("applied",), "declined"),
        Move("hire", (C,), ("applied",), "hired"),
        Move("expire", (CLOCK,), ("applied",), "expired", due="answer_until"),
    ),
    ends=("withdrawn", "declined", "hired", "expired"),
)

CONTRACT = Lifecycle(
    noun="contract",
    moves=(
        Move("hire", (C,), (), "agreeing"),
        Move("agree", (C, W), ("agreeing",), "half_agreed"),
        Move("agree", (C, W), ("half_agreed",), "awaiting_escrow"),
        Move("decline", (C, W), ("agreeing", "half_agreed"), "declined"),
        Move(
            "expire",
            (CLOCK,),
            ("agreeing", "half_agreed"),
            "expired",
            due="agree_until",
        ),
        Move("fund", (PROVIDER,), ("awaiting_escrow",), "in_progress"),
        Move("cancel", (C, W), ("awaiting_escrow",), "cancelled"),
        Move("expire", (CLOCK,), ("awaiting_escrow",), "expired", due="fund_until"),
        Move("propose_ending", (C, W), ("in_progress",), "ending_proposed"),
        Move("agree_ending", (C, W), ("ending_proposed",), "ended_early"),
        Move("refuse_ending", (C, W), ("ending_proposed",), "in_progress"),
        # Silence agrees only before delivery: nothing delivered can be in this stage.
        Move(
            "end_in_silence",
            (CLOCK,),
            ("ending_proposed",),
            "ended_early",
            due="ending_until",
        ),
        Move("fall_overdue", (CLOCK,), ("in_progress",), "overdue", due="overdue_from"),
        Move("end_overdue", (C,), ("overdue",), "ended_early"),
        Move(
            "deliver",
            (W,),
            ("in_progress", "overdue", "changes_requested"),
            "delivered",
        ),
        Move("request_changes", (C,), ("delivered",), "changes_requested"),
        Move("extend_review", (C,), ("delivered",), "delivered"),
        Move("accept", (C,), ("delivered",), "accepted"),
        # みなし検収: silence after delivery accepts.
        Move("accept", (CLOCK,), ("delivered",), "accepted", due="review_until"),
        # A payout carries everything earned, so also what an earlier one could not deliver.
        Move("pay_out", (CLOCK,), ("accepted", "payout_problem"), "paid_out"),
        Move("payout_fails", (PROVIDER,), ("paid_out",), "payout_problem"),
        Move("retry_payout", (W,), ("payout_problem",), "accepted"),
    ),
    ends=("declined", "expired", "cancelled", "ended_early", "paid_out"),
    reminders=(
        Reminder("remind_fund", "awaiting_escrow", "remind_fund_at"),
        Reminder("remind_due", "in_progress", "remind_due_at"),
        Reminder("remind_ending_first", "ending_proposed", "ending_first_at"),
        Reminder("remind_ending_second", "ending_proposed", "ending_second_at"),
        Reminder("remind_accept_first", "delivered", "review_first_at"),
        Reminder("remind_accept_second", "delivered", "review_second_at"),
        Reminder("remind_accept_last", "delivered", "review_last_at"),
    ),
)

PAYMENT = Lifecycle(
    noun="payment",
    moves=(
        Move("request", (C, W), (), "requested"),
        # The provider makes no page for it: another is made when the payer asks for one.
        Move("page_fails", (PROVIDER,), ("requested",), "page_problem"),
        Move("retry_page", (MEMBER,), ("page_problem",), "requested"),
        Move("pay", (PROVIDER,), ("requested", "page_problem"), "paid"),
        Move("expire", (C, W, CLOCK), ("requested", "page_problem"), "expired"),
        # Late money is returned, never kept: the contract it was for is over.
        Move("pay_late", (PROVIDER,), ("expired",), "returned"),
    ),
    ends=("paid", "expired", "returned"),
)

PAYOUT = Lifecycle(
    noun="payout",
    moves=(
        Move("pay_out", (CLOCK,), (), "sent"),
        Move("confirm", (PROVIDER,), ("sent",), "confirmed"),
        Move("fail", (PROVIDER,), ("sent", "confirmed"), "failed"),
    ),
    ends=("confirmed", "failed"),
)

# A refund that the provider makes leaves nothing to follow. One it refuses is owed until it has reached the payer.
REFUND = Lifecycle(
    noun="refund",
    moves=(
        Move("refund_fails", (PROVIDER,), (), "owed"),
        Move("retry_refund", (OP,), ("owed",), "sent"),
        Move("refund_fails", (PROVIDER,), ("sent",), "owed"),
        Move("confirm", (PROVIDER,), ("sent",), "refunded"),
        Move("settle_refund", (OP,), ("owed",), "settled"),
    ),
    ends=("refunded", "settled"),
)

REVIEW = Lifecycle(
    noun="review",
    moves=(
        Move("leave", (C, W), (), "hidden"),
        Move("reveal", (C, W), ("hidden",), "shown"),
        Move("reveal", (CLOCK,), ("hidden",), "shown", due="reveal_at"),
    ),
    ends=("shown",),
)

THANKS = Lifecycle(
    noun="thanks",
    moves=(
        Move("say_thanks", (C, W), (), "said"),
        Move("say_with_tip", (C, W), (), "tip_awaited"),
        Move("tip", (PROVIDER,), ("tip_awaited",), "tipped"),
        Move("tip_from_wallet", (C, W), (), "tipped"),
        Move("forgo_tip", (CLOCK,), ("tip_awaited",), "said", due="tip_until"),
    ),
    ends=("said", "tipped"),
)

APPROVAL = Lifecycle(
    noun="approval",
    moves=(
        Move("ask", (OP,), (), "waiting"),
        Move("confirm", (OP,), ("waiting",), "confirmed"),
        # Whoever asked is no operator any more, or it was about something that has changed since.
        Move("lapse", (OP,), ("waiting",), "lapsed"),
        Move("expire", (CLOCK,), ("waiting",), "expired", due="waits_until"),
    ),
    ends=("confirmed", "lapsed", "expired"),
)

LIFECYCLES = (USER, LINK, JOB, APPLICATION, CONTRACT, PAYMENT, PAYOUT, REFUND, REVIEW, THANKS, APPROVAL)
