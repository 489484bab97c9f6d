import type { Exchange } from '../../src/inference/exchange.ts';

/** One try and no budget: what a judge does with each answer of its server is all that its tests look at. */
export const directExchange: Exchange = ({ send }) => send();
export const going = () => new AbortController().signal;
