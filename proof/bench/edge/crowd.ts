import { Keyring } from "../../../contract/keyring.ts";
import { issueSession } from "../../../origin/session-token.ts";

/** Session tokens of this many students, distinct from any other crowd's. */
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
 * The requests of wrk: presses without a key, as the page's first click has none. All students
 * press for the first lecture, then all for the next. No student presses twice for a lecture before
 * all have pressed for all.
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

/** Presses the button once, as the page's first click. */
export function pressButton(edgeUrl: string, lectureId: string, token: string): Promise<Response> {
  return fetch(`${edgeUrl}/api/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  });
}
