import { pipelineOf } from "../../../../admission/redis-command.ts";
import type { Booking } from "./bookings.ts";

/**
 * The Lua program of wrk with an edge's requests, alternately a pipeline of three scripts (two
 * limiters and a claim) and a single script. All requests are written before the first is sent.
 */
export function asksOfAnEdge(bookings: Booking[], token: string): string {
  const requests = bookings.flatMap(({ ofUser, ofAddress, claim }) => [
    `post("/pipeline", ${luaText(pipelineOf([ofUser, ofAddress, claim]))})`,
    `post("/", ${luaText(claim)})`,
  ]);
  return `
local headers = { ["Authorization"] = "Bearer ${token}", ["Content-Type"] = "application/json" }
local requests, at = {}, 0

local function post(path, body)
  requests[#requests + 1] = wrk.format("POST", path, headers, body)
end

function init()
  ${requests.join("\n  ")}
end

function request()
  at = at % #requests + 1
  return requests[at]
end
`;
}

/** JSON in Lua's long brackets, which need no escaping. */
function luaText(json: string): string {
  return `[==[${json}]==]`;
}
