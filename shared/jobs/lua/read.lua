-- Reads a job. Answers with JSON, or nothing. ARGV: job id
return job_text(ARGV[1], true)
