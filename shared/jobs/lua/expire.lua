-- Takes jobs whose time is over out of the indexes and answers their ids, whose files are then removed.
-- ARGV: most at once, when to answer the same ids again (ms from now): the caller takes an id out of `expiring` once its
-- files are gone, and those that stay let others go first.
local now = now_ms()
local due = redis.call('ZRANGEBYSCORE', P .. 'expiring', '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))
if #due == 0 then return due end
-- One command for all of them: a command each would hold Redis up for tens of milliseconds.
for _, kind in ipairs({'*', 'classification', 'training', 'import'}) do
  for _, status in ipairs({'*', 'succeeded', 'failed', 'canceled'}) do
    redis.call('ZREM', P .. 'jobs:' .. kind .. ':' .. status, unpack(due))
  end
end
local again = {}
for i, id in ipairs(due) do again[2 * i - 1], again[2 * i] = now + tonumber(ARGV[2]), id end
redis.call('ZADD', P .. 'expiring', unpack(again))
return due
