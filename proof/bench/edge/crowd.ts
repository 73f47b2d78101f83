import { Keyring } from "../../../contract/keyring.ts";
import { issueSession } from "../../../origin/session-token.ts";

/** Session tokens of as many students, none of whom any other crowd knows. */
export async function mintTokens(sessionKeys: string, count: number): Promise<string[]> {
  const keys = Keyring.parse(sessionKeys);
  const crowd = crypto.randomUUID().slice(0, 8);
  const tokens: string[] = [];
  for (let student = 0; student < count; student += 1) {
    const userId = `b-${crowd}-${student}`;
    const session = { userId, role: "student", minutes: 24 * 60, nowMs: Date.now() } as const;
    tokens.push((await issueSession(keys, session)).token);
  }
  return tokens;
}

/**
 * What wrk sends: presses without a key, as the page's first click has none. Every student presses for the first lecture, then every one
 * for the next, so that no student presses twice for one before all have pressed for all.
 */
export function pressing(tokens: string[], lectureIds: string[]): string {
  return `
local tokens = { ${tokens.map((token) => `"Bearer ${token}"`).join(",\n")} }
local lectures = { ${lectureIds.map((id) => `"${id}"`).join(", ")} }
local sent = 0
request = function()
  local student = sent % #tokens + 1
  local lecture = math.floor(sent / #tokens) % #lectures + 1
  sent = sent + 1
  return wrk.format("POST", "/api/lectures/" .. lectures[lecture] .. "/reservations", { Authorization = tokens[student] })
end
`;
}
