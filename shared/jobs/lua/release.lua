-- Gives a unit back to its queue unharmed, because its worker is stopping: it counts as no loss. ARGV: unit id, attempt
local uid, attempt = ARGV[1], ARGV[2]
local key = unit_key(uid)
local u = redis.call('HMGET', key, 'state', 'attempt', 'queue', 'lost')
if u[1] ~= 'leased' or u[2] ~= attempt then return false end
local id = string.match(uid, '^(.*):%d+$')
if redis.call('HGET', job_key(id), 'status') == 'canceling' then
  if close_unit(uid, id, 'canceled') == 0 then end_job(id, 'canceled') end
  return false
end
redis.call('HSET', key, 'state', 'queued')
redis.call('HDEL', key, 'token', 'lease_until')
redis.call('ZREM', P .. 'leases', uid)
if tonumber(u[4] or '0') > 0 then
  -- It came before all that waits, and ran late already.
  send_again(u[3], uid)
else
  redis.call('ZADD', waiting_key(u[3]), now_ms(), uid)
  send(u[3], uid)
end
return 'released'
