"""The one script that writes: compare, append, move the head. Redis runs it whole or not at all.

KEYS: the stream of entries, the hash of the head. ARGV: the digest expected at the head; ``1`` when the answer to the
same append was lost before; the digest that an empty ledger has; then position, digest and line of each new entry.
"""

APPEND = """
local entries, head = KEYS[1], KEYS[2]
local expected, again, genesis = ARGV[1], ARGV[2], ARGV[3]
local position, digest = ARGV[#ARGV - 2], ARGV[#ARGV - 1]
local now = redis.call('HMGET', head, 'position', 'digest')
if redis.call('XLEN', entries) ~= tonumber(now[1] or 0) then
  return 'DAMAGED'
end
if (now[2] or genesis) == expected then
  for at = 4, #ARGV, 3 do
    redis.call('XADD', entries, ARGV[at] .. '-0', 'digest', ARGV[at + 1], 'line', ARGV[at + 2])
  end
  redis.call('HSET', head, 'position', position, 'digest', digest)
  return 'APPENDED'
end
if again == '1' then -- the digest of the last entry vouches for those before it
  local there = redis.call('XRANGE', entries, position .. '-0', position .. '-0')[1]
  if there and there[2][2] == digest then
    redis.call('HSET', head, 'position', now[1]) -- changes nothing, but is a write whose sync can be waited for
    return 'APPENDED'
  end
end
return 'MOVED'
"""

APPENDED = b"APPENDED"
MOVED = b"MOVED"
DAMAGED = b"DAMAGED"
