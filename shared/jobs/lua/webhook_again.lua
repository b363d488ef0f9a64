-- Tells a job's webhook of its end once more, with all tries before it. ARGV: job id
local id = ARGV[1]
local j = redis.call('HMGET', job_key(id), 'status', 'webhook')
if not j[1] then return 'unknown' end
if not j[2] then return 'none' end
if not FINAL[j[1]] then return 'running' end
tell_end(id, job_text(id))
return 'sent'
