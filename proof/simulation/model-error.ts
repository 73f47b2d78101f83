/** Faults of the simulation itself, which the real code must not be able to catch. */
const faults: string[] = [];

/** For what a model does not know: gives the error to throw, and remembers it until the step is over. */
export function modelError(message: string): Error {
  faults.push(message);
  return new Error(message);
}

/** Throws when a model did not know what it was asked since the last call. */
export function assertModels(): void {
  if (faults.length > 0)
    throw new Error(`the simulation has to learn: ${faults.splice(0).join("; ")}`);
}
