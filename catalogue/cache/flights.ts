interface Flight<T> {
  now: Promise<T>;
  next?: Promise<T>;
}

/**
 * Runs `work` for one key at a time. All callers that come during a run share the run after it: a
 * run that began before a caller came may have read something older than the caller was told.
 */
export function createFlights<Key, T>(work: (key: Key) => Promise<T>): (key: Key) => Promise<T> {
  const flights = new Map<Key, Flight<T>>();

  function start(key: Key): Promise<T> {
    const flight: Flight<T> = { now: work(key) };
    flights.set(key, flight);
    const land = () => {
      if (!flight.next) flights.delete(key);
    };
    flight.now.then(land, land);
    return flight.now;
  }

  return (key) => {
    const flight = flights.get(key);
    if (!flight) return start(key);
    const again = () => start(key);
    flight.next ??= flight.now.then(again, again);
    return flight.next;
  };
}
