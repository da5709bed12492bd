// Counts again, with X's own library, what the server counted. Usage: node length_check.mjs LENGTHS.json ([{text, length}])
import { readFileSync } from "node:fs";
import twitter from "twitter-text";

const rows = JSON.parse(readFileSync(process.argv[2], "utf8"));
let failed = rows.length === 0;
for (const { text, length } of rows) {
  const wanted = twitter.parseTweet(text.normalize("NFC")).weightedLength;
  const isSame = wanted === length;
  console.log(`${isSame ? "ok  " : "FAIL"} ${JSON.stringify(text.slice(0, 40))}: ${length}${isSame ? "" : `, X counts ${wanted}`}`);
  failed ||= !isSame;
}
process.exit(failed ? 1 : 0);
