import { describe, expect, it } from 'vitest';
import { classifyFault } from '../../src/inference/fault.ts';
import { RefusalWatch } from '../../src/inference/refusal-watch.ts';

const fault = classifyFault(400, { error: { message: 'no', param: 'seed' } }, undefined);
const refuse = (watch: RefusalWatch, times: number, release = () => {}) => {
  for (let time = 0; time < times; time += 1) watch.refused(fault, release);
};
const stops = expect.objectContaining({
  code: 'REQUEST_REFUSED',
  message: expect.stringContaining('16 refusals in a row, the last one HTTP 400, which names seed'),
});

describe('a watch on refusals', () => {
  it('stops a run whose server has refused sixteen requests and answered none', () => {
    const watch = new RefusalWatch(false, '--base-url');
    refuse(watch, 15);
    expect(() => refuse(watch, 1)).toThrow(stops);
  });

  it('bears with single refusals between answers, however many they come to', () => {
    const watch = new RefusalWatch(false, '--base-url');
    let released = 0;
    for (let time = 0; time < 100; time += 1) {
      refuse(watch, 3, () => {
        released += 1;
      });
      watch.alive();
    }
    expect(released).toBe(300);
  });

  it('holds refusals back until an answer comes or the plan ends', () => {
    const watch = new RefusalWatch(false, '--base-url');
    let released = 0;
    refuse(watch, 2, () => {
      released += 1;
    });
    expect(released).toBe(0);
    watch.release();
    expect(released).toBe(2);
  });

  it('stops a run whose server answers no longer, later: a long context’s whole block may be refused', () => {
    const watch = new RefusalWatch(true, '--base-url');
    refuse(watch, 63);
    expect(() => refuse(watch, 1)).toThrow(expect.objectContaining({ code: 'REQUEST_REFUSED' }));
  });
});
