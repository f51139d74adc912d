// SPDX-License-Identifier: MIT
// Node.js' http2 module: HTTP/2 straight over libssl, with no other protocol offered.
const http2 = require('http2');

const [url, key, body] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const session = http2.connect(origin);
const fail = (error) => {
  console.error(error.message);
  process.exit(7);
};
session.on('error', fail);
const stream = session.request({
  ':method': 'POST',
  ':path': pathname,
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
});
stream.on('error', fail);
stream.on('data', (piece) => process.stdout.write(piece));
stream.on('end', () => session.close());
stream.end(body);
