/** The client's own mistake, told to it in full. */
export class BadRequest extends Error {
  constructor(
    message: string,
    readonly httpStatus: 400 | 401 | 405 | 413 = 400,
  ) {
    super(message);
  }
}
