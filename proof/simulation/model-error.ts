/** Faults of the simulation itself, kept where the real code cannot catch them. */
const faults: string[] = [];

/**
 * Returns the error for a request that a model does not know, and remembers it until the end of the
 * step.
 */
export function modelError(message: string): Error {
  faults.push(message);
  return new Error(message);
}

/** Throws if a model has met an unknown request since the last call. */
export function assertModels(): void {
  if (faults.length > 0)
    throw new Error(`the simulation has to learn: ${faults.splice(0).join("; ")}`);
}
