-- Renews leases. ARGV: lease (ms), then unit id and attempt for each
-- Answers for each: held, lost, or canceling.
local lease = tonumber(ARGV[1])
local now = now_ms()
local out = {}
for i = 2, #ARGV, 2 do
  local uid, attempt = ARGV[i], ARGV[i + 1]
  local u = redis.call('HMGET', unit_key(uid), 'state', 'attempt')
  if u[1] ~= 'leased' or u[2] ~= attempt then
    out[#out + 1] = 'lost'
  else
    redis.call('HSET', unit_key(uid), 'lease_until', now + lease)
    redis.call('HDEL', unit_key(uid), 'grace')
    redis.call('ZADD', P .. 'leases', now + lease, uid)
    local id = string.match(uid, '^(.*):%d+$')
    local canceling = redis.call('HGET', job_key(id), 'status') == 'canceling'
    out[#out + 1] = canceling and 'canceling' or 'held'
  end
end
return out
