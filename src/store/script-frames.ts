import { HISTORY_SECONDS, LOOK_BACK_SECONDS_MAX } from "../core/stream-time.ts";

/** Wall seconds that a stream's meta data outlives its last commit. */
export const META_SECONDS = 30 * 86_400;
/** Wall seconds that a writer's last number is kept. */
const WRITER_SECONDS = 3600;
/** Wall seconds that a second is kept beyond every window it could be asked for in. */
export const SWEEP_SECONDS = 3600;

/**
 * A program that runs inside Redis and commits one batch: what is common to all branches, around what is its own.
 *
 * It touches one partition: the keys of seconds are built from the prefix of KEYS[1], so they carry its hash tag. Times
 * and sums stay exact: Lua's numbers are doubles, and whole ones below 2^53 are printed in full with %.0f.
 *
 * KEYS: meta, writer, the branch's own, and the stream's run as the last. ARGV: prefix of seconds, sequence, first time,
 * first connected, last time, last connected, newest or "", run or "", place or "" and what it has passed, wall seconds
 * that a second is kept, number of blind ranges; then from, to of each; then the branch's own, from ARGV[at] on.
 * Gives {applied, stream time before or "", result}; of a batch sent again, the result that it had. Applied is -1 where
 * another run has begun.
 *
 * @param body may use `at`, `time` (before, or nil), `lastTime`, `prefix`, `expire`, and set `result`, a whole number.
 */
export const commitScript = (body: string): string => `
local prefix, expire = ARGV[1], ARGV[11]
if ARGV[8] ~= '' then
  local run = tonumber(redis.call('GET', KEYS[#KEYS]) or '') or 0
  if run > tonumber(ARGV[8]) then return {-1, '', 0} end
  -- A Redis that lost its newest data learns it anew.
  redis.call('SET', KEYS[#KEYS], ARGV[8], 'EX', ${META_SECONDS})
end
local firstTime, lastTime = tonumber(ARGV[3]), tonumber(ARGV[5])
local meta = redis.call('HMGET', KEYS[1], 'time', 'connected', 'newest')
local time = tonumber(meta[1] or '')
local number, result = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+) ?(%d*)$')
result = tonumber(result or '') or 0
if number and tonumber(ARGV[2]) <= tonumber(number) then return {0, meta[1] or '', result} end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ${WRITER_SECONDS})
result = 0

local function blind(from, to)
  for second = from, to do
    local key = prefix .. string.format('%.0f', second)
    redis.call('HSET', key, 'blind', 1)
    redis.call('EXPIRE', key, expire)
  end
end
if time and firstTime > time and (meta[2] == '0' or ARGV[4] == '0') then
  local to = math.ceil(firstTime / 1000) - 1
  blind(math.max(math.floor(time / 1000), to - ${HISTORY_SECONDS - 1}), to)
end
local at = 13
for _ = 1, tonumber(ARGV[12]) do
  blind(tonumber(ARGV[at]), tonumber(ARGV[at + 1]))
  at = at + 2
end
${body}
redis.call('HSETNX', KEYS[1], 'since', string.format('%.0f', math.floor(firstTime / 1000)))
if not time or lastTime >= time then redis.call('HSET', KEYS[1], 'connected', ARGV[6]) end
if not time or lastTime > time then
  local now = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'time', ARGV[5], 'moved', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)))
end
if ARGV[7] ~= '' and not (meta[3] and tonumber(meta[3]) >= tonumber(ARGV[7])) then
  redis.call('HSET', KEYS[1], 'newest', ARGV[7])
end
if ARGV[9] ~= '' and tonumber(ARGV[10]) >= (tonumber(redis.call('HGET', KEYS[1], 'passed') or '') or -math.huge) then
  redis.call('HSET', KEYS[1], 'cursor', ARGV[9], 'passed', ARGV[10])
end
redis.call('EXPIRE', KEYS[1], ${META_SECONDS})
if result > 0 then redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. string.format('%.0f', result), 'EX', ${WRITER_SECONDS}) end
return {1, meta[1] or '', result}
`;

/**
 * A program that runs inside Redis and reads a branch in one step: what is common to all.
 *
 * KEYS: meta, and the branch's own. ARGV: prefix of seconds, most seconds wanted, first one wanted or ""; then the
 * branch's own. Gives false where there is no such stream, else what `body` returns.
 *
 * @param field of the meta data, for the body in `meta[6]`.
 * @param body may use `prefix`, `meta` (time, connected, newest, moved, since), `time`, `stale` (ms since time moved),
 * `current` (its second) and `from` (the first completed second to be told).
 */
export const readScript = (field: string, body: string): string => `
local prefix = ARGV[1]
local meta = redis.call('HMGET', KEYS[1], 'time', 'connected', 'newest', 'moved', 'since', '${field}')
if not meta[1] then return false end
local time = tonumber(meta[1])
local now = redis.call('TIME')
local stale = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - meta[4])
local current = math.floor(time / 1000)
local from = math.max(tonumber(meta[5]), current - math.min(tonumber(ARGV[2]), ${LOOK_BACK_SECONDS_MAX}))
if ARGV[3] ~= '' then from = math.max(from, tonumber(ARGV[3])) end
${body}`;
