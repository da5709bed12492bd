// Compares the simulator's own weighted count with npm twitter-text, X's published counter, on seeded
// random texts. Emoji newer than the library (its list ends with Unicode 11) are left out on purpose:
// there the published rule, a sequence counts 2, and the published code differ.
//
//   node count_check.mjs SOCRAZI_SIM_BINARY [MODULES_FOLDER] [SEED]
//
// Exit 1 with a sentence when a count differs. Needs: twitter-text.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [binary, modules, seedText] = process.argv.slice(2);
if (!binary) {
  console.error('usage: count_check.mjs SOCRAZI_SIM_BINARY [MODULES_FOLDER] [SEED]');
  process.exit(2);
}
const require = createRequire(modules ? pathToFileURL(path.resolve(modules, 'package.json')) : import.meta.url);
const { parseTweet } = require('twitter-text');

const TEXTS = 5000;
const PIECES = ['a', 'b c', 'é', '字', 'ナ', '한', 'Ω', 'я', 'א', '“x”', '–', '…', ' ', '\n', '. ', ', ', '.', '/', '-', '_',
  '(', ')', '?', '!', '😷', '👨‍👩‍👧‍👦', '👍🏽', '🇯🇵', '🇯', '1️⃣', '#️⃣', '©', '®', '™', '❤️', '❤', '☺', '☺️', '✈️', '✈︎', 'ℹ️', '‼',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👩🏽‍🚀', '🏳️‍🌈', '⛹️‍♀️', '✅', '🏠', 'example.com', 'http://example.com', 'https://example.com/a_(b)',
  'https://x.co/p?q=1&r=2.', 'foo.bar', 'it.so/abc', 't.co/abc', 'https://t.co/abcdefghij', '@ana', '#tag', '$ABC', 'a@b.com',
  'www.foo.co.jp/x', 'http://日本.jp', 'example.museum', '日本example.com語', 'http://', 'https://a-b.c-d.io:8080/x#y', 'x.y',
  'a.co', 'e.g.', 'node.js', 'README.md', '3.14', 'v1.2.zip', 'https://example.com/?a=b,c;d', 'name.al-lastname.com'];

let state = Number(seedText ?? 1) >>> 0 || 1;
const seed = state;
const below = (limit) => {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % limit;
};
const texts = Array.from({ length: TEXTS }, () => {
  let text = '';
  for (let left = 1 + below(12); left > 0; left -= 1) text += PIECES[below(PIECES.length)] + (below(3) ? '' : ' ');
  // The library works on UTF-16 halves and takes the second half of an emoji for a host label.
  return text.replace(/([\u{10000}-\u{10FFFF}])(?=[-_./])|([-_./])(?=[\u{10000}-\u{10FFFF}])/gu, '$1$2 ');
});

const counted = spawnSync(binary, ['weigh'], { input: `${texts.map((text) => JSON.stringify(text)).join('\n')}\n`, maxBuffer: 1e8 });
if (counted.status !== 0) {
  console.error(`count check failed: the simulator could not count: ${counted.error ?? counted.stderr}`);
  process.exit(1);
}
const lines = counted.stdout.toString().trim().split('\n');
const differing = texts.filter((text, at) => {
  const { weightedLength, valid } = parseTweet(text);
  const same = lines[at] === `${weightedLength} ${valid}`;
  if (!same) console.error(`${JSON.stringify(text)}: the simulator says ${lines[at]}, twitter-text ${weightedLength} ${valid}`);
  return !same;
});
if (differing.length > 0) {
  console.error(`count check failed: ${differing.length} of ${TEXTS} texts differ (seed ${seed})`);
  process.exit(1);
}
console.log(`twitter-text ${require('twitter-text/package.json').version}: ${TEXTS} texts counted alike (seed ${seed})`);
