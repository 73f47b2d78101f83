-- The stricter of two terms, field by field: what fence.lua and load-finish.lua share.
--
-- A list is { opensAtMs, closesAtMs, capacity, cancelled, audience }, each a text, or false where
-- Redis knows none. An audience is "" for everybody, else ",group,group,"; "," is nobody.
-- Two windows without a common moment give a window that is long over: such a lecture is closed.

local function commonGroups(one, other)
  if not one or one == "" then return other end
  if other == "" then return one end
  local both = ","
  for group in string.gmatch(one, "[^,]+") do
    if string.find(other, "," .. group .. ",", 1, true) then
      both = both .. group .. ","
    end
  end
  return both
end

local function stricter(one, other)
  local function least(at)
    local known = tonumber(one[at])
    return known and known < tonumber(other[at]) and one[at] or other[at]
  end
  local function most(at)
    local known = tonumber(one[at])
    return known and known > tonumber(other[at]) and one[at] or other[at]
  end
  local opensAtMs, closesAtMs = most(1), least(2)
  if tonumber(opensAtMs) >= tonumber(closesAtMs) then
    opensAtMs, closesAtMs = "0", "1"
  end
  local cancelled = one[4] == "1" and "1" or other[4]
  return { opensAtMs, closesAtMs, least(3), cancelled, commonGroups(one[5], other[5]) }
end
