-- Notes the newest promotion of a model that was looked at, and tells a webhook of it. Done twice, it tells once.
-- ARGV: model, what was noted before ('' for nothing), the promotion, then for a webhook: receiver (JSON), event id, job id, when (ms), content
local noted = redis.call('HGET', P .. 'promotions', ARGV[1]) or ''
if noted ~= ARGV[2] then return 0 end
redis.call('HSET', P .. 'promotions', ARGV[1], ARGV[3])
if ARGV[4] then tell(ARGV[4], ARGV[5], ARGV[6], 'model.promoted', ARGV[7], ARGV[8]) end
return 1
