import { parseArgs } from "node:util";
import { LectureId } from "../../contract/ids.ts";

export interface CommandLine {
  json: boolean;
  /** empty: all lectures */
  lectureIds: LectureId[];
  waitMs: number;
}

export const usage = "usage: npm run audit -- [--json] [--lecture ID]… [--wait SECONDS]";

const WAIT_MAX_S = 3_600;

/** Reads the command line. Throws an error that names the mistake in one line. */
export function readCommandLine(args: string[]): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      lecture: { type: "string", multiple: true, default: [] },
      wait: { type: "string", default: "30" },
    },
  });
  const wrong = values.lecture.find((id) => !LectureId.safeParse(id).success);
  if (wrong !== undefined) throw new Error(`--lecture ${wrong}: a lecture's id is a number`);
  const waitS = Number(values.wait);
  if (values.wait.trim() === "" || !(waitS >= 0 && waitS <= WAIT_MAX_S))
    throw new Error(`--wait ${values.wait}: a number of seconds from 0 to ${WAIT_MAX_S}`);
  return { json: values.json, lectureIds: [...new Set(values.lecture)], waitMs: waitS * 1_000 };
}
