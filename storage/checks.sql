-- What must be true of the database, as questions that find nothing while it is. Plain SQL for SQLite and PostgreSQL,
-- so that it can be asked by any monitoring as well. Each begins with its number in the list of invariants.

-- M1: a transfer is two entries, minus in its source and plus in its target
SELECT t.id AS transfer
FROM transfers t LEFT JOIN entries e ON e.transfer_id = t.id
GROUP BY t.id, t.amount, t.source, t.target
HAVING COUNT(e.id) <> 2
    OR SUM(CASE WHEN e.account = t.target AND e.amount = t.amount THEN 1
                WHEN e.account = t.source AND e.amount = -t.amount THEN 1 ELSE 0 END) <> 2;

-- M2: all entries together are nothing
SELECT SUM(amount) AS surplus FROM entries HAVING SUM(amount) <> 0;

-- M3: an account's balance is the sum of its entries
SELECT a.path AS account, a.balance AS kept, COALESCE(SUM(e.amount), 0) AS counted
FROM accounts a LEFT JOIN entries e ON e.account = a.path
GROUP BY a.path, a.balance
HAVING a.balance <> COALESCE(SUM(e.amount), 0);

-- M4: an account's entries are a chain without gaps
SELECT account, account_version AS version
FROM (SELECT account, account_version, amount, balance_after,
             LAG(account_version, 1) OVER line AS last_version, LAG(balance_after, 1) OVER line AS last_balance
      FROM entries
      WHERE account NOT LIKE 'outside:%' AND account NOT LIKE 'platform:%'
      WINDOW line AS (PARTITION BY account ORDER BY account_version)) AS chain
WHERE account_version IS NULL OR balance_after IS NULL
   OR account_version <> COALESCE(last_version, 0) + 1
   OR balance_after <> COALESCE(last_balance, 0) + amount;

-- M4: an account stands at its last entry
SELECT a.path AS account, a.version AS version, COALESCE(MAX(e.account_version), 0) AS last_entry
FROM accounts a LEFT JOIN entries e ON e.account = a.path
GROUP BY a.path, a.version
HAVING a.version <> COALESCE(MAX(e.account_version), 0);

-- M4: entries belong to an account that is kept
SELECT DISTINCT e.account AS account
FROM entries e LEFT JOIN accounts a ON a.path = e.account
WHERE a.path IS NULL AND e.account NOT LIKE 'outside:%' AND e.account NOT LIKE 'platform:%';

-- M5: no account was ever below its floor
SELECT e.account AS account, e.account_version AS version, e.balance_after AS balance
FROM entries e JOIN accounts a ON a.path = e.account
WHERE e.balance_after < a.floor;

-- M5: no account is below its floor, and every floor is zero
SELECT path AS account, balance, floor FROM accounts WHERE balance < floor OR floor <> 0;

-- M6: while the work goes on the whole price is in escrow; before and after, nothing
SELECT c.id AS contract, c.stage AS stage, COALESCE(a.balance, 0) AS held
FROM contracts c LEFT JOIN accounts a ON a.path = 'escrow:' || CAST(c.id AS TEXT)
WHERE COALESCE(a.balance, 0) <>
      CASE WHEN c.stage IN ('in_progress', 'ending_proposed', 'overdue', 'delivered', 'changes_requested')
           THEN c.price ELSE 0 END;

-- M6: an escrow belongs to a contract
SELECT path AS account FROM accounts WHERE path LIKE 'escrow:%'
EXCEPT SELECT 'escrow:' || CAST(id AS TEXT) FROM contracts;

-- M6: what a provider would not refund is held for who paid it, until it has reached them
SELECT r.id AS refund, r.stage AS stage, COALESCE(a.balance, 0) AS held
FROM refunds r LEFT JOIN accounts a ON a.path = 'owed:' || CAST(r.id AS TEXT)
WHERE COALESCE(a.balance, 0) <> CASE WHEN r.stage = 'owed' THEN r.amount ELSE 0 END;

-- M6: what is owed belongs to a refund
SELECT path AS account FROM accounts WHERE path LIKE 'owed:%'
EXCEPT SELECT 'owed:' || CAST(id AS TEXT) FROM refunds;

-- M7: what was funded has gone to worker, fees and client, or is still held
SELECT contract_id AS contract, funded, gone, held
FROM (SELECT t.contract_id AS contract_id,
             SUM(CASE WHEN t.reason = 'fund' THEN t.amount ELSE 0 END) AS funded,
             SUM(CASE WHEN t.reason IN ('release', 'fee', 'fee_tax', 'withholding', 'refund') THEN t.amount ELSE 0 END) AS gone,
             (SELECT COALESCE(MAX(a.balance), 0) FROM accounts a
              WHERE a.path = 'escrow:' || CAST(t.contract_id AS TEXT)) AS held
      FROM transfers t WHERE t.contract_id <> 0 GROUP BY t.contract_id) AS sums
WHERE funded <> gone + held;

-- M8: a contract is funded once, and each part of the settlement is made once
SELECT contract_id AS contract, reason, COUNT(*) AS times
FROM transfers
WHERE contract_id <> 0 AND reason IN ('fund', 'release', 'fee', 'fee_tax', 'withholding', 'refund')
GROUP BY contract_id, reason
HAVING COUNT(*) > 1;

-- M8: a contract is settled by one cause
SELECT contract_id AS contract, COUNT(DISTINCT cause) AS settlements
FROM transfers
WHERE contract_id <> 0 AND reason IN ('release', 'fee', 'fee_tax', 'withholding', 'refund')
GROUP BY contract_id
HAVING COUNT(DISTINCT cause) > 1;

-- M9: amounts are positive and exact, and go from one account to another
SELECT id AS transfer, amount FROM transfers WHERE amount <= 0 OR amount > 9007199254740991 OR source = target;

-- M9: a price is its parts
SELECT id AS contract, price, fee, fee_tax, withholding, net
FROM contracts
WHERE price <> fee + fee_tax + withholding + net OR net <= 0 OR fee < 0 OR fee_tax < 0 OR withholding < 0;

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
SELECT b.noun AS noun, b.thing_id AS thing, b.version AS version
FROM transitions b
WHERE (b.noun = 'payout' AND b.move = 'fail' OR b.noun = 'refund' AND b.move = 'retry_refund')
  AND 1 <> (SELECT COUNT(*)
            FROM transitions a
            JOIN transfers o ON o.cause = a.cause AND o.reason IN ('pay_out', 'refund_failed')
            JOIN transfers r ON r.cause = b.cause AND r.reason IN ('payout_returned', 'refund_retried')
                            AND r.source = o.target AND r.target = o.source AND r.amount = o.amount
                            AND r.contract_id = o.contract_id
            WHERE a.noun = b.noun AND a.thing_id = b.thing_id
              AND a.version = (SELECT MAX(l.version) FROM transitions l
                               WHERE l.noun = b.noun AND l.thing_id = b.thing_id AND l.version < b.version
                                 AND l.move <> 'confirm'));

-- M15: a contract's money moves when the contract does
SELECT n.thing_id AS contract, n.move AS move_without_transfer
FROM transitions n
WHERE n.noun = 'contract' AND n.move IN ('fund', 'accept', 'agree_ending', 'end_in_silence', 'end_overdue')
  AND NOT EXISTS (SELECT 1 FROM transfers t
                  WHERE t.cause = n.cause AND t.contract_id = n.thing_id
                    AND (n.move = 'fund' AND t.reason = 'fund' OR n.move = 'accept' AND t.reason = 'release'
                         OR n.move NOT IN ('fund', 'accept') AND t.reason IN ('release', 'refund')));

-- M15: a payout's money leaves, or comes back, when the payout says so
SELECT n.thing_id AS payout, n.move AS move_without_transfer
FROM transitions n JOIN payouts p ON p.id = n.thing_id
WHERE n.noun = 'payout' AND n.move IN ('pay_out', 'fail')
  AND NOT EXISTS (SELECT 1 FROM transfers t
                  WHERE t.cause = n.cause AND t.amount = p.amount
                    AND (n.move = 'pay_out' AND t.reason = 'pay_out' OR n.move = 'fail' AND t.reason = 'payout_returned'));

-- M15: a tip's money moves when the thanks say so
SELECT n.thing_id AS thanks, n.move AS move_without_transfer
FROM transitions n JOIN thanks h ON h.id = n.thing_id
WHERE n.noun = 'thanks' AND n.move IN ('tip', 'tip_from_wallet')
  AND NOT EXISTS (SELECT 1 FROM transfers t
                  WHERE t.cause = n.cause AND t.reason = 'tip' AND t.contract_id = h.contract_id AND t.amount = h.tip);

-- M15: a refund's money comes back, leaves again or is paid by hand when the refund says so
SELECT n.thing_id AS refund, n.move AS move_without_transfer
FROM transitions n JOIN refunds r ON r.id = n.thing_id
WHERE n.noun = 'refund' AND n.move IN ('refund_fails', 'retry_refund', 'settle_refund')
  AND NOT EXISTS (SELECT 1 FROM transfers t
                  WHERE t.cause = n.cause AND t.amount = r.amount
                    AND 'owed:' || CAST(r.id AS TEXT) IN (t.source, t.target)
                    AND (n.move = 'refund_fails' AND t.reason = 'refund_failed'
                         OR n.move = 'retry_refund' AND t.reason = 'refund_retried'
                         OR n.move = 'settle_refund' AND t.reason = 'refund_settled'));

-- M15: no money moves by itself
SELECT t.id AS transfer_without_move, t.reason AS reason, t.cause AS cause
FROM transfers t
WHERE t.reason <> 'loss' AND NOT EXISTS (
    SELECT 1 FROM transitions n
    WHERE n.cause = t.cause
      AND (n.noun = 'contract' AND n.thing_id = t.contract_id AND n.move = 'fund' AND t.reason = 'fund'
           OR n.noun = 'contract' AND n.thing_id = t.contract_id
              AND n.move IN ('accept', 'agree_ending', 'end_in_silence', 'end_overdue')
              AND t.reason IN ('release', 'fee', 'fee_tax', 'withholding', 'refund')
           OR n.noun = 'refund' AND n.move = 'refund_fails' AND t.reason = 'refund_failed'
           OR n.noun = 'refund' AND n.move = 'retry_refund' AND t.reason = 'refund_retried'
           OR n.noun = 'refund' AND n.move = 'settle_refund' AND t.reason = 'refund_settled'
           OR n.noun = 'thanks' AND n.move IN ('tip', 'tip_from_wallet') AND t.reason = 'tip'
           OR n.noun = 'payout' AND n.move = 'pay_out' AND t.reason = 'pay_out'
           OR n.noun = 'payout' AND n.move = 'fail' AND t.reason = 'payout_returned'));

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
SELECT t.id AS transfer, t.reason AS reason, t.source AS source, t.target AS target
FROM transfers t
WHERE t.reason IN ('fund', 'release', 'fee', 'fee_tax', 'withholding', 'refund')
  AND NOT EXISTS (SELECT 1 FROM contracts c
                  WHERE c.id = t.contract_id
                    AND t.source = CASE t.reason WHEN 'fund' THEN 'outside:' || c.funded_through
                                                 ELSE 'escrow:' || CAST(c.id AS TEXT) END
                    AND t.target = CASE t.reason WHEN 'fund' THEN 'escrow:' || CAST(c.id AS TEXT)
                                                 WHEN 'release' THEN 'earnings:' || CAST(c.worker_id AS TEXT)
                                                 WHEN 'refund' THEN 'outside:' || c.funded_through
                                                 WHEN 'fee' THEN 'platform:fees'
                                                 WHEN 'fee_tax' THEN 'platform:tax'
                                                 ELSE 'platform:withheld' END);

-- M15: a payout's money goes from its worker's earnings to its provider, or comes back to them
SELECT t.id AS transfer, t.reason AS reason, t.source AS source, t.target AS target
FROM transfers t
WHERE t.reason IN ('pay_out', 'payout_returned')
  AND NOT EXISTS (SELECT 1 FROM transitions n JOIN payouts p ON p.id = n.thing_id
                  WHERE n.cause = t.cause AND n.noun = 'payout' AND t.amount = p.amount AND t.contract_id = 0
                    AND (n.move = 'pay_out' AND t.reason = 'pay_out'
                         AND t.source = 'earnings:' || CAST(p.worker_id AS TEXT) AND t.target = 'outside:' || p.provider
                         OR n.move = 'fail' AND t.reason = 'payout_returned'
                         AND t.source = 'outside:' || p.provider AND t.target = 'earnings:' || CAST(p.worker_id AS TEXT)));

-- M15: a tip goes from the client's wallet or their provider to the contract's worker
SELECT t.id AS transfer, t.source AS source, t.target AS target
FROM transfers t
WHERE t.reason = 'tip'
  AND NOT EXISTS (SELECT 1
                  FROM transitions n JOIN thanks h ON h.id = n.thing_id JOIN contracts c ON c.id = h.contract_id
                  WHERE n.cause = t.cause AND n.noun = 'thanks' AND c.id = t.contract_id
                    AND h.giver_id = c.client_id AND h.receiver_id = c.worker_id
                    AND t.target = 'earnings:' || CAST(h.receiver_id AS TEXT)
                    AND (n.move = 'tip_from_wallet' AND t.source = 'wallet:' || CAST(h.giver_id AS TEXT)
                         OR n.move = 'tip'
                         AND EXISTS (SELECT 1 FROM payments p WHERE p.thanks_id = h.id AND p.payer_id = h.giver_id
                                       AND t.source = 'outside:' || p.provider)));

-- M15: what a provider would not refund goes between it and who has paid it, or is given to them by hand
SELECT t.id AS transfer, t.reason AS reason, t.source AS source, t.target AS target
FROM transfers t
WHERE t.reason IN ('refund_failed', 'refund_retried', 'refund_settled')
  AND NOT EXISTS (SELECT 1
                  FROM transitions n JOIN refunds r ON r.id = n.thing_id
                  JOIN payments p ON p.id = r.payment_id AND p.payer_id = r.payer_id AND p.contract_id = r.contract_id
                  WHERE n.cause = t.cause AND n.noun = 'refund' AND r.contract_id = t.contract_id
                    AND t.source = CASE t.reason WHEN 'refund_failed' THEN 'outside:' || p.provider
                                                 ELSE 'owed:' || CAST(r.id AS TEXT) END
                    AND t.target = CASE t.reason WHEN 'refund_failed' THEN 'owed:' || CAST(r.id AS TEXT)
                                                 WHEN 'refund_retried' THEN 'outside:' || p.provider
                                                 ELSE 'outside:by_hand' END);

-- M15: what moves money moves it once
SELECT cause, reason, source, target, COUNT(*) AS times
FROM transfers
GROUP BY cause, reason, source, target
HAVING COUNT(*) > 1;

-- M15: a loss is what the provider's books say is lost
SELECT t.id AS transfer, t.amount AS amount, t.cause AS cause
FROM transfers t
WHERE t.reason = 'loss'
  AND NOT EXISTS (SELECT 1 FROM exceptions e
                  WHERE e.kind = 'lost' AND 'loss:' || e.subject = t.cause AND e.theirs = t.amount
                    AND 'outside:' || e.provider = t.target AND e.confirmed_at IS NOT NULL);

-- M15: what was accepted had been paid for
SELECT c.id AS contract
FROM contracts c
WHERE c.stage IN ('accepted', 'paid_out', 'payout_problem')
  AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.contract_id = c.id AND t.reason = 'fund' AND t.amount = c.price);

-- S1: each move begins where the one before it ended
SELECT noun, thing_id, version, source, last_target
FROM (SELECT noun, thing_id, version, source,
             COALESCE(LAG(target) OVER (PARTITION BY noun, thing_id ORDER BY version), '') AS last_target
      FROM transitions) AS line
WHERE source <> last_target;

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
SELECT n.id AS transition, n.noun, n.move, n.role, n.actor_id AS actor
FROM transitions n
WHERE n.role IN ('clock', 'provider') AND n.actor_id <> 0
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN contracts c ON c.id = n.thing_id
WHERE n.noun = 'contract'
  AND (n.role = 'client' AND n.actor_id <> c.client_id OR n.role = 'worker' AND n.actor_id <> c.worker_id)
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN payments p ON p.id = n.thing_id JOIN contracts c ON c.id = p.contract_id
WHERE n.noun = 'payment'
  AND (n.role = 'client' AND n.actor_id <> c.client_id OR n.role = 'worker' AND n.actor_id <> c.worker_id)
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN jobs j ON j.id = n.thing_id
WHERE n.noun = 'job'
  AND (n.role = 'client' AND n.actor_id <> j.client_id
       OR n.role = 'worker'
          AND NOT EXISTS (SELECT 1 FROM contracts c WHERE c.job_id = j.id AND c.worker_id = n.actor_id)
       OR n.role = 'operator' AND n.actor_id = j.client_id)
  AND NOT EXISTS (SELECT 1 FROM transitions e
                  WHERE e.cause = n.cause AND e.noun = 'user' AND e.move = 'erase' AND e.role = 'operator'
                    AND e.thing_id = j.client_id AND e.actor_id = n.actor_id)
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN applications a ON a.id = n.thing_id JOIN jobs j ON j.id = a.job_id
WHERE n.noun = 'application'
  AND (n.role = 'client' AND n.actor_id <> j.client_id OR n.role = 'worker' AND n.actor_id <> a.worker_id)
  AND NOT EXISTS (SELECT 1 FROM transitions e
                  WHERE e.cause = n.cause AND e.noun = 'user' AND e.move = 'erase' AND e.role = 'operator'
                    AND e.thing_id IN (a.worker_id, j.client_id) AND e.actor_id = n.actor_id)
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN reviews r ON r.id = n.thing_id
WHERE n.noun = 'review' AND n.role IN ('client', 'worker')
  AND (n.move = 'leave' AND n.actor_id <> r.by_id OR n.actor_id NOT IN (r.by_id, r.of_id))
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN thanks h ON h.id = n.thing_id
WHERE n.noun = 'thanks' AND n.role IN ('client', 'worker') AND n.actor_id <> h.giver_id
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n JOIN links l ON l.id = n.thing_id
WHERE n.noun = 'link' AND n.role = 'member' AND n.actor_id NOT IN (l.user_id, l.other_id)
UNION ALL
SELECT n.id, n.noun, n.move, n.role, n.actor_id
FROM transitions n
WHERE n.noun = 'user'
  AND (n.role = 'operator' AND n.actor_id = n.thing_id
       OR n.role = 'member' AND n.actor_id <> n.thing_id
          AND NOT EXISTS (SELECT 1 FROM links l WHERE l.user_id = n.actor_id AND l.other_id = n.thing_id));

-- S7: outages follow one another, and no time is counted twice
SELECT o.id AS outage, e.id AS earlier
FROM outages o JOIN outages e ON e.id < o.id
WHERE o.begun < e.ended;

-- F28: what differs about a payment keeps its contract frozen
SELECT e.id AS exception, c.id AS contract
FROM exceptions e JOIN payments p ON e.noun = 'payment' AND p.id = e.thing_id JOIN contracts c ON c.id = p.contract_id
WHERE e.confirmed_at IS NOT NULL AND e.cleared_at IS NULL AND NOT c.frozen;

-- F28: nobody is frozen when nothing differs
SELECT c.id AS contract FROM contracts c
WHERE c.frozen AND NOT EXISTS (SELECT 1 FROM exceptions e WHERE e.confirmed_at IS NOT NULL AND e.cleared_at IS NULL);

-- D1: an event of the outside is kept once
SELECT platform, tenant, event_id, COUNT(*) AS times
FROM inbox
GROUP BY platform, tenant, event_id
HAVING COUNT(*) > 1;

-- D3: in a conversation, nothing is worked through before what came earlier
SELECT l.id AS done, e.id AS waiting
FROM inbox e
JOIN inbox l ON l.platform = e.platform AND l.tenant = e.tenant AND l.conversation = e.conversation AND l.id > e.id
WHERE e.state = 'new' AND l.state = 'done';

-- D3: to one person, nothing leaves before what was said earlier (what an erasure gives up never leaves)
SELECT l.id AS overtaking, e.id AS waiting
FROM outbox e
JOIN outbox l ON l.platform = e.platform AND l.tenant = e.tenant AND l.recipient = e.recipient AND l.id > e.id
WHERE e.state IN ('pending', 'claimed') AND l.state <> 'pending' AND l.error <> 'erased';

-- D5: a message waits, was sent, or was given up for a reason
SELECT id AS message, state FROM outbox
WHERE state NOT IN ('pending', 'claimed', 'sent', 'dead') OR state = 'dead' AND error = '';

-- A1: an address belongs to one person
SELECT platform, tenant, outside_id, COUNT(*) AS times
FROM addresses
GROUP BY platform, tenant, outside_id
HAVING COUNT(*) > 1;

-- A4: what an operator decides, and each erasure, is in the audit log once
SELECT actor_id, subject, at, SUM(times) AS surplus
FROM (SELECT actor_id, noun || ':' || CAST(thing_id AS TEXT) AS subject, at, 1 AS times
      FROM transitions WHERE role = 'operator' OR move = 'erase'
      UNION ALL
      SELECT actor_id, subject, at, -1 FROM audit
      WHERE action NOT IN ('LookUp', 'Transfer', 'ConfirmLink', 'DisownLink', 'Unlink') AND subject <> 'database') AS both_ways
GROUP BY actor_id, subject, at
HAVING SUM(times) <> 0;

-- A4: each transfer is in the audit log once, as it was made; while 0.1.0 was at work, at most once
SELECT subject, body, SUM(made) AS made, SUM(audited) AS audited
FROM (SELECT 'transfer:' || t.key AS subject,
             t.source || ' ' || t.target || ' ' || CAST(t.amount AS TEXT) || ' ' || t.reason AS body,
             1 AS made, 0 AS audited,
             CASE WHEN t.at < (SELECT CASE WHEN SUM(CASE action WHEN 'UpgradeBegun' THEN 1 ELSE -1 END) > 0
                                           THEN '9999-12-31 00:00:00' ELSE MAX(at) END
                               FROM audit WHERE action IN ('UpgradeBegun', 'UpgradeEnded') AND body = '0.1.0')
                  THEN 1 ELSE 0 END AS early
      FROM transfers t
      UNION ALL
      SELECT subject, body, 0, 1, 0 FROM audit WHERE action = 'Transfer') AS both_ways
GROUP BY subject, body
HAVING SUM(made) <> SUM(audited) AND NOT (SUM(audited) = 0 AND MAX(early) = 1);

-- A4: what an operator said stands beside the log, unless the person it is about has left
SELECT a.seq AS row_without_words
FROM audit a
WHERE a.body LIKE 'apart:%'
  AND NOT EXISTS (SELECT 1 FROM audit_words w WHERE w.seq = a.seq)
  AND NOT EXISTS (SELECT 1 FROM users u WHERE u.stage = 'erased' AND a.subject = 'user:' || CAST(u.id AS TEXT))
  AND NOT EXISTS (SELECT 1 FROM jobs j JOIN users u ON u.id = j.client_id
                  WHERE u.stage = 'erased' AND a.subject = 'job:' || CAST(j.id AS TEXT));

-- A2: a messenger that was linked is in the account it was linked to
SELECT l.id AS link, a.user_id AS is_in
FROM links l JOIN addresses a ON a.id = l.other_address_id
WHERE l.stage = 'linked' AND a.user_id <> l.user_id;

-- A2: a code is used by somebody else, once; nobody is linked without
SELECT id AS link, stage FROM links
WHERE stage IN ('used', 'asked', 'linked', 'disowned', 'checked')
  AND (code_hash = '' OR other_id IN (0, user_id) OR other_address_id IN (0, address_id));

-- A2: after "that was not me" nothing is paid out until an operator has looked
SELECT p.id AS payout, l.id AS link
FROM payouts p
JOIN transitions n ON n.noun = 'payout' AND n.thing_id = p.id AND n.move = 'pay_out'
JOIN links l ON l.user_id = p.worker_id
JOIN transitions d ON d.noun = 'link' AND d.thing_id = l.id AND d.move = 'disown' AND d.id < n.id
WHERE NOT EXISTS (SELECT 1 FROM transitions c
                  WHERE c.noun = 'link' AND c.thing_id = l.id AND c.move = 'resume_payouts' AND c.id < n.id);

-- A3: who was folded into another account has left nothing behind
SELECT u.id AS folded
FROM users u
WHERE u.stage = 'folded'
  AND (EXISTS (SELECT 1 FROM addresses a WHERE a.user_id = u.id)
       OR EXISTS (SELECT 1 FROM jobs j WHERE j.client_id = u.id)
       OR EXISTS (SELECT 1 FROM applications a WHERE a.worker_id = u.id)
       OR EXISTS (SELECT 1 FROM contracts c WHERE u.id IN (c.client_id, c.worker_id))
       OR EXISTS (SELECT 1 FROM accounts a
                  WHERE a.path IN ('earnings:' || CAST(u.id AS TEXT), 'wallet:' || CAST(u.id AS TEXT))
                    AND a.balance <> 0));

-- A6: each side reviews a contract once
SELECT contract_id AS contract, by_id AS reviewer, COUNT(*) AS times
FROM reviews
GROUP BY contract_id, by_id
HAVING COUNT(*) > 1;

-- A7: of one conversation no more is heard in a minute than the limit, since no release without it is at work
SELECT platform, tenant, conversation, substr(CAST(received_at AS TEXT), 1, 16) AS minute, COUNT(*) AS heard
FROM inbox
WHERE state = 'done' AND platform <> 'payments' AND conversation LIKE '%:%'
  AND received_at > (SELECT CASE WHEN SUM(CASE action WHEN 'UpgradeBegun' THEN 1 ELSE -1 END) > 0
                                 THEN '9999-12-31 00:00:00' ELSE COALESCE(MAX(at), '0001-01-01 00:00:00') END
                     FROM audit WHERE action IN ('UpgradeBegun', 'UpgradeEnded') AND body = '0.1.0')
GROUP BY platform, tenant, conversation, substr(CAST(received_at AS TEXT), 1, 16)
HAVING COUNT(*) > 60;

-- A7: nobody applies more often in a day than the limit, since no release without it is at work
SELECT actor_id AS worker, substr(CAST(at AS TEXT), 1, 10) AS day, COUNT(*) AS applied
FROM transitions
WHERE noun = 'application' AND move = 'apply'
  AND at > (SELECT CASE WHEN SUM(CASE action WHEN 'UpgradeBegun' THEN 1 ELSE -1 END) > 0
                        THEN '9999-12-31 00:00:00' ELSE COALESCE(MAX(at), '0001-01-01 00:00:00') END
            FROM audit WHERE action IN ('UpgradeBegun', 'UpgradeEnded') AND body = '0.1.0')
GROUP BY actor_id, substr(CAST(at AS TEXT), 1, 10)
HAVING COUNT(*) > 30;

-- A7: nobody posts, hires, says thanks or asks for another page more often in a day than the limit, since no release without it is at work
SELECT actor_id AS member, noun, substr(CAST(at AS TEXT), 1, 10) AS day, COUNT(*) AS times
FROM transitions
WHERE (noun = 'job' AND move IN ('post', 'post_doubtful') OR noun = 'contract' AND move = 'hire'
       OR noun = 'thanks' AND move IN ('say_thanks', 'say_with_tip', 'tip_from_wallet')
       OR noun = 'payment' AND move = 'retry_page')
  AND at > (SELECT CASE WHEN SUM(CASE action WHEN 'UpgradeBegun' THEN 1 ELSE -1 END) > 0
                        THEN '9999-12-31 00:00:00' ELSE COALESCE(MAX(at), '0001-01-01 00:00:00') END
            FROM audit WHERE action IN ('UpgradeBegun', 'UpgradeEnded') AND body = '0.1.0')
GROUP BY actor_id, noun, substr(CAST(at AS TEXT), 1, 10)
HAVING COUNT(*) > 20;

-- S6: what was approved was approved by another than asked for it
SELECT id AS approval, asked_by, confirmed_by
FROM approvals
WHERE confirmed_by = asked_by OR (stage = 'confirmed') <> (confirmed_by <> 0);

-- S6: since there is a second pair of eyes, no job above the limit was published by one operator alone
SELECT n.thing_id AS job, n.actor_id AS operator
FROM transitions n JOIN jobs j ON j.id = n.thing_id
WHERE n.noun = 'job' AND n.move = 'publish' AND j.price > 100000
  AND n.id > (SELECT MIN(f.id) FROM transitions f WHERE f.noun = 'approval')
  AND NOT EXISTS (SELECT 1 FROM transitions c JOIN approvals a ON a.id = c.thing_id
                  WHERE c.noun = 'approval' AND c.move = 'confirm' AND c.cause = n.cause AND c.actor_id = n.actor_id
                    AND a.subject = 'job' AND a.subject_id = n.thing_id AND a.confirmed_by = n.actor_id);

-- S6: no refund above the limit was settled by one operator alone
SELECT n.thing_id AS refund, n.actor_id AS operator
FROM transitions n JOIN refunds r ON r.id = n.thing_id
WHERE n.noun = 'refund' AND n.move = 'settle_refund' AND r.amount > 100000
  AND NOT EXISTS (SELECT 1 FROM transitions c JOIN approvals a ON a.id = c.thing_id
                  WHERE c.noun = 'approval' AND c.move = 'confirm' AND c.cause = n.cause AND c.actor_id = n.actor_id
                    AND a.subject = 'refund' AND a.subject_id = n.thing_id AND a.confirmed_by = n.actor_id);

-- LV2: a contract that waits for money has asked for it, and does not wait for ever
SELECT c.id AS contract
FROM contracts c
WHERE c.stage = 'awaiting_escrow'
  AND (NOT EXISTS (SELECT 1 FROM payments p
                   WHERE p.contract_id = c.id AND p.purpose = 'escrow' AND p.stage IN ('requested', 'page_problem'))
       OR NOT EXISTS (SELECT 1 FROM timers t WHERE t.noun = 'contract' AND t.thing_id = c.id AND t.name = 'expire'));

-- LV2: who waits for a pay page waits for one that somebody makes, or for the end of an upgrade (ADR 0017)
SELECT p.id AS payment FROM payments p
WHERE p.stage = 'requested' AND p.url = ''
  AND NOT EXISTS (SELECT 1 FROM modes m WHERE m.name = 'beside')
  AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.kind = 'collect' AND o.thing_id = p.id
                    AND o.state IN ('planned', 'claimed', 'ambiguous'));

-- LV2: a refund the provider has refused is owed to somebody
SELECT o.id AS errand, o.key AS refused FROM operations o
WHERE o.kind = 'refund' AND o.state = 'failed'
  AND NOT EXISTS (SELECT 1 FROM transitions n
                  WHERE n.noun = 'refund' AND n.move = 'refund_fails' AND n.cause = 'operation:' || o.key);

-- LV2: every payment and every payout has its errand to the provider
SELECT 'collect' AS errand, id AS thing, amount FROM payments
UNION ALL SELECT 'pay_out', id, amount FROM payouts
EXCEPT SELECT kind, thing_id, amount FROM operations;
