import { Keyring } from "../../../contract/keyring.ts";
import { studentMaker } from "../load/student.ts";

/** Session tokens of this many new students. */
export function mintTokens(sessionKeys: string, count: number): string[] {
  const newStudent = studentMaker(Keyring.parse(sessionKeys));
  return Array.from({ length: count }, () => newStudent().token);
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
