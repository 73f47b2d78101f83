import { inParallel } from "../../../pending/in-parallel.ts";
import { edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";

const AT_A_TIME = 64;

/** Signs students in who press in every schedule of a run. */
export async function signInStudents(
  edgeUrl: string,
  count: number,
  prefix: string,
): Promise<SignedInStudent[]> {
  const edge = edgeClient(edgeUrl);
  const numbers = Array.from(
    { length: count },
    (_, at) => `${prefix}${String(at).padStart(5, "0")}`,
  );
  return await inParallel(numbers, AT_A_TIME, (number) => edge.signIn(number));
}
