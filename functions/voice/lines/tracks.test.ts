import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tracks } from './tracks.ts';

/** What becomes of the caller's frames; `true`: a frame of the caller's. */
const placesOf = (frames: readonly boolean[], number: (own: number, all: number) => number) => {
  const order = tracks();
  const [counts, places] = [{ caller: 0, other: 0 }, [] as (number | undefined)[]];
  frames.forEach((isCaller, i) => {
    const own = isCaller ? (counts.caller += 1) : (counts.other += 1);
    if (isCaller) places.push(order.caller(number(own, i + 1)));
    else order.other(number(own, i + 1));
  });
  return places;
};

describe('of two tracks, the caller’s frames', () => {
  it('that are counted by themselves keep their count', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (frames) => {
        // As gateways send them: one of each, in either order, for each 20 ms.
        const both = frames.flatMap((first) => [first, !first]);
        expect(placesOf(both, (own) => own)).toEqual(frames.map((_, i) => i + 1));
      }),
    );
  });

  it('that are counted by themselves keep their count where the other side begins late', () => {
    const both = [...Array.from({ length: 500 }, () => true), false, true, false, true];
    expect(placesOf(both, (own) => own)).toEqual(Array.from({ length: 502 }, (_, i) => i + 1));
  });

  it('that are counted with the other’s are taken as they come, so that no silence fills their holes', () => {
    const both = Array.from({ length: 300 }, (_, i) => i % 2 === 0);
    const places = placesOf(both, (_, all) => all);
    expect(places.slice(1).every((place) => place === undefined)).toBe(true);
  });

  it('that are alone have their count', () => {
    expect(placesOf([true, true, true], (own) => own)).toEqual([1, 2, 3]);
  });
});
