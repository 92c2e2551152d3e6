/**
 * Gives the arrival time of each record: its own, else the running maximum of the event times of its stream's records
 * that have none. Holds one number a stream.
 */
export function arrivals(): (stream: string, t: number, at: number | undefined) => number {
  const maxima = new Map<string, number>();
  return (stream, t, at) => {
    if (at !== undefined) return at;
    const maximum = Math.max(t, maxima.get(stream) ?? t);
    maxima.set(stream, maximum);
    return maximum;
  };
}
