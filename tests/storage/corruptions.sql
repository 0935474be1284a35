-- What is done to a healthy database, past all its guards, and the rule that must then be found broken.

-- M1
DELETE FROM entries WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M1
UPDATE entries SET account = 'outside:other' WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M2
UPDATE entries SET amount = amount - 1 WHERE transfer_id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund') AND amount < 0;

-- M3
UPDATE accounts SET balance = balance + 1 WHERE path LIKE 'earnings:%';

-- M4
UPDATE entries SET balance_after = balance_after + 1 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M4
UPDATE entries SET account_version = 9 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M4
UPDATE accounts SET version = version + 1 WHERE path LIKE 'earnings:%';

-- M4
DELETE FROM accounts WHERE path LIKE 'earnings:%';

-- M5
UPDATE entries SET balance_after = -1 WHERE account LIKE 'escrow:%' AND account_version = 1;

-- M5
UPDATE accounts SET floor = -100 WHERE path LIKE 'earnings:%';

-- M6
UPDATE contracts SET stage = 'accepted' WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- M6
UPDATE contracts SET price = price + 1 WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- M6
INSERT INTO accounts (path, balance, version, floor) VALUES ('escrow:404', 0, 0, 0);

-- M6
UPDATE refunds SET amount = amount + 1;

-- M6
INSERT INTO accounts (path, balance, version, floor) VALUES ('owed:404', 0, 0, 0);

-- M7
UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M8
DROP INDEX uq_transfers_once_a_contract;
INSERT INTO transfers (key, source, target, amount, reason, contract_id, cause, at) SELECT 'again', source, target, amount, reason, contract_id, cause, at FROM transfers WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M8
UPDATE transfers SET cause = 'another' WHERE reason = 'fee';

-- M9
UPDATE transfers SET amount = 0 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M9
UPDATE transfers SET amount = 9007199254740992 WHERE id = (SELECT MIN(id) FROM transfers WHERE reason = 'fund');

-- M9
UPDATE contracts SET fee = fee - 1 WHERE id = (SELECT MIN(id) FROM contracts);

-- M15
UPDATE transfers SET cause = 'another' WHERE reason = 'release';

-- M15
UPDATE transitions SET move = 'deliver' WHERE move = 'fund' AND noun = 'contract';

-- M15
UPDATE transfers SET amount = 1 WHERE reason = 'pay_out';

-- M15
UPDATE transfers SET cause = 'another' WHERE reason = 'refund_failed';

-- M15
UPDATE transitions SET move = 'confirm' WHERE noun = 'refund' AND move = 'refund_fails';

-- M15
UPDATE transfers SET reason = 'gift' WHERE contract_id = (SELECT MIN(id) FROM contracts) AND reason = 'fund';

-- S1
DELETE FROM transitions WHERE noun = 'contract' AND thing_id = (SELECT MIN(id) FROM contracts) AND version = 2;

-- S1
UPDATE transitions SET role = 'worker' WHERE noun = 'contract' AND move = 'fund';

-- S1
UPDATE contracts SET version = version + 1 WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- S1
UPDATE contracts SET stage = 'in_progress' WHERE id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- S1
DELETE FROM transitions WHERE noun = 'job';

-- S2
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT noun, thing_id, version + 1, 'fund', 'paid_out', 'in_progress', role, actor_id, cause, at FROM transitions WHERE noun = 'contract' AND target = 'paid_out';

-- T1
DELETE FROM timers WHERE noun = 'contract' AND name = 'accept' AND thing_id = (SELECT id FROM contracts WHERE stage = 'delivered');

-- T1
UPDATE timers SET due_at = '2031-01-01 00:00:00.000000' WHERE name = 'remind_fund';

-- T1
UPDATE timers SET thing_id = (SELECT MIN(id) FROM contracts) WHERE name = 'remind_fund';

-- LV2
UPDATE payments SET stage = 'expired' WHERE contract_id = (SELECT id FROM contracts WHERE stage = 'awaiting_escrow');

-- LV2
DELETE FROM timers WHERE noun = 'contract' AND thing_id = (SELECT id FROM contracts WHERE stage = 'awaiting_escrow');

-- LV2
DELETE FROM operations WHERE kind = 'pay_out';

-- LV2
UPDATE payments SET url = '' WHERE stage = 'requested';
UPDATE operations SET state = 'failed' WHERE kind = 'collect';

-- LV2
UPDATE operations SET state = 'failed', key = 'refund-404-unheard' WHERE kind = 'refund';

-- S7
INSERT INTO outages (begun, ended, noun, thing_id, made_up_at)
SELECT MAX(since), '2031-12-31 00:00:00', '', 0, '2031-12-31 00:00:00' FROM contracts WHERE stage = 'delivered';

-- S7
INSERT INTO outages (begun, ended, noun, thing_id) VALUES ('2029-01-02 00:00:00', '2029-01-05 00:00:00', '', 0), ('2029-01-04 00:00:00', '2029-01-06 00:00:00', '', 0);

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'contract' AND move = 'hire';

-- S5
UPDATE transitions SET actor_id = (SELECT client_id FROM contracts WHERE id = thing_id) WHERE noun = 'contract' AND move = 'deliver';

-- S5
UPDATE transitions SET actor_id = 1 WHERE noun = 'contract' AND move = 'fund';

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'job' AND move = 'post';

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'application' AND move = 'apply';

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'payment' AND move = 'request';

-- S5
UPDATE transitions SET actor_id = 1 WHERE noun = 'payout' AND move = 'pay_out';

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'review' AND move = 'leave';

-- S5
UPDATE transitions SET actor_id = 4040 WHERE noun = 'thanks' AND move = 'say_with_tip';

-- S5
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'user', MIN(id), 90, 'restore', 'suspended', 'active', 'operator', MIN(id), 'oneself', MIN(since) FROM users;

-- S5
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'user', MIN(id), 90, 'erase', 'active', 'erased', 'member', 4040, 'another', MIN(since) FROM users;

-- S6
INSERT INTO approvals (id, version, stage, since, moved, moved_by, lost_seconds, move, subject, subject_id, at_stake, asked_by, confirmed_by) SELECT 900001, 1, 'confirmed', since, 'confirm', 'operator', 0, 'publish', 'job', id, 200000, 7, 7 FROM jobs WHERE id = (SELECT MIN(id) FROM jobs);

-- S6
UPDATE jobs SET price = 200000;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'approval', 900002, 1, 'ask', '', 'waiting', 'operator', 7, 'asked', MIN(at) FROM transitions;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'job', MIN(id), 90, 'publish', 'held', 'open', 'operator', 7, 'alone', MIN(since) FROM jobs;

-- S6
UPDATE refunds SET amount = 200000;
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT 'refund', MIN(id), 90, 'settle_refund', 'owed', 'settled', 'operator', 7, 'alone', MIN(since) FROM refunds;

-- A4
UPDATE transfers SET key = key || '!' WHERE reason = 'pay_out';

-- A4
DELETE FROM audit_words;

-- A4
UPDATE audit_words SET words = 'something else';

-- A4
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT noun, thing_id, version + 50, 'hold', 'open', 'held', 'operator', 1, 'nobody', at FROM transitions WHERE noun = 'job' AND move = 'post';

-- A5
UPDATE users SET stage = 'erased' WHERE id = (SELECT MIN(id) FROM users);

-- F28
UPDATE contracts SET frozen = NOT frozen WHERE stage = 'delivered';

-- F28
INSERT INTO exceptions (provider, kind, subject, noun, thing_id, ours, theirs, since, confirmed_at, keeper)
SELECT provider, 'amount', reference || stage || CAST(id AS TEXT), 'payment', id, 1, 2, since, since, 'operators' FROM payments WHERE stage = 'paid';

-- A7
INSERT INTO transitions (noun, thing_id, version, move, source, target, role, actor_id, cause, at) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 31) SELECT 'application', 800000 + n.x, 1, 'apply', '', 'applied', 'worker', 7, 'spam', t.at FROM n CROSS JOIN (SELECT MIN(at) AS at FROM transitions) t;

-- A2
UPDATE links SET user_id = (SELECT MIN(id) FROM users) WHERE stage = 'linked';

-- A2
UPDATE links SET other_id = user_id WHERE stage = 'linked';

-- A2
INSERT INTO transitions (id, noun, thing_id, version, move, source, target, role, actor_id, cause, at) SELECT -1, noun, thing_id, version + 1, 'disown', 'linked', 'disowned', role, actor_id, cause, at FROM transitions WHERE noun = 'link' AND target = 'linked';

-- A3
UPDATE jobs SET client_id = (SELECT id FROM users WHERE stage = 'folded');
