-- Records a unit's outcome, once, and lets the next suspect of its queue go.
-- Then takes the next message of a queue, if one is asked for and waits there.
-- Answers recorded or stale, and the unit that was taken or ''. ARGV: unit id, attempt, outcome (JSON), queue or ''
local uid, attempt = ARGV[1], ARGV[2]
local id = string.match(uid, '^(.*):%d+$')
local u = redis.call('HMGET', unit_key(uid), 'state', 'attempt', 'queue')
-- The same outcome sent twice, because the first answer was lost on its way, counts once.
if u[1] == 'done' and u[2] == attempt then return {'recorded', ''} end
if u[1] ~= 'leased' or u[2] ~= attempt then return {'stale', ''} end
settle(uid, id, cjson.decode(ARGV[3]))
next_suspect(u[3])
return {'recorded', ARGV[4] ~= '' and take(ARGV[4]) or ''}
