// Uploads media to the simulated X through twitter-api-v2, a client that nobody here wrote, and posts
// with it. The client only speaks to https://api.x.com, so Node's https.request is replaced by one that
// sends X's hosts to the simulator and refuses all others.
//
//   node media_check.mjs SIM_ROOT REDIRECT_URL [MODULES_FOLDER]
//
// The simulator must have REDIRECT_URL registered. Exit 1 with a sentence when something differs.
// Needs: twitter-api-v2 (looked for in MODULES_FOLDER/node_modules, else beside this file).

import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [root, redirect, modules] = process.argv.slice(2);
if (!root || !redirect) {
  console.error('usage: media_check.mjs SIM_ROOT REDIRECT_URL [MODULES_FOLDER]');
  process.exit(2);
}
const sim = new URL(root);
const require = createRequire(modules ? pathToFileURL(path.resolve(modules, 'package.json')) : import.meta.url);
const REAL_HOSTS = new Set(['x.com', 'api.x.com', 'twitter.com', 'api.twitter.com', 'upload.x.com']);
const seen = [];

const https = require('node:https');
https.request = (target, options, done) => {
  const url = new URL(target instanceof URL ? target.href : typeof target === 'string' ? target : `https://${target.hostname ?? target.host}${target.path}`);
  const settings = typeof target === 'object' && !(target instanceof URL) ? { ...target, ...(options ?? {}) } : { ...(options ?? {}) };
  if (!REAL_HOSTS.has(url.hostname)) throw new Error(`the client wanted to reach ${url.hostname}`);
  for (const key of ['host', 'hostname', 'port', 'protocol', 'agent', 'href', 'path']) delete settings[key];
  seen.push(`${settings.method ?? 'GET'} ${url.pathname}`);
  return http.request({ ...settings, hostname: sim.hostname, port: sim.port, path: url.pathname + url.search }, done);
};

class Wrong extends Error {}
const expect = (truth, sentence) => { if (!truth) throw new Wrong(sentence); };
const control = async (what, body) => {
  const answer = await fetch(new URL(`__sim/${what}`, sim), body && {
    method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' },
  });
  return answer.status === 204 ? null : answer.json();
};

/** An MP4 whose index says 5 seconds of 1280x720 at 30 frames a second in H.264, filled up to a size: X reads what is in a file. */
function film(bytes) {
  const words = (...all) => { const out = Buffer.alloc(all.length * 4); all.forEach((word, at) => out.writeUInt32BE(word, at * 4)); return out; };
  const box = (name, ...parts) => { const inside = Buffer.concat(parts); return Buffer.concat([words(inside.length + 8), Buffer.from(name), inside]); };
  const upright = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const table = box('stbl', box('stsd', words(0, 1, 16), Buffer.from('avc1'), words(0, 0)), box('stts', words(0, 1, 150, 33)));
  const media = box('mdia', box('mdhd', words(0, 0, 0, 1000, 5000, 0)), box('hdlr', words(0, 0), Buffer.from('vide'), words(0, 0, 0)), box('minf', table));
  const track = box('trak', box('tkhd', Buffer.alloc(40), upright, words(1280 << 16, 720 << 16)), media);
  const head = Buffer.concat([box('ftyp', Buffer.from('isom'), words(512), Buffer.from('isomavc1mp42')), box('moov', box('mvhd', words(0, 0, 0, 1000, 5000)), track)]);
  return Buffer.concat([head, box('mdat', Buffer.alloc(bytes - head.length - 8))]);
}

async function consent(TwitterApi) {
  const app = new TwitterApi({ clientId: 'sim-x-client', clientSecret: 'sim-x-secret' });
  const scope = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];
  const link = app.generateOAuth2AuthLink(redirect, { scope });
  const wanted = new URL(link.url);
  const here = new URL(`${wanted.pathname}${wanted.search}`, sim);
  let answer = await fetch(here, { redirect: 'manual' });
  if (answer.status === 200) {
    const form = new URLSearchParams(wanted.search);
    form.set('decision', 'allow');
    answer = await fetch(new URL('/i/oauth2/authorize', sim), { method: 'POST', body: form, redirect: 'manual' });
  }
  const back = new URL(answer.headers.get('location') ?? 'about:blank');
  expect(back.href.startsWith(redirect), `consent answered ${answer.status} to ${back.href}`);
  expect(back.searchParams.get('state') === link.state, 'state did not come back');
  const code = back.searchParams.get('code');
  const login = await app.loginWithOAuth2({ code, codeVerifier: link.codeVerifier, redirectUri: redirect });
  const fresh = await app.refreshOAuth2Token(login.refreshToken);
  expect(fresh.refreshToken !== login.refreshToken, 'the refresh token did not rotate');
  return fresh.client;
}

async function refusal(work, status, sentence) {
  try {
    await work();
  } catch (error) {
    expect(error.code === status, `${sentence}: refused with ${error.code} instead of ${status}: ${error.message}`);
    return error;
  }
  throw new Wrong(`${sentence}: not refused`);
}

async function run() {
  const { TwitterApi } = require('twitter-api-v2');
  const client = await consent(TwitterApi);
  console.log('signed in with PKCE and refreshed');

  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(5000, 1)]);
  const image = await client.v2.uploadMedia(png, { media_type: 'image/png' });
  await client.v2.createMediaMetadata(image, { alt_text: { text: 'A red door' } });
  const shown = await client.v2.tweet('a picture from another client', { media: { media_ids: [image] } });
  expect(shown.data.text.includes('https://t.co/'), `no link for the picture in ${shown.data.text}`);
  console.log('image: uploaded, described, posted');

  const video = film(2_500_000);
  const clip = await client.v2.uploadMedia(video, { media_type: 'video/mp4' });
  const posted = await client.v2.tweet('a film from another client', { media: { media_ids: [clip] } });
  const appended = seen.filter((line) => line === `POST /2/media/upload/${clip}/append`).length;
  const asked = seen.filter((line) => line === 'GET /2/media/upload').length;
  expect(appended === 3, `the video went in ${appended} parts, 3 were expected`);
  expect(asked >= 2, `the client asked ${asked} times for the status; processing should have made it wait`);
  console.log(`video: ${appended} parts, ${asked} status questions, posted`);

  const failed = await (async () => {
    try {
      await client.v2.uploadMedia(Buffer.alloc(100, 9), { media_type: 'video/mp4' });
    } catch (error) {
      return error;
    }
    return null;
  })();
  expect(failed && /processing failed/i.test(failed.message), `bytes that are no video did not fail: ${failed?.message}`);
  await refusal(() => client.v2.uploadMedia(Buffer.alloc(5 * 1024 * 1024, 7), { media_type: 'video/mp4' }, 5 * 1024 * 1024), 431, 'a part of 5 MiB');
  await refusal(() => client.v2.tweet('nothing', { media: { media_ids: ['1'] } }), 400, 'an unknown media id');
  await refusal(() => client.v2.tweet('mixed', { media: { media_ids: [image, clip] } }), 400, 'a picture and a video together');
  const twice = await refusal(() => client.v2.tweet('a film from another client'), 403, 'identical text');
  expect(twice.data.detail.includes('duplicate content'), `the duplicate was refused with ${twice.data.detail}`);
  expect(twice.rateLimit?.limit === 100, 'the refusal came without rate headers');
  console.log('refused as X does: no video, 431, unknown id, mixed kinds, duplicate');

  const me = await client.v2.me();
  const page = await client.v2.userTimeline(me.data.id, { 'tweet.fields': ['attachments', 'entities'], expansions: ['attachments.media_keys'], 'media.fields': ['alt_text'] });
  const mine = page.tweets.find((post) => post.id === shown.data.id);
  expect(mine?.attachments?.media_keys?.[0] === `3_${image}`, 'the timeline does not show the picture');
  expect(page.includes.media.some((item) => item.alt_text === 'A red door'), 'the alt text is lost');
  const ledger = await control('ledger');
  for (const [id, media] of [[shown.data.id, image], [posted.data.id, clip]]) {
    const entry = ledger.find((line) => line.id === id);
    expect(entry?.media_ids?.[0] === media, `the ledger does not hold ${id} with its media`);
  }
  console.log('timeline and ledger agree');
  console.log(`twitter-api-v2 ${require('twitter-api-v2/package.json').version}: all agreed`);
}

try {
  await run();
} catch (error) {
  console.error(`media check failed: ${error instanceof Wrong ? error.message : `${error.stack} after ${seen.at(-1)}: ${JSON.stringify(error.data ?? null)}`}`);
  process.exit(1);
}
