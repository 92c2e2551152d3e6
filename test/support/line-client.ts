import { get } from "node:http";

/** A connection that reads lines. */
export interface LineClient {
  /** Whole lines so far, blank ones left out. */
  readonly lines: () => string[];
  /** Everything so far, as it came. */
  readonly text: () => string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Resolves when the connection is over: `ended` in order, `broken` otherwise. */
  readonly over: Promise<"ended" | "broken">;
  close(): void;
}

/** Opens an endless response; resolves when its head has come. @throws when it answers with another status than 200. */
export function openLines(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LineClient> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`));
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", () => {});
      const over = new Promise<"ended" | "broken">((settle) =>
        response.on("close", () => settle(response.complete ? "ended" : "broken")),
      );
      const lines = () =>
        text
          .split("\n")
          .slice(0, -1)
          .filter((line) => line !== "");
      resolve({ lines, text: () => text, headers: response.headers, over, close: () => request.destroy() });
    });
    request.on("error", reject);
  });
}
