// SPDX-License-Identifier: MIT
// Node.js' https module: GETs of one address on one connection. usage: URL COUNT [NAME:VALUE...]
const https = require('https');

const [url, count, ...lines] = process.argv.slice(2);
const headers = Object.fromEntries(lines.map((line) => line.split(/:(.*)/s)));
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });

function ask() {
  return new Promise((resolve, reject) => {
    https.get(url, { agent, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        console.log(answer.statusCode, answer.headers.age, answer.headers['cache-status'], text);
        resolve();
      });
    }).on('error', reject);
  });
}

async function main() {
  for (let index = 0; index < Number(count); index++) await ask();
  agent.destroy();
}

main().catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 7;
});
