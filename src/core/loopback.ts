/** 127.0.0.0/8, ::1 and the name localhost (RFC 6761, 6.3). URL has made every spelling of an address canonical. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
