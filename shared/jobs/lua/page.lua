-- Reads jobs, newest first. ARGV: index, where to begin as ZREVRANGEBYLEX takes it, how many at most. Answers with JSON:
-- the last one's id if more follow, and the jobs. A record that has run out is on the index for a while yet.
local most = tonumber(ARGV[3])
local ids = redis.call('ZREVRANGEBYLEX', ARGV[1], ARGV[2], '-', 'LIMIT', 0, most + 1)
local following = table.remove(ids, most + 1) and ids[most]
local found = {}
for _, id in ipairs(ids) do found[#found + 1] = job_text(id, true) end
return '[' .. (following and cjson.encode(following) or 'null') .. ',[' .. table.concat(found, ',') .. ']]'
