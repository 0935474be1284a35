-- What is done to a healthy database, past all its guards, and the question that must then find it:
-- one of checks.sql, or, where Python asks, only the rule.

-- M1: a transfer is two entries, minus in its source and plus in its target
DELETE FROM entries WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M1: a transfer is two entries, minus in its source and plus in its target
UPDATE entries SET account = 'outside:other' WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M2: all entries together are nothing
UPDATE entries SET amount = amount - 1 WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M3: an account's balance is the sum of its entries
UPDATE accounts SET balance = balance + 1 WHERE path LIKE 'earnings:%';

-- M4: an account's entries are a chain without gaps
UPDATE entries SET balance_after = balance_after + 1 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M4: an account's entries are a chain without gaps
UPDATE entries SET account_version = 9 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M4: an account stands at its last entry
UPDATE accounts SET version = version + 1 WHERE path LIKE 'earnings:%';

-- M4: entries belong to an account that is kept
DELETE FROM accounts WHERE path LIKE 'earnings:%';

-- M5: no account was ever below its floor
UPDATE entries SET balance_after = -1 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M5: no account is below its floor, and every floor is zero
UPDATE accounts SET floor = -100 WHERE path LIKE 'earnings:%';

-- M6: while the work goes on the whole price is in escrow; before and after, nothing
UPDATE contracts SET stage = 'accepted' WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- M6: while the work goes on the whole price is in escrow; before and after, nothing
UPDATE contracts SET price = price + 1 WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- M6: an escrow belongs to a contract
INSERT INTO accounts (path, balance, version, floor) VALUES ('escrow:404', 0, 0, 0);

-- M6: what a provider would not refund is held for who paid it, until it has reached them
UPDATE refunds SET amount = amount + 1;

-- M6: what is owed belongs to a refund
INSERT INTO accounts (path, balance, version, floor) VALUES ('owed:404', 0, 0, 0);

-- M7: what was funded has gone to worker, fees and client, or is still held
UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M8: a contract is funded once, and each part of the settlement is made once
DROP INDEX uq_transfers_once_a_contract;
INSERT INTO transfers (key, source, target, amount, reason, contract_id, cause, at) SELECT 'again', source, target, amount, reason, contract_id, cause, at FROM transfers WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M8: a contract is settled by one cause
UPDATE transfers SET cause = 'another' WHERE reason = 'fee';

-- M9: amounts are positive and exact, and go from one account to another
UPDATE transfers SET amount = 0 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M9: amounts are positive and exact, and go from one account to another
UPDATE transfers SET amount = 9007199254740992 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M9: a price is its parts
UPDATE contracts SET fee = fee - 1 WHERE id = (SELECT MIN(id) FROM contracts);

-- M15: a contract's money moves when the contract does
UPDATE transfers SET cause = 'another' WHERE reason = 'release';

-- M15: no money moves by itself
UPDATE transitions SET move = 'deliver' WHERE move = 'fund' AND noun = 'contract';

-- M15: a payout's money leaves, or comes back, when the payout says so
UPDATE transfers SET amount = 1 WHERE reason = 'pay_out';

-- M15: a refund's money comes back, leaves again or is paid by hand when the refund says so
UPDATE transfers SET cause = 'another' WHERE reason = 'refund_failed';

-- M15: no money moves by itself
UPDATE transitions SET move = 'confirm' WHERE noun = 'refund' AND move = 'refund_fails';

-- M15: a loss is what the provider's books say is lost
UPDATE transfers SET reason = 'loss' WHERE reason = 'fee';

-- M15: what was accepted had been paid for
UPDATE transfers SET reason = 'gift' WHERE contract_id = (SELECT MIN(id) FROM contracts) AND reason = 'fund';

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
UPDATE transfers SET amount = amount - 1 WHERE reason = 'payout_returned';

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
UPDATE transfers SET source = 'outside:other' WHERE reason = 'payout_returned';

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
UPDATE transfers SET target = 'outside:other' WHERE reason = 'refund_retried';

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
INSERT INTO transfers (key, source, target, amount, reason, contract_id, cause, at) SELECT 'again', source, target, amount, reason, contract_id, cause, at FROM transfers WHERE reason = 'payout_returned';

-- M12: what comes back reverses one transfer that left: between the same accounts, as much, once
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT noun, thing_id, version + 1, move, target, target, role, actor_id, cause, at FROM transitions WHERE noun = 'payout' AND move = 'fail';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET source = 'outside:other' WHERE reason = 'fund';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET source = 'escrow:404' WHERE reason = 'release';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET target = 'earnings:' || (SELECT MIN(id) FROM users) WHERE reason = 'release';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET target = 'earnings:' || (SELECT MIN(id) FROM users) WHERE reason = 'fee';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET target = 'platform:fees' WHERE reason = 'fee_tax';

-- M15: a contract's money goes between its provider, its escrow, its worker and the house
UPDATE transfers SET target = 'outside:other' WHERE reason = 'refund';

-- M15: a payout's money goes from its worker's earnings to its provider, or comes back to them
UPDATE transfers SET source = 'earnings:' || (SELECT MIN(id) FROM users) WHERE reason = 'pay_out';

-- M15: a payout's money goes from its worker's earnings to its provider, or comes back to them
UPDATE transfers SET target = 'outside:other' WHERE reason = 'pay_out';

-- M15: a payout's money goes from its worker's earnings to its provider, or comes back to them
UPDATE transfers SET target = 'earnings:' || (SELECT MIN(id) FROM users) WHERE reason = 'payout_returned';

-- M15: a tip's money moves when the thanks say so
UPDATE transfers SET cause = 'another' WHERE reason = 'tip';

-- M15: a tip goes from the client's wallet or their provider to the contract's worker
UPDATE transfers SET target = 'earnings:' || (SELECT MIN(id) FROM users) WHERE reason = 'tip';

-- M15: a tip goes from the client's wallet or their provider to the contract's worker
UPDATE transfers SET source = 'wallet:404' WHERE reason = 'tip';

-- M15: a tip goes from the client's wallet or their provider to the contract's worker
UPDATE thanks SET receiver_id = (SELECT MIN(id) FROM users) WHERE stage = 'tipped';

-- M15: what a provider would not refund goes between it and who has paid it, or is given to them by hand
UPDATE transfers SET target = 'owed:404' WHERE reason = 'refund_failed';

-- M15: what a provider would not refund goes between it and who has paid it, or is given to them by hand
UPDATE transfers SET target = 'outside:by_hand' WHERE reason = 'refund_retried';

-- M15: what a provider would not refund goes between it and who has paid it, or is given to them by hand
UPDATE refunds SET payer_id = (SELECT MIN(id) FROM users);

-- M15: what moves money moves it once
INSERT INTO transfers (key, source, target, amount, reason, contract_id, cause, at) SELECT 'again', source, target, amount, reason, contract_id, cause, at FROM transfers WHERE reason = 'tip';

-- S1: each move begins where the one before it ended
DELETE FROM transitions WHERE noun = 'contract' AND thing_id = (SELECT MIN(id) FROM contracts) AND version = 2;

-- S1:
UPDATE transitions SET role = 'worker' WHERE noun = 'contract' AND move = 'fund';

-- S1:
UPDATE contracts SET version = version + 1 WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- S1:
UPDATE contracts SET stage = 'in_progress' WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- S1:
DELETE FROM transitions WHERE noun = 'job';

-- S2:
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT noun, thing_id, version + 1, 'fund', 'paid_out', 'in_progress', role, actor_id, cause, at FROM transitions WHERE noun = 'contract' AND target = 'paid_out' AND thing_id = (SELECT MIN(id) FROM contracts);

-- T1:
DELETE FROM timers WHERE noun = 'contract' AND name = 'accept' AND thing_id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- T1:
UPDATE timers SET due_at = '2031-01-01 00:00:00.000000' WHERE name = 'remind_fund';

-- T1:
UPDATE timers SET thing_id = (SELECT MIN(id) FROM contracts) WHERE name = 'remind_fund';

-- LV2: a contract that waits for money has asked for it, and does not wait for ever
UPDATE payments SET stage = 'expired' WHERE contract_id = (SELECT id FROM contracts WHERE stage = 'awaiting_escrow');

-- LV2: a contract that waits for money has asked for it, and does not wait for ever
DELETE FROM timers WHERE noun = 'contract' AND thing_id = (SELECT id FROM contracts WHERE stage = 'awaiting_escrow');

-- LV2: every payment and every payout has its errand to the provider
DELETE FROM operations WHERE kind = 'pay_out';

-- LV2: who waits for a pay page waits for one that somebody makes, or for the end of an upgrade (ADR 0017)
UPDATE payments SET url = '' WHERE stage = 'requested';
UPDATE operations SET state = 'failed' WHERE kind = 'collect';

-- LV2: a refund the provider has refused is owed to somebody
UPDATE operations SET state = 'failed', key = 'refund-404-unheard' WHERE id = (SELECT MIN(id) FROM operations WHERE kind = 'refund');

-- S7:
INSERT INTO outages (begun, ended, noun, thing_id, made_up_at)
SELECT MAX(since), '2031-12-31 00:00:00', '', 0, '2031-12-31 00:00:00' FROM contracts WHERE stage = 'delivered';

-- S7: outages follow one another, and no time is counted twice
INSERT INTO outages (begun, ended, noun, thing_id) VALUES ('2029-01-02 00:00:00', '2029-01-05 00:00:00', '', 0), ('2029-01-04 00:00:00', '2029-01-06 00:00:00', '', 0);

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'contract' AND move = 'hire';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = (SELECT client_id FROM contracts WHERE id = thing_id) WHERE noun = 'contract' AND move = 'deliver';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 1 WHERE noun = 'contract' AND move = 'fund';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'job' AND move = 'post';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'application' AND move = 'apply';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'payment' AND move = 'request';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 1 WHERE noun = 'payout' AND move = 'pay_out';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'review' AND move = 'leave';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
UPDATE transitions SET actor_id = 4040 WHERE noun = 'thanks' AND move = 'say_with_tip';

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'user', MIN(id), 90, 'restore', 'suspended', 'active', 'operator', MIN(id), 'oneself', MIN(since) FROM users;

-- S5: whoever moved a thing was the client, the worker or the member they acted as; nobody is the clock or the provider
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'user', MIN(id), 90, 'erase', 'active', 'erased', 'member', 4040, 'another', MIN(since) FROM users;

-- S6: what was approved was approved by another than asked for it
INSERT INTO approvals (id, version, stage, since, moved, moved_by, lost_seconds, move, subject, subject_id, at_stake, asked_by, confirmed_by) SELECT 900001, 1, 'confirmed', since, 'confirm', 'operator', 0, 'publish', 'job', id, 200000, 7, 7 FROM jobs WHERE id = (SELECT MIN(id) FROM jobs);

-- S6: since there is a second pair of eyes, no job above the limit was published by one operator alone
UPDATE jobs SET price = 200000;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'approval', 900002, 1, 'ask', '', 'waiting', 'operator', 7, 'asked', MIN(at) FROM transitions;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'job', MIN(id), 90, 'publish', 'held', 'open', 'operator', 7, 'alone', MIN(since) FROM jobs;

-- S6: no refund above the limit was settled by one operator alone
UPDATE refunds SET amount = 200000;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'refund', MIN(id), 90, 'settle_refund', 'owed', 'settled', 'operator', 7, 'alone', MIN(since) FROM refunds;

-- A4: each transfer is in the audit log once, as it was made; while 0.1.0 was at work, at most once
UPDATE transfers SET key = key || '!' WHERE reason = 'pay_out';

-- A4: what an operator said stands beside the log, unless the person it is about has left
DELETE FROM audit_words;

-- A4:
UPDATE audit_words SET words = 'something else';

-- A4: what an operator decides, and each erasure, is in the audit log once
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT noun, thing_id, version + 50, 'hold', 'open', 'held', 'operator', 1, 'nobody', at FROM transitions WHERE noun = 'job' AND move = 'post';

-- A5:
UPDATE users SET stage = 'erased' WHERE id = (SELECT MIN(id) FROM users);

-- F28: nobody is frozen when nothing differs
UPDATE contracts SET frozen = NOT frozen WHERE stage = 'delivered';

-- F28: what differs about a payment keeps its contract frozen
INSERT INTO exceptions (provider, kind, subject, noun, thing_id, ours, theirs, since, confirmed_at, keeper)
SELECT provider, 'amount', reference || stage || CAST(id AS TEXT), 'payment', id, 1, 2, since, since, 'operators' FROM payments WHERE stage = 'paid';

-- A7: nobody applies more often in a day than the limit, since no release without it is at work
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 31) SELECT 'application', 800000 + n.x, 1, 'apply', '', 'applied', 'worker', 7, 'spam', t.at FROM n CROSS JOIN (SELECT MIN(at) AS at FROM transitions) t;

-- A7: nobody posts, hires, says thanks or asks for another page more often in a day than the limit, since no release without it is at work
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 21) SELECT 'contract', 800000 + n.x, 1, 'hire', '', 'agreeing', 'client', 7, 'spam', t.at FROM n CROSS JOIN (SELECT MIN(at) AS at FROM transitions) t;

-- A2: a messenger that was linked is in the account it was linked to
UPDATE links SET user_id = (SELECT MIN(id) FROM users) WHERE stage = 'linked';

-- A2: a code is used by somebody else, once; nobody is linked without
UPDATE links SET other_id = user_id WHERE stage = 'linked';

-- A2: after "that was not me" nothing is paid out until an operator has looked
INSERT INTO transitions (id, noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT -1, noun, thing_id, version + 1, 'disown', 'linked', 'disowned', role, actor_id, cause, at FROM transitions WHERE noun = 'link' AND target = 'linked';

-- A3: who was folded into another account has left nothing behind
UPDATE jobs SET client_id = (SELECT id FROM users WHERE stage = 'folded');
