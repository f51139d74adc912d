// SPDX-License-Identifier: MIT
// The npm package `@anthropic-ai/sdk` (NODE_PATH says where): prints what the SDK understood, as
// JSON. All requests at once; the URL's last two parts are the SDK's own.
const Anthropic = require('@anthropic-ai/sdk');

const [url, key, body, count = '1', step = '1'] = process.argv.slice(2);
const baseURL = url.replace('/v1/messages', '');
const client = new Anthropic({ apiKey: key, baseURL, maxRetries: 0, timeout: 20000 });

async function post(number) {
  const request = JSON.parse(body.replaceAll('@N@', String(number)));
  const answer = await client.messages.create(request);
  if (!request.stream) return JSON.stringify(answer);
  const lines = [];
  for await (const event of answer) lines.push(JSON.stringify(event));
  return lines.join('\n');
}

async function main() {
  const numbers = Array.from({ length: Number(count) }, (_, index) => 1 + index * Number(step));
  for (const text of await Promise.all(numbers.map(post))) console.log(text);
}

main().catch((error) => {
  const cause = error.cause?.cause ?? error.cause;
  console.error(`${error.constructor.name} ${error.status}: ${error.message} (${cause?.code})`);
  process.exitCode = error.status ? 22 : 7;
});
