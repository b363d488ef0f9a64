-- Claims the event that has been due for longest. ARGV: token, lease (ms), receivers that take no more now …
-- Answers its id and record, or nothing. One whose sender died is due again when the lease is over.
local busy = {}
for i = 3, #ARGV do busy[ARGV[i]] = true end
for _, host in ipairs(redis.call('ZRANGEBYSCORE', RECEIVERS, '-inf', now_ms(), 'LIMIT', 0, #ARGV - 1)) do
  local id = redis.call('ZRANGE', receiver_key(host), 0, 0)[1]
  if not busy[host] and redis.call('EXISTS', event_key(id)) == 0 then
    drop_event(id, host)
  elseif not busy[host] then
    redis.call('HSET', event_key(id), 'token', ARGV[1])
    event_due(id, host, now_ms() + tonumber(ARGV[2]))
    return {id, redis.call('HGETALL', event_key(id))}
  end
end
return false
