import { seededRandom } from './random.mjs';

/** What the row files write with: seeded choices, and sentences put together. */
export function makeWriter(seed) {
  const random = seededRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const chance = (p) => random() < p;
  const some = (list, least, most) => {
    const rest = [...list];
    const count = least + Math.floor(random() * (most - least + 1));
    return Array.from(
      { length: Math.min(count, rest.length) },
      () => rest.splice(Math.floor(random() * rest.length), 1)[0],
    );
  };
  const join = (parts) => parts.filter((part) => part !== '').join(chance(0.15) ? '\n\n' : ' ');
  const list = (items) => {
    const mark = pick([
      (i) => `${i + 1}. `,
      (i) => `${i + 1}) `,
      () => '- ',
      () => '* ',
      (i) => `Step ${i + 1}: `,
      (i) => `**${i + 1}.** `,
    ]);
    return items.map((item, index) => `${mark(index)}${item}`).join('\n');
  };
  return { random, pick, chance, some, join, list };
}

export const upper = (text) => (text === '' ? text : text[0].toUpperCase() + text.slice(1));

/** Fills the slots of a sentence with a topic's words. */
export function fill(text, topic, core) {
  return text
    .replace('{core}', core ?? '')
    .replaceAll('{np}', topic.np)
    .replaceAll('{Np}', upper(topic.np))
    .replaceAll('{ger}', topic.ger)
    .replaceAll('{Ger}', upper(topic.ger))
    .replaceAll('{vp}', topic.vp)
    .replaceAll('{wrong}', topic.wrong)
    .replaceAll('{harm}', topic.harm)
    .replaceAll('{contact}', topic.contact);
}
