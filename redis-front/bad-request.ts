/** The client's own mistake. The client gets the message in full. */
export class BadRequest extends Error {
  constructor(
    message: string,
    readonly httpStatus: 400 | 401 | 405 | 413 = 400,
    /** additional headers of the answer */
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** A 405 that names the allowed methods. */
export function methodRefusal(...methods: string[]): BadRequest {
  return new BadRequest(`ERR send a ${methods.join(" or ")}`, 405, { allow: methods.join(", ") });
}
