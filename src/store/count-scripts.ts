import { HALF_LIFE_MS, LANDMARK_HALF_LIVES_MAX } from "../distribution/decay.ts";
import { commitScript, META_SECONDS, readScript } from "./script-frames.ts";

/** Words that one command takes: Lua's stack holds 8000. */
const WORDS_MAX = 4000;

/**
 * `scaled` of src/distribution/decay.ts, step by step, and calls with many words. Weights are printed with 17 digits,
 * which name one double.
 */
const HELPERS = `
local function scaled(weight, left)
  while math.abs(left) > 1000 do
    if weight == 0 or weight == math.huge then return weight end
    local step = left > 0 and 1000 or -1000
    weight = math.ldexp(weight, step)
    left = left - step
  end
  return math.ldexp(weight, left)
end
local function inParts(words, call)
  for i = 1, #words, ${WORDS_MAX} do call(i, math.min(i + ${WORDS_MAX - 1}, #words)) end
end
local function set(key, words)
  inParts(words, function(i, j) redis.call('HSET', key, unpack(words, i, j)) end)
end
local function get(key, names, into)
  inParts(names, function(i, j)
    local values = redis.call('HMGET', key, unpack(names, i, j))
    for k = i, j do into[names[k]] = tonumber(values[k - i + 1] or '') end
  end)
end
`;

/** Keeps the landmark within reach of stream time; weights move with it by whole powers of two. Begins \`recent\` anew. */
const MOVE_LANDMARK = `
local batchLandmark = tonumber(ARGV[at])
local moved = math.max(time or lastTime, lastTime)
local before = tonumber(redis.call('HGET', KEYS[1], 'landmark') or '')
local landmark = before or batchLandmark
if moved - landmark >= ${LANDMARK_HALF_LIVES_MAX * HALF_LIFE_MS} then
  landmark = math.floor(moved / ${HALF_LIFE_MS}) * ${HALF_LIFE_MS}
end
local function halfLives(from, to) return math.floor((to - from) / ${HALF_LIFE_MS} + 0.5) end
if landmark ~= before then
  redis.call('HSET', KEYS[1], 'landmark', string.format('%.0f', landmark))
  local words = {}
  if before then
    words = redis.call('HGETALL', KEYS[4])
    for i = 2, #words, 2 do
      words[i] = string.format('%.17g', scaled(tonumber(words[i]), halfLives(landmark, before)))
    end
  else
    redis.call('DEL', KEYS[4])
    for _, name in ipairs(redis.call('HKEYS', KEYS[3])) do
      words[#words + 1] = name
      words[#words + 1] = '0'
    end
  end
  set(KEYS[4], words)
end
`;

/** \`CountTable.merge\`, on hashes. */
const ADD_CATEGORIES = `
local categoriesMax, other = tonumber(ARGV[at + 1]), ARGV[at + 2] == '1' and ARGV[at + 3] or nil
local size, shift = tonumber(ARGV[at + 4]), halfLives(landmark, batchLandmark)
at = at + 5
local names, counts, weights = {}, {}, {}
for i = 1, size do names[i] = ARGV[at + (i - 1) * 3] end
if other then names[size + 1] = other end
get(KEYS[3], names, counts)
get(KEYS[4], names, weights)
local own = redis.call('HLEN', KEYS[3])
if other and counts[other] then own = own - 1 end
local places, added, touched = {}, {}, {}
for i = 1, size do
  local name, count, weight = names[i], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local place = name
  if not counts[name] and name ~= other then
    if own < categoriesMax then own = own + 1 else place = other end
  end
  if place ~= name then result = result + count end
  if place then
    counts[place] = (counts[place] or 0) + count
    weights[place] = (weights[place] or 0) + scaled(weight, shift)
    if not added[place] then touched[#touched + 1] = place end
    added[place] = true
  end
  places[i] = place or false
  at = at + 3
end
local allWords, recentWords = {}, {}
for i, name in ipairs(touched) do
  allWords[2 * i - 1], allWords[2 * i] = name, string.format('%.0f', counts[name])
  recentWords[2 * i - 1], recentWords[2 * i] = name, string.format('%.17g', weights[name])
end
set(KEYS[3], allWords)
set(KEYS[4], recentWords)
redis.call('EXPIRE', KEYS[4], ${META_SECONDS})
`;

const ADD_CELLS = `
local cells = tonumber(ARGV[at])
at = at + 1
for _ = 1, cells do
  local key, size = prefix .. ARGV[at], tonumber(ARGV[at + 3])
  if ARGV[at + 1] ~= '0' then redis.call('HINCRBY', key, 'rest', ARGV[at + 1]) end
  if ARGV[at + 2] ~= '0' then redis.call('HINCRBY', key, 'late', ARGV[at + 2]) end
  at = at + 4
  for _ = 1, size do
    local place = places[tonumber(ARGV[at])]
    redis.call('HINCRBY', key, place and '=' .. place or 'rest', ARGV[at + 1])
    at = at + 2
  end
  redis.call('EXPIRE', key, expire)
end
`;

/**
 * KEYS 3 and 4: all, recent. After what all commits have: landmark, most categories, 1 where there is an other, its
 * name, number of categories; then name, count, weight of each; then the number of cells; then second, rest, late and
 * number of categories of each, and the number of the category and its count for each of those.
 * The result is the number of events refused.
 */
export const COMMIT_COUNTS = commitScript(HELPERS + MOVE_LANDMARK + ADD_CATEGORIES + ADD_CELLS);

/**
 * KEYS 2 and 3: all, recent. After what all reads have: 1 where all is wanted, 1 where recent is.
 * Gives {time, connected, newest or "", landmark, ms since time moved, first second, completed, all, recent}; completed
 * holds each second's hash from the first on, a hash comes as names and values in turn, one that is not wanted as "".
 */
export const READ_COUNTS = readScript(
  "landmark",
  `
local completed = {}
for second = from, current - 1 do
  completed[#completed + 1] = redis.call('HGETALL', prefix .. string.format('%.0f', second))
end
local all = ARGV[4] == '1' and redis.call('HGETALL', KEYS[2]) or ''
local recent = ARGV[5] == '1' and redis.call('HGETALL', KEYS[3]) or ''
return {meta[1], meta[2], meta[3] or '', meta[6], stale, from, completed, all, recent}`,
);
