import { type GeoPath, geoPath } from "d3-geo";
import type { Feature } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { postalOf } from "./us-places.ts";

/** A state as it is drawn, in a plane of 975 by 610. */
export interface Shape {
  readonly key: string;
  readonly path: string;
  readonly centre: readonly [number, number];
}

/** States, and the borders between them. */
export interface Geometry {
  readonly states: readonly Shape[];
  readonly borders: string;
}

/** us-atlas' states, already projected (Albers' equal-area conic, Alaska and Hawaii moved in). */
export type Atlas = Topology<{ states: GeometryCollection<{ name: string }> }>;

/** The shapes of an atlas; territories that it may have are left out. */
export function geometryOf(atlas: Atlas): Geometry {
  const path = geoPath().digits(1);
  const { states } = atlas.objects;
  const shapes = feature(atlas, states).features.map((state) => shapeOf(state, path));
  return {
    states: shapes.filter((shape) => shape !== undefined),
    borders: path(mesh(atlas, states, (a, b) => a !== b)) ?? "",
  };
}

function shapeOf(state: Feature, path: GeoPath): Shape | undefined {
  const key = postalOf(String(state.id).padStart(2, "0"));
  return key === undefined ? undefined : { key, path: path(state) ?? "", centre: path.centroid(state) };
}

/** Arrow keys as directions on the map. */
const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The state that an arrow key leads to: the nearest whose centre lies that way; the same one at the edge, and undefined for
 * any other key.
 *
 * What lies aside counts double, so that an arrow goes rather straight on than to a neighbour.
 */
export function neighbour(states: readonly Shape[], from: Shape, arrow: string): Shape | undefined {
  const direction = DIRECTIONS[arrow];
  if (direction === undefined) return undefined;
  let nearest = from;
  let least = Number.POSITIVE_INFINITY;
  for (const state of states) {
    const [x, y] = [state.centre[0] - from.centre[0], state.centre[1] - from.centre[1]];
    const along = x * direction[0] + y * direction[1];
    const aside = Math.abs(x * direction[1]) + Math.abs(y * direction[0]);
    if (along > 1 && along + 2 * aside < least) [nearest, least] = [state, along + 2 * aside];
  }
  return nearest;
}
