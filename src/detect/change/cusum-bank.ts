import type { Snapshot } from "../detector.ts";
import { fieldsOf } from "../snapshot.ts";
import { grown, type Numbers, numbersOf } from "./vectors.ts";

/** Measured for sums of a rise and a fall: chance gets to h nats of them 1.2 C^2 h e^-h times a second. */
const EXCHANGE_FACTOR = 1.2;

/** A test is nearly as far as another one when so much is missing at most, nats. */
const NEARLY_NATS = 2;

/** What a test of one channel and ratio goes by, for each event and for each unit of exposure, nats. */
export interface Increment {
  readonly gain: number;
  readonly cost: number;
}

/** Where a test stands. */
export interface Leader {
  /** nats */
  readonly sum: number;
  readonly channel: number;
  /** Which of the ratios it is of. */
  readonly place: number;
  /** When its sum last left 0, ms: the most likely time of the change. */
  readonly begun: number;
  /** Exposure since then, and events for each unit of it. */
  readonly exposure: number;
  readonly level: number;
}

/**
 * CUSUMs (Page 1954) of many channels, one for each ratio of the parameter: each sums up the log-likelihood ratio of a
 * changed level against the usual one, and begins anew when that falls below 0.
 *
 * Holds six numbers a channel and ratio. A step takes a few nanoseconds for each of them.
 */
export class CusumBank {
  readonly #ratios: number;
  #channels = 0;
  #sums = new Float64Array(0);
  #begun = new Float64Array(0);
  /** Events and exposure since then. */
  #events = new Float64Array(0);
  #exposures = new Float64Array(0);
  #gains = new Float64Array(0);
  #costs = new Float64Array(0);
  /** Ratios below 1 come first. */
  readonly #down: number;
  /** The tests of a rise and of a fall that are furthest. */
  #rise = 0;
  #fall = 0;

  /** @param ratios ascending. */
  constructor(ratios: readonly number[]) {
    this.#ratios = ratios.length;
    this.#down = ratios.filter((ratio) => ratio < 1).length;
  }

  get channels(): number {
    return this.#channels;
  }
  /** The test that is furthest. */
  get leader(): Leader {
    return this.#sumOf(this.#rise) >= this.#sumOf(this.#fall) ? this.rise : this.fall;
  }
  get rise(): Leader {
    return this.#at(this.#rise);
  }
  get fall(): Leader {
    return this.#at(this.#fall);
  }
  /** The sums of the leading rise and of the leading fall together, as where one takes from another; 0 without both. */
  get exchange(): number {
    const [rise, fall] = [this.#sumOf(this.#rise), this.#sumOf(this.#fall)];
    return rise > 0 && fall > 0 ? rise + fall : 0;
  }

  /** The same in the measure of a single test less `logChance`, ln C: chance gets there as seldom. */
  exchangeOver(logChance: number): number {
    const { exchange } = this;
    return exchange < 1 ? 0 : exchange - 2 * logChance - Math.log(EXCHANGE_FACTOR * exchange);
  }

  #sumOf(test: number): number {
    return this.#sums[test] ?? 0;
  }

  grow(channels: number): void {
    const length = channels * this.#ratios;
    this.#channels = channels;
    this.#sums = grown(this.#sums, length);
    this.#begun = grown(this.#begun, length);
    this.#events = grown(this.#events, length);
    this.#exposures = grown(this.#exposures, length);
    this.#gains = grown(this.#gains, length);
    this.#costs = grown(this.#costs, length);
  }

  /** Sets what a test goes by from now on. */
  set(channel: number, place: number, { gain, cost }: Increment): void {
    const test = channel * this.#ratios + place;
    this.#gains[test] = gain;
    this.#costs[test] = cost;
  }

  /**
   * One step of all tests. @param most the largest step up that one record makes.
   * @param start when the time of the record began, ms.
   */
  push(counts: Numbers, exposure: number, { most, start }: { most: number; start: number }): void {
    const [sums, gains, costs] = [this.#sums, this.#gains, this.#costs];
    const [begun, events, exposures] = [this.#begun, this.#events, this.#exposures];
    // Where nothing rises, any test of a rise stands at 0.
    let [rise, risen, fall, fallen, test] = [0, this.#down, 0, 0, 0];
    for (let channel = 0; channel < this.#channels; channel++) {
      const count = counts[channel]!;
      for (let place = 0; place < this.#ratios; place++, test++) {
        const step = count * gains[test]! - exposure * costs[test]!;
        const before = sums[test]!;
        const sum = before + (step < most ? step : most);
        if (sum <= 0) {
          sums[test] = 0;
          continue;
        }
        if (before === 0) {
          begun[test] = start;
          events[test] = 0;
          exposures[test] = 0;
        }
        sums[test] = sum;
        events[test]! += count;
        exposures[test]! += exposure;
        if (place < this.#down) {
          if (sum > fall) [fall, fallen] = [sum, test];
        } else if (sum > rise) [rise, risen] = [sum, test];
      }
    }
    this.#rise = risen;
    this.#fall = fallen;
  }

  /** The test of a channel that is furthest. */
  of(channel: number): Leader {
    const first = channel * this.#ratios;
    let best = first;
    for (let test = first; test < first + this.#ratios; test++) {
      if (this.#sums[test]! > this.#sums[best]!) best = test;
    }
    return this.#at(best);
  }

  /** When the change that a test has found began, as the shortest of the tests beside it that are nearly as far have it, ms. */
  latestStart({ channel, sum, begun }: Leader): number {
    let latest = begun;
    for (let place = 0; place < this.#ratios; place++) {
      const test = channel * this.#ratios + place;
      if (this.#sumOf(test) >= sum - NEARLY_NATS) latest = Math.max(latest, this.#begun[test]!);
    }
    return latest;
  }

  /** The leading test of each channel where it stands at `nats` or higher. */
  above(nats: number): Leader[] {
    const sums = this.#sums;
    const leaders: Leader[] = [];
    for (let channel = 0; channel < this.#channels; channel++) {
      const end = (channel + 1) * this.#ratios;
      for (let test = end - this.#ratios; test < end; test++) {
        if (sums[test]! < nats) continue;
        leaders.push(this.of(channel));
        break;
      }
    }
    return leaders;
  }

  #at(test: number): Leader {
    const exposure = this.#exposures[test] ?? 0;
    return {
      sum: this.#sumOf(test),
      channel: Math.floor(test / this.#ratios),
      place: test % this.#ratios,
      begun: this.#begun[test] ?? 0,
      exposure,
      level: exposure === 0 ? 0 : this.#events[test]! / exposure,
    };
  }

  /** All begin anew, or those of one channel. */
  restart(channel?: number): void {
    const from = (channel ?? 0) * this.#ratios;
    this.#sums.fill(0, from, channel === undefined ? undefined : from + this.#ratios);
  }

  /** What stands in each test that is under way. */
  snapshot(): Snapshot {
    const length = this.#channels * this.#ratios;
    const tests = Array.from({ length }, (_, test) => test).filter((test) => this.#sums[test] !== 0);
    const of = (numbers: Numbers) => tests.map((test) => numbers[test]!);
    return {
      channels: this.#channels,
      tests,
      sums: of(this.#sums),
      begun: of(this.#begun),
      events: of(this.#events),
      exposures: of(this.#exposures),
    };
  }

  /** Into a bank of as many channels. @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "cusums");
    const tests = numbersOf(fields, "tests");
    const parts = { sums: this.#sums, begun: this.#begun, events: this.#events, exposures: this.#exposures };
    for (const [name, numbers] of Object.entries(parts)) {
      const saved = numbersOf(fields, name);
      tests.forEach((test, i) => {
        if (test < numbers.length) numbers[test] = saved[i] ?? 0;
      });
    }
  }
}
