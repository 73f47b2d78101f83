/** The client's own mistake, told to it in full. */
export class BadRequest extends Error {
  constructor(
    message: string,
    readonly httpStatus: 400 | 401 | 405 | 413 = 400,
    /** what the answer bears besides */
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** 405, with the methods that are taken here. */
export function methodRefusal(...methods: string[]): BadRequest {
  return new BadRequest(`ERR send a ${methods.join(" or ")}`, 405, { allow: methods.join(", ") });
}
