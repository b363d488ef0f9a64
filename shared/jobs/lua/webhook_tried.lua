-- Records what came of a claimed event's try. ARGV: event id, token, the try (JSON), wait until the next (ms) or '' for none,
-- most tries kept. Answers 0 if somebody else has the event now. Its job may be gone; the event needs it no more.
local key = event_key(ARGV[1])
local e = redis.call('HMGET', key, 'token', 'job', 'host')
if e[1] ~= ARGV[2] then return 0 end
local left = redis.call('PTTL', job_key(e[2]))
if left ~= -2 then
  redis.call('RPUSH', tries_key(e[2]), ARGV[3])
  redis.call('LTRIM', tries_key(e[2]), -tonumber(ARGV[5]), -1)
  if left >= 0 then redis.call('PEXPIRE', tries_key(e[2]), left) end
end
if ARGV[4] == '' then
  drop_event(ARGV[1], e[3])
else
  redis.call('HDEL', key, 'token')
  redis.call('HINCRBY', key, 'tried', 1)
  event_due(ARGV[1], e[3], now_ms() + tonumber(ARGV[4]))
end
return 1
