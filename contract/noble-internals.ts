// Reaches into @noble/hashes: copies one hash's state into another by `_cloneInto`.

/**
 * Sets `working` to the state of `begun` and returns it. `begun` stays as it is. No object is made,
 * and what `begun` has hashed is not hashed again.
 */
export function copyState<Hash extends { _cloneInto(to?: Hash): Hash }>(
  begun: Hash,
  working: Hash,
): Hash {
  return begun._cloneInto(working);
}
