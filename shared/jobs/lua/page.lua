-- Reads jobs, newest first. ARGV: index, where to begin as ZREVRANGEBYLEX takes it, how many at most. Answers with the
-- last one's id if more follow, and the records. All in one text, because Redis's own answers to three commands a job
-- take Python five times as long to read.
local most = tonumber(ARGV[3])
local ids = redis.call('ZREVRANGEBYLEX', ARGV[1], ARGV[2], '-', 'LIMIT', 0, most + 1)
local following = table.remove(ids, most + 1) and ids[most] or cjson.null
local found = {}
for number, id in ipairs(ids) do
  found[number] = {
    redis.call('HGETALL', job_key(id)),
    redis.call('HGETALL', counts_key(id)),
    redis.call('LRANGE', tries_key(id), 0, -1),
  }
end
return cjson.encode({following, found})
