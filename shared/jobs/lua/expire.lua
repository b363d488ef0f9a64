-- Takes jobs whose time is over out of the indexes and answers their ids, whose files are then removed.
-- ARGV: most at once. The caller takes an id out of `expiring` after its files are gone.
local due = redis.call('ZRANGEBYSCORE', P .. 'expiring', '-inf', now_ms(), 'LIMIT', 0, tonumber(ARGV[1]))
for _, id in ipairs(due) do
  for _, kind in ipairs({'classification', 'training', 'import'}) do
    for _, status in ipairs({'succeeded', 'failed', 'canceled'}) do index('remove', id, kind, status) end
  end
end
return due
